import type { Audit } from '../platform/audit/audit.js';
import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import { type CitedGuideline, citesOlder } from './guidelines.js';
import {
  type Circumstances,
  type EntryEvent,
  EXPIRING_DAYS,
  isAuthor,
  type Move,
  moveEntry,
  type Reviewer,
  type ReviewPurpose,
  type Signing,
  stillMissing,
  type Who,
} from './review.js';
import { dueAfterGuideline, dueAfterReview } from './review-dates.js';
import type { EntryRecord, EntryStore, ReviewRecord } from './store.js';

const DAY_MS = 24 * 3_600_000;
/** The doctors are told when so many days are left (SAFETY.md 6.2). */
const NOTICE_DAYS = [7, 30, EXPIRING_DAYS];

/** Who acts; `personId` is a person's, or `command-line`. */
export interface Actor {
  by: Who;
  actorId: string;
}

/** The doctors of the reviewer's community. */
export interface Staff {
  doctors: number;
  /** The pharmacists among them. */
  pharmacists: readonly Reviewer[];
}

export interface Review {
  record: EntryRecord;
  reviewer: Reviewer;
  staff: Staff;
  decision: 'approve' | 'return';
  checks?: ReviewRecord['checks'];
  reason?: string | undefined;
}

/** How a review of these words stands, before the next signature. */
export interface ReviewStanding {
  purpose: ReviewPurpose;
  signedBy: readonly string[];
  missing: { people: number; pharmacist: boolean };
  round: number;
}

export type ReviewOutcome =
  | Extract<Move, { kind: 'refused' }>
  | { kind: 'done'; purpose: ReviewPurpose }
  | { kind: 'signed'; missing: ReviewStanding['missing'] }
  /** `withdrawn`: the words were served until now. */
  | { kind: 'returned'; withdrawn: boolean };

/** What the doctors are to be told of. */
export interface Expiry {
  due: { record: EntryRecord; dueAt: number; days: number }[];
  suspended: EntryRecord[];
}

export type GuidelineOutcome =
  | { kind: 'known-already' }
  | { kind: 'marked'; records: readonly EntryRecord[]; dueAt: number };

export type EntryLives = ReturnType<typeof createEntryLives>;

/** Everything that happens to entries: the table of `review.ts` decides, the store writes, the audit knows. */
export function createEntryLives(deps: { clock: Clock; store: EntryStore; audit: Audit; timeZone: string }) {
  const { clock, store, audit, timeZone } = deps;

  const circumstances = ({ entry }: EntryRecord, event: EntryEvent, by: Who): Circumstances => {
    const now = clock.now();
    const nextDueAt = (event === 'guideline-changed' ? dueAfterGuideline : dueAfterReview.bind(undefined, entry))({
      now,
      timeZone,
    });
    return { by, now, nextDueAt };
  };

  /** One event that is no signature; refused where the table has no row for it. */
  async function move(
    tx: Transaction,
    record: EntryRecord,
    event: EntryEvent,
    { by, actorId, reason, details = {} }: Actor & { reason?: string; details?: Record<string, string> },
  ): Promise<Move> {
    const outcome = moveEntry(record.life, event, { ...circumstances(record, event, by), reason });
    if (outcome.kind === 'refused') return outcome;
    await store.recordMove(tx, { record, event, life: outcome.life, version: record.version, actorId, reason });
    await audited(tx, record, { action: ACTIONS[event], actorId, details });
    return outcome;
  }

  async function audited(
    tx: Transaction,
    { entry, version }: EntryRecord,
    what: { action: string; actorId: string; details?: Record<string, string> },
  ): Promise<void> {
    const { action, actorId, details = {} } = what;
    const target = { kind: 'entry', id: entry.id };
    await audit.record(tx, { action, actorId, target, details: { version, hash: entry.hash, ...details } });
  }

  async function standing(reader: Reader, record: EntryRecord, staff: Staff): Promise<ReviewStanding> {
    const round = await store.findRound(reader, record.entry.id, record.version);
    const reviews = await store.listReviews(reader, record.entry.id, record.version);
    const signedBy = reviews
      .filter((review) => review.decision === 'approved' && review.round === round)
      .map((review) => review.reviewerId);
    const purpose = isRenewal(record) ? 'renewal' : 'publication';
    return { purpose, round, signedBy, missing: stillMissing(signingOf(record, staff, signedBy), purpose) };
  }

  /** What the decision would make of the entry, without making it so. */
  async function weigh(reader: Reader, review: Review) {
    const { record, reviewer, staff, decision, reason } = review;
    const now = await standing(reader, record, staff);
    const event: EntryEvent = decision === 'return' ? 'return' : now.purpose === 'renewal' ? 'renew' : 'approve';
    const signing = { ...signingOf(record, staff, now.signedBy), signer: reviewer };
    const outcome = moveEntry(record.life, event, { ...circumstances(record, event, 'doctor'), reason, signing });
    return { event, outcome, signing, ...now };
  }

  async function review(tx: Transaction, decided: Review): Promise<ReviewOutcome> {
    const { record, reviewer, checks, reason } = decided;
    const { event, outcome, signing, round, purpose } = await weigh(tx, decided);
    if (outcome.kind === 'refused') return outcome;
    const actorId = reviewer.personId;
    const decision = event === 'return' ? 'returned' : 'approved';
    const complete = outcome.to === 'published';
    await store.recordReview(tx, { record, round, reviewerId: actorId, decision, checks, reason });
    const { version } = record;
    await store.recordMove(tx, {
      record,
      event,
      life: outcome.life,
      version,
      actorId,
      reason,
      round: complete ? round : undefined,
    });
    await audited(tx, record, { action: `entry-${decision}`, actorId });
    if (event === 'return') return { kind: 'returned', withdrawn: isServed(record) };
    if (!complete) {
      return {
        kind: 'signed',
        missing: stillMissing({ ...signing, signedBy: [...signing.signedBy, actorId] }, purpose),
      };
    }
    await audited(tx, record, { action: purpose === 'renewal' ? 'entry-renewed' : 'entry-published', actorId });
    return { kind: 'done', purpose };
  }

  /** The words that `审核` shows and 通过 signs: the newest while they wait, else what is served and due. */
  async function findForReview(reader: Reader, entryId: string): Promise<EntryRecord | undefined> {
    const newest = await store.find(reader, entryId);
    const served = newest?.life.served;
    if (!newest || !served || served.version === newest.version || !isRenewal(newest)) return newest;
    return store.find(reader, entryId, served.version);
  }

  /**
   * What time makes of the served entries: expiring sixty days before they are
   * due, suspended when they are. Answers what the doctors are to be told of,
   * each of the three times once.
   */
  async function passTime(tx: Transaction): Promise<Expiry> {
    const expiry: Expiry = { due: [], suspended: [] };
    const program: Actor = { by: 'program', actorId: 'system' };
    for (const { record, noticedDays } of await store.listDue(tx, clock.now() + EXPIRING_DAYS * DAY_MS)) {
      const dueAt = record.life.served?.dueAt ?? 0;
      const left = dueAt - clock.now();
      if (left <= 0) {
        const { kind } = await move(tx, record, 'past-due', { ...program, details: { reason: 'past-due' } });
        if (kind === 'moved') expiry.suspended.push(record);
        continue;
      }
      await move(tx, record, 'notice-due', program);
      const stage = NOTICE_DAYS.find((days) => left <= days * DAY_MS);
      if (stage === undefined || (noticedDays !== undefined && noticedDays <= stage)) continue;
      await store.setNoticed(tx, [record.entry.id], stage);
      expiry.due.push({ record, dueAt, days: Math.ceil(left / DAY_MS) });
    }
    return expiry;
  }

  /** A guideline has a new edition: every served entry that cites an older one is to be reviewed within sixty days. */
  async function changeGuideline(
    tx: Transaction,
    change: Actor & { guideline: CitedGuideline; edition: string },
  ): Promise<GuidelineOutcome> {
    const { guideline, edition, by, actorId } = change;
    const isNew = await store.recordGuidelineChange(tx, { guideline: guideline.key, edition, actorId });
    if (!isNew) return { kind: 'known-already' };
    const target = { kind: 'guideline', id: guideline.key };
    await audit.record(tx, { action: 'guideline-changed', actorId, target, details: { edition } });
    const records = (await store.listPublished(tx)).filter(({ entry }) => citesOlder(entry, guideline, edition));
    const reason = `${guideline.name} ${edition}`;
    const details = { guideline: guideline.key };
    for (const record of records) await move(tx, record, 'guideline-changed', { by, actorId, reason, details });
    return { kind: 'marked', records, dueAt: dueAfterGuideline({ now: clock.now(), timeZone }) };
  }

  return { move, review, weigh, standing, findForReview, passTime, changeGuideline };
}

const ACTIONS: Record<EntryEvent, string> = {
  approve: 'entry-approved',
  renew: 'entry-approved',
  return: 'entry-returned',
  'new-version': 'entry-imported',
  'typo-fix': 'entry-imported',
  'notice-due': 'entry-expiring',
  'guideline-changed': 'entry-expiring',
  'past-due': 'entry-suspended',
  suspend: 'entry-suspended',
  reinstate: 'entry-reinstated',
  retire: 'entry-retired',
};

function signingOf(record: EntryRecord, staff: Staff, signedBy: readonly string[]): Omit<Signing, 'signer'> {
  const { entry, author, fixesVersion, life } = record;
  return {
    author,
    signedBy,
    namesDrug: entry.drugMentions.length > 0,
    doctors: staff.doctors,
    pharmacists: staff.pharmacists.filter((one) => !isAuthor(author, one)).map(({ personId }) => personId),
    // Only of what is still served: of words that were stopped everything is to be read again.
    fixesTypo: fixesVersion !== undefined && life.served?.version === fixesVersion,
  };
}

/** Nothing newer waits, and what is served is to be signed again. */
function isRenewal({ life }: EntryRecord): boolean {
  return life.state !== 'draft' && life.state !== 'in_review' && life.served?.state === 'expiring';
}

function isServed({ life, version }: EntryRecord): boolean {
  return life.served?.version === version;
}
