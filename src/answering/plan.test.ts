import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../knowledge/index.js';
import { LEVELS, raiseByModel } from '../triage/index.js';
import { planAnswer, type Understanding } from './plan.js';

const ids = ['KB-001', 'KB-002', 'KB-003', 'KB-004'];
const id = fc.constantFrom(...ids);
const candidate = fc.record({ entryId: id, probability: fc.double({ min: 0, max: 1, noNaN: true }) });
const decision: fc.Arbitrary<Decision> = fc.oneof(
  fc.record({ entryId: id, candidates: fc.array(candidate, { minLength: 1, maxLength: 5 }) }).map((made) => ({
    ...made,
    kind: 'answer' as const,
  })),
  fc.array(candidate, { minLength: 1, maxLength: 3 }).map((candidates) => ({ kind: 'clarify' as const, candidates })),
  fc.array(candidate, { maxLength: 5 }).map((candidates) => ({ kind: 'offer' as const, candidates })),
);
const understood: fc.Arbitrary<Understanding> = fc.record({
  route: fc.constantFrom('crisis', 'emergency', 'urgent', 'clinical', 'faq', 'other'),
  entry: fc.option(fc.oneof(id, fc.string())),
  question: fc.option(fc.string()),
});
const plan = (made: Decision, read: Understanding | undefined, reworded: Decision) =>
  planAnswer(made, { understood: read, candidates: ids, alike: [] }, () => reworded);

describe('planAnswer', () => {
  it('answers only with what the index itself answers with', () => {
    fc.assert(
      fc.property(decision, fc.option(understood, { nil: undefined }), decision, (made, read, reworded) => {
        const planned = plan(made, read, reworded);
        if (planned.kind !== 'answer') return;
        const found = [made, reworded].flatMap((one) => (one.kind === 'answer' ? [one.entryId] : []));
        expect(found).toContain(planned.entryId);
      }),
    );
  });

  it('asks back about entries alone, at most three, each once', () => {
    fc.assert(
      fc.property(decision, fc.option(understood, { nil: undefined }), decision, (made, read, reworded) => {
        const planned = plan(made, read, reworded);
        if (planned.kind !== 'clarify') return;
        expect(planned.choices.length).toBeGreaterThan(0);
        expect(planned.choices.length).toBeLessThanOrEqual(3);
        expect(new Set(planned.choices).size).toBe(planned.choices.length);
        expect(ids).toEqual(expect.arrayContaining(planned.choices));
      }),
    );
  });

  it('without a model does what the index decided', () => {
    fc.assert(
      fc.property(decision, (made) => {
        expect(plan(made, undefined, made).kind).toBe(made.kind);
      }),
    );
  });
});

describe('entries near by meaning', () => {
  it('are asked about where the index finds nothing, and change no answer', () => {
    const offer: Decision = { kind: 'offer', candidates: [] };
    const near = { understood: undefined, candidates: ids, alike: ['KB-002'] };
    expect(planAnswer(offer, near, () => offer)).toEqual({ kind: 'clarify', choices: ['KB-002'] });
    fc.assert(
      fc.property(decision, (made) => {
        if (made.kind !== 'offer') expect(planAnswer(made, near, () => offer).kind).toBe(made.kind);
      }),
    );
  });
});

describe('raiseByModel', () => {
  it.each(['crisis', 'emergency', 'urgent'] as const)('%s never makes a level less pressing', (to) => {
    for (const level of LEVELS) {
      const before = {
        level,
        privateOnly: false,
        flags: [],
        valueRows: [],
        suppressed: [],
        about: { kind: 'self' as const },
        cardIds: ['stroke'],
        ruleVersion: '1',
      };
      const after = raiseByModel(before, to);
      expect(LEVELS.indexOf(after.level)).toBeLessThanOrEqual(LEVELS.indexOf(level));
      expect(after.cardIds.length).toBeGreaterThan(0);
    }
  });
});
