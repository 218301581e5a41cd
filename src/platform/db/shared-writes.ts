import { type Database, DatabaseBusyError, DatabaseUnavailableError, type Transaction } from './database.js';

/** Small writes that come at the same time share one transaction, and so one wait for the disk. */
export interface SharedWrites {
  /** Resolves after the commit. Like the body of a transaction, `write` may run again. */
  run<T>(write: (tx: Transaction) => Promise<T>): Promise<T>;
  /** The same for what can wait for the next write; without one it is written when the event loop comes round. */
  runWithNext<T>(write: (tx: Transaction) => Promise<T>): Promise<T>;
}

const TOGETHER_AT_MOST = 128;

interface Waiting {
  write(tx: Transaction): Promise<() => void>;
  fail(error: unknown): void;
}

export function createSharedWrites(db: Database): SharedWrites {
  let waiting: Waiting[] = [];
  let running = false;

  async function commit(group: Waiting[]): Promise<void> {
    const done = await db.inTransaction(async (tx) => {
      const settled: (() => void)[] = [];
      for (const one of group) settled.push(await one.write(tx));
      return settled;
    });
    for (const settle of done) settle();
  }

  async function commitAll(group: Waiting[]): Promise<void> {
    try {
      await commit(group);
    } catch (error) {
      const everybodys = error instanceof DatabaseBusyError || error instanceof DatabaseUnavailableError;
      if (everybodys || group.length === 1) for (const one of group) one.fail(error);
      // One of them is wrong: each goes alone, so that the others are written.
      else for (const one of group) await commitAll([one]);
    }
  }

  async function flush(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      const group = waiting.slice(0, TOGETHER_AT_MOST);
      waiting = waiting.slice(TOGETHER_AT_MOST);
      await commitAll(group);
    }
    running = false;
  }

  function add<T>(write: (tx: Transaction) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      waiting.push({
        async write(tx) {
          const result = await write(tx);
          return () => resolve(result);
        },
        fail: reject,
      });
    });
  }

  function start(): void {
    if (!running && waiting.length > 0) void flush();
  }

  return {
    run(write) {
      const done = add(write);
      start();
      return done;
    },
    runWithNext(write) {
      const done = add(write);
      setImmediate(start);
      return done;
    },
  };
}
