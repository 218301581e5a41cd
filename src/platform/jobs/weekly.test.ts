import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextWeekly } from './weekly.js';

const MONDAY_NINE = { weekday: 1, minutes: 9 * 60 };

it.each([
  ['a Sunday evening', '2026-03-01T20:00:00+08:00', 'Asia/Shanghai', '2026-03-02T09:00:00+08:00'],
  ['that Monday at eight', '2026-03-02T08:59:59+08:00', 'Asia/Shanghai', '2026-03-02T09:00:00+08:00'],
  ['that very moment', '2026-03-02T09:00:00+08:00', 'Asia/Shanghai', '2026-03-09T09:00:00+08:00'],
  ['a Monday of UTC that is Tuesday here', '2026-03-02T17:00:00Z', 'Asia/Shanghai', '2026-03-09T09:00:00+08:00'],
  ['a change to summer time in between', '2026-03-28T12:00:00+01:00', 'Europe/Berlin', '2026-03-30T09:00:00+02:00'],
  ['a change to winter time in between', '2026-10-24T12:00:00+02:00', 'Europe/Berlin', '2026-10-26T09:00:00+01:00'],
])('after %s', (_, after, timeZone, expected) => {
  const { dueAt, slot } = nextWeekly(Date.parse(after), { ...MONDAY_NINE, timeZone });
  expect(new Date(dueAt)).toEqual(new Date(expected));
  expect(slot).toBe(String(dueAt));
});

it('comes after, within eight days, and shows that time of the week', () => {
  const timeZone = fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati');
  const instant = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
  fc.assert(
    fc.property(instant, timeZone, (after, timeZone) => {
      const { dueAt } = nextWeekly(after, { ...MONDAY_NINE, timeZone });
      expect(dueAt).toBeGreaterThan(after);
      expect(dueAt - after).toBeLessThanOrEqual(7 * 24 * 3_600_000 + 3_600_000);
      const shown = new Intl.DateTimeFormat('en-GB', {
        timeZone,
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
      });
      expect(shown.format(dueAt)).toBe('Mon 09:00');
    }),
  );
});
