import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SERVICE_HOURS as hours, isServiceTime, localTime, nextOpening, promisedBy } from './service-hours.js';

const CHINA = 'Asia/Shanghai';
const china = (text: string) => Date.parse(`${text}+08:00`);

describe('service hours', () => {
  it.each([
    ['2026-03-02T08:29:00', false],
    ['2026-03-02T08:30:00', true],
    ['2026-03-02T17:29:59', true],
    ['2026-03-02T17:30:00', false],
    ['2026-03-07T10:00:00', false],
    ['2026-03-06T10:00:00', true],
  ])('%s in service: %s', (at, expected) => {
    expect(isServiceTime(china(at), CHINA, hours)).toBe(expected);
  });

  it.each([
    ['2026-03-02T07:00:00', '2026-03-02T08:30:00'],
    ['2026-03-02T20:00:00', '2026-03-03T08:30:00'],
    ['2026-03-06T20:00:00', '2026-03-09T08:30:00'],
    ['2026-03-07T09:00:00', '2026-03-09T08:30:00'],
    ['2026-12-31T23:00:00', '2027-01-01T08:30:00'],
  ])('after %s opens %s', (at, expected) => {
    expect(nextOpening(china(at), CHINA, hours)).toBe(china(expected));
  });

  it.each([
    ['2026-03-02T09:00:00', '2026-03-02T17:30:00'],
    ['2026-03-02T15:30:00', '2026-03-02T17:30:00'],
    ['2026-03-02T16:00:00', '2026-03-03T12:00:00'],
    ['2026-03-06T17:00:00', '2026-03-09T12:00:00'],
  ])('asked %s, promised by %s', (at, expected) => {
    expect(promisedBy(china(at), CHINA, hours)).toBe(china(expected));
  });

  it('opens at the same wall clock on both sides of a change of summer time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }),
        fc.constantFrom(CHINA, 'America/New_York', 'Europe/Berlin'),
        (at, zone) => {
          const opening = nextOpening(at, zone, hours);
          return opening !== undefined && opening > at && localTime(opening, zone).minutes === hours.fromMinutes;
        },
      ),
    );
  });

  it('has no next opening where there is no service', () => {
    expect(nextOpening(china('2026-03-02T07:00:00'), CHINA, { ...hours, weekdays: [] })).toBeUndefined();
  });
});
