import type { Selectable } from 'kysely';
import type { Clock } from '../clock.js';
import type { Database, Reader, Transaction } from '../db/database.js';
import type { Schema } from '../db/schema.js';
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
  /** False when it had run or was cancelled before. */
  cancel(tx: Transaction, job: { kind: string; slot: string }): Promise<boolean>;
  isWaiting(reader: Reader, job: { kind: string; slot: string }): Promise<boolean>;
  /** Runs everything due at `now`, in order of due time. Answers how many ran. */
  runDue(now: number): Promise<number>;
  /** When the next job comes due; undefined when none waits. */
  nextDueAt(): Promise<number | undefined>;
}

const BACK_OFF_MS = [2_000, 8_000, 30_000, 120_000, 600_000];
const MAX_ATTEMPTS = 5;

/** Durable timed work: a row with a due time. node-cron, or the virtual clock, calls `runDue`. */
export function createJobs(deps: {
  db: Database;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** A job was added inside a transaction: after its commit somebody should look when it is due. */
  onAdded?(): void;
}): Jobs {
  const { db, clock, ids, log } = deps;
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
    const added = Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
    if (added) deps.onAdded?.();
    return added;
  }

  /** Every standing job has its next run on the table. */
  async function planRecurring(now: number): Promise<void> {
    const standing = [...kinds].filter(([, definition]) => definition.recurs);
    if (standing.length === 0) return;
    const waiting = await db.reader
      .selectFrom('job')
      .select('kind')
      .where('state', '=', 'waiting')
      .where(
        'kind',
        'in',
        standing.map(([kind]) => kind),
      )
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

  /** False when it was cancelled, or done by another process, in the meantime. */
  async function finish(tx: Transaction, id: string, state: 'done' | 'skipped'): Promise<boolean> {
    const result = await tx
      .updateTable('job')
      .set({ state, finished_at: clock.now(), last_error: null })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  async function isStillWaiting(id: string): Promise<boolean> {
    const row = await db.reader.selectFrom('job').select('state').where('id', '=', id).executeTakeFirst();
    return row?.state === 'waiting';
  }

  async function runOne(row: Selectable<Schema['job']>, now: number): Promise<void> {
    const definition = kinds.get(row.kind);
    if (!definition) return;
    if (definition.missed.kind === 'skip-when-late' && now - row.due_at > definition.missed.lateMs) {
      await db.inTransaction((tx) => finish(tx, row.id, 'skipped'));
      return;
    }
    try {
      const data = JSON.parse(row.data) as Record<string, unknown>;
      const job: Job = { id: row.id, kind: row.kind, slot: row.slot, dueAt: row.due_at, data };
      // A job before it in the same run may have cancelled it.
      if (definition.perform && (await isStillWaiting(row.id))) await definition.perform(job);
      await db.inTransaction(async (tx) => {
        if (await finish(tx, row.id, 'done')) await definition.apply?.(tx, job);
      });
    } catch (error) {
      await afterFailure(row, definition, error, now);
    }
  }

  async function afterFailure(
    row: Selectable<Schema['job']>,
    definition: JobKind,
    error: unknown,
    now: number,
  ): Promise<void> {
    const attempts = row.attempts + 1;
    const givenUp = attempts >= (definition.maxAttempts ?? MAX_ATTEMPTS);
    log.error(
      { jobId: row.id, kind: row.kind, attempt: attempts, err: error },
      givenUp ? 'job given up' : 'job failed, will be tried again',
    );
    await db.inTransaction((tx) =>
      tx
        .updateTable('job')
        .set({
          attempts,
          last_error: error instanceof Error ? error.name : 'error',
          due_at: now + (BACK_OFF_MS[attempts - 1] ?? BACK_OFF_MS.at(-1) ?? 0),
          ...(givenUp ? { state: 'failed', finished_at: now } : {}),
        })
        .where('id', '=', row.id)
        .where('state', '=', 'waiting')
        .execute(),
    );
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
        await runOne(row, now);
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
    async isWaiting(reader, { kind, slot }) {
      const row = await reader
        .selectFrom('job')
        .select('state')
        .where('kind', '=', kind)
        .where('slot', '=', slot)
        .executeTakeFirst();
      return row?.state === 'waiting';
    },
    async cancel(tx, { kind, slot }) {
      const result = await tx
        .updateTable('job')
        .set({ state: 'cancelled', finished_at: clock.now() })
        .where('kind', '=', kind)
        .where('slot', '=', slot)
        .where('state', '=', 'waiting')
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    },
    runDue(now) {
      // One run at a time; a second caller waits and then runs what is left.
      running = running.catch(() => 0).then(() => runDueNow(now));
      return running;
    },
    async nextDueAt() {
      const row = await db.reader
        .selectFrom('job')
        .select((eb) => eb.fn.min('due_at').as('next'))
        .where('state', '=', 'waiting')
        .where('kind', 'in', [...kinds.keys(), ''])
        .executeTakeFirst();
      return row?.next === null || row?.next === undefined ? undefined : Number(row.next);
    },
  };
}
