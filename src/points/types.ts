/** One account's share of a ledger transaction; integers, positive into the account. */
export interface Posting {
  account: string;
  amount: number;
}

/** What is to be written, whole or not at all. */
export interface PostRequest {
  bookId: string;
  /** Unique for ever: the same key and input are one transaction. */
  key: string;
  /** A code, shown to the member in words: `check-in:first`. */
  reason: string;
  /** A person's id, or `system`. */
  actorId: string;
  /** What caused it: a message, a lot, a transaction. */
  sourceId: string;
  postings: Posting[];
  reversesId?: string;
}

export interface Posted {
  kind: 'posted' | 'repeated';
  transactionId: string;
}

export type ReverseOutcome = Posted | { kind: 'already-reversed'; by: string };

export interface Lot {
  id: string;
  transactionId: string;
  remaining: number;
  expiresAt: number;
}

/** The same key came with another input: a bug of the caller, since a key names one intention. */
export class IdempotencyConflictError extends Error {
  override name = 'IdempotencyConflictError';
  code = 'idempotency-conflict';
}

/** Something is wrong with the books. */
export type BookProblem =
  | { kind: 'transaction-not-zero'; transactionId: string }
  | { kind: 'balance-differs'; bookId: string; account: string }
  | { kind: 'lots-differ'; bookId: string; personId: string }
  | { kind: 'held-below-zero'; bookId: string; personId: string }
  | { kind: 'chain-broken'; entryId: string };
