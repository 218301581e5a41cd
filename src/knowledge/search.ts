import type { Entry, Topic } from './entry.js';
import { readWording, type Wording } from './wording.js';

export type SearchableEntry = Pick<Entry, 'id' | 'topics' | 'question' | 'variants' | 'notThis'>;

/**
 * Why an entry may be close and still not be the answer: it is nearer to one
 * of the entry's near misses; it names a food, drug, person or number that the
 * entry nowhere has; it denies what the entry affirms; or it asks why where
 * the entry says when.
 */
export type Doubt = 'near-miss' | 'unknown-word' | 'number' | 'negation' | 'intent';

export interface SearchResult {
  entryId: string;
  /** 0 to 1. */
  score: number;
  /** The wording of the entry that came nearest. */
  matched: string;
  doubts: readonly Doubt[];
  /** How far above the next entry; 0 or more only for the first result. */
  margin: number;
}

export interface SearchOptions {
  /** Only entries of these topics, and general ones. */
  topics?: readonly Topic[];
  limit?: number;
}

export type Candidate = Pick<SearchResult, 'entryId' | 'score'>;

export type Decision =
  | { kind: 'answer'; entryId: string; candidates: Candidate[] }
  | { kind: 'clarify'; candidates: Candidate[] }
  | { kind: 'offer'; candidates: Candidate[] };

export interface SearchIndex {
  search(query: string, options?: SearchOptions): SearchResult[];
  decide(query: string, options?: SearchOptions): Decision;
}

/**
 * Chosen for precision: on 900 real questions against 2,200 entries, one
 * answer in twenty or fewer is wrong. A wrong answer is worse than an offer.
 */
const ANSWER_SCORE = 0.72;
const ANSWER_MARGIN = 0.06;
const CLARIFY_SCORE = 0.5;
const CLARIFY_SPREAD = 0.25;
const CLARIFY_MAX = 3;
const LIMIT = 5;

/** The share of words against runs of characters, which forgive a wrong cut or a slip. */
const WORD_SHARE = 0.55;
const DOUBT_FACTOR: Record<Doubt, number> = {
  'near-miss': 0.4,
  'unknown-word': 0.85,
  number: 0.8,
  negation: 0.9,
  intent: 0.85,
};

interface Phrasing {
  entry: number;
  text: string;
  near: boolean;
  wording: Wording;
  wordWeight: number;
  gramWeight: number;
}

interface Known {
  entry: SearchableEntry;
  text: string;
  intents: ReadonlySet<string>;
  numbers: ReadonlySet<string>;
}

/** An index in memory over the questions of the entries; built anew when an entry changes. */
export function buildIndex(entries: readonly SearchableEntry[]): SearchIndex {
  const phrasings: Phrasing[] = [];
  const known = entries.map((entry, number): Known => {
    const own = [entry.question, ...entry.variants].map((text) => ({ text, near: false, wording: readWording(text) }));
    const near = entry.notThis.map((text) => ({ text, near: true, wording: readWording(text) }));
    phrasings.push(...[...own, ...near].map((one) => ({ ...one, entry: number, wordWeight: 0, gramWeight: 0 })));
    return {
      entry,
      text: own.map(({ wording }) => wording.plain).join(' '),
      intents: new Set(own.flatMap(({ wording }) => [...wording.intents])),
      numbers: new Set(own.flatMap(({ wording }) => [...wording.numbers])),
    };
  });
  const wordWeights = rarity(phrasings, (wording) => wording.words, entries.length);
  const gramWeights = rarity(phrasings, (wording) => wording.grams, entries.length);
  for (const phrasing of phrasings) {
    phrasing.wordWeight = wordWeights.total(phrasing.wording.words);
    phrasing.gramWeight = gramWeights.total(phrasing.wording.grams);
  }
  const byWord = postings(phrasings, (wording) => wording.words);
  const byGram = postings(phrasings, (wording) => wording.grams);

  function search(query: string, { topics, limit = LIMIT }: SearchOptions = {}): SearchResult[] {
    const asked = readWording(query);
    if (asked.words.size === 0) return [];
    const words = overlap(asked.words, byWord, wordWeights, phrasings.length);
    const grams = overlap(asked.grams, byGram, gramWeights, phrasings.length);
    const wordTotal = wordWeights.total(asked.words);
    const gramTotal = gramWeights.total(asked.grams);

    const best = new Map<number, { score: number; matched: Phrasing; nearest: number }>();
    for (const [number, phrasing] of phrasings.entries()) {
      const shared = grams[number] ?? 0;
      if (shared === 0) continue;
      const score =
        WORD_SHARE * bothWays(words[number] ?? 0, wordTotal, phrasing.wordWeight) +
        (1 - WORD_SHARE) * bothWays(shared, gramTotal, phrasing.gramWeight);
      const sofar = best.get(phrasing.entry) ?? { score: 0, matched: phrasing, nearest: 0 };
      if (phrasing.near) sofar.nearest = Math.max(sofar.nearest, score);
      else {
        const same = agreeing(asked, phrasing.wording) ? score : score * DOUBT_FACTOR.intent;
        if (same > sofar.score) Object.assign(sofar, { score: same, matched: phrasing });
      }
      best.set(phrasing.entry, sofar);
    }

    const results: SearchResult[] = [];
    for (const [number, { score, matched, nearest }] of best) {
      const one = known[number];
      if (!one || score === 0 || !fits(one.entry, topics)) continue;
      const doubts = doubtsOf(asked, one, matched.wording, nearest >= score);
      const doubted = doubts.reduce((value, doubt) => value * DOUBT_FACTOR[doubt], score);
      results.push({ entryId: one.entry.id, score: doubted, matched: matched.text, doubts, margin: 0 });
    }
    results.sort((a, b) => b.score - a.score || (a.entryId < b.entryId ? -1 : 1));
    const [first, second] = results;
    if (first) first.margin = first.score - (second?.score ?? 0);
    return results.slice(0, limit);
  }

  return { search, decide: (query, options) => decide(search(query, options)) };
}

/** Answer only what is close, alone and without a doubt; ask back where a few are close; else offer a doctor. */
export function decide(results: readonly SearchResult[]): Decision {
  const candidates = results.slice(0, LIMIT).map(({ entryId, score }) => ({ entryId, score }));
  const [first] = results;
  if (!first) return { kind: 'offer', candidates };
  if (first.doubts.length === 0 && first.score >= ANSWER_SCORE && first.margin >= ANSWER_MARGIN)
    return { kind: 'answer', entryId: first.entryId, candidates };
  const close = results.filter(
    ({ score, doubts }) =>
      score >= CLARIFY_SCORE &&
      score >= first.score - CLARIFY_SPREAD &&
      doubts.every((doubt) => doubt === 'intent' || doubt === 'negation'),
  );
  if (close.length === 0) return { kind: 'offer', candidates };
  return {
    kind: 'clarify',
    candidates: close.slice(0, CLARIFY_MAX).map(({ entryId, score }) => ({ entryId, score })),
  };
}

function fits(entry: SearchableEntry, topics: readonly Topic[] | undefined): boolean {
  if (!topics || topics.length === 0) return true;
  return entry.topics.some((topic) => topic === 'general' || topics.includes(topic));
}

function doubtsOf(asked: Wording, known: Known, matched: Wording, nearMiss: boolean): Doubt[] {
  const doubts: Doubt[] = [];
  if (nearMiss) doubts.push('near-miss');
  if ([...asked.weighty].some((word) => !known.text.includes(word))) doubts.push('unknown-word');
  if ([...asked.numbers].some((number) => !known.numbers.has(number))) doubts.push('number');
  if (asked.negated !== matched.negated) doubts.push('negation');
  if ([...asked.intents].some((intent) => intent !== 'can' && !known.intents.has(intent))) doubts.push('intent');
  return doubts;
}

/** Whether two wordings ask in the same way, where both say how they ask. */
function agreeing(a: Wording, b: Wording): boolean {
  if (a.negated !== b.negated) return false;
  if (a.intents.size === 0 || b.intents.size === 0) return true;
  return [...a.intents].some((intent) => b.intents.has(intent));
}

/** How much of each is in the other, as one number: low as soon as either is low. */
function bothWays(shared: number, a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * shared) / (a + b);
}

interface Rarity {
  weight(part: string): number;
  total(parts: ReadonlySet<string>): number;
}

/** A word of few entries says more; one that no entry has says most. */
function rarity(
  phrasings: readonly Phrasing[],
  partsOf: (wording: Wording) => ReadonlySet<string>,
  size: number,
): Rarity {
  const entriesWith = new Map<string, Set<number>>();
  for (const { entry, wording, near } of phrasings) {
    if (near) continue;
    for (const part of partsOf(wording)) {
      const holders = entriesWith.get(part) ?? new Set();
      entriesWith.set(part, holders.add(entry));
    }
  }
  const weight = (part: string) => Math.log(1 + size / ((entriesWith.get(part)?.size ?? 0) + 0.5));
  return {
    weight,
    total(parts) {
      let sum = 0;
      for (const part of parts) sum += weight(part);
      return sum;
    },
  };
}

function postings(phrasings: readonly Phrasing[], partsOf: (wording: Wording) => ReadonlySet<string>) {
  const lists = new Map<string, number[]>();
  for (const [number, { wording }] of phrasings.entries()) {
    for (const part of partsOf(wording)) {
      const list = lists.get(part);
      if (list) list.push(number);
      else lists.set(part, [number]);
    }
  }
  return lists;
}

function overlap(
  parts: ReadonlySet<string>,
  lists: ReadonlyMap<string, number[]>,
  rare: Rarity,
  size: number,
): Float64Array {
  const shared = new Float64Array(size);
  for (const part of parts) {
    const weight = rare.weight(part);
    for (const number of lists.get(part) ?? []) shared[number] = (shared[number] ?? 0) + weight;
  }
  return shared;
}
