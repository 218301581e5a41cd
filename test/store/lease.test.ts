import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { settleEventLoop, VirtualClock } from '../../src/platform/clock.js';
import type { Database } from '../../src/platform/db/database.js';
import { AccountTakenError, takeLease } from '../../src/platform/lease.js';
import { openTestDatabase } from './open-test-database.js';

const START = Date.parse('2026-03-01T08:00:00Z');
const opened: Database[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

async function setUp() {
  const clock = new VirtualClock(START, async () => {
    // Long enough for a renewal on a real server.
    await new Promise((resolve) => setTimeout(resolve, process.env.XINGLIN_TEST_DATABASE_URL ? 150 : 1));
    await settleEventLoop();
  });
  const db = await openTestDatabase(clock);
  opened.push(db);
  let lost = 0;
  const take = (name = 'account') =>
    takeLease({
      db,
      clock,
      name,
      onLost: () => {
        lost += 1;
      },
    });
  /** As another process left it. */
  const holdAs = (holder: { host?: string; pid?: number; until?: number }) =>
    db.inTransaction((tx) =>
      tx
        .insertInto('meta')
        .values({
          key: 'lease:account',
          value: JSON.stringify({ host: hostname(), pid: 1, instance: 'other', until: START + 30_000, ...holder }),
          created_at: START,
        })
        .execute(),
    );
  const holder = async () => {
    const row = await db.reader
      .selectFrom('meta')
      .select('value')
      .where('key', '=', 'lease:account')
      .executeTakeFirst();
    return row && (JSON.parse(row.value) as { until: number; instance: string });
  };
  return { clock, db, take, holdAs, holder, lost: () => lost };
}

describe('the lease on an account', () => {
  it('is refused to a second one, also in the same process, until it is given back', async () => {
    const { take } = await setUp();
    const first = await take();
    await expect(take()).rejects.toBeInstanceOf(AccountTakenError);
    await expect(take()).rejects.toThrow('stop it first');
    const other = await take('another account');
    await first.release();
    await first.release();
    await (await take()).release();
    await other.release();
  });

  it('of two that ask at once goes to one', async () => {
    const { take } = await setUp();
    const outcomes = await Promise.allSettled([take(), take(), take()]);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });

  it('is refused while its holder on this machine lives, and taken at once when that is dead', async () => {
    const { db, take, holdAs } = await setUp();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    await holdAs({ pid: child.pid ?? 0 });
    await expect(take()).rejects.toBeInstanceOf(AccountTakenError);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lease = await take();
    await lease.release();
    expect(await db.reader.selectFrom('meta').selectAll().execute()).toEqual([]);
  });

  it('of a dead predecessor that had our own number (a container) is taken at once', async () => {
    const { take, holdAs } = await setUp();
    await holdAs({ pid: process.pid });
    await (await take()).release();
  });

  it('of another machine is waited for until it ran out', async () => {
    const { clock, take, holdAs } = await setUp();
    await holdAs({ host: 'another machine' });
    await expect(take()).rejects.toThrow('another machine');
    await clock.advance(30_000);
    await (await take()).release();
  });

  it('is renewed for as long as it is held', async () => {
    const { clock, take, holder } = await setUp();
    const lease = await take();
    await clock.advance(2 * 60_000);
    expect((await holder())?.until).toBeGreaterThan(clock.now() + 15_000);
    await lease.release();
    await clock.advance(60_000);
    expect(await holder()).toBeUndefined();
  });

  it('tells once when another one took over, and does not take it back', async () => {
    const { clock, db, take, holder, lost } = await setUp();
    const lease = await take();
    await db.inTransaction((tx) =>
      tx
        .updateTable('meta')
        .set({ value: JSON.stringify({ host: 'x', pid: 1, instance: 'other', until: START + 9_000_000 }) })
        .execute(),
    );
    await clock.advance(60_000);
    expect(lost()).toBe(1);
    await lease.release();
    expect(await holder()).toMatchObject({ instance: 'other' });
  });
});
