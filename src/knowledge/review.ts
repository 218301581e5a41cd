/** What becomes of an entry, and who may make it so: SAFETY.md 6.2 as one table, without time or database of its own. */
export const ENTRY_STATES = [
  'draft',
  'in_review',
  'returned',
  'published',
  'expiring',
  'suspended',
  'retired',
] as const;
export type EntryState = (typeof ENTRY_STATES)[number];

export const ENTRY_EVENTS = [
  'approve',
  'return',
  'new-version',
  'typo-fix',
  'notice-due',
  'guideline-changed',
  'renew',
  'past-due',
  'suspend',
  'reinstate',
  'retire',
] as const;
export type EntryEvent = (typeof ENTRY_EVENTS)[number];

/** What a reviewer confirms of the words they sign. */
export const CHECKS = ['accurate', 'current', 'safe', 'plain', 'no-ads', 'when-to-see-a-doctor'] as const;
export type Check = (typeof CHECKS)[number];

/** `operator` runs the program and its command line; `program` is time passing. */
export type Who = 'doctor' | 'admin' | 'operator' | 'program';

/** The version that patients get. It was published, and is what it was then. */
export interface ServedVersion {
  version: number;
  state: 'published' | 'expiring';
  /** UTC ms: from then on it is not served, unless it has been renewed. */
  dueAt: number;
}

/** While a newer version is written and reviewed, the published one is served on. */
export interface EntryLife {
  /** Of the newest version. */
  state: EntryState;
  version: number;
  served: ServedVersion | undefined;
}

export interface Reviewer {
  personId: string;
  realName: string;
}

/** Whose signature it is, and what stands already. */
export interface Signing {
  /** A person id, or the author's name where the entry came from a file. */
  author: string;
  signer: Reviewer;
  /** Person ids of those who have signed in this round. */
  signedBy: readonly string[];
  namesDrug: boolean;
  /** Verified doctors of the signer's community. */
  doctors: number;
  /** Those of them whose speciality is pharmacy; the author is none. */
  pharmacists: readonly string[];
  /** Nothing but letters was mended in what is being served. */
  fixesTypo: boolean;
}

export interface Circumstances {
  by: Who;
  /** UTC ms. */
  now: number;
  /** Until when a signature that completes a review, or a change of a guideline, lets the entry be served. */
  nextDueAt: number;
  reason?: string | undefined;
  /** For `approve`, `return` and `renew`. */
  signing?: Signing;
  /** For `typo-fix`. */
  lettersOnly?: boolean;
}

const DAY_MS = 24 * 3_600_000;
/** So long before it is due an entry is reviewed again. */
export const EXPIRING_DAYS = 60;
/** In a community this small one reviewer besides the author is enough, unless a drug is named. */
const DOCTORS_FOR_TWO_REVIEWERS = 3;

type Guard = (life: EntryLife, circumstances: Circumstances) => boolean;

const GUARDS = {
  'own-entry': (_, { signing }) => signing !== undefined && !isAuthor(signing.author, signing.signer),
  'already-signed': (_, { signing }) => signing?.signedBy.includes(signing.signer.personId) === false,
  'too-few': (_, { signing }) => signing !== undefined && isComplete(afterSigning(signing), 'publication'),
  'too-few-to-renew': (_, { signing }) => signing !== undefined && isComplete(afterSigning(signing), 'renewal'),
  'no-reason': (_, { reason }) => reason !== undefined && reason.trim() !== '',
  'not-served': ({ served }) => served !== undefined,
  'not-yet': ({ served }, { now }) => served !== undefined && served.dueAt - now <= EXPIRING_DAYS * DAY_MS,
  'not-past': ({ served }, { now }) => served !== undefined && served.dueAt <= now,
  'more-than-letters': (_, { lettersOnly }) => lettersOnly === true,
} satisfies Record<string, Guard>;

/** A guard by what is said where it does not hold. */
export type Broken = keyof typeof GUARDS;

export interface Transition {
  event: EntryEvent;
  /** The version that the event is about: the newest one, or the one that patients get. */
  of: 'newest' | 'served';
  from: readonly EntryState[];
  who: readonly Who[];
  guards: readonly Broken[];
  to: EntryState;
}

const PEOPLE: readonly Who[] = ['doctor', 'admin', 'operator'];
const SIGNED: readonly Broken[] = ['own-entry', 'already-signed'];

/** Every change there is. Of several rows of one event the first whose guards hold is the one. */
export const TRANSITIONS: readonly Transition[] = [
  row('approve', 'newest', ['draft', 'in_review'], ['doctor'], [...SIGNED, 'too-few'], 'published'),
  row('approve', 'newest', ['draft', 'in_review'], ['doctor'], SIGNED, 'in_review'),
  row('return', 'newest', ['draft', 'in_review', 'expiring'], ['doctor'], ['own-entry', 'no-reason'], 'returned'),
  row('typo-fix', 'newest', ['published', 'expiring'], ['operator'], ['more-than-letters'], 'in_review'),
  row('new-version', 'newest', not('retired'), ['operator'], [], 'draft'),
  row('notice-due', 'served', ['published'], ['program'], ['not-yet'], 'expiring'),
  row('guideline-changed', 'served', ['published', 'expiring'], PEOPLE, [], 'expiring'),
  row('renew', 'served', ['expiring'], ['doctor'], [...SIGNED, 'too-few-to-renew'], 'published'),
  row('renew', 'served', ['expiring'], ['doctor'], SIGNED, 'expiring'),
  row('past-due', 'served', ['published', 'expiring'], ['program'], ['not-past'], 'suspended'),
  row('suspend', 'newest', ['draft', 'in_review', 'published', 'expiring'], PEOPLE, ['no-reason'], 'suspended'),
  row('suspend', 'newest', ['returned'], PEOPLE, ['not-served', 'no-reason'], 'suspended'),
  row('reinstate', 'newest', ['suspended', 'returned'], PEOPLE, [], 'in_review'),
  row('retire', 'newest', not('retired'), PEOPLE, ['no-reason'], 'retired'),
];

function row(
  event: EntryEvent,
  of: Transition['of'],
  from: readonly EntryState[],
  who: readonly Who[],
  guards: readonly Broken[],
  to: EntryState,
): Transition {
  return { event, of, from, who, guards, to };
}

function not(...states: EntryState[]): EntryState[] {
  return ENTRY_STATES.filter((state) => !states.includes(state));
}

export type Move =
  | { kind: 'moved'; to: EntryState; life: EntryLife }
  | { kind: 'refused'; reason: Broken | 'wrong-state' | 'not-allowed' };

/** What one event makes of an entry, or why it makes nothing of it. */
export function moveEntry(life: EntryLife, event: EntryEvent, circumstances: Circumstances): Move {
  const rows = TRANSITIONS.filter((one) => one.event === event && one.from.some((state) => state === about(life, one)));
  const [first] = rows;
  if (!first) return { kind: 'refused', reason: 'wrong-state' };
  if (!first.who.includes(circumstances.by)) return { kind: 'refused', reason: 'not-allowed' };
  let reason: Broken | 'wrong-state' = 'wrong-state';
  for (const one of rows) {
    const broken = one.guards.find((guard) => !GUARDS[guard](life, circumstances));
    if (broken === undefined) return { kind: 'moved', to: one.to, life: lifeAfter(life, one, circumstances) };
    reason = broken;
  }
  return { kind: 'refused', reason };
}

function about(life: EntryLife, { of }: Transition): EntryState | undefined {
  return of === 'served' ? life.served?.state : life.state;
}

function lifeAfter(life: EntryLife, { event, of, to }: Transition, { nextDueAt }: Circumstances): EntryLife {
  if (event === 'new-version' || event === 'typo-fix') return { ...life, state: to, version: life.version + 1 };
  if (of === 'newest') return { ...life, state: to, served: servedAfter(life, to, nextDueAt) };
  const served = life.served && renewedOrNot(life.served, { event, to, nextDueAt });
  // Of a version that has a successor in review only the serving ends.
  return { ...life, state: life.served?.version === life.version ? to : life.state, served };
}

function servedAfter(life: EntryLife, to: EntryState, nextDueAt: number): ServedVersion | undefined {
  if (to === 'published') return { version: life.version, state: 'published', dueAt: nextDueAt };
  if (to === 'suspended' || to === 'retired') return undefined;
  // Words that a doctor has returned are sent to nobody, also where they were published once.
  return to === 'returned' && life.served?.version === life.version ? undefined : life.served;
}

function renewedOrNot(
  served: ServedVersion,
  { event, to, nextDueAt }: { event: EntryEvent; to: EntryState; nextDueAt: number },
): ServedVersion | undefined {
  if (to === 'published') return { ...served, state: 'published', dueAt: nextDueAt };
  if (to !== 'expiring') return undefined;
  const dueAt = event === 'guideline-changed' ? Math.min(served.dueAt, nextDueAt) : served.dueAt;
  return { ...served, state: 'expiring', dueAt };
}

export type ReviewPurpose = 'publication' | 'renewal';

/** How many people besides the author must sign. */
export function signaturesNeeded(
  { doctors, namesDrug, fixesTypo }: Pick<Signing, 'doctors' | 'namesDrug' | 'fixesTypo'>,
  purpose: ReviewPurpose,
): 1 | 2 {
  if (purpose === 'publication' && fixesTypo) return 1;
  if (namesDrug) return 2;
  return purpose === 'publication' && doctors >= DOCTORS_FOR_TWO_REVIEWERS ? 2 : 1;
}

/** Who is still to sign: so many people, and whether one of them must be a pharmacist. */
export function stillMissing(
  signing: Omit<Signing, 'signer'>,
  purpose: ReviewPurpose,
): { people: number; pharmacist: boolean } {
  const { namesDrug, pharmacists, signedBy } = signing;
  const pharmacist = namesDrug && pharmacists.length > 0 && !pharmacists.some((id) => signedBy.includes(id));
  const people = Math.max(signaturesNeeded(signing, purpose) - new Set(signedBy).size, pharmacist ? 1 : 0);
  return { people, pharmacist };
}

function isComplete(signing: Omit<Signing, 'signer'>, purpose: ReviewPurpose): boolean {
  return stillMissing(signing, purpose).people === 0;
}

function afterSigning(signing: Signing): Signing {
  return { ...signing, signedBy: [...signing.signedBy, signing.signer.personId] };
}

export function isAuthor(author: string, reviewer: Reviewer): boolean {
  return author === reviewer.personId || (reviewer.realName !== '' && author === reviewer.realName);
}

/** A speciality as doctors are entered with it: 药学, 临床药学, 药剂科. */
export function isPharmacy(speciality: string): boolean {
  return /药[学剂师]/u.test(speciality);
}
