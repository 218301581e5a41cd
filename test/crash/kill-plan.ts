import type { RandomBytes } from '../../src/platform/ids.js';

/** A moment at which the program dies, told by what the gateway sees of it, so that a seed names the same one again. */
export type KillMoment =
  /** While it starts, before it is online. */
  | { when: 'starting'; afterMs: number }
  /** It asks for the content of its nth message: announced, and nowhere written down. */
  | { when: 'reading'; nth: number }
  /** It sends its nth message, which is not delivered. */
  | { when: 'before-sending'; nth: number }
  /** Its nth message is delivered, and it does not learn so. */
  | { when: 'after-sending'; nth: number }
  /** Anywhere: in a transaction, between two, in the middle of a write. */
  | { when: 'working'; afterMs: number };

/** Numbers from a seed. */
export class Dice {
  readonly #random: RandomBytes;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** From 0, below `count`. */
  below(count: number): number {
    const [a = 0, b = 0, c = 0] = this.#random(3);
    return ((a << 16) | (b << 8) | c) % count;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(this.below(left.length), 1)[0]!);
  }
}

export function planKills(dice: Dice, count: number): KillMoment[] {
  return Array.from({ length: count }, (): KillMoment => {
    switch (dice.below(10)) {
      case 0:
        return { when: 'starting', afterMs: dice.below(800) };
      case 1:
      case 2:
        return { when: 'reading', nth: 1 + dice.below(100) };
      case 3:
      case 4:
        return { when: 'before-sending', nth: 1 + dice.below(30) };
      case 5:
        return { when: 'after-sending', nth: 1 + dice.below(30) };
      default:
        return { when: 'working', afterMs: dice.below(1_000) };
    }
  });
}
