import type { Account } from '../community/index.js';
import type { Clock, Timer } from '../platform/clock.js';
import {
  type Database,
  DatabaseBusyError,
  DatabaseUnavailableError,
  type Transaction,
} from '../platform/db/database.js';
import type { Ids } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import type { Incoming } from '../platform/puppet/incoming.js';
import type { Handler } from './handle.js';
import type { Intake } from './intake.js';
import { countFailure, listUnhandled, markHandled, releaseMessages, tryAgainAt } from './store.js';

const BATCH_AT_MOST = 64;
/** Handled in one transaction; few, so that what is answered goes out and what comes in is heard in between. */
const HANDLED_TOGETHER = 16;
const BUSY_MS = 200;
const UNAVAILABLE_MS = 1_000;
const TRIES_AT_MOST = 3;
const TRY_AGAIN_MS = [1_000, 5_000];
const waitAfter = (tries: number) => TRY_AGAIN_MS[tries - 1] ?? 0;

export interface Pipeline {
  /** Takes what the puppet brought; returns at once. Refused (and left to the platform's replay) after `stop`. */
  push(incoming: Incoming): void;
  /** Lets messages that waited be handled from the start, once the intake or handling that this belongs to is committed. */
  release(tx: Transaction, messageIds: string[]): Promise<void>;
  /** Handles what a crash or a failure left unhandled. */
  resume(): void;
  quiet(): Promise<void>;
  /** Finishes the message in hand. What is still queued is in the database or will be replayed. */
  stop(): Promise<void>;
  readonly length: number;
}

/**
 * One message after the other: intake in its own transaction, then handling in
 * another, both for several waiting messages at once. One message failing never
 * stops the next: what fails together is done again one by one.
 */
export function createPipeline(deps: {
  db: Database;
  clock: Clock;
  ids: Ids;
  log: Log;
  intake: Intake;
  handler: Handler;
  account(): Account;
  /**
   * While messages stream in, those of so many ms are taken in together: one
   * commit for several. A message after a pause is taken at once. Default 0.
   */
  collectMs?: number;
  /** Something was committed that may have to be sent. */
  onCommit(): void;
}): Pipeline {
  const { db, clock, ids, log, intake, handler, collectMs = 0 } = deps;
  const queue: Incoming[] = [];
  let running: Promise<void> | undefined;
  let resuming = false;
  let released = false;
  let stopped = false;
  let retry: Timer | undefined;
  let takenAt = Number.NEGATIVE_INFINITY;

  async function inTransaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    const result = await db.inTransaction((tx) => {
      released = false;
      return body(tx);
    });
    if (released) resuming = true;
    return result;
  }

  async function takeBatch(batch: Incoming[]): Promise<string[]> {
    try {
      return await inTransaction((tx) => intake.take(tx, deps.account(), batch));
    } catch (error) {
      if (isMachinesFault(error)) {
        // Nothing is wrong with the messages: they wait here until the disk has room again.
        queue.unshift(...batch);
        if (!(error instanceof DatabaseBusyError)) log.error({ err: error }, 'messages wait for the database');
        await pause(error instanceof DatabaseBusyError ? BUSY_MS : UNAVAILABLE_MS);
        return [];
      }
      if (batch.length > 1) {
        // One of them is poison: each is taken alone, so that the others get through.
        const ids: string[] = [];
        for (const one of batch) ids.push(...(await takeBatch([one])));
        return ids;
      }
      log.error(
        { kind: batch[0]?.kind ?? '', errorId: ids.next(), err: error },
        'a message could not be taken in and is skipped',
      );
      return [];
    }
  }

  async function handleAll(messageIds: readonly string[]): Promise<void> {
    for (let i = 0; i < messageIds.length && !stopped; i += HANDLED_TOGETHER) {
      await handleTogether(messageIds.slice(i, i + HANDLED_TOGETHER));
      // SQLite never waits: without this the lines to the outside would not be heard until all are handled.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async function handleTogether(messageIds: readonly string[]): Promise<void> {
    try {
      await inTransaction(async (tx) => {
        for (const id of messageIds) await handler.handle(tx, id);
      });
    } catch (error) {
      // They stay unhandled, and are taken up again.
      if (isMachinesFault(error)) throw error;
      const [only, ...others] = messageIds;
      if (only !== undefined && others.length === 0) return noteFailure(only, error);
      // One of them is poison, and which one is only seen when each is alone.
      for (const id of messageIds) if (!stopped) await handleTogether([id]);
      return;
    }
    deps.onCommit();
  }

  async function noteFailure(messageId: string, error: unknown): Promise<void> {
    const errorId = ids.next();
    log.error({ messageId, errorId, err: error }, 'handling a message failed');
    const tries = await inTransaction(async (tx) => {
      const failures = await countFailure(tx, messageId, errorId);
      if (failures < TRIES_AT_MOST) await tryAgainAt(tx, messageId, clock.now() + waitAfter(failures));
      else {
        await handler.giveUp(tx, messageId);
        await markHandled(tx, messageId, clock.now());
      }
      return failures;
    });
    if (tries < TRIES_AT_MOST) retry = clock.after(waitAfter(tries), resume);
    deps.onCommit();
  }

  async function loop(): Promise<void> {
    while (!stopped && (queue.length > 0 || resuming)) {
      if (resuming) {
        resuming = false;
        await handleAll(await listUnhandled(db.reader, deps.account().id, clock.now()));
        continue;
      }
      const early = Math.min(collectMs, takenAt + collectMs - clock.now());
      if (early > 0 && queue.length < BATCH_AT_MOST) await pause(early);
      takenAt = clock.now();
      const messageIds = await takeBatch(queue.splice(0, BATCH_AT_MOST));
      deps.onCommit();
      await handleAll(messageIds);
    }
  }

  function run(): void {
    if (running || stopped) return;
    running = loop()
      .catch((error: unknown) => {
        log.error({ err: error }, 'the pipeline failed and goes on');
        retry = clock.after(1_000, resume);
      })
      .finally(() => {
        running = undefined;
        if (queue.length > 0 || resuming) run();
      });
  }

  function resume(): void {
    resuming = true;
    run();
  }

  return {
    push(incoming) {
      if (stopped) return;
      queue.push(incoming);
      run();
    },
    async release(tx, messageIds) {
      await releaseMessages(tx, messageIds);
      if (messageIds.length > 0) released = true;
    },
    resume,
    async quiet() {
      while (running) await running;
    },
    async stop() {
      stopped = true;
      retry?.cancel();
      while (running) await running;
    },
    get length() {
      return queue.length;
    },
  };
}

function isMachinesFault(error: unknown): boolean {
  return error instanceof DatabaseBusyError || error instanceof DatabaseUnavailableError;
}

/** By the computer's time: it waits for the machine. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
