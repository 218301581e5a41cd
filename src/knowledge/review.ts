/** Where the newest version of an entry stands. What patients get is the version that was published last. */
export type EntryState = 'draft' | 'in_review' | 'published' | 'returned' | 'suspended';

/** In a community this small one reviewer besides the author is enough, unless a drug is named (SAFETY.md 6.2). */
const DOCTORS_FOR_TWO_REVIEWERS = 3;

export interface ReviewSituation {
  state: EntryState;
  /** The author's person id, or the author's name where the entry came from a file. */
  author: string;
  /** Person ids of those who have approved this version. */
  approvedBy: readonly string[];
  namesDrug: boolean;
  /** Verified doctors of the reviewer's community. */
  doctors: number;
}

export interface Reviewer {
  personId: string;
  realName: string;
}

export type ReviewDecision = 'approve' | 'return';

export type ReviewOutcome =
  | { kind: 'published' }
  | { kind: 'in_review'; missing: number }
  | { kind: 'returned' }
  | { kind: 'refused'; reason: 'own-entry' | 'already-approved' | 'not-waiting' };

/** How many people besides the author must approve. */
export function approvalsNeeded({ doctors, namesDrug }: Pick<ReviewSituation, 'doctors' | 'namesDrug'>): 1 | 2 {
  return namesDrug || doctors >= DOCTORS_FOR_TWO_REVIEWERS ? 2 : 1;
}

/** What one doctor's decision makes of an entry. Nobody counts twice, and the author never counts. */
export function decideReview(situation: ReviewSituation, reviewer: Reviewer, decision: ReviewDecision): ReviewOutcome {
  if (situation.state !== 'draft' && situation.state !== 'in_review') return { kind: 'refused', reason: 'not-waiting' };
  if (isAuthor(situation.author, reviewer)) return { kind: 'refused', reason: 'own-entry' };
  if (decision === 'return') return { kind: 'returned' };
  const before = new Set(situation.approvedBy);
  if (before.has(reviewer.personId)) return { kind: 'refused', reason: 'already-approved' };
  const missing = approvalsNeeded(situation) - before.size - 1;
  return missing > 0 ? { kind: 'in_review', missing } : { kind: 'published' };
}

export function isAuthor(author: string, reviewer: Reviewer): boolean {
  return author === reviewer.personId || (reviewer.realName !== '' && author === reviewer.realName);
}

/** Stopping an entry needs nobody's leave: it is served, or about to be, and then it is not. */
export function maySuspend(state: EntryState, served: boolean): boolean {
  return served || state === 'draft' || state === 'in_review' || state === 'published';
}
