import { expect, it } from 'vitest';
import { quietUntil } from './quiet-hours.js';

const night = { fromMinutes: 22 * 60, toMinutes: 7 * 60, timeZone: 'Asia/Shanghai' };
const at = (text: string) => Date.parse(`${text}+08:00`);

it.each([
  ['2026-03-01T21:59:59', undefined],
  ['2026-03-01T22:00:00', '2026-03-02T07:00:00'],
  ['2026-03-02T03:30:20', '2026-03-02T07:00:00'],
  ['2026-03-02T07:00:00', undefined],
])('at %s the night ends at %s', (now, end) => {
  expect(quietUntil(at(now), night)).toBe(end === undefined ? undefined : at(end));
});

it('knows hours within one day', () => {
  const noon = { fromMinutes: 12 * 60, toMinutes: 14 * 60, timeZone: 'Asia/Shanghai' };
  expect(quietUntil(at('2026-03-01T13:00:00'), noon)).toBe(at('2026-03-01T14:00:00'));
  expect(quietUntil(at('2026-03-01T14:00:00'), noon)).toBeUndefined();
});
