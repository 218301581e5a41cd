import { type AnswerStyle, type Decision, decide, type Found, LIMIT } from './decision.js';
import type { Entry, Topic } from './entry.js';
import { compare, type Doubt, type Features, type Prepared, prepare, prepareOnce, type Weights } from './features.js';
import {
  CONFIDENCE_INPUTS,
  confidenceInputs,
  loadSearchModel,
  probability,
  RANK_INPUTS,
  rankInputs,
  type SearchModel,
} from './model.js';
import { type Intent, keepGrams, readWording, type Wording } from './wording.js';

export type SearchableEntry = Pick<Entry, 'id' | 'topics' | 'question' | 'variants' | 'notThis'> & {
  /** What is said to the question, where there is one: it holds the words that people ask with and no wording has. */
  answer?: string;
};

/** What the ranking compares. */
export interface CandidateFeatures {
  entryId: string;
  matched: string;
  doubts: readonly Doubt[];
  features: Features;
}

export interface SearchOptions {
  /** Only entries of these topics, and general ones. */
  topics?: readonly Topic[];
  limit?: number;
  /** How sure an answer must be; `standard` when left out. */
  style?: AnswerStyle;
  /** A wording that counts as not there: to ask an entry its own wordings. How rare its words are still counts it in. */
  except?: string;
}

export interface SearchIndex {
  search(query: string, options?: SearchOptions): Found;
  /** The entries that share most with the question, not ranked yet. */
  candidates(query: string, options?: SearchOptions): CandidateFeatures[];
  decide(query: string, options?: SearchOptions): Decision;
}

const CANDIDATES = 20;
/** Entries that are compared exactly, before the candidates are chosen. */
const SHORTLIST = 100;

/** The share of words against runs of characters, which forgive a wrong cut or a slip. */
const WORD_SHARE = 0.55;
/** What an answer adds to the score by which the candidates are chosen, and what it must cover to be one at all. */
const ANSWER_SHARE = 0.3;
const ANSWER_COVERS = 0.3;
const NOTHING: ReadonlySet<string> = new Set();
const DOUBT_FACTOR: Record<Doubt, number> = {
  'near-miss': 0.4,
  'other-matter': 0.7,
  'unknown-word': 0.85,
  person: 0.6,
  number: 0.8,
  negation: 0.9,
  intent: 0.85,
  manner: 0.85,
};

interface Phrasing {
  entry: number;
  text: string;
  near: boolean;
  wording: Wording;
  wordWeight: number;
  gramWeight: number;
}

interface Best {
  score: number;
  /** Of the wordings alone, without what the answer adds. */
  own: number;
  matched: Phrasing;
  nearest: number;
}

interface Known {
  entry: SearchableEntry;
  /** Words without which a question is about something else. */
  core: readonly string[];
  /** Of the wordings and the answer. */
  text: string;
  answer: string;
  intents: ReadonlySet<string>;
  numbers: ReadonlySet<string>;
}

/** The texts of the index before as they were read: after a publication hardly any is new. */
let readBefore: ReadonlyMap<string, Wording> = new Map();

/** An index in memory over the questions of the entries; built anew when an entry changes. */
export function buildIndex(
  entries: readonly SearchableEntry[],
  { model: models = defaultModel() }: { model?: SearchModel } = {},
): SearchIndex {
  const readings = new Map<string, Wording>();
  const read = (text: string): Wording => {
    const wording = readings.get(text) ?? readBefore.get(text) ?? readWording(text);
    readings.set(text, wording);
    return wording;
  };
  const withAnswers = entries.filter(({ answer }) => answer !== undefined).length;
  const model = 2 * withAnswers >= entries.length ? models.withAnswers : models.questionsOnly;
  const phrasings: Phrasing[] = [];
  const answers = entries.map(({ answer }) => (answer === undefined ? undefined : read(answer)));
  const known = entries.map((entry, number): Known => {
    const own = [entry.question, ...entry.variants].map((text) => ({ text, near: false, wording: read(text) }));
    const near = entry.notThis.map((text) => ({ text, near: true, wording: read(text) }));
    phrasings.push(...[...own, ...near].map((one) => ({ ...one, entry: number, wordWeight: 0, gramWeight: 0 })));
    return knownOf(entry, own, answers[number]);
  });
  readBefore = readings;
  const wordWeights = rarity(phrasings, (wording) => wording.words, entries.length);
  const gramWeights = rarity(phrasings, (wording) => wording.grams, entries.length);
  for (const phrasing of phrasings) {
    phrasing.wordWeight = wordWeights.total(phrasing.wording.words);
    phrasing.gramWeight = gramWeights.total(phrasing.wording.grams);
  }
  const byWord = postings(phrasings, ({ wording }) => wording.words);
  const byGram = postings(phrasings, ({ wording }) => wording.grams);
  const byAnswer = postings(answers, (answer) => answer?.words ?? NOTHING);

  const columns = columnsOf(phrasings);
  const firstOf: number[] = [];
  const numbersOf: number[][] = entries.map(() => []);
  for (const [number, { entry }] of phrasings.entries()) {
    firstOf[entry] ??= number;
    numbersOf[entry]?.push(number);
  }

  const weights: Weights = {
    word: wordWeights.weight,
    gram: gramWeights.weight,
    mostOfWord: Math.log(1 + entries.length / 0.5),
  };
  const wordingsOf: { text: string; prepared: Prepared }[][] = entries.map(() => []);
  for (const { entry, near, text, wording } of phrasings)
    if (!near) wordingsOf[entry]?.push({ text, prepared: prepare(wording, weights) });

  /** What is known of an entry and its wordings, but for the one that counts as not there. */
  function entryWithout(number: number, except: string | undefined): { one: Known; wordings: Prepared[] } | undefined {
    const one = known[number];
    const all = wordingsOf[number] ?? [];
    if (!one) return undefined;
    const left = except === undefined ? all : all.filter(({ text }) => text !== except);
    const wordings = left.map(({ prepared }) => prepared);
    if (left.length === all.length) return { one, wordings };
    return { one: knownOf(one.entry, wordings, answers[number]), wordings };
  }

  function candidates(query: string, { topics, except }: SearchOptions = {}): CandidateFeatures[] {
    const asked = keepGrams(readWording(query));
    if (asked.key === '') return [];
    const words = overlap(asked.words, byWord, wordWeights, phrasings.length);
    const grams = overlap(asked.grams, byGram, gramWeights, phrasings.length);
    const wordTotal = wordWeights.total(asked.words);
    const gramTotal = gramWeights.total(asked.grams);

    const answered = overlap(asked.words, byAnswer, wordWeights, entries.length);
    const alikeOf = (number: number, phrasing: Phrasing) =>
      WORD_SHARE * bothWays(words[number] ?? 0, wordTotal, phrasing.wordWeight) +
      (1 - WORD_SHARE) * bothWays(grams[number] ?? 0, gramTotal, phrasing.gramWeight);
    const covered = (entry: number) => (wordTotal === 0 ? 0 : (answered[entry] ?? 0) / wordTotal);

    // How alike they can be at most costs little to say of every entry; what they are is said of the nearest.
    const atMost = new Float64Array(entries.length);
    const { entryOf, isOwn, wordWeightOf, gramWeightOf, byKey } = columns;
    for (let number = 0; number < entryOf.length; number += 1) {
      const gram = grams[number] ?? 0;
      if (gram === 0 || isOwn[number] === 0) continue;
      if (except !== undefined && phrasings[number]?.text === except) continue;
      const alike =
        WORD_SHARE * bothWays(words[number] ?? 0, wordTotal, wordWeightOf[number] ?? 0) +
        (1 - WORD_SHARE) * bothWays(gram, gramTotal, gramWeightOf[number] ?? 0);
      const entry = entryOf[number] ?? 0;
      if (alike > (atMost[entry] ?? 0)) atMost[entry] = alike;
    }
    for (const number of byKey.get(asked.key) ?? [])
      if (phrasings[number]?.text !== except) atMost[entryOf[number] ?? 0] = 1;
    for (let entry = 0; entry < atMost.length; entry += 1) {
      const own = atMost[entry] ?? 0;
      const share = covered(entry);
      atMost[entry] = own > 0 || share >= ANSWER_COVERS ? own + ANSWER_SHARE * share : 0;
    }

    const best = new Map<number, Best>();
    for (const entry of largest(atMost, SHORTLIST)) {
      let [score, nearest] = [0, 0];
      let matched = phrasings[firstOf[entry] ?? 0];
      for (const number of numbersOf[entry] ?? []) {
        const phrasing = phrasings[number];
        if (!phrasing || phrasing.text === except) continue;
        const same = asked.key === phrasing.wording.key;
        if ((grams[number] ?? 0) === 0 && !same) continue;
        const likeness = same ? 1 : Math.min(alikeOf(number, phrasing), 0.99) * frameLikeness(asked, phrasing.wording);
        if (phrasing.near) nearest = Math.max(nearest, likeness);
        else if (likeness > score) [score, matched] = [likeness, phrasing];
      }
      const added = ANSWER_SHARE * covered(entry);
      if (matched) best.set(entry, { score: score + added, own: score, matched, nearest });
    }

    const scored: { one: Known; wordings: Prepared[]; score: number; matched: Phrasing; doubts: Doubt[] }[] = [];
    for (const [number, { score, own, matched, nearest }] of best) {
      const whole = score === 0 ? undefined : entryWithout(number, except);
      if (!whole || whole.wordings.length === 0 || !fits(whole.one.entry, topics)) continue;
      const { one, wordings } = whole;
      const doubts = doubtsOf(asked, one, matched.wording, nearest >= own && nearest > 0);
      const doubted = doubts.reduce((value, doubt) => value * DOUBT_FACTOR[doubt], score);
      scored.push({ one, wordings, score: doubted, matched, doubts });
    }
    scored.sort((a, b) => b.score - a.score || (a.one.entry.id < b.one.entry.id ? -1 : 1));
    const question = prepareOnce(asked, weights);
    return scored.slice(0, CANDIDATES).map(({ one, wordings, score, matched, doubts }) => ({
      entryId: one.entry.id,
      matched: matched.text,
      doubts,
      features: compare(question, wordings, weights, {
        score,
        doubts,
        text: one.text,
        answer: one.answer,
      }),
    }));
  }

  function search(query: string, { limit = LIMIT, ...options }: SearchOptions = {}): Found {
    const close = candidates(query, options);
    const inputs = rankInputs(close.map(({ features }) => features));
    const ranked = close
      .map((candidate, i) => {
        const own = inputs[i] ?? [];
        const raw = probability(model.rank, RANK_INPUTS, own);
        const same = candidate.features['same-question'] === 1;
        return { candidate, inputs: own, raw, same, probability: same ? 1 : raw * nearness(candidate.features) };
      })
      .sort((a, b) => b.probability - a.probability || (a.candidate.entryId < b.candidate.entryId ? -1 : 1));
    const [first, second] = ranked;
    if (!first) return { results: [], confidence: 0, form: 'question' };
    const judged = confidenceInputs({ inputs: first.inputs, probability: first.raw }, second?.raw ?? 0);
    return {
      results: ranked.slice(0, limit).map(({ candidate: { entryId, matched, doubts }, probability }) => ({
        entryId,
        probability,
        matched,
        doubts,
      })),
      confidence: first.same
        ? 1
        : probability(model.confidence, CONFIDENCE_INPUTS, judged) * nearness(first.candidate.features),
      form: formOf(query),
    };
  }

  return { search, candidates, decide: (query, options) => decide(search(query, options), options?.style) };
}

/**
 * The weights know questions. A forwarded article, a story or an advert shares
 * a word or two with some entry and is far from all of them: of the right
 * answers to the development questions, 1 in 100 has a likeness below 0.35.
 */
function nearness(features: Features): number {
  const near = Math.max(features.likeness, COVERED_IS_NEAR * features['covered-by-entry']);
  return Math.min(1, Math.max(0, (near - FAR) / (NEAR - FAR)));
}

/** A question that the entry's words and answer hold whole is as near as one of half likeness. */
const COVERED_IS_NEAR = 0.5;

const FAR = 0.1;
const NEAR = 0.3;

let loaded: SearchModel | undefined;
function defaultModel(): SearchModel {
  loaded ??= loadSearchModel();
  return loaded;
}

function knownOf(entry: SearchableEntry, own: readonly { wording: Wording }[], answer: Wording | undefined): Known {
  return {
    entry,
    core: coreOf(own.map(({ wording }) => wording)),
    text: [...own.map(({ wording }) => wording.plain), answer?.plain ?? ''].join(' '),
    answer: answer?.plain ?? '',
    intents: new Set(own.flatMap(({ wording }) => [...wording.intents])),
    numbers: new Set(own.flatMap(({ wording }) => [...wording.numbers])),
  };
}

function formOf(query: string): Found['form'] {
  const { words, intents } = readWording(query);
  if (intents.size > 0) return 'question';
  return words.size === 1 ? 'matter' : 'statement';
}

function fits(entry: SearchableEntry, topics: readonly Topic[] | undefined): boolean {
  if (!topics || topics.length === 0) return true;
  return entry.topics.some((topic) => topic === 'general' || topics.includes(topic));
}

function doubtsOf(asked: Wording, known: Known, matched: Wording, nearMiss: boolean): Doubt[] {
  if (nearMiss) return ['near-miss'];
  if (asked.key === matched.key) return [];
  const doubts: Doubt[] = [];
  if (known.core.some((word) => !asked.plain.includes(word))) doubts.push('other-matter');
  if ([...asked.weighty].some((word) => !known.text.includes(word))) doubts.push('unknown-word');
  if (!sameSet(asked.persons, matched.persons)) doubts.push('person');
  if ([...asked.numbers].some((number) => !known.numbers.has(number))) doubts.push('number');
  if (asked.negated !== matched.negated) doubts.push('negation');
  if (asksOtherwise(asked, known, matched)) doubts.push(asksForMore(asked) ? 'intent' : 'manner');
  return doubts;
}

/** Ways to ask that a yes or no answers, and that stand for each other where the matter itself is plain. */
const LOOSE: ReadonlySet<string> = new Set<Intent>(['can', 'need', 'will', 'which', 'how', 'what']);
const YES_OR_NO: ReadonlySet<string> = new Set<Intent>(['can', 'need', 'will']);
const FEW_WORDS = 2;

/** What to do, where to go, which is better: an entry that does not say it is no answer; nor is the way to ask a manner where few words say what of. 怎么 and 哪些 are often only a manner of asking. */
const ASKS_FOR_MORE: ReadonlySet<Intent> = new Set<Intent>(['handle', 'where', 'compare']);

function asksForMore(asked: Wording): boolean {
  return asked.words.size <= FEW_WORDS || [...asked.intents].some((intent) => ASKS_FOR_MORE.has(intent));
}

function asksOtherwise(asked: Wording, known: Known, matched: Wording): boolean {
  const intents = [...asked.intents];
  if (intents.some((intent) => !LOOSE.has(intent) && !known.intents.has(intent))) return true;
  // A few common words fit many entries; then the way to ask is all that tells them apart.
  const ways = familyOf(asked);
  // 哪些 and 怎么 only say how a question begins where it says more.
  for (const vague of ['which', 'how']) if (ways.size > 1) ways.delete(vague);
  const waysThere = familyOf(matched);
  if (asked.words.size <= FEW_WORDS) {
    return ways.size === 0 ? waysThere.size > 0 : ![...ways].every((way) => waysThere.has(way));
  }
  return ways.size > 0 && waysThere.size > 0 && ![...ways].some((way) => waysThere.has(way));
}

function familyOf(wording: Wording): Set<string> {
  return new Set([...wording.intents].map((intent) => (YES_OR_NO.has(intent) ? 'yes-or-no' : intent)));
}

/** Less than 1 where two wordings of one matter ask differently, deny, or speak of different people. */
function frameLikeness(a: Wording, b: Wording): number {
  const negation = a.negated === b.negated ? 1 : 0.9;
  const persons = sameSet(a.persons, b.persons) ? 1 : 0.8;
  return negation * persons * intentLikeness(a.intents, b.intents);
}

function intentLikeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (sameSet(a, b)) return 1;
  if ([...a].some((intent) => b.has(intent))) return 0.97;
  return a.size === 0 || b.size === 0 ? 0.94 : 0.85;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

const CORE_SHARE = 0.8;
const CORE_WORDINGS_MIN = 6;
/** In a group of patients nobody says which illness is meant. */
const UNDERSTOOD = new Set(['糖尿病', '高血压', '血糖', '血压']);

function coreOf(wordings: readonly Wording[]): string[] {
  if (wordings.length < CORE_WORDINGS_MIN) return [];
  const candidates = new Set(wordings.flatMap(({ weighty }) => [...weighty]));
  return [...candidates].filter((word) => {
    const holders = wordings.filter(({ plain }) => plain.includes(word)).length;
    return !UNDERSTOOD.has(word) && holders >= CORE_SHARE * wordings.length;
  });
}

/** How much of each is in the other, as one number: low as soon as either is low. */
function bothWays(shared: number, a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * shared) / (a + b);
}

/** Places of the largest values above 0: about `count` of them, ties included. */
function largest(values: Float64Array, count: number): number[] {
  const least = nthLargest(values, count);
  const places: number[] = [];
  for (let place = 0; place < values.length; place += 1) {
    const value = values[place] ?? 0;
    if (value > 0 && value >= least) places.push(place);
  }
  return places;
}

/** The `count` largest so far stand in order; most values are below them all and cost one comparison. */
function nthLargest(values: Float64Array, count: number): number {
  const top = new Float64Array(count);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    if (value <= (top[0] ?? 0)) continue;
    let [from, to] = [1, count];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((top[middle] ?? 0) < value) from = middle + 1;
      else to = middle;
    }
    top.copyWithin(0, 1, from);
    top[from - 1] = value;
  }
  return top[0] ?? 0;
}

/** What the loop over every phrasing reads, in columns: objects of a hundred thousand would have to be fetched one by one. */
interface Columns {
  entryOf: Int32Array;
  /** 1 for a wording of the entry, 0 for a near miss. */
  isOwn: Uint8Array;
  wordWeightOf: Float64Array;
  gramWeightOf: Float64Array;
  /** Wordings of entries by their key. */
  byKey: ReadonlyMap<string, readonly number[]>;
}

function columnsOf(phrasings: readonly Phrasing[]): Columns {
  const byKey = new Map<string, number[]>();
  for (const [number, { near, wording }] of phrasings.entries()) {
    if (near) continue;
    const same = byKey.get(wording.key);
    if (same) same.push(number);
    else byKey.set(wording.key, [number]);
  }
  return {
    entryOf: Int32Array.from(phrasings, ({ entry }) => entry),
    isOwn: Uint8Array.from(phrasings, ({ near }) => Number(!near)),
    wordWeightOf: Float64Array.from(phrasings, ({ wordWeight }) => wordWeight),
    gramWeightOf: Float64Array.from(phrasings, ({ gramWeight }) => gramWeight),
    byKey,
  };
}

interface Rarity {
  weight(part: string): number;
  total(parts: ReadonlySet<string>): number;
}

/** A word of few entries says more; one that no entry has says most. The phrasings of an entry stand together. */
function rarity(
  phrasings: readonly Phrasing[],
  partsOf: (wording: Wording) => ReadonlySet<string>,
  size: number,
): Rarity {
  const holders = new Map<string, { count: number; last: number }>();
  for (const { entry, wording, near } of phrasings) {
    if (near) continue;
    for (const part of partsOf(wording)) {
      const known = holders.get(part);
      if (!known) holders.set(part, { count: 1, last: entry });
      else if (known.last !== entry) {
        known.count += 1;
        known.last = entry;
      }
    }
  }
  const weightOf = (count: number) => Math.log(1 + size / (count + 0.5));
  const weights = new Map([...holders].map(([part, { count }]) => [part, weightOf(count)]));
  const most = weightOf(0);
  const weight = (part: string) => weights.get(part) ?? most;
  return {
    weight,
    total(parts) {
      let sum = 0;
      for (const part of parts) sum += weight(part);
      return sum;
    },
  };
}

function postings<T>(texts: readonly T[], partsOf: (text: T) => ReadonlySet<string>) {
  const lists = new Map<string, number[]>();
  for (const [number, text] of texts.entries()) {
    for (const part of partsOf(text)) {
      const list = lists.get(part);
      if (list) list.push(number);
      else lists.set(part, [number]);
    }
  }
  return new Map([...lists].map(([part, list]) => [part, Int32Array.from(list)]));
}

function overlap(
  parts: ReadonlySet<string>,
  lists: ReadonlyMap<string, Int32Array>,
  rare: Rarity,
  size: number,
): Float64Array {
  const shared = new Float64Array(size);
  for (const part of parts) {
    const weight = rare.weight(part);
    const list = lists.get(part);
    if (!list) continue;
    for (let i = 0; i < list.length; i += 1) {
      const number = list[i] ?? 0;
      shared[number] = (shared[number] ?? 0) + weight;
    }
  }
  return shared;
}
