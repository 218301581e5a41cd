import { sql } from 'kysely';
import { CHAIN_START, firstBrokenLink, linkHash } from '../platform/audit/hash-chain.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import type { Ids } from '../platform/ids.js';
import type { Lot, Posting, PostRequest } from './types.js';

export interface LedgerRow {
  transactionId: string;
  inputHash: string;
}

export async function findByKey(reader: Reader, key: string): Promise<LedgerRow | undefined> {
  const row = await reader
    .selectFrom('ledger_transaction')
    .select(['id', 'input_hash'])
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  return row && { transactionId: row.id, inputHash: row.input_hash };
}

export async function findReversalOf(
  reader: Reader,
  transactionId: string,
): Promise<{ id: string; key: string } | undefined> {
  const row = await reader
    .selectFrom('ledger_transaction')
    .select(['id', 'idempotency_key'])
    .where('reverses_id', '=', transactionId)
    .executeTakeFirst();
  return row && { id: row.id, key: row.idempotency_key };
}

export async function findTransaction(
  reader: Reader,
  id: string,
): Promise<{ bookId: string; reversesId: string | null; postings: Posting[] } | undefined> {
  const row = await reader
    .selectFrom('ledger_transaction')
    .select(['book_id', 'reverses_id'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const postings = await reader
    .selectFrom('ledger_entry')
    .select(['account', 'amount'])
    .where('transaction_id', '=', id)
    .orderBy('sequence')
    .execute();
  return { bookId: row.book_id, reversesId: row.reverses_id, postings };
}

/** What the hash of a ledger entry is made from: the entry and the transaction it belongs to. */
function chainFields(entry: {
  id: string;
  book_id: string;
  transaction_id: string;
  account: string;
  amount: number;
  created_at: number;
  idempotency_key: string;
  input_hash: string;
  reason: string;
  actor_id: string;
  source_id: string;
  reverses_id: string | null;
}) {
  return [
    entry.id,
    entry.book_id,
    entry.transaction_id,
    entry.account,
    entry.amount,
    entry.created_at,
    entry.idempotency_key,
    entry.input_hash,
    entry.reason,
    entry.actor_id,
    entry.source_id,
    entry.reverses_id,
  ];
}

/** Writes a transaction with its chained entries and brings the cached balances up to date. */
export async function insertTransaction(
  tx: Transaction,
  { request, hash, now, ids }: { request: PostRequest; hash: string; now: number; ids: Ids },
): Promise<string> {
  const transactionId = ids.next();
  const header = {
    idempotency_key: request.key,
    input_hash: hash,
    reason: request.reason,
    actor_id: request.actorId,
    source_id: request.sourceId,
    reverses_id: request.reversesId ?? null,
  };
  await tx
    .insertInto('ledger_transaction')
    .values({ id: transactionId, book_id: request.bookId, ...header, created_at: now })
    .execute();
  const last = await tx
    .selectFrom('ledger_entry')
    .select('hash')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  let previous = last?.hash ?? CHAIN_START;
  for (const posting of request.postings) {
    const entry = {
      id: ids.next(),
      book_id: request.bookId,
      transaction_id: transactionId,
      account: posting.account,
      amount: posting.amount,
      created_at: now,
    };
    const own = linkHash(previous, chainFields({ ...entry, ...header }));
    await tx
      .insertInto('ledger_entry')
      .values({ ...entry, previous_hash: previous, hash: own })
      .execute();
    await addToBalance(tx, { bookId: request.bookId, ...posting, now });
    previous = own;
  }
  return transactionId;
}

async function addToBalance(
  tx: Transaction,
  change: { bookId: string; account: string; amount: number; now: number },
): Promise<void> {
  await tx
    .insertInto('balance')
    .values({ book_id: change.bookId, account: change.account, amount: change.amount, created_at: change.now })
    .onConflict((oc) =>
      oc.columns(['book_id', 'account']).doUpdateSet({ amount: sql`balance.amount + excluded.amount` }),
    )
    .execute();
}

export async function getBalance(reader: Reader, bookId: string, account: string): Promise<number> {
  const row = await reader
    .selectFrom('balance')
    .select('amount')
    .where('book_id', '=', bookId)
    .where('account', '=', account)
    .executeTakeFirst();
  return row?.amount ?? 0;
}

/** Every book in which this person's points are kept. */
export async function listBooksOf(reader: Reader, account: string): Promise<{ bookId: string; amount: number }[]> {
  const rows = await reader
    .selectFrom('balance')
    .select(['book_id', 'amount'])
    .where('account', '=', account)
    .orderBy('book_id')
    .execute();
  return rows.map((row) => ({ bookId: row.book_id, amount: row.amount }));
}

export async function listOpenLots(reader: Reader, bookId: string, personId: string): Promise<Lot[]> {
  const rows = await reader
    .selectFrom('lot')
    .selectAll()
    .where('book_id', '=', bookId)
    .where('person_id', '=', personId)
    .where('remaining', '>', 0)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    transactionId: row.transaction_id,
    remaining: row.remaining,
    expiresAt: row.expires_at,
  }));
}

export async function insertLot(
  tx: Transaction,
  lot: {
    id: string;
    bookId: string;
    personId: string;
    transactionId: string;
    amount: number;
    expiresAt: number;
    now: number;
  },
): Promise<void> {
  await tx
    .insertInto('lot')
    .values({
      id: lot.id,
      book_id: lot.bookId,
      person_id: lot.personId,
      transaction_id: lot.transactionId,
      amount: lot.amount,
      remaining: lot.amount,
      expires_at: lot.expiresAt,
      created_at: lot.now,
    })
    .execute();
}

export async function reduceLot(tx: Transaction, lotId: string, amount: number): Promise<void> {
  await tx
    .updateTable('lot')
    .set({ remaining: sql`remaining - ${amount}` })
    .where('id', '=', lotId)
    .execute();
}

export async function listDueLots(
  reader: Reader,
  now: number,
): Promise<{ id: string; bookId: string; personId: string; remaining: number }[]> {
  const rows = await reader
    .selectFrom('lot')
    .select(['id', 'book_id', 'person_id', 'remaining'])
    .where('remaining', '>', 0)
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    bookId: row.book_id,
    personId: row.person_id,
    remaining: row.remaining,
  }));
}

export interface HistoryLine {
  amount: number;
  reason: string;
  at: number;
}

export async function listHistory(
  reader: Reader,
  { bookId, account, limit }: { bookId: string; account: string; limit: number },
): Promise<HistoryLine[]> {
  const rows = await reader
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.id', 'ledger_entry.transaction_id')
    .select(['ledger_entry.amount', 'ledger_transaction.reason', 'ledger_entry.created_at'])
    .where('ledger_entry.book_id', '=', bookId)
    .where('ledger_entry.account', '=', account)
    .orderBy('ledger_entry.sequence', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ amount: row.amount, reason: row.reason, at: row.created_at }));
}

/** The id of the first entry that does not follow from the one before it. */
export async function firstBrokenEntry(reader: Reader): Promise<string | undefined> {
  const rows = await reader
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.id', 'ledger_entry.transaction_id')
    .selectAll('ledger_entry')
    .select(['idempotency_key', 'input_hash', 'reason', 'actor_id', 'source_id', 'reverses_id'])
    .orderBy('ledger_entry.sequence')
    .execute();
  const broken = firstBrokenLink(rows, chainFields);
  return broken === undefined ? undefined : rows[broken]!.id;
}

/** Transactions whose entries do not sum to zero, or that have none. */
export async function listUnbalanced(reader: Reader): Promise<string[]> {
  const rows = await reader
    .selectFrom('ledger_transaction')
    .leftJoin('ledger_entry', 'ledger_entry.transaction_id', 'ledger_transaction.id')
    .select('ledger_transaction.id')
    .groupBy('ledger_transaction.id')
    .having((eb) =>
      eb.or([
        eb(eb.fn.coalesce(eb.fn.sum('ledger_entry.amount'), sql.lit(0)), '!=', 0),
        eb(eb.fn.count('ledger_entry.id'), '=', 0),
      ]),
    )
    .execute();
  return rows.map((row) => row.id);
}

export interface AccountSum {
  bookId: string;
  account: string;
  amount: number;
}

export async function sumEntries(reader: Reader): Promise<AccountSum[]> {
  const rows = await reader
    .selectFrom('ledger_entry')
    .select(['book_id', 'account', (eb) => eb.fn.sum('amount').as('amount')])
    .groupBy(['book_id', 'account'])
    .execute();
  return rows.map((row) => ({ bookId: row.book_id, account: row.account, amount: Number(row.amount) }));
}

export async function listBalances(reader: Reader): Promise<AccountSum[]> {
  const rows = await reader.selectFrom('balance').select(['book_id', 'account', 'amount']).execute();
  return rows.map((row) => ({ bookId: row.book_id, account: row.account, amount: row.amount }));
}

export async function sumLots(reader: Reader): Promise<{ bookId: string; personId: string; remaining: number }[]> {
  const rows = await reader
    .selectFrom('lot')
    .select(['book_id', 'person_id', (eb) => eb.fn.sum('remaining').as('remaining')])
    .groupBy(['book_id', 'person_id'])
    .execute();
  return rows.map((row) => ({ bookId: row.book_id, personId: row.person_id, remaining: Number(row.remaining) }));
}

export interface LeaderboardChoice {
  personId: string;
  nickname: string | undefined;
}

export async function saveLeaderboardChoice(
  tx: Transaction,
  choice: { id: string; communityId: string; personId: string; shown?: boolean; nicknameSealed?: string; now: number },
): Promise<void> {
  const changes = {
    ...(choice.shown === undefined ? {} : { shown: choice.shown ? 1 : 0 }),
    ...(choice.nicknameSealed === undefined ? {} : { nickname_sealed: choice.nicknameSealed }),
  };
  await tx
    .insertInto('leaderboard_choice')
    .values({
      id: choice.id,
      community_id: choice.communityId,
      person_id: choice.personId,
      shown: 0,
      created_at: choice.now,
      ...changes,
    })
    .onConflict((oc) => oc.columns(['community_id', 'person_id']).doUpdateSet(changes))
    .execute();
}

/** People who chose to be on the board, in the order in which they came to it. */
export async function listShown(reader: Reader, communityId: string, seal: Seal): Promise<LeaderboardChoice[]> {
  const rows = await reader
    .selectFrom('leaderboard_choice')
    .select(['person_id', 'nickname_sealed'])
    .where('community_id', '=', communityId)
    .where('shown', '=', 1)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    personId: row.person_id,
    nickname: row.nickname_sealed ? seal.open(row.nickname_sealed) : undefined,
  }));
}

export async function deleteLeaderboardChoices(tx: Transaction, personId: string): Promise<void> {
  await tx.deleteFrom('leaderboard_choice').where('person_id', '=', personId).execute();
}
