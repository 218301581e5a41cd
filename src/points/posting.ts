import { createHash } from 'node:crypto';
import { invariant } from '../platform/errors.js';
import type { Posting, PostRequest } from './types.js';

export type PersonAccount = 'available' | 'held';

export const accountOf = (personId: string, part: PersonAccount) => `person:${personId}:${part}`;
export const issuedBy = (rule: string) => `sys:issue:${rule}`;
export const EXPIRED = 'sys:expired';
export const ERASED = 'sys:erased';

/** The person an account belongs to, or undefined for the accounts of the book itself. */
export function ownerOf(account: string): { personId: string; part: PersonAccount } | undefined {
  const match = /^person:(.+):(available|held)$/.exec(account);
  return match ? { personId: match[1]!, part: match[2] as PersonAccount } : undefined;
}

/** Double entry: at least two accounts, each once, whole numbers that sum to zero. */
export function assertBalanced(postings: readonly Posting[]): void {
  invariant(postings.length >= 2, 'a ledger transaction has at least two postings');
  invariant(new Set(postings.map((p) => p.account)).size === postings.length, 'one posting for an account');
  invariant(
    postings.every((p) => Number.isSafeInteger(p.amount) && p.amount !== 0),
    'points are whole and never nothing',
  );
  invariant(sumOf(postings) === 0, 'the postings of a transaction sum to zero');
}

function sumOf(postings: readonly Posting[]): number {
  return postings.reduce((sum, p) => sum + p.amount, 0);
}

export function opposite(postings: readonly Posting[]): Posting[] {
  return postings.map((p) => ({ account: p.account, amount: -p.amount }));
}

/** What makes two requests the same: everything but the key, the postings in any order. */
export function inputHash(request: PostRequest): string {
  const postings = request.postings.map((p) => [p.account, p.amount] as const).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return createHash('sha256')
    .update(
      JSON.stringify([
        request.bookId,
        request.reason,
        request.actorId,
        request.sourceId,
        request.reversesId ?? null,
        postings,
      ]),
    )
    .digest('hex');
}
