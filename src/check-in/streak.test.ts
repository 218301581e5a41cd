import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayState, streakOf } from './streak.js';

const STATES: Record<string, DayState> = { D: 'done', E: 'exempt', M: 'missed', P: 'pending' };
const days = (letters: string) => [...letters].map((letter) => STATES[letter] as DayState);

describe('streakOf', () => {
  it.each([
    ['', 0, 0],
    ['D', 1, 1],
    ['P', 0, 0],
    ['DDP', 2, 2],
    ['DDMP', 0, 2],
    ['DMD', 1, 1],
    ['DEED', 2, 2],
    ['DDEP', 2, 2],
    ['DDDMMMMDD', 2, 3],
    ['EEDD', 2, 2],
  ])('%s: current %i, longest %i', (letters, current, longest) => {
    expect(streakOf(days(letters))).toMatchObject({ current, longest });
  });

  it.each([
    ['D', false],
    ['DMD', true],
    ['DMDD', false],
    ['DED', false],
  ])('%s comes back: %s', (letters, comeback) => {
    expect(streakOf(days(letters)).comeback).toBe(comeback);
  });

  const past = fc.array(fc.constantFrom<DayState>('done', 'exempt', 'missed'), { maxLength: 40 });

  it('is never longer than the longest, and a pending today changes nothing', () => {
    fc.assert(
      fc.property(past, (states) => {
        const streak = streakOf(states);
        expect(streak.current).toBeLessThanOrEqual(streak.longest);
        expect(streakOf([...states, 'pending'])).toEqual(streak);
      }),
    );
  });

  it('gains by a done day and loses by a missed one, never the other way', () => {
    fc.assert(
      fc.property(past, fc.nat(39), (states, at) => {
        if (at >= states.length) return;
        const before = streakOf(states);
        const better = streakOf(states.with(at, 'done'));
        const worse = streakOf(states.with(at, 'missed'));
        expect(better.current).toBeGreaterThanOrEqual(before.current);
        expect(better.longest).toBeGreaterThanOrEqual(before.longest);
        expect(worse.current).toBeLessThanOrEqual(before.current);
        expect(worse.longest).toBeLessThanOrEqual(before.longest);
      }),
    );
  });

  it('an exempt day bridges and adds nothing', () => {
    fc.assert(
      fc.property(past, fc.nat(40), (states, at) => {
        const place = Math.min(at, states.length);
        expect(streakOf(states.toSpliced(place, 0, 'exempt'))).toEqual(streakOf(states));
      }),
    );
  });
});
