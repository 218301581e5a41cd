import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnswerStyle, decide, type Found } from './decision.js';
import type { Doubt } from './features.js';

const STYLES: AnswerStyle[] = ['strict', 'standard', 'lively'];
const found = (confidence: number, doubts: Doubt[] = [], form: Found['form'] = 'question'): Found => ({
  results: [
    { entryId: 'KB-901', probability: 0.5, matched: '', doubts },
    { entryId: 'KB-902', probability: 0.1, matched: '', doubts: [] },
  ],
  confidence,
  form,
});

describe('a decision', () => {
  it.each<[string, Found, string[]]>([
    ['sure', found(0.9), ['answer', 'answer', 'answer']],
    ['fairly sure', found(0.75), ['clarify', 'answer', 'answer']],
    ['just sure', found(0.66), ['clarify', 'clarify', 'answer']],
    ['hardly sure', found(0.45), ['offer', 'clarify', 'clarify']],
    ['unsure', found(0.35), ['offer', 'offer', 'clarify']],
    ['lost', found(0.2), ['offer', 'offer', 'offer']],
    ['another way to ask', found(0.91, ['intent']), ['clarify', 'clarify', 'answer']],
    ['a strange number', found(0.94, ['number']), ['clarify', 'clarify', 'clarify']],
    ['told, not asked', found(0.96, [], 'statement'), ['clarify', 'answer', 'answer']],
    ['a near miss', found(1, ['near-miss']), ['clarify', 'clarify', 'clarify']],
    ["another person's case", found(1, ['person']), ['offer', 'offer', 'offer']],
  ])('%s: strict, standard and lively', (_, one, expected) => {
    expect(STYLES.map((style) => decide(one, style).kind)).toEqual(expected);
  });

  it('of a near miss asks about the others alone', () => {
    expect(decide(found(1, ['near-miss']), 'lively').candidates.map(({ entryId }) => entryId)).toEqual(['KB-902']);
  });

  it('a livelier style answers whatever a stricter one does, and with the same entry', () => {
    const doubt = fc.constantFrom<Doubt>('near-miss', 'other-matter', 'unknown-word', 'person', 'number', 'intent');
    const form = fc.constantFrom<Found['form']>('matter', 'statement', 'question');
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.array(doubt), form, (confidence, doubts, form) => {
        const [strict, standard, lively] = STYLES.map((style) => decide(found(confidence, doubts, form), style));
        if (strict?.kind === 'answer') expect(standard).toEqual(strict);
        if (standard?.kind === 'answer') expect(lively).toEqual(standard);
        if (lively?.kind === 'offer') expect(strict?.kind).toBe('offer');
      }),
    );
  });
});
