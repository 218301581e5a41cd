import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/platform/clock.js';
import type { Database } from '../../src/platform/db/database.js';
import { createSeal } from '../../src/platform/db/sealed.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { createPoints, IdempotencyConflictError } from '../../src/points/index.js';
import { openTestDatabase } from './open-test-database.js';

const BOOK = 'book';
const PEOPLE = ['ann', 'bob'] as const;

const opened: Database[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

async function openBooks() {
  const clock = new VirtualClock(Date.parse('2026-03-01T08:00:00Z'), async () => {});
  const db = await openTestDatabase(clock);
  opened.push(db);
  const points = createPoints({
    clock,
    ids: createIds({ clock, random: seededRandom(1) }),
    seal: createSeal([Buffer.alloc(32, 7)]),
  });
  await db.inTransaction(async (tx) => {
    await tx.insertInto('community').values({ id: BOOK, name: BOOK, created_at: clock.now() }).execute();
    for (const id of PEOPLE) await tx.insertInto('person').values({ id, created_at: clock.now() }).execute();
  });
  const award = (key: string, personId = 'ann', amount = 5) =>
    db.inTransaction((tx) =>
      points.award(tx, {
        bookId: BOOK,
        personId,
        rule: 'first',
        points: amount,
        key,
        actorId: personId,
        sourceId: key,
      }),
    );
  const reverse = (transactionId: string, key: string) =>
    db.inTransaction((tx) =>
      points.reverse(tx, { transactionId, key, reason: 'check-in-changed', actorId: 'ann', sourceId: key }),
    );
  const expire = () => db.inTransaction((tx) => points.expireLots(tx));
  const available = async (personId = 'ann') => (await points.balanceOf(db.reader, BOOK, personId)).available;
  const check = () => points.checkBooks(db.reader);
  return { db, clock, points, award, reverse, expire, available, check };
}

async function snapshot(db: Database) {
  const rows = await Promise.all([
    db.reader.selectFrom('ledger_transaction').selectAll().orderBy('id').execute(),
    db.reader.selectFrom('ledger_entry').selectAll().orderBy('sequence').execute(),
    db.reader.selectFrom('balance').selectAll().orderBy('account').execute(),
    db.reader.selectFrom('lot').selectAll().orderBy('id').execute(),
  ]);
  return JSON.stringify(rows);
}

describe('the books', () => {
  it('give points once for a key, however often they are asked', async () => {
    const books = await openBooks();
    const first = await books.award('k1');
    const before = await snapshot(books.db);
    expect(await books.award('k1')).toEqual({ kind: 'repeated', transactionId: first.transactionId });
    expect(await snapshot(books.db)).toBe(before);
    expect(await books.available()).toBe(5);
  });

  it('refuse a key that is used for something else, and change nothing', async () => {
    const books = await openBooks();
    await books.award('k1');
    const before = await snapshot(books.db);
    await expect(books.award('k1', 'bob')).rejects.toBeInstanceOf(IdempotencyConflictError);
    expect(await snapshot(books.db)).toBe(before);
  });

  it('take a transaction back whole and once', async () => {
    const books = await openBooks();
    const { transactionId } = await books.award('k1');
    const back = await books.reverse(transactionId, 'r1');
    expect(back.kind).toBe('posted');
    expect(await books.reverse(transactionId, 'r1')).toMatchObject({ kind: 'repeated' });
    expect(await books.reverse(transactionId, 'r2')).toMatchObject({ kind: 'already-reversed' });
    expect(await books.available()).toBe(0);
    expect(await books.check()).toEqual([]);
  });

  it('keep a debt when what is taken back has expired, and repay it first', async () => {
    const books = await openBooks();
    const { transactionId } = await books.award('k1');
    await books.clock.advance(366 * 24 * 3_600_000);
    expect(await books.expire()).toBe(1);
    await books.reverse(transactionId, 'r1');
    expect(await books.available()).toBe(-5);
    await books.award('k2', 'ann', 7);
    expect(await books.available()).toBe(2);
    expect(await books.check()).toEqual([]);
  });

  it('expire each lot once, 365 days after it was earned', async () => {
    const books = await openBooks();
    await books.award('k1');
    await books.clock.advance(10 * 24 * 3_600_000);
    await books.award('k2', 'ann', 3);
    await books.clock.advance(355 * 24 * 3_600_000);
    expect(await books.expire()).toBe(1);
    expect(await books.expire()).toBe(0);
    expect(await books.available()).toBe(3);
    expect(await books.check()).toEqual([]);
  });

  it('stay whole when a person is erased', async () => {
    const books = await openBooks();
    await books.award('k1');
    await books.award('k2', 'bob');
    for (const _ of [1, 2]) await books.db.inTransaction((tx) => books.points.erasePerson(tx, 'ann'));
    expect(await books.available()).toBe(0);
    expect(await books.available('bob')).toBe(5);
    expect(await books.check()).toEqual([]);
  });

  it.each(['ledger_entry', 'ledger_transaction'])('let nobody change or delete a row of %s', async (table) => {
    const books = await openBooks();
    await books.award('k1');
    const change = (statement: string) =>
      books.db.inTransaction((tx) => sql.raw(statement.replace('?', table)).execute(tx));
    await expect(change("update ? set book_id = 'other'")).rejects.toThrow(/append-only/);
    await expect(change('delete from ?')).rejects.toThrow(/append-only/);
  });

  it('find a row that was changed behind their back', async () => {
    const books = await openBooks();
    if (books.db.engine.name !== 'sqlite') return;
    await books.award('k1');
    await books.award('k2', 'bob');
    await books.db.inTransaction(async (tx) => {
      await sql.raw('drop trigger ledger_transaction_no_update').execute(tx);
      await sql.raw("update ledger_transaction set reason = 'gift' where idempotency_key = 'k1'").execute(tx);
    });
    expect(await books.check()).toMatchObject([{ kind: 'chain-broken' }]);
  });

  it('find a balance, a lot and an entry that do not fit', async () => {
    const books = await openBooks();
    await books.award('k1');
    await books.db.inTransaction(async (tx) => {
      await sql.raw("update balance set amount = 6 where account = 'person:ann:available'").execute(tx);
      await sql.raw('update lot set remaining = 4').execute(tx);
    });
    expect((await books.check()).map((problem) => problem.kind).sort()).toEqual(['balance-differs', 'lots-differ']);
  });

  it('hold after every step of any sequence', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('award' as const), who: fc.constantFrom(...PEOPLE), n: fc.nat(7) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('reverse' as const), n: fc.nat(20) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 200 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const books = await openBooks();
        const made: { transactionId: string; amount: number; who: string }[] = [];
        let clawedBack = 0;
        for (const [i, s] of steps.entries()) {
          if (s.do === 'award') {
            // Half of the keys come a second time, with the same input.
            const amount = 1 + s.n;
            const posted = await books.award(`${s.who}-${s.n}`, s.who, amount);
            if (posted.kind === 'posted') made.push({ transactionId: posted.transactionId, amount, who: s.who });
          } else if (s.do === 'reverse') {
            const target = made[s.n % Math.max(1, made.length)];
            if (target) {
              const outcome = await books.reverse(target.transactionId, `r-${i}`);
              if (outcome.kind === 'posted') clawedBack += target.amount;
            }
          } else if (s.do === 'wait') await books.clock.advance(s.days * 24 * 3_600_000);
          else await books.expire();
          expect(await books.check()).toEqual([]);
          for (const who of PEOPLE) expect(await books.available(who)).toBeGreaterThanOrEqual(-clawedBack);
        }
        await opened.pop()?.close();
      }),
      { numRuns: process.env.XINGLIN_TEST_DATABASE_URL ? 5 : 40 },
    );
  });
});
