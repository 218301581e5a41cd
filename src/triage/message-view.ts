import { normaliseText } from '../platform/text-normalise.js';
import type { Span } from './types.js';

/**
 * A message as the rules see it: normalised, common misspellings put right,
 * spaces and decoration between Chinese characters taken out (people split
 * words, and type spaces for commas), with the way back to the normalised text.
 */
export interface MessageView {
  readonly text: string;
  readonly characters: ReadonlySet<string>;
  /** Ends of clauses and sentences in `text`, ascending; the last is its length. */
  readonly clauseEnds: readonly number[];
  readonly sentenceEnds: readonly number[];
  /** Places where a space or decoration stood. */
  readonly breaks: ReadonlySet<number>;
  toOriginal(span: Span): Span;
  /** Where a position of the normalised text stands in `text`. */
  fromOriginal(position: number): number;
}

/** Each misspelling with the word it stands for, of the same length. */
export type Spelling = readonly (readonly [string, string])[];

/** Longer texts are articles or floods; what is looked at is bounded, so that time is. */
const LONGEST = 4000;
const DECORATION = /[\p{Extended_Pictographic}\p{Emoji_Modifier}~^_*…·]/u;
const HAN = /\p{Script=Han}/u;

export function viewMessage(raw: string, spelling: Spelling): MessageView {
  const normalised = normaliseText(raw.slice(0, LONGEST));
  const characters = [...spell(normalised, spelling)];
  const kept: string[] = [];
  const origin: number[] = [];
  const breaks = new Set<number>();
  let offset = 0;
  let length = 0;
  for (const [index, character] of characters.entries()) {
    if (isNoise(characters, index)) {
      breaks.add(length);
    } else {
      kept.push(character);
      for (let unit = 0; unit < character.length; unit += 1) origin.push(offset + unit);
      length += character.length;
    }
    offset += character.length;
  }
  const text = kept.join('');
  return {
    text,
    characters: new Set(kept),
    clauseEnds: endsOf(text, /[,。!?;:]|\.(?!\d)/gu),
    sentenceEnds: endsOf(text, /[。!?;]|\.(?!\d)/gu),
    breaks,
    toOriginal: ([start, end]) => [origin[start] ?? 0, (origin[end - 1] ?? -1) + 1],
    fromOriginal: (position) => {
      const found = origin.findIndex((at) => at >= position);
      return found < 0 ? text.length : found;
    },
  };
}

function spell(text: string, spelling: Spelling): string {
  return spelling.reduce((changed, [wrong, right]) => changed.replaceAll(wrong, right), text);
}

function isNoise(characters: readonly string[], index: number): boolean {
  const character = characters[index] ?? '';
  if (DECORATION.test(character)) return true;
  if (character === '.') return characters[index - 1] === '.' || characters[index + 1] === '.';
  if (character !== ' ') return false;
  return HAN.test(characters[index - 1] ?? '') || HAN.test(characters[index + 1] ?? '');
}

function endsOf(text: string, mark: RegExp): number[] {
  const ends = [...text.matchAll(mark)].map((match) => match.index + match[0].length);
  return ends.at(-1) === text.length ? ends : [...ends, text.length];
}

/** The stretch between two ends that holds `position`. */
export function stretchAt(ends: readonly number[], position: number): Span {
  const index = ends.findIndex((end) => end > position);
  if (index < 0) return [ends.at(-2) ?? 0, ends.at(-1) ?? 0];
  return [ends[index - 1] ?? 0, ends[index] ?? 0];
}
