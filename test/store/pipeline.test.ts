import { sql } from 'kysely';
import { afterEach, expect, it, vi } from 'vitest';
import { createPipeline } from '../../src/conversation/pipeline.js';
import { VirtualClock } from '../../src/platform/clock.js';
import type { Database, Transaction } from '../../src/platform/db/database.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { createLog } from '../../src/platform/log.js';
import type { Incoming } from '../../src/platform/puppet/incoming.js';
import { openTestDatabase } from './open-test-database.js';

const START = Date.parse('2026-03-02T09:00:00+08:00');
const ACCOUNT = { id: 'account', provider: 'simulator' as const };

const opened: Database[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

/** A pipeline on a real database whose handler notes what it was given in `meta`, and fails where it is told to. */
async function startPipeline(
  failsFor: (messageId: string, tries: number) => boolean,
  releasedBy: Record<string, string[]> = {},
) {
  const clock = new VirtualClock(START);
  const db = await openTestDatabase(clock);
  opened.push(db);
  await db.inTransaction((tx) =>
    tx
      .insertInto('account')
      .values({ id: ACCOUNT.id, provider: ACCOUNT.provider, external_id: 'bot', created_at: START })
      .execute(),
  );
  const ids = createIds({ clock, random: seededRandom(3) });
  const note = (tx: Transaction, key: string) =>
    tx.insertInto('meta').values({ key, value: '', created_at: clock.now() }).execute();
  let order = 0;
  let refused = 0;
  const pipeline = createPipeline({
    db,
    clock,
    ids,
    log: createLog('silent'),
    intake: {
      async take(tx, account, batch) {
        for (const { platformId: id, seq } of batch) {
          await tx
            .insertInto('message')
            .values({
              id,
              account_id: account.id,
              platform_id: id,
              content_key: id,
              kind: 'text',
              sent_at: START,
              received_at: START,
              seq,
              created_at: START,
            })
            .execute()
            .catch((error: unknown) => {
              refused += 1;
              throw error;
            });
        }
        return batch.map(({ platformId }) => platformId);
      },
    },
    handler: {
      async handle(tx, id) {
        const row = await tx
          .selectFrom('message')
          .select(['tries', 'waits_for'])
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        order += 1;
        await note(tx, `effect:${id}${row.waits_for === 'released' ? ' again' : ''}`);
        await pipeline.release(tx, releasedBy[id] ?? []);
        if (failsFor(id, row.tries)) throw new Error('simulated fault');
        await tx.updateTable('message').set({ handled_at: clock.now() }).where('id', '=', id).execute();
      },
      giveUp: async (tx, id) => void (await note(tx, `apology:${id}`)),
    },
    account: () => ACCOUNT,
    onCommit: () => {},
  });
  clock.settle = () => pipeline.quiet();
  return {
    db,
    clock,
    pipeline,
    calls: () => order,
    refused: () => refused,
    async say(count: number) {
      for (let i = 1; i <= count; i += 1) {
        pipeline.push({ kind: 'malformed', reason: '', platformId: nameOf(i), receivedAt: START, seq: i } as Incoming);
      }
      await pipeline.quiet();
    },
    async effects() {
      const rows = await db.reader
        .selectFrom('meta')
        .select('key')
        .where('key', 'like', '%:m%')
        .orderBy('key')
        .execute();
      return rows.map((row) => row.key);
    },
    async unhandled() {
      const rows = await db.reader
        .selectFrom('message')
        .select(['id', 'tries'])
        .where('handled_at', 'is', null)
        .execute();
      return rows.map(({ id, tries }) => `${id} after ${tries}`);
    },
  };
}

const nameOf = (i: number) => `m${String(i).padStart(2, '0')}`;
const effectsOf = (numbers: number[]) => numbers.map((i) => `effect:${nameOf(i)}`);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

it('messages that wait together are each handled once', async () => {
  const { say, effects, unhandled, calls } = await startPipeline(() => false);
  await say(40);
  expect(await effects()).toEqual(effectsOf(upTo(40)));
  expect(await unhandled()).toEqual([]);
  expect(calls()).toBe(40);
});

it('one that fails takes none of the others down, leaves nothing behind, and is given up after three tries', async () => {
  const { say, effects, unhandled, clock } = await startPipeline((id) => id === 'm20');
  await say(40);
  const others = upTo(40).filter((i) => i !== 20);
  expect(await effects()).toEqual(effectsOf(others));
  expect(await unhandled()).toEqual(['m20 after 1']);
  await clock.advance(1_000);
  expect(await unhandled()).toEqual(['m20 after 2']);
  await clock.advance(5_000);
  expect(await unhandled()).toEqual([]);
  expect(await effects()).toEqual(['apology:m20', ...effectsOf(others)]);
});

it.runIf(!process.env.XINGLIN_TEST_DATABASE_URL)(
  'what comes while the disk is full waits, and is not lost',
  async () => {
    const { db, clock, say, refused, effects, unhandled } = await startPipeline(() => false);
    await fillDisk(db);
    const said = say(99);
    await vi.waitFor(() => expect(refused()).toBeGreaterThan(0));
    await sql`pragma max_page_count = 1000000`.execute(db.reader);
    await said;
    await clock.advance(1_000);
    expect(await unhandled()).toEqual([]);
    expect(await effects()).toEqual(effectsOf(upTo(99)));
  },
);

/** Not a byte fits any more into the file of the database. */
async function fillDisk(db: Database): Promise<void> {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db.reader);
  await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(db.reader);
  let count = 0;
  for (let size = 1_000; size > 0; ) {
    count += 1;
    const row = { key: `filler ${count}`, value: 'x'.repeat(size), created_at: START };
    await db
      .inTransaction((tx) => tx.insertInto('meta').values(row).execute())
      .catch(() => {
        size = Math.floor(size / 4);
      });
  }
}

it('one that fails once is done on the second try', async () => {
  const { say, effects, clock } = await startPipeline((id, tries) => id === 'm02' && tries === 0);
  await say(3);
  await clock.advance(1_000);
  expect(await effects()).toEqual(effectsOf([1, 2, 3]));
});

it('what a message releases is handled again when that is committed, once', async () => {
  const { say, effects, unhandled, calls } = await startPipeline(() => false, { m02: ['m01'] });
  await say(3);
  expect(await effects()).toEqual(['effect:m01', 'effect:m01 again', 'effect:m02', 'effect:m03']);
  expect(await unhandled()).toEqual([]);
  expect(calls()).toBe(4);
});

it('what was released by a message that fails waits for its next try', async () => {
  const fails = (id: string, tries: number) => id === 'm02' && tries === 0;
  const { say, effects, clock } = await startPipeline(fails, { m02: ['m01'] });
  await say(3);
  expect(await effects()).toEqual(effectsOf([1, 3]));
  await clock.advance(1_000);
  expect(await effects()).toEqual(['effect:m01', 'effect:m01 again', 'effect:m02', 'effect:m03']);
});
