import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createParser, loadPlausibility } from '../../src/observation/index.js';
import type { Level } from '../../src/triage/index.js';
import { listen, RULES_DIR } from '../triage/listen.js';

/**
 * Messages of our own writing, over the 24 groups of red flags and over what must stay quiet.
 *
 * `tuned` are the ones the phrases were widened with: they guard against loss and say nothing of new wordings.
 * `held-out` were written afterwards and never tuned on. What was met unseen, before tuning on it: of the first 123
 * emergencies and urgent messages 112 reached their level or L2 (L1: 97 of 105), of the next 110 90, of 60 written after
 * a first widening 42 (L1: 36 of 53), of the 30 held out 21 (L1: 16 of 26). False L1: 4 of 213, 3 of 46, 4 of 60, 3 of 30.
 * SAFETY.md 5 asks for 99 % of 300 labelled by doctors: the phrases are far from it.
 */
const line = z.object({
  set: z.enum(['tuned', 'held-out']),
  expect: z.enum(['emergency', 'urgent', 'none']),
  group: z.string().optional(),
  text: z.string(),
});
const lines = readFileSync(new URL('./triage.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((text) => line.parse(JSON.parse(text)));
const parser = createParser(loadPlausibility(RULES_DIR));

function levelOf(text: string): Level {
  return listen(text, { readings: parser.read(text).readings }).level;
}
const isPressing = (level: Level) => level === 'emergency' || level === 'urgent';

it.each([
  { set: 'tuned', emergencies: 0.98, pressing: 0.98, falseEmergencies: 0 },
  { set: 'held-out', emergencies: 0.6, pressing: 0.7, falseEmergencies: 0.1 },
])('$set: no less is recognised, and no more cries wolf, than was measured', (floor) => {
  const here = lines.filter(({ set }) => set === floor.set);
  const share = (expected: string[], hit: (level: Level) => boolean) => {
    const of = here.filter((one) => expected.includes(one.expect));
    return of.filter(({ text }) => hit(levelOf(text))).length / of.length;
  };
  expect(share(['emergency'], (level) => level === 'emergency')).toBeGreaterThanOrEqual(floor.emergencies);
  expect(share(['emergency', 'urgent'], isPressing)).toBeGreaterThanOrEqual(floor.pressing);
  expect(share(['none'], (level) => level === 'emergency')).toBeLessThanOrEqual(floor.falseEmergencies);
});

it('every group of red flags is there', () => {
  const groups = new Set(lines.flatMap(({ group }) => group ?? []));
  expect(groups.size).toBe(24);
});
