import { hostname } from 'node:os';
import { z } from 'zod';
import type { Clock, Timer } from './clock.js';
import type { Database, Transaction } from './db/database.js';

/** Another process serves this account: two at once would each miss half of what is said. */
export class AccountTakenError extends Error {
  override name = 'AccountTakenError';
  code = 'account-taken';
}

const HOLD_MS = 30_000;
const RENEW_MS = 10_000;
const leaseRow = z.object({ host: z.string(), pid: z.number(), until: z.number() });

export interface Lease {
  release(): Promise<void>;
}

/**
 * Takes the lease on an account before connecting. A lease whose holder died
 * on this machine is free at once; one of another machine when it ran out.
 *
 * @throws AccountTakenError
 */
export async function takeLease(deps: { db: Database; clock: Clock; name: string; onLost(): void }): Promise<Lease> {
  const { db, clock, name, onLost } = deps;
  const key = `lease:${name}`;
  const me = { host: hostname(), pid: process.pid };

  async function write(tx: Transaction): Promise<void> {
    const value = JSON.stringify({ ...me, until: clock.now() + HOLD_MS });
    await tx
      .insertInto('meta')
      .values({ key, value, created_at: clock.now() })
      .onConflict((oc) => oc.column('key').doUpdateSet({ value }))
      .execute();
  }

  async function holder(tx: Transaction) {
    const row = await tx.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst();
    return row && leaseRow.parse(JSON.parse(row.value));
  }

  const isMine = (lease: { host: string; pid: number }) => lease.host === me.host && lease.pid === me.pid;

  await db.inTransaction(async (tx) => {
    const current = await holder(tx);
    const free =
      !current ||
      isMine(current) ||
      current.until <= clock.now() ||
      (current.host === me.host && !isAlive(current.pid));
    if (!free) {
      throw new AccountTakenError(`process ${current.pid} on ${current.host} serves this account: stop it first`);
    }
    await write(tx);
  });

  const renew = async () => {
    const kept = await db.inTransaction(async (tx) => {
      const current = await holder(tx);
      if (!current || !isMine(current)) return false;
      await write(tx);
      return true;
    });
    if (!kept) onLost();
  };
  const timer: Timer = clock.every(RENEW_MS, () => void renew().catch(() => {}));
  return {
    async release() {
      timer.cancel();
      await db.inTransaction(async (tx) => {
        const current = await holder(tx);
        if (current && isMine(current)) await tx.deleteFrom('meta').where('key', '=', key).execute();
      });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
