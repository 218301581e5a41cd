import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysLater, takeFromLots } from './lots.js';

const lot = (id: string, remaining: number, expiresAt: number) => ({
  id,
  transactionId: `t-${id}`,
  remaining,
  expiresAt,
});

describe('takeFromLots', () => {
  const lots = [lot('late', 5, 300), lot('soon', 5, 100), lot('soon-younger', 5, 100)];

  it.each([
    [3, undefined, [['soon', 3]], 0],
    [
      12,
      undefined,
      [
        ['soon', 5],
        ['soon-younger', 5],
        ['late', 2],
      ],
      0,
    ],
    [
      7,
      't-late',
      [
        ['late', 5],
        ['soon', 2],
      ],
      0,
    ],
    [
      20,
      undefined,
      [
        ['soon', 5],
        ['soon-younger', 5],
        ['late', 5],
      ],
      5,
    ],
  ] as const)('%i, first %s', (amount, first, taken, uncovered) => {
    expect(takeFromLots(lots, amount, first)).toEqual({
      taken: taken.map(([lotId, part]) => ({ lotId, amount: part })),
      uncovered,
    });
  });

  it('takes exactly what is asked, never more than a lot holds, earliest expiry first', () => {
    const anyLots = fc
      .array(fc.tuple(fc.nat(20), fc.nat(5)), { maxLength: 8 })
      .map((all) => all.map(([remaining, expiresAt], i) => lot(String(i), remaining, expiresAt)));
    fc.assert(
      fc.property(anyLots, fc.nat(200), (all, amount) => {
        const { taken, uncovered } = takeFromLots(all, amount);
        expect(taken.reduce((sum, t) => sum + t.amount, uncovered)).toBe(amount);
        const left = all.map((l) => ({ ...l, left: l.remaining - (taken.find((t) => t.lotId === l.id)?.amount ?? 0) }));
        for (const one of left) {
          expect(one.left).toBeGreaterThanOrEqual(0);
          const laterTouched = left.some((o) => o.expiresAt > one.expiresAt && o.left < o.remaining);
          if (laterTouched) expect(one.left).toBe(0);
        }
      }),
    );
  });
});

describe('daysLater', () => {
  it('counts calendar days', () => {
    expect(new Date(daysLater(Date.parse('2027-03-01T12:00:00Z'), 365)).toISOString()).toBe('2028-02-29T12:00:00.000Z');
  });
});
