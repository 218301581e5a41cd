import { pinyin } from 'pinyin-pro';
import type { Wording } from './wording.js';

/**
 * Why an entry may be close and still not be the answer: it is nearer to one
 * of the entry's near misses; it lacks what every wording of the entry has; it
 * names a food, drug or number that the entry nowhere has; it is about a child,
 * or a pregnancy; it denies what the entry affirms; or it asks why where the
 * entry says when.
 */
export const DOUBTS = [
  'near-miss',
  'other-matter',
  'unknown-word',
  'person',
  'number',
  'negation',
  'intent',
  'manner',
] as const;
export type Doubt = (typeof DOUBTS)[number];

/**
 * What tells whether an entry answers a question, from 0 (not at all) to 1,
 * or so. The names stand in `knowledge/search-model.json` beside their weights.
 */
export const FEATURES = [
  // Of the wording of the entry that comes nearest.
  'likeness',
  'words',
  'grams',
  'pairs-of-characters',
  'pairs-of-sounds',
  'common-sequence',
  'common-run',
  'question-covered-by-words',
  'wording-covered-by-words',
  'question-covered-by-grams',
  'wording-covered-by-grams',
  'rarest-word-missing',
  'rarest-word-too-many',
  'words-missing',
  'words-too-many',
  'thing-missing',
  'thing-too-many',
  'thing-replaced',
  'length-differs',
  'same-question',
  'same-words',
  'very-like',
  'asks-the-same-way',
  'asks-partly-the-same-way',
  'asks-another-way',
  'negation-differs',
  'person-differs',
  // Of all wordings of the entry; its question is the first of them.
  'likeness-of-the-second',
  'likeness-of-three',
  'way-of-asking-known',
  'number-unknown',
  'rarest-word-unknown',
  'typical-words',
  'typical-pairs',
  'typical-words-missing',
  'typical-way-of-asking',
  'likeness-to-the-question',
  'words-unknown',
  // Of the entry as a whole: its wordings and its answer.
  'covered-by-entry',
  'covered-by-answer',
  'pairs-covered-by-entry',
  'pairs-covered-by-answer',
  'rarest-word-not-in-entry',
  // Of the question.
  'length-of-the-question',
  // Of the rules, and the score that chose the candidates.
  ...DOUBTS,
  'score',
] as const;
export type Feature = (typeof FEATURES)[number];
export type Features = Record<Feature, number>;

/** One wording, ready to be compared. */
export interface Prepared {
  wording: Wording;
  characters: readonly string[];
  pairs: ReadonlySet<string>;
  /** Pairs of syllables without tones: 唐尿病 sounds like 糖尿病. */
  sounds: ReadonlySet<string>;
  wordWeight: number;
  gramWeight: number;
}

/** Weights by rarity: how much a word, or a run of characters, tells. `most` is that of one no entry has. */
export interface Weights {
  word(word: string): number;
  gram(gram: string): number;
  mostOfWord: number;
}

export function prepare(wording: Wording, weights: Weights): Prepared {
  return new PreparedWording(wording, {
    words: total(wording.words, weights.word),
    grams: total(wording.grams, weights.gram),
  });
}

/** Of a hundred thousand wordings few are ever compared: their parts are made when they are, and not kept. */
class PreparedWording implements Prepared {
  readonly wordWeight: number;
  readonly gramWeight: number;

  constructor(
    readonly wording: Wording,
    weight: { words: number; grams: number },
  ) {
    this.wordWeight = weight.words;
    this.gramWeight = weight.grams;
  }

  get characters(): readonly string[] {
    return [...this.wording.key];
  }

  get pairs(): ReadonlySet<string> {
    return new Set(pairsOf(this.characters));
  }

  get sounds(): ReadonlySet<string> {
    return new Set(pairsOf(this.characters.map(soundOf)));
  }
}

/** The same with its parts made once: for the question, which is compared with many. */
export function prepareOnce(wording: Wording, weights: Weights): Prepared {
  const { characters, pairs, sounds, wordWeight, gramWeight } = prepare(wording, weights);
  return { wording, characters, pairs, sounds, wordWeight, gramWeight };
}

function pairsOf(parts: readonly string[]): string[] {
  return parts.slice(1).map((part, i) => `${parts[i]}${part}`);
}

const syllables = new Map<string, string>();

/** The syllable of a character, without its tone; anything else as it is. One of several readings, always the same. */
function soundOf(character: string): string {
  const known = syllables.get(character);
  if (known !== undefined) return known;
  const sound = /\p{Script=Han}/u.test(character) ? `${pinyin(character, { toneType: 'none' })} ` : character;
  syllables.set(character, sound);
  return sound;
}

/** Of the parts of likeness: found on the development questions, before the weights were fitted. */
const LIKENESS = { words: 0.35, grams: 0.25, sequence: 0.2, pairs: 0.2 };

/** Compares a question with every wording of one entry. */
export function compare(
  asked: Prepared,
  wordings: readonly Prepared[],
  weights: Weights,
  { score, doubts, text, answer }: { score: number; doubts: readonly Doubt[]; text: string; answer: string },
): Features {
  const likenesses: number[] = [];
  let nearest: { likeness: Likeness; to: Prepared } | undefined;
  for (const to of wordings) {
    const likeness = likenessOf(asked, to, weights);
    likenesses.push(likeness.total);
    if (!nearest || likeness.total > nearest.likeness.total) nearest = { likeness, to };
  }
  if (!nearest) throw new RangeError('an entry has at least one wording');
  const { likeness, to } = nearest;
  const { characters, sounds } = to;
  const ordered = likenesses.toSorted((a, b) => b - a);
  const three = ordered.slice(0, 3);

  const { wording } = asked;
  const there = to.wording;
  const share = (weight: number) => weight / weights.mostOfWord;
  const rarest = (words: Iterable<string>) => share(Math.max(0, ...[...words].map(weights.word)));
  const sum = (words: Iterable<string>) => share(total(words, weights.word));
  const missing = absent(wording.words, there);
  const tooMany = absent(there.words, wording);
  const thingMissing = rarest(absent(wording.weighty, there));
  const thingTooMany = rarest(absent(there.weighty, wording));
  const unknown = [...wording.words].filter((word) => wordings.every((one) => !holds(one.wording, word)));
  const ways = new Set(wordings.flatMap((one) => [...one.wording.intents]));
  const words = [...wording.words];
  const pairs = [...wording.grams].filter((gram) => gram.length === 2);
  const covered = (parts: readonly string[], weight: (part: string) => number, by: string) =>
    ratio(
      total(
        parts.filter((part) => by.includes(part)),
        weight,
      ),
      total(parts, weight),
    );
  /** How much of the question is what most wordings of the entry have. */
  const typical = (parts: readonly string[], weight: (part: string) => number, of: readonly ReadonlySet<string>[]) =>
    ratio(
      total(parts, (part) => (weight(part) * of.filter((one) => one.has(part)).length) / of.length),
      total(parts, weight),
    );
  const partly = [...wording.intents].some((way) => there.intents.has(way));
  return {
    likeness: likeness.total,
    words: likeness.words,
    grams: likeness.grams,
    'pairs-of-characters': likeness.pairs,
    'pairs-of-sounds': ratio(2 * shared(asked.sounds, sounds, () => 1), asked.sounds.size + sounds.size),
    'common-sequence': likeness.sequence,
    'common-run': likeness.run,
    'question-covered-by-words': ratio(likeness.sharedWords, asked.wordWeight),
    'wording-covered-by-words': ratio(likeness.sharedWords, to.wordWeight),
    'question-covered-by-grams': ratio(likeness.sharedGrams, asked.gramWeight),
    'wording-covered-by-grams': ratio(likeness.sharedGrams, to.gramWeight),
    'rarest-word-missing': rarest(missing),
    'rarest-word-too-many': rarest(tooMany),
    'words-missing': sum(missing),
    'words-too-many': sum(tooMany),
    'thing-missing': thingMissing,
    'thing-too-many': thingTooMany,
    'thing-replaced': Math.min(thingMissing, thingTooMany),
    'length-differs': ratio(
      Math.abs(asked.characters.length - characters.length),
      asked.characters.length + characters.length,
    ),
    'same-question': Number(wording.key === there.key),
    'same-words': Number(wording.words.size > 0 && sameSet(wording.words, there.words)),
    'very-like': likeness.total ** 3,
    'asks-the-same-way': Number(sameSet(wording.intents, there.intents)),
    'asks-partly-the-same-way': Number(partly),
    'asks-another-way': Number(wording.intents.size > 0 && there.intents.size > 0 && !partly),
    'negation-differs': Number(wording.negated !== there.negated),
    'person-differs': Number(!sameSet(wording.persons, there.persons)),
    'likeness-of-the-second': ordered[1] ?? 0,
    'likeness-of-three': ratio(
      three.reduce((a, b) => a + b, 0),
      three.length,
    ),
    'way-of-asking-known': Number([...wording.intents].every((way) => ways.has(way))),
    'number-unknown': Number(
      [...wording.numbers].some((number) => wordings.every((one) => !one.wording.numbers.has(number))),
    ),
    'rarest-word-unknown': rarest(unknown),
    'words-unknown': sum(unknown),
    'typical-words': typical(
      words,
      weights.word,
      wordings.map((one) => one.wording.words),
    ),
    'typical-pairs': typical(
      pairs,
      weights.gram,
      wordings.map((one) => one.wording.grams),
    ),
    'typical-words-missing': sum(typicalOf(wordings).filter((word) => !holds(wording, word))),
    'typical-way-of-asking': ratio(
      wordings.filter((one) => sameSet(one.wording.intents, wording.intents)).length,
      wordings.length,
    ),
    'likeness-to-the-question': likenesses[0] ?? 0,
    'covered-by-entry': covered(words, weights.word, text),
    'covered-by-answer': covered(words, weights.word, answer),
    'pairs-covered-by-entry': covered(pairs, weights.gram, text),
    'pairs-covered-by-answer': covered(pairs, weights.gram, answer),
    'rarest-word-not-in-entry': rarest(words.filter((word) => !text.includes(word))),
    'length-of-the-question': Math.min(wording.words.size, 10) / 10,
    score,
    ...(Object.fromEntries(DOUBTS.map((doubt) => [doubt, Number(doubts.includes(doubt))])) as Record<Doubt, number>),
  };
}

const TYPICAL_SHARE = 0.5;

function typicalOf(wordings: readonly Prepared[]): string[] {
  const counts = new Map<string, number>();
  for (const { wording } of wordings) for (const word of wording.words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= TYPICAL_SHARE * wordings.length).map(([word]) => word);
}

interface Likeness {
  total: number;
  words: number;
  grams: number;
  pairs: number;
  sequence: number;
  run: number;
  sharedWords: number;
  sharedGrams: number;
}

function likenessOf(a: Prepared, b: Prepared, weights: Weights): Likeness {
  const sharedWords = shared(a.wording.words, b.wording.words, weights.word);
  const sharedGrams = shared(a.wording.grams, b.wording.grams, weights.gram);
  const [characters, pairs] = [b.characters, b.pairs];
  const { sequence, run } = common(a.characters, characters);
  const parts = {
    words: ratio(2 * sharedWords, a.wordWeight + b.wordWeight),
    grams: ratio(2 * sharedGrams, a.gramWeight + b.gramWeight),
    pairs: ratio(2 * shared(a.pairs, pairs, () => 1), a.pairs.size + pairs.size),
    sequence: ratio(2 * sequence, a.characters.length + characters.length),
  };
  return {
    ...parts,
    run: ratio(run, Math.min(a.characters.length, characters.length)),
    sharedWords,
    sharedGrams,
    total:
      LIKENESS.words * parts.words +
      LIKENESS.grams * parts.grams +
      LIKENESS.pairs * parts.pairs +
      LIKENESS.sequence * parts.sequence,
  };
}

/** Lengths of the longest common subsequence and of the longest common run. */
function common(a: readonly string[], b: readonly string[]): { sequence: number; run: number } {
  const sequences = new Uint16Array(b.length + 1);
  const runs = new Uint16Array(b.length + 1);
  let run = 0;
  for (const character of a) {
    let sequenceBefore = 0;
    let runBefore = 0;
    for (let j = 1; j <= b.length; j += 1) {
      const same = character === b[j - 1];
      const sequenceHere = sequences[j] ?? 0;
      const runHere = runs[j] ?? 0;
      sequences[j] = same ? sequenceBefore + 1 : Math.max(sequenceHere, sequences[j - 1] ?? 0);
      runs[j] = same ? runBefore + 1 : 0;
      run = Math.max(run, runs[j] ?? 0);
      sequenceBefore = sequenceHere;
      runBefore = runHere;
    }
  }
  return { sequence: sequences[b.length] ?? 0, run };
}

function holds(wording: Wording, word: string): boolean {
  return wording.words.has(word) || wording.plain.includes(word);
}

function absent(words: ReadonlySet<string>, from: Wording): string[] {
  return [...words].filter((word) => !holds(from, word));
}

function shared(a: ReadonlySet<string>, b: ReadonlySet<string>, weight: (part: string) => number): number {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const part of few) if (many.has(part)) sum += weight(part);
  return sum;
}

function total(parts: Iterable<string>, weight: (part: string) => number): number {
  let sum = 0;
  for (const part of parts) sum += weight(part);
  return sum;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}
