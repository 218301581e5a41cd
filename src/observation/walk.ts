import { isBounded } from './around.js';
import type { NumberToken, PairToken, Token } from './lex.js';
import type { LabelKind } from './lexicon.js';
import type { Doubt, Item, ItemKind } from './types.js';

/** An item with what is known about how surely it was read. */
export interface Found {
  item: Item;
  /** The token it hangs on: its number, else the word of the act. */
  at: number;
  /** A unit was written. */
  unitSaid: boolean;
  /** Nothing unknown stands between the word and the number. */
  tight: boolean;
  /** Counts only in an explicit check-in. */
  needsCheckIn: boolean;
  /** Told without a number; `done`: and said to be done. */
  act: boolean;
  done: boolean;
  /** 低于3.9, 7以下: no reading. */
  bounded: boolean;
  /** Doubtful, but a reading whatever it is: 180到190, 血糖20多; `false`: may be no reading at all. */
  certain?: boolean;
  doubt?: Pick<Doubt, 'reason' | 'candidates'>;
}

/** The last word that names a measurement. */
export interface Open {
  kind: LabelKind;
  at: number;
  /** Characters of unknown text since. */
  strange: number;
  /** A comma or a line end since. */
  crossed: boolean;
  satisfied: boolean;
}

export interface Act {
  activity: string | null;
  weak: boolean;
  /** One amount for several acts. */
  several?: true;
  at: number;
  used: boolean;
}

export interface Drug {
  what: string;
  insulin: boolean;
  generic: boolean;
  at: number;
  used: boolean;
}

export interface Moment {
  context: string;
  hoursAfter?: number;
  at: number;
}

/** Where one pass over the tokens stands: what was found, and which words still wait for their number. */
export interface Walk {
  readonly tokens: readonly Token[];
  readonly text: string;
  readonly found: Found[];
  /** Numbers that belong to nothing, in order. */
  readonly unclaimed: NumberToken[];
  readonly pairs: PairToken[];
  /** Indices of tokens that became part of an item. */
  readonly used: Set<number>;
  readonly acts: Act[];
  readonly drugs: Drug[];
  readonly meals: { context: string | null; at: number }[];
  /** Acts and measurements said not to have happened. */
  negated: number;
  open: Open | null;
  moments: Moment[];
  /** Arm or medicine, for the next blood pressure. */
  arm: string | null;
  drug: Drug | null;
  /** Tokens before this one were read together with an earlier one. */
  skipTo: number;
}

export function startWalk(tokens: readonly Token[], text: string): Walk {
  return {
    tokens,
    text,
    found: [],
    unclaimed: [],
    pairs: [],
    used: new Set(),
    acts: [],
    drugs: [],
    meals: [],
    negated: 0,
    open: null,
    moments: [],
    arm: null,
    drug: null,
    skipTo: 0,
  };
}

export const token = (w: Walk, i: number): Token | undefined => w.tokens[i];

/** Never told with a decimal point. */
const WHOLE_ONLY = new Set<ItemKind>(['heart-rate']);

export function emit(w: Walk, at: number, item: Omit<Item, 'original' | 'span'>, options: Partial<Found> = {}): Found {
  const from = w.tokens[at] as Token;
  const number = from.type === 'number' ? from : undefined;
  const entry: Found = {
    item: {
      ...item,
      original: from.text,
      span: [from.start, from.end],
      ...(number?.floor ? { floor: true as const } : {}),
    },
    at,
    unitSaid: false,
    tight: w.open === null || w.open.strange === 0,
    needsCheckIn: false,
    act: false,
    done: false,
    bounded: number !== undefined && isBounded(w.tokens, at),
    ...options,
  };
  if (number && entry.doubt === undefined) {
    const unsure =
      number.vague ||
      number.odd ||
      (WHOLE_ONLY.has(item.kind) && number.decimals > 0) ||
      (number.floor && !['steps', 'exercise', 'distance'].includes(item.kind));
    const far = !entry.tight && number.decimals === 0 && number.unit === null;
    if (unsure || far) entry.doubt = { reason: 'ambiguous', candidates: number.vague ? [] : [entry.item] };
  }
  w.found.push(entry);
  w.used.add(at);
  return entry;
}
