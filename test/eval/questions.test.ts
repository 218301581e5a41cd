import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnswerStyle, decide, type Found } from '../../src/knowledge/decision.js';
import { loadEntries } from '../../src/knowledge/folder.js';
import { buildIndex, type SearchIndex } from '../../src/knowledge/search.js';
import { createParser, loadPlausibility } from '../../src/observation/index.js';
import { assess, loadTriageRules } from '../../src/triage/index.js';

/**
 * Questions as people type them, written for this project: `expect` is the
 * entry that answers, `none` where no entry does, `personal` where it is about
 * somebody's own case. The lexicon and the weights were tuned with
 * `questions.jsonl` and `development.jsonl`; nothing was with `kept.jsonl`.
 * The last two are halves of one set over the 120 topics, written by somebody
 * who saw the list of topics and no entry.
 */
const caseSchema = z.strictObject({
  text: z.string().min(1),
  expect: z.union([z.literal('none'), z.literal('personal'), z.string().regex(/^KB-\d{3}$/)]),
});
type Case = z.infer<typeof caseSchema>;

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const knowledge = file('../../knowledge');
const triage = file('../../knowledge/triage');

const readCases = (name: string): Case[] =>
  readFileSync(file(`./${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => caseSchema.parse(JSON.parse(line)));
const tuned = [...readCases('questions'), ...readCases('development')];
const kept = readCases('kept');
const cases = [...tuned, ...kept];

/** What the search finds, where triage leaves the question alone, or the level. */
let found: Map<string, Found | string>;

beforeAll(async () => {
  const index: SearchIndex = buildIndex((await loadEntries(knowledge)).entries);
  const rules = loadTriageRules(triage);
  const parser = createParser(loadPlausibility(triage));
  found = new Map(
    cases.map(({ text }): [string, Found | string] => {
      const { readings } = parser.read(text);
      const { level } = assess(rules, { text, readings, recent: [], now: 0, role: 'patient' });
      if (level !== 'information') return [text, level];
      return [text, index.search(text)];
    }),
  );
});

/** The entry that is sent, or what happens instead. */
function outcomeOf({ text }: Case, style: AnswerStyle = 'standard'): string {
  const one = found.get(text) ?? '';
  if (typeof one === 'string') return one;
  const decision = decide(one, style);
  return decision.kind === 'answer' ? decision.entryId : decision.kind;
}
const isEntry = (outcome: string) => outcome.startsWith('KB-');
const isRaised = (outcome: string) => ['clinical', 'urgent', 'emergency'].includes(outcome);

describe('questions as people type them', () => {
  it('each stands in the file once', () => {
    expect(new Set(cases.map(({ text }) => text)).size).toBe(cases.length);
  });

  // SAFETY.md 5: at most 3 in 100 answers wrong.
  it.each([
    ['tuned', 'strict', tuned],
    ['kept', 'strict', kept],
    ['tuned', 'standard', tuned],
    ['kept', 'standard', kept],
    ['tuned', 'lively', tuned],
    ['kept', 'lively', kept],
  ] as const)('of the answers at least 97 in 100 are right: %s, %s', (_, style, own) => {
    const answered = own.filter((one) => isEntry(outcomeOf(one, style)));
    const wrong = answered.filter((one) => outcomeOf(one, style) !== one.expect);
    expect(wrong.length / answered.length, JSON.stringify(wrong)).toBeLessThanOrEqual(0.03);
  });

  it('a livelier group is answered more and offered a doctor less, a stricter one the other way round', () => {
    const count = (style: AnswerStyle, is: (outcome: string) => boolean) =>
      cases.filter((one) => is(outcomeOf(one, style))).length;
    const isOffer = (outcome: string) => outcome === 'offer';
    expect(count('strict', isEntry)).toBeLessThan(count('standard', isEntry));
    expect(count('standard', isEntry)).toBeLessThan(count('lively', isEntry));
    expect(count('strict', isOffer)).toBeGreaterThan(count('standard', isOffer));
    expect(count('standard', isOffer)).toBeGreaterThan(count('lively', isOffer));
  });

  // Measured: 69 in 100 and 41 in 100; another 20 and 27 in 100 are asked back.
  it.each([
    ['tuned', tuned, 0.6],
    ['kept', kept, 0.35],
  ] as const)(
    'of the questions that have an entry, and that triage leaves alone, so many are answered: %s',
    (_, own, least) => {
      const asked = own.filter((one) => isEntry(one.expect) && !isRaised(outcomeOf(one)));
      const answered = asked.filter((one) => outcomeOf(one) === one.expect);
      expect(answered.length / asked.length).toBeGreaterThanOrEqual(least);
    },
  );

  // Clinical answered as knowledge: at most 1 in 100. Measured: none of 135 is answered.
  it('what is about a person goes to a doctor, and is never answered', () => {
    const personal = cases.filter(({ expect: expected }) => expected === 'personal');
    expect(personal.filter((one) => isEntry(outcomeOf(one)))).toEqual([]);
    const raised = personal.filter((one) => isRaised(outcomeOf(one)));
    expect(raised.length / personal.length).toBeGreaterThanOrEqual(0.98);
  });
});
