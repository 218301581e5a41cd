/**
 * Fits the two logistic models of the search: whether an entry answers a
 * question, and whether the first of the ranked ones does. Ridge-penalised
 * maximum likelihood by Newton's method; the second model is fitted on ranks of
 * questions that the first had not seen (five parts), so that it is calibrated
 * on what is new. Reports what five parts say of each other, then writes the
 * model fitted on all.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { coverageAt } from '../src/knowledge/evaluation.js';
import { readFaqEntries, readFaqQueries, readLines } from '../src/knowledge/evaluation-files.js';
import { loadEntries } from '../src/knowledge/folder.js';
import {
  CONFIDENCE_INPUTS,
  confidenceInputs,
  type Logistic,
  probability,
  RANK_INPUTS,
  rankInputs,
  type SearchModel,
  type SearchWeights,
} from '../src/knowledge/model.js';
import { buildIndex, type SearchableEntry } from '../src/knowledge/search.js';
import { packageDir } from '../src/platform/config.js';

interface Question {
  group: string;
  answerable: boolean;
  inputs: number[][];
  right: boolean[];
  /** Of a near miss only this candidate is known to be wrong; another one may be right. */
  only?: number;
}

const ownLine = z.object({ text: z.string(), expect: z.string() });

const PARTS = 5;
const PENALTY = { rank: 10, confidence: 10 };

const { values } = parseArgs({
  options: {
    entries: { type: 'string' },
    queries: { type: 'string' },
    'only-report': { type: 'boolean', default: false },
  },
});

/** No weights are needed for the candidates. */
const none = { rank: { intercept: 0, weights: {} }, confidence: { intercept: 0, weights: {} } };
const blank: SearchModel = { about: '', withAnswers: none, questionsOnly: none };

function questionsOf(
  entries: readonly SearchableEntry[],
  queries: readonly { text: string; gold: readonly string[]; group: string }[],
): Question[] {
  const index = buildIndex(entries, { model: blank });
  return queries.map(({ text, gold, group }) => questionOf(index.candidates(text), gold, group));
}

function questionOf(
  candidates: ReturnType<ReturnType<typeof buildIndex>['candidates']>,
  gold: readonly string[],
  group: string,
): Question {
  return {
    group,
    answerable: gold.length > 0,
    inputs: rankInputs(candidates.map(({ features }) => features)),
    right: candidates.map(({ entryId }) => gold.includes(entryId)),
  };
}

/** Each wording asked while it is not in its entry, and each near miss while it is not known as one. */
function wordingsAsked(entries: readonly SearchableEntry[], name: string): Question[] {
  const index = buildIndex(entries, { model: blank });
  return entries.flatMap((entry) => {
    const found = entry.variants.map((variant) =>
      questionOf(index.candidates(variant, { except: variant }), [entry.id], `${name} wordings`),
    );
    const missed = entry.notThis.flatMap((near): Question[] => {
      const candidates = index.candidates(near, { except: near });
      const only = candidates.findIndex(({ entryId }) => entryId === entry.id);
      return only === -1 ? [] : [{ ...questionOf(candidates, [], `${name} near misses`), only }];
    });
    return [...found, ...missed];
  });
}

function fitRank(questions: readonly Question[]): Logistic {
  return fitLogistic(
    RANK_INPUTS,
    questions.flatMap(({ inputs, only }) => (only === undefined ? inputs : [inputs[only] ?? []])),
    questions.flatMap(({ right, only }) => (only === undefined ? right : [false])),
    PENALTY.rank,
  );
}

interface Ranked {
  inputs: number[];
  right: boolean;
  rightInThree: boolean;
}

function rank(model: Logistic, { inputs, right, only }: Question): Ranked | undefined {
  const order = inputs
    .map((own, i) => ({ i, own, right: right[i] ?? false, p: probability(model, RANK_INPUTS, own) }))
    .sort((a, b) => b.p - a.p);
  const [first, second] = order;
  if (!first || (only !== undefined && first.i !== only)) return undefined;
  return {
    inputs: confidenceInputs({ inputs: first.own, probability: first.p }, second?.p ?? 0),
    right: first.right,
    rightInThree: order.slice(0, 3).some((one) => one.right),
  };
}

/** A number for each question that does not change when others are added. */
const partOf = (i: number) => ((i * 2_654_435_761) >>> 8) % PARTS;

function crossRanked(questions: readonly Question[]): (Ranked | undefined)[] {
  const models = Array.from({ length: PARTS }, (_, part) => fitRank(questions.filter((_q, i) => partOf(i) !== part)));
  return questions.map((question, i) => rank(models[partOf(i)] as Logistic, question));
}

function fitConfidence(ranked: readonly (Ranked | undefined)[]): Logistic {
  const seen = ranked.filter((one) => one !== undefined);
  return fitLogistic(
    CONFIDENCE_INPUTS,
    seen.map(({ inputs }) => inputs),
    seen.map(({ right }) => right),
    PENALTY.confidence,
  );
}

/** Penalised likelihood of standardised inputs; the weights are given for the inputs as they are. */
function fitLogistic(
  names: readonly string[],
  rows: readonly number[][],
  right: readonly boolean[],
  penalty: number,
): Logistic {
  const size = names.length;
  const mean = names.map((_, j) => rows.reduce((sum, row) => sum + (row[j] ?? 0), 0) / rows.length);
  const deviation = names.map((_, j) =>
    Math.sqrt(rows.reduce((sum, row) => sum + ((row[j] ?? 0) - (mean[j] ?? 0)) ** 2, 0) / rows.length),
  );
  const scaled = rows.map((row) => [
    1,
    ...row.map((value, j) => ((deviation[j] ?? 0) > 1e-9 ? (value - (mean[j] ?? 0)) / (deviation[j] ?? 1) : 0)),
  ]);
  let weights = new Array<number>(size + 1).fill(0);
  for (let step = 0; step < 30; step += 1) {
    const gradient = weights.map((weight, j) => (j === 0 ? 0 : -penalty * weight));
    const curvature = weights.map((_, j) => weights.map((_w, k) => (j === k ? (j === 0 ? 1e-9 : penalty) : 0)));
    for (const [n, row] of scaled.entries()) {
      let sum = 0;
      for (let j = 0; j <= size; j += 1) sum += (weights[j] as number) * (row[j] as number);
      const p = 1 / (1 + Math.exp(-sum));
      const error = Number(right[n]) - p;
      const spread = Math.max(p * (1 - p), 1e-9);
      for (let j = 0; j <= size; j += 1) {
        const value = row[j] as number;
        if (value === 0) continue;
        gradient[j] = (gradient[j] as number) + error * value;
        const line = curvature[j] as number[];
        for (let k = 0; k <= j; k += 1) line[k] = (line[k] as number) + spread * value * (row[k] as number);
      }
    }
    const change = solve(curvature, gradient);
    weights = weights.map((weight, j) => weight + (change[j] ?? 0));
    if (Math.max(...change.map(Math.abs)) < 1e-6) break;
  }
  const own = names.map((_, j) =>
    (deviation[j] ?? 0) > 1e-9 ? (weights[j + 1] as number) / (deviation[j] as number) : 0,
  );
  const intercept = (weights[0] as number) - own.reduce((sum, weight, j) => sum + weight * (mean[j] ?? 0), 0);
  const rounded = (value: number) => Number(value.toPrecision(6));
  return {
    intercept: rounded(intercept),
    weights: Object.fromEntries(names.map((name, j) => [name, rounded(own[j] ?? 0)])),
  };
}

/** Cholesky; `matrix` is symmetric, its lower half is read. */
function solve(matrix: readonly number[][], vector: readonly number[]): number[] {
  const size = vector.length;
  const low = matrix.map((row) => [...row]);
  const at = (i: number, j: number) => low[i]?.[j] ?? 0;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = at(i, j);
      for (let k = 0; k < j; k += 1) sum -= at(i, k) * at(j, k);
      (low[i] as number[])[j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / at(j, j);
    }
  }
  const y: number[] = [];
  for (let i = 0; i < size; i += 1) {
    let sum = vector[i] ?? 0;
    for (let k = 0; k < i; k += 1) sum -= at(i, k) * (y[k] ?? 0);
    y[i] = sum / at(i, i);
  }
  const x = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i -= 1) {
    let sum = y[i] ?? 0;
    for (let k = i + 1; k < size; k += 1) sum -= at(k, i) * (x[k] ?? 0);
    x[i] = sum / at(i, i);
  }
  return x;
}

const queries = values.queries ? readFaqQueries(readFileSync(values.queries, 'utf8'), values.queries) : [];
const entries = values.entries ? readFaqEntries(readFileSync(values.entries, 'utf8'), values.entries) : [];
const given = questionsOf(
  entries,
  queries.map(({ text, gold, domain }) => ({ text, gold, group: domain ?? 'given' })),
);
const own = (await loadEntries(join(packageDir, 'knowledge'))).entries;

const ownQuestions = questionsOf(
  own,
  ['questions', 'development'].flatMap((name) =>
    readLines(readFileSync(join(packageDir, 'test', 'eval', `${name}.jsonl`), 'utf8'), name, ownLine)
      .filter(({ expect }) => expect !== 'personal')
      .map(({ text, expect }) => ({ text, gold: expect === 'none' ? [] : [expect], group: `own ${name}` })),
  ),
);

const model: SearchModel = {
  about: `fitted by bench/fit-search.mjs: questionsOnly on ${given.length} labelled questions, and the wordings, of a public research collection (not part of this repository), withAnswers on those questions, on ${ownQuestions.length} of our own and on the wordings and near misses of ${own.length} entries of our own`,
  questionsOnly: fitWeights([...given, ...wordingsAsked(entries, 'given')]),
  withAnswers: fitWeights([...wordingsAsked(own, 'own'), ...ownQuestions, ...given]),
};
if (!values['only-report']) {
  writeFileSync(join(packageDir, 'knowledge', 'search-model.json'), `${JSON.stringify(model, null, 2)}\n`);
  console.log('written: knowledge/search-model.json');
}

/** Fits on all, and prints what the five parts say of each other. */
function fitWeights(questions: readonly Question[]): SearchWeights {
  const ranked = crossRanked(questions);
  const confidences = new Map<number, number>();
  for (let part = 0; part < PARTS; part += 1) {
    const model = fitConfidence(ranked.filter((_, i) => partOf(i) !== part));
    for (const [i, one] of ranked.entries()) {
      if (partOf(i) === part) confidences.set(i, one ? probability(model, CONFIDENCE_INPUTS, one.inputs) : 0);
    }
  }
  for (const group of ['all', ...new Set(questions.map((one) => one.group))]) {
    const chosen = [...questions.entries()].filter(([, one]) => group === 'all' || one.group === group);
    const answerable = chosen.filter(([, one]) => one.answerable);
    const share = (pick: (one: Ranked | undefined) => boolean | undefined) =>
      (answerable.filter(([i]) => pick(ranked[i])).length / Math.max(1, answerable.length)).toFixed(3);
    const outcomes = chosen.map(([i]) => ({ confidence: confidences.get(i) ?? 0, right: ranked[i]?.right ?? false }));
    console.log(
      `${group}: ${chosen.length} questions, ${chosen.length - answerable.length} without an entry; hit@1 ${share((one) => one?.right)}, hit@3 ${share((one) => one?.rightInThree)}, ` +
        `coverage at 95 % precision ${coverageAt(0.95, outcomes, answerable.length).toFixed(3)}`,
    );
  }
  return { rank: fitRank(questions), confidence: fitConfidence(ranked) };
}
