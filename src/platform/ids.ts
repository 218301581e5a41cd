import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';

/** Bytes that nobody can guess, or that a seed decides. */
export type RandomBytes = (count: number) => Uint8Array;

export const secureRandom: RandomBytes = (count) => randomBytes(count);

/** The same bytes for the same seed, in every process (mulberry32). For tests, scripts and the simulator; never for secrets. */
export function seededRandom(seed: number): RandomBytes {
  let state = seed >>> 0;
  return (count) => {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i += 1) {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      bytes[i] = (t ^ (t >>> 14)) & 0xff;
    }
    return bytes;
  };
}

export interface Ids {
  /** A UUIDv7: sorts by time, and within a millisecond by order of making. */
  next(): string;
}

export function createIds({ clock, random }: { clock: Clock; random: RandomBytes }): Ids {
  let lastMs = 0;
  let sequence = 0;
  return {
    next() {
      const ms = Math.max(clock.now(), lastMs);
      sequence = ms === lastMs ? sequence + 1 : 0;
      // More than 4,096 in a millisecond borrow from the next one.
      lastMs = sequence > 0xfff ? ms + 1 : ms;
      if (sequence > 0xfff) sequence = 0;
      const time = lastMs.toString(16).padStart(12, '0');
      const tail = Buffer.from(random(8));
      tail[0] = (tail[0]! & 0x3f) | 0x80;
      const hex = tail.toString('hex');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${hex.slice(0, 4)}-${hex.slice(4)}`;
    },
  };
}
