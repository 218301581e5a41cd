import { describe, expect, it } from 'vitest';
import { msToNextMorning, msToNextWeek } from './clock-jump.js';

const iso = (at: number) => new Date(at).toISOString();

describe('the jumps of the simulator panel', () => {
  it.each([
    ['after breakfast', '2026-03-01T01:00:00Z', 'Asia/Shanghai', '2026-03-02T00:00:00.000Z'],
    ['in the small hours, the same day', '2026-03-01T19:30:00Z', 'Asia/Shanghai', '2026-03-02T00:00:00.000Z'],
    ['at eight sharp, the day after', '2026-03-02T00:00:00Z', 'Asia/Shanghai', '2026-03-03T00:00:00.000Z'],
    ['over the start of summer time', '2026-03-28T12:00:00Z', 'Europe/Berlin', '2026-03-29T06:00:00.000Z'],
    ['over its end', '2026-10-24T12:00:00Z', 'Europe/Berlin', '2026-10-25T07:00:00.000Z'],
  ])('next morning: %s', (_, from, timeZone, to) => {
    const now = Date.parse(from);
    expect(iso(now + msToNextMorning(now, timeZone))).toBe(to);
  });

  it.each([
    ['the same time a week on', '2026-03-01T01:20:00Z', 'Asia/Shanghai', '2026-03-08T01:20:00.000Z'],
    ['by the wall clock over summer time', '2026-03-25T12:00:00Z', 'Europe/Berlin', '2026-04-01T11:00:00.000Z'],
  ])('plus a week: %s', (_, from, timeZone, to) => {
    const now = Date.parse(from);
    expect(iso(now + msToNextWeek(now, timeZone))).toBe(to);
  });
});
