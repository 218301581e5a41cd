import { describe, expect, it } from 'vitest';
import { VirtualClock } from './clock.js';
import { createIds, secureRandom, seededRandom } from './ids.js';

const START = Date.parse('2026-03-01T08:00:00Z');
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('ids', () => {
  it('sort by order of making, also where thousands are made in a millisecond', async () => {
    const clock = new VirtualClock(START, async () => {});
    const ids = createIds({ clock, random: secureRandom });
    const made: string[] = [];
    for (let ms = 0; ms < 4; ms += 1) {
      for (let i = 0; i < 10_000; i += 1) made.push(ids.next());
      await clock.advance(1);
    }
    expect(new Set(made).size).toBe(made.length);
    expect([...made].sort()).toEqual(made);
    for (const id of made.slice(0, 100)) expect(id).toMatch(UUID_V7);
    expect(Number.parseInt((made[0] ?? '').replace('-', '').slice(0, 12), 16)).toBe(START);
  });

  it('go on growing when the clock goes backwards', () => {
    let now = START;
    const clock = { now: () => now, after: () => ({ cancel() {} }), every: () => ({ cancel() {} }) };
    const ids = createIds({ clock, random: secureRandom });
    const before = ids.next();
    now -= 60_000;
    expect(ids.next() > before).toBe(true);
  });

  it('of two programs in the same millisecond differ', () => {
    const clock = new VirtualClock(START);
    const [a, b] = [createIds({ clock, random: secureRandom }), createIds({ clock, random: secureRandom })];
    expect(a.next()).not.toBe(b.next());
  });

  it('are the same for the same seed and the same time', () => {
    const make = (seed: number) => createIds({ clock: new VirtualClock(START), random: seededRandom(seed) });
    expect(make(1).next()).toBe(make(1).next());
    expect(make(1).next()).not.toBe(make(2).next());
  });
});

describe('seeded randomness', () => {
  it('is spread evenly over all bytes', () => {
    const counts = new Array<number>(256).fill(0);
    for (const byte of seededRandom(7)(256_000)) counts[byte] = (counts[byte] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(800);
    expect(Math.max(...counts)).toBeLessThan(1_200);
  });
});
