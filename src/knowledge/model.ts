import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageDir } from '../platform/config.js';
import { FEATURES, type Features } from './features.js';

/** Features that say more beside those of the other candidates: how far below the best of them. */
const COMPARED = [
  'likeness',
  'score',
  'words',
  'grams',
  'common-sequence',
  'pairs-of-characters',
  'pairs-of-sounds',
  'covered-by-entry',
  'covered-by-answer',
  'pairs-covered-by-entry',
  'pairs-covered-by-answer',
] as const;

export const RANK_INPUTS: readonly string[] = [...FEATURES, ...COMPARED.map((name) => `below-best:${name}`)];
export const CONFIDENCE_INPUTS: readonly string[] = [
  'first',
  'second',
  'lead',
  'probability-of-first',
  'probability-lead',
  ...RANK_INPUTS,
];

const logistic = z.strictObject({ intercept: z.number(), weights: z.record(z.string(), z.number()) });
export type Logistic = z.infer<typeof logistic>;

const weightsSchema = z.strictObject({
  /** Whether an entry answers the question. */
  rank: logistic,
  /** Whether the first of the ranked ones does: calibrated. */
  confidence: logistic,
});
export type SearchWeights = z.infer<typeof weightsSchema>;

const modelSchema = z.strictObject({
  /** What it was fitted on, for whoever reads the file. */
  about: z.string(),
  /** For entries whose answers are searched too, and for a corpus of questions alone. */
  withAnswers: weightsSchema,
  questionsOnly: weightsSchema,
});
export type SearchModel = z.infer<typeof modelSchema>;

/** The weights of the search, as `bench/fit-search.mjs` wrote them. */
export function loadSearchModel(file = join(packageDir, 'knowledge', 'search-model.json')): SearchModel {
  const model = modelSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const parts = [model.withAnswers, model.questionsOnly].flatMap(
    ({ rank, confidence }) =>
      [
        [rank, RANK_INPUTS],
        [confidence, CONFIDENCE_INPUTS],
      ] as const,
  );
  for (const [part, inputs] of parts) {
    const missing = inputs.filter((name) => part.weights[name] === undefined);
    if (missing.length > 0) throw new RangeError(`${file} has no weight for ${missing.join(', ')}: fit it again`);
  }
  return model;
}

/** Inputs of the ranking for each candidate, in the order of RANK_INPUTS. */
export function rankInputs(candidates: readonly Features[]): number[][] {
  const best = COMPARED.map((name) => Math.max(...candidates.map((one) => one[name])));
  return candidates.map((one) => [
    ...FEATURES.map((name) => one[name]),
    ...COMPARED.map((name, i) => one[name] - (best[i] ?? 0)),
  ]);
}

/** Inputs of the confidence: the first by the ranking, beside the second. */
export function confidenceInputs(first: { inputs: readonly number[]; probability: number }, second: number): number[] {
  const [a, b] = [logit(first.probability), logit(second)];
  return [a, b, a - b, first.probability, first.probability - second, ...first.inputs];
}

/** 0 to 1. `names` are those of the inputs, in their order. */
export function probability(model: Logistic, names: readonly string[], inputs: readonly number[]): number {
  let sum = model.intercept;
  for (const [i, name] of names.entries()) sum += (model.weights[name] ?? 0) * (inputs[i] ?? 0);
  return 1 / (1 + Math.exp(-sum));
}

const FLOOR = 1e-4;
function logit(p: number): number {
  return Math.log((p + FLOOR) / (1 - p + FLOOR));
}
