import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import { invariant, NotFoundError } from '../platform/errors.js';
import type { Ids } from '../platform/ids.js';
import { checkBooks } from './books.js';
import { daysLater, takeFromLots } from './lots.js';
import { accountOf, assertBalanced, ERASED, EXPIRED, inputHash, issuedBy, opposite, ownerOf } from './posting.js';
import * as store from './store.js';
import {
  type BookProblem,
  IdempotencyConflictError,
  type Posted,
  type Posting,
  type PostRequest,
  type ReverseOutcome,
} from './types.js';

interface Cause {
  key: string;
  actorId: string;
  sourceId: string;
}

/** A community's books: what was earned, why, and what is left. */
export interface Points {
  /** Points for an act, under `rule`. */
  award(
    tx: Transaction,
    award: Cause & { bookId: string; personId: string; rule: string; points: number },
  ): Promise<Posted>;
  /** Takes a whole transaction back, once. It may leave a debt, which the next earnings repay. */
  reverse(tx: Transaction, reversal: Cause & { transactionId: string; reason: string }): Promise<ReverseOutcome>;
  /** Posts what has expired by now; running it again changes nothing. Answers how many lots. */
  expireLots(tx: Transaction): Promise<number>;
  balanceOf(reader: Reader, bookId: string, personId: string): Promise<{ available: number; held: number }>;
  /** Newest first. */
  listHistory(reader: Reader, bookId: string, personId: string, limit: number): Promise<store.HistoryLine[]>;
  /** Sums, cached balances, lots and the hash chain; empty when all is well. */
  checkBooks(reader: Reader): Promise<BookProblem[]>;

  leaderboard: {
    choose(
      tx: Transaction,
      choice: { communityId: string; personId: string; shown?: boolean; nickname?: string },
    ): Promise<void>;
    listShown(reader: Reader, communityId: string): Promise<store.LeaderboardChoice[]>;
  };

  /** The sum of available points over all books. */
  totalOf(reader: Reader, personId: string): Promise<number>;
  exportPerson(reader: Reader, personId: string): Promise<{ bookId: string; entries: store.HistoryLine[] }[]>;
  /** Ends the person's claims: what is available goes to the book's own account, so its sums stay whole. */
  erasePerson(tx: Transaction, personId: string): Promise<void>;
}

export function createPoints(deps: { clock: Clock; ids: Ids; seal: Seal; lotDays?: number }): Points {
  const { clock, ids, seal, lotDays = 365 } = deps;

  async function post(tx: Transaction, request: PostRequest): Promise<Posted> {
    assertBalanced(request.postings);
    const hash = inputHash(request);
    const known = await store.findByKey(tx, request.key);
    if (known && known.inputHash !== hash) {
      throw new IdempotencyConflictError(`the ledger key ${request.key} was used for something else`);
    }
    if (known) return { kind: 'repeated', transactionId: known.transactionId };
    const transactionId = await store.insertTransaction(tx, { request, hash, now: clock.now(), ids });
    return { kind: 'posted', transactionId };
  }

  /**
   * Brings a person's lots in line with the points they have: new points make
   * a lot, points that went are taken from lots, `ofTransaction`'s first.
   */
  async function settleLots(
    tx: Transaction,
    {
      bookId,
      personId,
      transactionId,
      ofTransaction,
    }: {
      bookId: string;
      personId: string;
      transactionId: string;
      ofTransaction?: string;
    },
  ): Promise<void> {
    const { available, held } = await balanceOf(tx, bookId, personId);
    const lots = await store.listOpenLots(tx, bookId, personId);
    const difference = Math.max(0, available + held) - lots.reduce((sum, lot) => sum + lot.remaining, 0);
    if (difference > 0) {
      const now = clock.now();
      const lot = { id: ids.next(), bookId, personId, transactionId, amount: difference, now };
      await store.insertLot(tx, { ...lot, expiresAt: daysLater(now, lotDays) });
    } else if (difference < 0) {
      const { taken, uncovered } = takeFromLots(lots, -difference, ofTransaction);
      invariant(uncovered === 0, 'lots never hold less than they are reduced by');
      for (const part of taken) await store.reduceLot(tx, part.lotId, part.amount);
    }
  }

  async function balanceOf(reader: Reader, bookId: string, personId: string) {
    return {
      available: await store.getBalance(reader, bookId, accountOf(personId, 'available')),
      held: await store.getBalance(reader, bookId, accountOf(personId, 'held')),
    };
  }

  return {
    async award(tx, { bookId, personId, rule, points, key, actorId, sourceId }) {
      invariant(points > 0, 'an award gives points');
      const posted = await post(tx, {
        bookId,
        key,
        reason: rule,
        actorId,
        sourceId,
        postings: move(issuedBy(rule), accountOf(personId, 'available'), points),
      });
      if (posted.kind === 'posted') await settleLots(tx, { bookId, personId, transactionId: posted.transactionId });
      return posted;
    },

    async reverse(tx, { transactionId, key, reason, actorId, sourceId }) {
      const original = await store.findTransaction(tx, transactionId);
      if (!original) throw new NotFoundError('no such ledger transaction');
      invariant(original.reversesId === null, 'a reversal is not reversed');
      const earlier = await store.findReversalOf(tx, transactionId);
      if (earlier && earlier.key !== key) return { kind: 'already-reversed', by: earlier.id };
      const posted = await post(tx, {
        bookId: original.bookId,
        key,
        reason,
        actorId,
        sourceId,
        postings: opposite(original.postings),
        reversesId: transactionId,
      });
      if (posted.kind === 'posted') {
        for (const personId of peopleIn(original.postings)) {
          await settleLots(tx, {
            bookId: original.bookId,
            personId,
            transactionId: posted.transactionId,
            ofTransaction: transactionId,
          });
        }
      }
      return posted;
    },

    async expireLots(tx) {
      const due = await store.listDueLots(tx, clock.now());
      for (const lot of due) {
        await post(tx, {
          bookId: lot.bookId,
          key: `exp:${lot.id}`,
          reason: 'expired',
          actorId: 'system',
          sourceId: lot.id,
          postings: move(accountOf(lot.personId, 'available'), EXPIRED, lot.remaining),
        });
        await store.reduceLot(tx, lot.id, lot.remaining);
      }
      return due.length;
    },

    balanceOf,
    listHistory: (reader, bookId, personId, limit) =>
      store.listHistory(reader, { bookId, account: accountOf(personId, 'available'), limit }),
    checkBooks,

    leaderboard: {
      choose: (tx, { communityId, personId, shown, nickname }) =>
        store.saveLeaderboardChoice(tx, {
          id: ids.next(),
          communityId,
          personId,
          now: clock.now(),
          ...(shown === undefined ? {} : { shown }),
          ...(nickname === undefined ? {} : { nicknameSealed: seal.seal(nickname) }),
        }),
      listShown: (reader, communityId) => store.listShown(reader, communityId, seal),
    },

    async totalOf(reader, personId) {
      const books = await store.listBooksOf(reader, accountOf(personId, 'available'));
      return books.reduce((sum, book) => sum + book.amount, 0);
    },
    async exportPerson(reader, personId) {
      const account = accountOf(personId, 'available');
      const parts: { bookId: string; entries: store.HistoryLine[] }[] = [];
      for (const { bookId } of await store.listBooksOf(reader, account)) {
        parts.push({ bookId, entries: await store.listHistory(reader, { bookId, account, limit: 100_000 }) });
      }
      return parts;
    },
    async erasePerson(tx, personId) {
      await store.deleteLeaderboardChoices(tx, personId);
      for (const part of ['available', 'held'] as const) {
        const account = accountOf(personId, part);
        for (const { bookId, amount } of await store.listBooksOf(tx, account)) {
          if (amount === 0) continue;
          const key = `erase:${ids.next()}`;
          const postings = amount > 0 ? move(account, ERASED, amount) : move(ERASED, account, -amount);
          const cause = { bookId, key, reason: 'erased', actorId: 'system', sourceId: personId };
          const { transactionId } = await post(tx, { ...cause, postings });
          await settleLots(tx, { bookId, personId, transactionId });
        }
      }
    },
  };
}

function move(from: string, to: string, points: number): Posting[] {
  return [
    { account: from, amount: -points },
    { account: to, amount: points },
  ];
}

function peopleIn(postings: readonly Posting[]): string[] {
  return [...new Set(postings.flatMap((p) => ownerOf(p.account)?.personId ?? []))];
}
