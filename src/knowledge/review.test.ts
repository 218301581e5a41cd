import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalsNeeded, decideReview, maySuspend, type ReviewSituation } from './review.js';

const base: ReviewSituation = { state: 'draft', author: 'author', approvedBy: [], namesDrug: false, doctors: 5 };
const doctor = (personId: string) => ({ personId, realName: `name of ${personId}` });

describe('approvalsNeeded', () => {
  it.each([
    [1, false, 1],
    [2, false, 1],
    [3, false, 2],
    [2, true, 2],
    [9, true, 2],
  ])('%i doctors, drug %s: %i', (doctors, namesDrug, expected) => {
    expect(approvalsNeeded({ doctors, namesDrug })).toBe(expected);
  });
});

describe('decideReview', () => {
  it.each<[string, Partial<ReviewSituation>, string, 'approve' | 'return', object]>([
    ['the first of two', {}, 'a', 'approve', { kind: 'in_review', missing: 1 }],
    ['the second of two', { state: 'in_review', approvedBy: ['a'] }, 'b', 'approve', { kind: 'published' }],
    ['one is enough in a small community', { doctors: 2 }, 'a', 'approve', { kind: 'published' }],
    ['but not with a drug', { doctors: 2, namesDrug: true }, 'a', 'approve', { kind: 'in_review', missing: 1 }],
    [
      'the same one twice',
      { state: 'in_review', approvedBy: ['a'] },
      'a',
      'approve',
      { kind: 'refused', reason: 'already-approved' },
    ],
    ['the author', {}, 'author', 'approve', { kind: 'refused', reason: 'own-entry' }],
    ['the author by name', { author: 'name of a' }, 'a', 'approve', { kind: 'refused', reason: 'own-entry' }],
    ['returned after one approval', { state: 'in_review', approvedBy: ['a'] }, 'b', 'return', { kind: 'returned' }],
    ['published already', { state: 'published' }, 'a', 'approve', { kind: 'refused', reason: 'not-waiting' }],
    ['suspended', { state: 'suspended' }, 'a', 'approve', { kind: 'refused', reason: 'not-waiting' }],
    ['returned before', { state: 'returned' }, 'a', 'approve', { kind: 'refused', reason: 'not-waiting' }],
  ])('%s', (_, situation, who, decision, expected) => {
    expect(decideReview({ ...base, ...situation }, doctor(who), decision)).toEqual(expected);
  });

  it('is never published by fewer than the needed number of different people who are not the author', () => {
    const steps = fc.array(
      fc.record({ who: fc.constantFrom('author', 'a', 'b', 'c'), decision: fc.constantFrom('approve', 'return') }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), fc.boolean(), (moves, doctors, namesDrug) => {
        let situation: ReviewSituation = { ...base, doctors, namesDrug };
        for (const { who, decision } of moves) {
          const outcome = decideReview(situation, doctor(who), decision as 'approve' | 'return');
          if (outcome.kind === 'refused') continue;
          const approvedBy = outcome.kind === 'returned' ? situation.approvedBy : [...situation.approvedBy, who];
          situation = { ...situation, state: outcome.kind, approvedBy };
        }
        const signed = new Set(situation.approvedBy);
        if (situation.state !== 'published')
          return signed.size < approvalsNeeded({ doctors, namesDrug }) || situation.state === 'returned';
        return signed.size >= approvalsNeeded({ doctors, namesDrug }) && !signed.has('author');
      }),
    );
  });
});

describe('maySuspend', () => {
  it.each([
    ['published', true, true],
    ['draft', false, true],
    ['draft', true, true],
    ['returned', true, true],
    ['returned', false, false],
    ['suspended', false, false],
  ] as const)('%s, served %s: %s', (state, served, expected) => {
    expect(maySuspend(state, served)).toBe(expected);
  });
});
