import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Circumstances,
  ENTRY_EVENTS,
  ENTRY_STATES,
  type EntryEvent,
  type EntryLife,
  type EntryState,
  isPharmacy,
  moveEntry,
  type Signing,
  signaturesNeeded,
  stillMissing,
  TRANSITIONS,
  type Who,
} from './review.js';

const DAY_MS = 24 * 3_600_000;
const NOW = Date.parse('2026-03-02T01:00:00Z');

const signing: Signing = {
  author: 'author',
  signer: { personId: 'a', realName: 'name of a' },
  signedBy: [],
  namesDrug: false,
  doctors: 5,
  pharmacists: [],
  fixesTypo: false,
};
const circumstances = (changes: Partial<Circumstances> = {}): Circumstances => ({
  by: 'doctor',
  now: NOW,
  nextDueAt: NOW + 365 * DAY_MS,
  reason: 'because',
  signing,
  lettersOnly: true,
  ...changes,
});

/** An entry whose newest version is in this state; what is published is served until `dueAt`. */
function lifeIn(state: EntryState, { version = 3, dueAt = NOW + 30 * DAY_MS } = {}): EntryLife {
  const served = state === 'published' || state === 'expiring' ? { version, state, dueAt } : undefined;
  return { state, version, served };
}

describe('signaturesNeeded', () => {
  it.each([
    [1, false, 1, 1],
    [2, false, 1, 1],
    [3, false, 2, 1],
    [2, true, 2, 2],
    [9, true, 2, 2],
  ])('%i doctors, drug %s: %i to publish, %i to renew', (doctors, namesDrug, publish, renew) => {
    expect(signaturesNeeded({ doctors, namesDrug, fixesTypo: false }, 'publication')).toBe(publish);
    expect(signaturesNeeded({ doctors, namesDrug, fixesTypo: false }, 'renewal')).toBe(renew);
    expect(signaturesNeeded({ doctors, namesDrug, fixesTypo: true }, 'publication')).toBe(1);
  });
});

describe('stillMissing', () => {
  const drug = { ...signing, namesDrug: true };
  it.each([
    ['nobody has signed', { ...drug }, { people: 2, pharmacist: false }],
    ['there is a pharmacist', { ...drug, pharmacists: ['p'] }, { people: 2, pharmacist: true }],
    ['others signed', { ...drug, pharmacists: ['p'], signedBy: ['a', 'b'] }, { people: 1, pharmacist: true }],
    ['the pharmacist signed', { ...drug, pharmacists: ['p'], signedBy: ['p'] }, { people: 1, pharmacist: false }],
    ['both signed', { ...drug, pharmacists: ['p'], signedBy: ['p', 'a'] }, { people: 0, pharmacist: false }],
    ['one counted twice', { ...drug, signedBy: ['a', 'a'] }, { people: 1, pharmacist: false }],
    ['no drug is named', { ...signing, pharmacists: ['p'], signedBy: ['a', 'b'] }, { people: 0, pharmacist: false }],
    ['a typo', { ...drug, fixesTypo: true, pharmacists: ['p'] }, { people: 1, pharmacist: true }],
  ])('%s', (_, standing, expected) => {
    expect(stillMissing(standing, 'publication')).toEqual(expected);
  });
});

describe('the table', () => {
  it('is this, and nothing else', () => {
    const reached = ENTRY_STATES.flatMap((from) =>
      ENTRY_EVENTS.flatMap((event) => {
        const [by] = TRANSITIONS.find((row) => row.event === event)?.who ?? [];
        const dueAt = event === 'past-due' ? NOW : NOW + DAY_MS;
        const outcome = moveEntry(lifeIn(from, { dueAt }), event, circumstances({ by: by ?? 'doctor' }));
        return outcome.kind === 'moved' ? [`${from} ${event} → ${outcome.to}`] : [];
      }),
    );
    expect(reached).toEqual([
      'draft approve → in_review',
      'draft return → returned',
      'draft new-version → draft',
      'draft suspend → suspended',
      'draft retire → retired',
      'in_review approve → in_review',
      'in_review return → returned',
      'in_review new-version → draft',
      'in_review suspend → suspended',
      'in_review retire → retired',
      'returned new-version → draft',
      'returned reinstate → in_review',
      'returned retire → retired',
      'published new-version → draft',
      'published typo-fix → in_review',
      'published notice-due → expiring',
      'published guideline-changed → expiring',
      'published past-due → suspended',
      'published suspend → suspended',
      'published retire → retired',
      'expiring return → returned',
      'expiring new-version → draft',
      'expiring typo-fix → in_review',
      'expiring guideline-changed → expiring',
      'expiring renew → published',
      'expiring past-due → suspended',
      'expiring suspend → suspended',
      'expiring retire → retired',
      'suspended new-version → draft',
      'suspended reinstate → in_review',
      'suspended retire → retired',
    ]);
  });

  it.each<[EntryEvent, readonly Who[]]>([
    ['approve', ['doctor']],
    ['return', ['doctor']],
    ['renew', ['doctor']],
    ['new-version', ['operator']],
    ['typo-fix', ['operator']],
    ['notice-due', ['program']],
    ['past-due', ['program']],
    ['guideline-changed', ['doctor', 'admin', 'operator']],
    ['suspend', ['doctor', 'admin', 'operator']],
    ['reinstate', ['doctor', 'admin', 'operator']],
    ['retire', ['doctor', 'admin', 'operator']],
  ])('%s is for %s alone', (event, who) => {
    for (const row of TRANSITIONS.filter((one) => one.event === event)) expect(row.who).toEqual(who);
    const [row] = TRANSITIONS.filter((one) => one.event === event);
    const life = lifeIn(row?.from[0] ?? 'draft');
    for (const by of ['doctor', 'admin', 'operator', 'program'] as const) {
      if (who.includes(by)) continue;
      expect(moveEntry(life, event, circumstances({ by }))).toEqual({ kind: 'refused', reason: 'not-allowed' });
    }
  });

  it.each<[string, EntryLife, EntryEvent, Partial<Circumstances>, string]>([
    ['the author', lifeIn('draft'), 'approve', { signing: { ...signing, author: 'a' } }, 'own-entry'],
    ['the author by name', lifeIn('draft'), 'approve', { signing: { ...signing, author: 'name of a' } }, 'own-entry'],
    ['the author returning', lifeIn('draft'), 'return', { signing: { ...signing, author: 'a' } }, 'own-entry'],
    ['the author renewing', lifeIn('expiring'), 'renew', { signing: { ...signing, author: 'a' } }, 'own-entry'],
    ['twice', lifeIn('in_review'), 'approve', { signing: { ...signing, signedBy: ['a'] } }, 'already-signed'],
    ['no reason', lifeIn('draft'), 'return', { reason: ' ' }, 'no-reason'],
    ['no reason to stop', lifeIn('published'), 'suspend', { reason: undefined }, 'no-reason'],
    ['returned, nothing served', lifeIn('returned'), 'suspend', {}, 'not-served'],
    ['long to go', lifeIn('published', { dueAt: NOW + 61 * DAY_MS }), 'notice-due', { by: 'program' }, 'not-yet'],
    ['not yet due', lifeIn('expiring', { dueAt: NOW + 1 }), 'past-due', { by: 'program' }, 'not-past'],
    ['more than letters', lifeIn('published'), 'typo-fix', { by: 'operator', lettersOnly: false }, 'more-than-letters'],
    ['published already', lifeIn('published'), 'approve', {}, 'wrong-state'],
    ['retired', lifeIn('retired'), 'new-version', { by: 'operator' }, 'wrong-state'],
  ])('refuses: %s', (_, life, event, changes, reason) => {
    expect(moveEntry(life, event, circumstances(changes))).toEqual({ kind: 'refused', reason });
  });
});

describe('what is served', () => {
  const older = { version: 2, state: 'published', dueAt: NOW + 30 * DAY_MS } as const;
  const lives = fc.record({
    state: fc.constantFrom<EntryState>('draft', 'in_review', 'returned'),
    version: fc.constant(3),
    served: fc.constantFrom(undefined, older, { ...older, state: 'expiring' as const }),
  });

  it('goes on while a newer version is written, and ends with its own time alone', () => {
    fc.assert(
      fc.property(
        lives,
        fc.constantFrom(...ENTRY_EVENTS),
        fc.constantFrom<Who>('doctor', 'operator', 'program'),
        (life, event, by) => {
          const outcome = moveEntry(life, event, circumstances({ by, now: event === 'past-due' ? older.dueAt : NOW }));
          if (outcome.kind === 'refused') return;
          const { served, state } = outcome.life;
          if (state === 'suspended' || state === 'retired') expect(served).toBeUndefined();
          else if (event === 'past-due') expect(outcome.life).toEqual({ ...life, served: undefined });
          else expect(served?.version).toBe(life.served?.version);
        },
      ),
    );
  });

  it('is a version that has just been signed by enough, or the one before', () => {
    expect(
      moveEntry(lifeIn('in_review'), 'approve', circumstances({ signing: { ...signing, signedBy: ['b'] } })),
    ).toEqual({
      kind: 'moved',
      to: 'published',
      life: { state: 'published', version: 3, served: { version: 3, state: 'published', dueAt: NOW + 365 * DAY_MS } },
    });
  });

  it('stays the same version when it is renewed, until another day', () => {
    const outcome = moveEntry(lifeIn('expiring'), 'renew', circumstances());
    expect(outcome).toMatchObject({ life: { version: 3, served: { version: 3, dueAt: NOW + 365 * DAY_MS } } });
  });

  it('is due sooner after a new edition, never later', () => {
    const soon = circumstances({ nextDueAt: NOW + 60 * DAY_MS });
    const due = (dueAt: number) => moveEntry(lifeIn('published', { dueAt }), 'guideline-changed', soon);
    expect(due(NOW + 200 * DAY_MS)).toMatchObject({ life: { served: { dueAt: NOW + 60 * DAY_MS } } });
    expect(due(NOW + 20 * DAY_MS)).toMatchObject({ life: { served: { dueAt: NOW + 20 * DAY_MS } } });
  });
});

it.each([
  ['药学', true],
  ['临床药学', true],
  ['药剂科', true],
  ['内分泌科', false],
  ['', false],
])('%s is pharmacy: %s', (speciality, expected) => {
  expect(isPharmacy(speciality)).toBe(expected);
});
