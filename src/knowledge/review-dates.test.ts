import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageDir } from '../platform/config.js';
import type { Entry } from './entry.js';
import { loadEntries } from './folder.js';
import { dueAfterGuideline, dueAfterReview, nextNine, reviewPeriod } from './review-dates.js';

const { entries } = await loadEntries(join(packageDir, 'knowledge'));
const entry = (id: string): Entry => {
  const found = entries.find((one) => one.id === id);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
};
const at = (text: string) => Date.parse(text);
const timeZone = 'Asia/Shanghai';

it.each([
  ['a question about food', 'KB-050', { months: 12 }],
  ['a drug', 'KB-032', { months: 6 }],
  ['a rule of the state', 'KB-112', { months: 6 }],
  ['signs of low sugar', 'KB-021', { months: 6 }],
  ['a card for an emergency', 'KB-027', { days: 180 }],
  ['a card for an emergency without a drug', 'KB-096', { days: 180 }],
  ['numbers to call', 'KB-105', { days: 180 }],
  ['children', 'KB-005', { months: 6 }],
  ['pregnancy, and numbers to call', 'KB-100', { days: 180 }],
])('%s (%s) holds for %o', (_, id, expected) => {
  expect(reviewPeriod(entry(id))).toEqual(expected);
});

it('is due at nine in the morning, a year after at the latest', () => {
  const due = (now: string) => new Date(dueAfterReview(entry('KB-050'), { now: at(now), timeZone })).toISOString();
  expect(due('2026-03-02T09:05:00+08:00')).toBe('2027-03-02T01:00:00.000Z');
  expect(due('2026-03-02T08:55:00+08:00')).toBe('2027-03-01T01:00:00.000Z');
  expect(due('2028-02-29T10:00:00+08:00')).toBe('2029-02-28T01:00:00.000Z');
});

it('is due sixty days after a new edition', () => {
  const due = dueAfterGuideline({ now: at('2026-03-02T10:00:00+08:00'), timeZone });
  expect(new Date(due).toISOString()).toBe('2026-05-01T01:00:00.000Z');
});

it.each([
  ['2026-03-02T08:59:00+08:00', '2026-03-02T01:00:00.000Z'],
  ['2026-03-02T09:00:00+08:00', '2026-03-03T01:00:00.000Z'],
  ['2026-03-02T23:30:30+08:00', '2026-03-03T01:00:00.000Z'],
])('after %s it is nine at %s', (now, expected) => {
  expect(new Date(nextNine(at(now), timeZone)).toISOString()).toBe(expected);
});
