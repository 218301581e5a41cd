import { AsyncLocalStorage } from 'node:async_hooks';
import { Kysely, type Transaction as KyselyTransaction, sql } from 'kysely';
import { invariant } from '../errors.js';
import { type Engine, type EngineFailure, openEngine, sqliteFailure } from './dialect.js';
import type { Schema } from './schema.js';

export type Transaction = KyselyTransaction<Schema>;
/** What a store's read takes: a transaction, or the database outside of one. */
export type Reader = Kysely<Schema>;

/** Another process kept the database busy for too long; nothing was written. */
export class DatabaseBusyError extends Error {
  override name = 'DatabaseBusyError';
  code = 'database-busy';
}

/** The machine does not let the database work (a full disk, a lost connection); what was not committed was not written. */
export class DatabaseUnavailableError extends Error {
  override name = 'DatabaseUnavailableError';
  readonly code: `database-${EngineFailure}`;
  constructor(failure: EngineFailure, cause: unknown) {
    super(UNAVAILABLE[failure], { cause });
    this.code = `database-${failure}`;
  }
}

const UNAVAILABLE: Record<EngineFailure, string> = {
  full: 'the disk of the database is full: make room',
  'read-only': 'the database cannot be written: look at the rights of its folder and files',
  lost: 'the database cannot be reached: look at its folder, or at the server it runs on',
  damaged: 'the database is damaged: restore a backup',
};

export interface Database {
  readonly engine: Engine;
  /** For reads outside of a transaction. Inside one it is an immediate error. */
  readonly reader: Reader;
  /**
   * Runs `body` in one serialisable transaction and commits it. The body may
   * run again, so it reads, decides and writes on `tx` and has no other effect.
   */
  inTransaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const MAX_TRIES = 60;
/** SQLite answers without waiting for the event loop: many transactions in a row would keep timers and sockets from it. */
const BREATHE_EVERY = 32;
const inside = new AsyncLocalStorage<{ open: boolean }>();

/** Throws when called from within a transaction: the model, the puppet and the outer database are not for there. */
export function assertOutsideTransaction(what: string): void {
  invariant(!inside.getStore()?.open, `${what} was used inside a transaction`);
}

/** Runs `work` as if called from outside: for what a transaction sets off and does not wait for. */
export function outsideTransaction<T>(work: () => T): T {
  return inside.exit(work);
}

/** @throws DatabaseUnavailableError */
export function openDatabase(url: string, options: { synchronous: 'full' | 'normal' }): Database {
  const engine = open(url, options);
  const kysely = new Kysely<Schema>({ dialect: engine.dialect });
  let started = 0;
  return {
    engine,
    get reader() {
      assertOutsideTransaction('the outer database');
      return kysely;
    },
    async inTransaction(body) {
      assertOutsideTransaction('a second transaction');
      started += 1;
      if (started % BREATHE_EVERY === 0) await new Promise((resolve) => setImmediate(resolve));
      for (let attempt = 1; ; attempt += 1) {
        const guard = { open: true };
        try {
          return await inside.run(guard, () =>
            kysely
              .transaction()
              .setIsolationLevel('serializable')
              .execute(async (tx) => {
                const result = await body(tx);
                if (engine.notifySql) await sql.raw(engine.notifySql).execute(tx);
                return result;
              }),
          );
        } catch (error) {
          if (!engine.isRetryable(error)) throw typed(engine.failureOf, error);
          if (attempt >= MAX_TRIES) throw new DatabaseBusyError('the database stayed busy', { cause: error });
        } finally {
          guard.open = false;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(5 * attempt, 100)));
      }
    },
    close: () => kysely.destroy(),
  };
}

function open(url: string, options: { synchronous: 'full' | 'normal' }): Engine {
  try {
    return openEngine(url, options);
  } catch (error) {
    // Only SQLite opens something here; PostgreSQL connects at the first query.
    throw typed(sqliteFailure, error);
  }
}

function typed(failureOf: Engine['failureOf'], error: unknown): unknown {
  const failure = failureOf(error);
  return failure ? new DatabaseUnavailableError(failure, error) : error;
}
