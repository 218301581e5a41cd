import { hostname } from 'node:os';
import { z } from 'zod';
import type { Clock, Timer } from './clock.js';
import type { Database, Transaction } from './db/database.js';
import { secureRandom } from './ids.js';

/** Another process serves this account: two at once would each miss half of what is said. */
export class AccountTakenError extends Error {
  override name = 'AccountTakenError';
  code = 'account-taken';
}

const HOLD_MS = 30_000;
const RENEW_MS = 10_000;
const leaseRow = z.object({ host: z.string(), pid: z.number(), instance: z.string(), until: z.number() });
type Holder = z.infer<typeof leaseRow>;

/** Leases of this very process, which its number alone does not tell from a dead one that had the same. */
const heldHere = new Set<string>();

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
  const me = { host: hostname(), pid: process.pid, instance: Buffer.from(secureRandom(8)).toString('hex') };

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

  const isMine = (lease: Holder) => lease.instance === me.instance;
  const isDead = (lease: Holder) =>
    lease.host === me.host && (lease.pid === me.pid ? !heldHere.has(lease.instance) : !isAlive(lease.pid));

  await db.inTransaction(async (tx) => {
    const current = await holder(tx);
    const free = !current || current.until <= clock.now() || isDead(current);
    if (!free) {
      throw new AccountTakenError(`process ${current.pid} on ${current.host} serves this account: stop it first`);
    }
    await write(tx);
  });

  heldHere.add(me.instance);

  const renew = async () => {
    const kept = await db.inTransaction(async (tx) => {
      const current = await holder(tx);
      if (!current || !isMine(current)) return false;
      await write(tx);
      return true;
    });
    if (kept) return;
    end();
    onLost();
  };
  // A renewal that fails is followed by the next one; the lease outlasts two.
  let renewing: Promise<void> | undefined;
  const timer: Timer = clock.every(RENEW_MS, () => {
    renewing ??= renew()
      .catch(() => {})
      .finally(() => {
        renewing = undefined;
      });
  });
  const end = () => {
    timer.cancel();
    heldHere.delete(me.instance);
  };

  return {
    async release() {
      end();
      await renewing;
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
