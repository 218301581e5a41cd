import type { Clock } from '../clock.js';
import type { Database, Reader, Transaction } from '../db/database.js';
import type { Jobs } from '../jobs/jobs.js';
import type { Log } from '../log.js';

/** What a conversation waits for outside of its transaction, and how it goes on. */
export interface ErrandKind {
  /** Outside of any transaction. Undefined: there is nothing to be had. */
  fetch(reader: Reader, data: Record<string, unknown>): Promise<unknown>;
  /** With what was fetched; with undefined when nothing came in time, or the program was killed meanwhile. Exactly once. */
  apply(tx: Transaction, data: Record<string, unknown>, fetched: unknown): Promise<void>;
}

export interface Errands {
  register(kind: string, errand: ErrandKind): void;
  /** In the transaction of the message; the errand is run after its commit. */
  add(tx: Transaction, errand: { kind: string; slot: string; data: Record<string, unknown> }): Promise<void>;
  /** After a commit: starts what was added. */
  start(): void;
  quiet(): Promise<void>;
}

const JOB = 'errand-overdue';
/** Beyond the model's own time-out, for a slow machine. */
const MARGIN_MS = 5_000;

/**
 * Questions to the outside in the middle of a conversation. Nobody waits longer
 * than `limitMs`: a durable job goes on without the answer at that time, and
 * whichever of the two comes first takes the other away.
 */
export function createErrands(deps: {
  db: Database;
  clock: Clock;
  jobs: Jobs;
  log: Log;
  limitMs: number;
  /** Something was committed that may have to be sent. */
  onCommit(): void;
}): Errands {
  const { db, clock, jobs, log } = deps;
  const kinds = new Map<string, ErrandKind>();
  const added = new Map<string, { kind: string; data: Record<string, unknown> }>();
  const running = new Set<Promise<void>>();

  jobs.register(JOB, {
    missed: { kind: 'always' },
    async apply(tx, job) {
      const { kind, data } = job.data as { kind: string; data: Record<string, unknown> };
      await kinds.get(kind)?.apply(tx, data, undefined);
    },
  });

  async function run(slot: string, { kind, data }: { kind: string; data: Record<string, unknown> }): Promise<void> {
    const errand = kinds.get(kind);
    // The transaction may have been rolled back.
    if (!errand || !(await jobs.isWaiting(db.reader, { kind: JOB, slot }))) return;
    const fetched = await errand.fetch(db.reader, data).catch((error: unknown) => {
      log.error({ kind, err: error }, 'an errand failed');
      return undefined;
    });
    await db.inTransaction(async (tx) => {
      if (await jobs.cancel(tx, { kind: JOB, slot })) await errand.apply(tx, data, fetched);
    });
    deps.onCommit();
  }

  return {
    register(kind, errand) {
      kinds.set(kind, errand);
    },
    async add(tx, { kind, slot, data }) {
      const dueAt = clock.now() + deps.limitMs + MARGIN_MS;
      if (await jobs.add(tx, { kind: JOB, slot, dueAt, data: { kind, data } })) added.set(slot, { kind, data });
    },
    start() {
      for (const [slot, errand] of added) {
        added.delete(slot);
        const done = run(slot, errand)
          // What failed here is done by the job, without the answer.
          .catch((error: unknown) => log.error({ kind: errand.kind, err: error }, 'an errand could not be ended'))
          .finally(() => running.delete(done));
        running.add(done);
      }
    },
    async quiet() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
