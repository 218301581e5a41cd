import type { Clock } from '../clock.js';
import type { Database, Transaction } from '../db/database.js';
import type { Ids } from '../ids.js';
import type { Log } from '../log.js';

export interface Job {
  id: string;
  kind: string;
  slot: string;
  dueAt: number;
  data: Record<string, unknown>;
}

/** What to do with a job whose time passed while the program was down. */
export type MissedPolicy = { kind: 'always' } | { kind: 'skip-when-late'; lateMs: number };

export interface JobKind {
  missed: MissedPolicy;
  /** Writes only; commits together with the job's own end, so it happens once. */
  apply?(tx: Transaction, job: Job): Promise<void>;
  /** Work with the world (a webhook, a file). Done before the job is marked, so it happens at least once. */
  perform?(job: Job): Promise<void>;
  maxAttempts?: number;
  /** A standing job: the next due instant after `after`, and the slot that names it. */
  recurs?(after: number): { dueAt: number; slot: string };
}

export interface Jobs {
  register(kind: string, definition: JobKind): void;
  /** Adds a job; false when (kind, slot) was there already. */
  add(
    tx: Transaction,
    job: { kind: string; slot: string; dueAt: number; data?: Record<string, unknown> },
  ): Promise<boolean>;
  cancel(tx: Transaction, job: { kind: string; slot: string }): Promise<void>;
  /** Runs everything due at `now`, in order of due time. Answers how many ran. */
  runDue(now: number): Promise<number>;
}

const BACK_OFF_MS = [2_000, 8_000, 30_000, 120_000, 600_000];

/** Durable timed work: a row with a due time. node-cron, or the virtual clock, calls `runDue`. */
export function createJobs({ db, clock, ids, log }: { db: Database; clock: Clock; ids: Ids; log: Log }): Jobs {
  const kinds = new Map<string, JobKind>();

  async function insert(
    tx: Transaction,
    job: { kind: string; slot: string; dueAt: number; data?: Record<string, unknown> },
  ) {
    const result = await tx
      .insertInto('job')
      .values({
        id: ids.next(),
        kind: job.kind,
        slot: job.slot,
        due_at: job.dueAt,
        data: JSON.stringify(job.data ?? {}),
        state: 'waiting',
        created_at: clock.now(),
      })
      .onConflict((oc) => oc.columns(['kind', 'slot']).doNothing())
      .executeTakeFirst();
    return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
  }

  /** Every standing job has its next run on the table. */
  async function planRecurring(now: number): Promise<void> {
    const standing = [...kinds].filter(([, definition]) => definition.recurs);
    if (standing.length === 0) return;
    const waiting = await db.reader
      .selectFrom('job')
      .select('kind')
      .where('state', '=', 'waiting')
      .distinct()
      .execute();
    const planned = new Set(waiting.map((row) => row.kind));
    const missing = standing.filter(([kind]) => !planned.has(kind));
    if (missing.length === 0) return;
    await db.inTransaction(async (tx) => {
      for (const [kind, definition] of missing) {
        const next = definition.recurs!(now);
        await insert(tx, { kind, ...next });
      }
    });
  }

  async function finish(tx: Transaction, id: string, state: 'done' | 'skipped'): Promise<void> {
    await tx
      .updateTable('job')
      .set({ state, finished_at: clock.now(), last_error: null })
      .where('id', '=', id)
      .execute();
  }

  async function runOne(job: Job, attempts: number, now: number): Promise<void> {
    const definition = kinds.get(job.kind);
    if (!definition) return;
    if (definition.missed.kind === 'skip-when-late' && now - job.dueAt > definition.missed.lateMs) {
      await db.inTransaction((tx) => finish(tx, job.id, 'skipped'));
      return;
    }
    try {
      await definition.perform?.(job);
      await db.inTransaction(async (tx) => {
        await definition.apply?.(tx, job);
        await finish(tx, job.id, 'done');
      });
    } catch (error) {
      const tried = attempts + 1;
      const givenUp = tried >= (definition.maxAttempts ?? 5);
      log.error(
        { jobId: job.id, kind: job.kind, attempt: tried, err: error },
        givenUp ? 'job given up' : 'job failed, will be tried again',
      );
      await db.inTransaction(async (tx) => {
        await tx
          .updateTable('job')
          .set({
            attempts: tried,
            state: givenUp ? 'failed' : 'waiting',
            due_at: now + (BACK_OFF_MS[tried - 1] ?? BACK_OFF_MS.at(-1)!),
            last_error: error instanceof Error ? error.name : 'error',
          })
          .where('id', '=', job.id)
          .execute();
      });
    }
  }

  let running: Promise<number> = Promise.resolve(0);
  async function runDueNow(now: number): Promise<number> {
    await planRecurring(now);
    let ran = 0;
    for (;;) {
      const rows = await db.reader
        .selectFrom('job')
        .selectAll()
        .where('state', '=', 'waiting')
        .where('due_at', '<=', now)
        .where('kind', 'in', [...kinds.keys(), ''])
        .orderBy('due_at')
        .orderBy('id')
        .limit(50)
        .execute();
      if (rows.length === 0) break;
      for (const row of rows) {
        const data = JSON.parse(row.data) as Record<string, unknown>;
        await runOne({ id: row.id, kind: row.kind, slot: row.slot, dueAt: row.due_at, data }, row.attempts, now);
        ran += 1;
      }
      await planRecurring(now);
    }
    return ran;
  }

  return {
    register(kind, definition) {
      kinds.set(kind, definition);
    },
    add: insert,
    async cancel(tx, { kind, slot }) {
      await tx
        .updateTable('job')
        .set({ state: 'cancelled' })
        .where('kind', '=', kind)
        .where('slot', '=', slot)
        .where('state', '=', 'waiting')
        .execute();
    },
    runDue(now) {
      // One run at a time; a second caller waits and then runs what is left.
      running = running.catch(() => 0).then(() => runDueNow(now));
      return running;
    },
  };
}
