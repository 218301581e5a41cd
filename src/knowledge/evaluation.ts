import { startStopwatch } from '../platform/clock.js';
import { type AnswerStyle, decide } from './decision.js';
import type { FaqQuery } from './evaluation-files.js';
import { buildIndex, type SearchableEntry } from './search.js';

/** What the search said to one labelled question. */
export interface QueryRecord {
  id: string | undefined;
  decision: 'answer' | 'clarify' | 'offer';
  /** That the first of `top` is right, 0 to 1. */
  probability: number;
  top: { id: string; probability: number }[];
}

export interface FaqScores {
  queries: number;
  /** Those that an entry answers. */
  answerable: number;
  /** Shares of the answerable, 0 to 1; `mrr` is the mean of 1 through the rank. */
  hitAt1: number;
  hitAt3: number;
  mrr: number;
  /** At the thresholds of the style: right among the answers given, and right answers among the answerable. */
  precision: number;
  coverage: number;
  /** Right answers among the answerable, at the lowest threshold that keeps the precision. */
  coverageAt90: number;
  coverageAt95: number;
  coverageAt97: number;
  /** Area under the curve of risk over coverage (Geifman and El-Yaniv 2017): lower is better. */
  aurc: number;
  /** Expected calibration error over ten bins of equal width (Guo et al. 2017). */
  calibrationError: number;
}

export interface Miss {
  text: string;
  gold: readonly string[];
  got: string | undefined;
  probability: number;
}

export interface FaqReport {
  scores: FaqScores;
  byDomain: Record<string, FaqScores>;
  /** Precision of the answers when this share of all queries is answered, the surest first. */
  riskCoverage: { coverage: number; risk: number }[];
  buildMs: number;
  p50Ms: number;
  p99Ms: number;
  /** Wrong firsts, the surest first. */
  worst: Miss[];
  records: QueryRecord[];
}

interface Outcome {
  query: FaqQuery;
  record: QueryRecord;
  right: boolean;
  /** 1 for the first; 0 when it is not among those kept. */
  rank: number;
}

const KEPT = 10;
const WORST = 20;

/** Scores the search on any corpus, in a fresh index and without the database. `progress` is told how many are done. */
export function evaluateFaq(
  entries: readonly SearchableEntry[],
  queries: readonly FaqQuery[],
  { style = 'standard', progress = () => {} }: { style?: AnswerStyle; progress?(done: number): void } = {},
): FaqReport {
  const building = startStopwatch();
  const index = buildIndex(entries);
  const buildMs = building();
  const times: number[] = [];
  const outcomes = queries.map((query, i): Outcome => {
    const asking = startStopwatch();
    const found = index.search(query.text, { limit: KEPT });
    times.push(asking());
    progress(i + 1);
    const top = found.results.map(({ entryId, probability }) => ({ id: entryId, probability }));
    return {
      query,
      record: { id: query.id, decision: decide(found, style).kind, probability: found.confidence, top },
      right: query.gold.includes(top[0]?.id ?? ''),
      rank: top.findIndex(({ id }) => query.gold.includes(id)) + 1,
    };
  });
  times.sort((a, b) => a - b);
  const domains = [...new Set(queries.flatMap(({ domain }) => domain ?? []))];
  return {
    scores: scoresOf(outcomes),
    byDomain: Object.fromEntries(
      domains.map((domain) => [domain, scoresOf(outcomes.filter(({ query }) => query.domain === domain))]),
    ),
    riskCoverage: riskCoverage(outcomes.map(({ record, right }) => ({ confidence: record.probability, right }))),
    buildMs,
    p50Ms: times[Math.floor(times.length * 0.5)] ?? 0,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    worst: outcomes
      .filter(({ right }) => !right)
      .sort((a, b) => b.record.probability - a.record.probability)
      .slice(0, WORST)
      .map(({ query: { text, gold }, record: { top, probability } }) => ({ text, gold, got: top[0]?.id, probability })),
    records: outcomes.map(({ record }) => record),
  };
}

function scoresOf(outcomes: readonly Outcome[]): FaqScores {
  const answerable = outcomes.filter(({ query }) => query.gold.length > 0);
  const answered = outcomes.filter(({ record }) => record.decision === 'answer');
  const judged = outcomes.map(({ record, right }) => ({ confidence: record.probability, right }));
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const within = (limit: number) => answerable.filter(({ rank }) => rank > 0 && rank <= limit).length;
  const rightAnswers = answered.filter(({ right }) => right).length;
  const curve = riskCoverage(judged);
  return {
    queries: outcomes.length,
    answerable: answerable.length,
    hitAt1: share(within(1), answerable.length),
    hitAt3: share(within(3), answerable.length),
    mrr: share(
      answerable.reduce((sum, { rank }) => sum + (rank > 0 ? 1 / rank : 0), 0),
      answerable.length,
    ),
    precision: share(rightAnswers, answered.length),
    coverage: share(rightAnswers, answerable.length),
    coverageAt90: coverageAt(0.9, judged, answerable.length),
    coverageAt95: coverageAt(0.95, judged, answerable.length),
    coverageAt97: coverageAt(0.97, judged, answerable.length),
    aurc: share(
      curve.reduce((sum, { risk }) => sum + risk, 0),
      curve.length,
    ),
    calibrationError: calibrationError(judged),
  };
}

interface Judged {
  confidence: number;
  right: boolean;
}

/**
 * The most right answers, as a share of the answerable, that a threshold on the
 * confidence gives while at least `precision` of all answers are right.
 */
export function coverageAt(precision: number, judged: readonly Judged[], answerable: number): number {
  let right = 0;
  let best = 0;
  const surest = surestFirst(judged);
  for (const [i, one] of surest.entries()) {
    right += Number(one.right);
    // A threshold cannot part what is equally sure.
    const next = surest[i + 1];
    if (next && next.confidence === one.confidence) continue;
    if (right / (i + 1) >= precision) best = right;
  }
  return answerable === 0 ? 0 : best / answerable;
}

function riskCoverage(judged: readonly Judged[]): { coverage: number; risk: number }[] {
  let wrong = 0;
  return surestFirst(judged).map(({ right }, i) => {
    wrong += Number(!right);
    return { coverage: (i + 1) / judged.length, risk: wrong / (i + 1) };
  });
}

function calibrationError(judged: readonly Judged[]): number {
  const bins = Array.from({ length: 10 }, () => ({ count: 0, right: 0, confidence: 0 }));
  for (const { confidence, right } of judged) {
    const bin = bins[Math.min(9, Math.floor(confidence * 10))];
    if (!bin) continue;
    bin.count += 1;
    bin.right += Number(right);
    bin.confidence += confidence;
  }
  const gaps = bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0);
  return judged.length === 0 ? 0 : gaps / judged.length;
}

function surestFirst(judged: readonly Judged[]): Judged[] {
  return [...judged].sort((a, b) => b.confidence - a.confidence);
}
