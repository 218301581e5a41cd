import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, dayStart, daysBetween, localDay } from './local-day.js';

const at = (iso: string) => Date.parse(iso);
const ZONES = [
  'Asia/Shanghai',
  'Asia/Kathmandu',
  'America/New_York',
  'America/Havana',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Africa/Cairo',
  'UTC',
];

describe('localDay', () => {
  it.each([
    ['before eight in Beijing is not the day before', '2026-03-01T07:59:00+08:00', 'Asia/Shanghai', 180, '2026-03-01'],
    ['01:30 belongs to yesterday', '2026-03-02T01:30:00+08:00', 'Asia/Shanghai', 180, '2026-03-01'],
    ['02:59:59 too', '2026-03-02T02:59:59.999+08:00', 'Asia/Shanghai', 180, '2026-03-01'],
    ['03:00 is today', '2026-03-02T03:00:00+08:00', 'Asia/Shanghai', 180, '2026-03-02'],
    ['midnight start', '2026-03-02T00:00:00+08:00', 'Asia/Shanghai', 0, '2026-03-02'],
    ['a gap at midnight', '2026-03-08T01:00:00-04:00', 'America/Havana', 0, '2026-03-08'],
    ['a repeated hour stays in its day', '2026-11-01T00:10:00-05:00', 'America/Havana', 30, '2026-11-01'],
  ])('%s', (_, instant, timeZone, dayStartMinutes, day) => {
    expect(localDay(at(instant), { timeZone, dayStartMinutes })).toBe(day);
  });

  const settings = fc.record({
    timeZone: fc.constantFrom(...ZONES),
    dayStartMinutes: fc.integer({ min: 0, max: 360 }),
  });
  const instant = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });

  it('never goes back, and never leaves a day out', () => {
    fc.assert(
      fc.property(settings, instant, fc.integer({ min: 0, max: 3 * 86_400_000 }), (s, start, step) => {
        const before = localDay(start, s);
        const after = localDay(start + step, s);
        expect(after >= before).toBe(true);
        for (const day of daysBetween(before, after)) {
          expect(localDay(dayStart(day, s), s)).toBe(day);
          expect(localDay(dayStart(day, s) - 1, s)).toBe(addDays(day, -1));
        }
      }),
    );
  });

  it('holds around every change of the clock', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 2024, max: 2028 }), fc.integer({ min: 0, max: 365 }), (s, year, n) => {
        const day = addDays(`${year}-01-01`, n);
        const start = dayStart(day, s);
        expect(localDay(start, s)).toBe(day);
        expect(localDay(start - 1, s)).toBe(addDays(day, -1));
      }),
    );
  });
});

describe('addDays', () => {
  it.each([
    ['2026-02-28', 1, '2026-03-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2026-03-08', -7, '2026-03-01'],
  ])('%s %i', (day, days, expected) => {
    expect(addDays(day, days)).toBe(expected);
  });
});
