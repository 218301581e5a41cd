import type { Reader } from '../platform/db/database.js';
import { ownerOf } from './posting.js';
import * as store from './store.js';
import type { BookProblem } from './types.js';

/**
 * Proves the books: every transaction sums to zero, cached balances are the
 * sums of their entries, lots hold what people have, and no row was changed.
 */
export async function checkBooks(reader: Reader): Promise<BookProblem[]> {
  const sums = await store.sumEntries(reader);
  const unbalanced = await store.listUnbalanced(reader);
  const broken = await store.firstBrokenEntry(reader);
  return [
    ...unbalanced.map((transactionId): BookProblem => ({ kind: 'transaction-not-zero', transactionId })),
    ...differingBalances(sums, await store.listBalances(reader)),
    ...differingLots(sums, await store.sumLots(reader)),
    ...(broken === undefined ? [] : [{ kind: 'chain-broken' as const, entryId: broken }]),
  ];
}

function differingBalances(sums: store.AccountSum[], cached: store.AccountSum[]): BookProblem[] {
  const keyOf = (row: store.AccountSum) => `${row.bookId} ${row.account}`;
  const expected = new Map(sums.map((row) => [keyOf(row), row.amount]));
  const found = new Map(cached.map((row) => [keyOf(row), row.amount]));
  const all = new Map([...sums, ...cached].map((row) => [keyOf(row), row]));
  return [...all]
    .filter(([key]) => (expected.get(key) ?? 0) !== (found.get(key) ?? 0))
    .map(([, row]) => ({ kind: 'balance-differs', bookId: row.bookId, account: row.account }));
}

interface Holding {
  bookId: string;
  personId: string;
  points: number;
  held: number;
  lots: number;
}

function differingLots(
  sums: store.AccountSum[],
  lots: { bookId: string; personId: string; remaining: number }[],
): BookProblem[] {
  const holdings = new Map<string, Holding>();
  const holdingOf = (bookId: string, personId: string) => {
    const key = `${bookId} ${personId}`;
    const holding = holdings.get(key) ?? { bookId, personId, points: 0, held: 0, lots: 0 };
    holdings.set(key, holding);
    return holding;
  };
  for (const row of sums) {
    const owner = ownerOf(row.account);
    if (!owner) continue;
    const holding = holdingOf(row.bookId, owner.personId);
    holding.points += row.amount;
    if (owner.part === 'held') holding.held += row.amount;
  }
  for (const lot of lots) holdingOf(lot.bookId, lot.personId).lots += lot.remaining;
  return [...holdings.values()].flatMap(({ bookId, personId, points, held, lots: inLots }) => {
    const problems: BookProblem[] = [];
    // A debt has no lot: the next earnings repay it first.
    if (inLots !== Math.max(0, points)) problems.push({ kind: 'lots-differ', bookId, personId });
    if (held < 0) problems.push({ kind: 'held-below-zero', bookId, personId });
    return problems;
  });
}
