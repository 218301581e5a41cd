import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageDir } from '../platform/config.js';

const termSchema = z.strictObject({
  term: z.string().min(2),
  /** Other names of the same thing. */
  also: z.array(z.string().min(2)).default([]),
  gloss: z.string().min(1),
  explained_by: z.array(z.string().min(2)).default([]),
});
const namesSchema = z.array(z.string().min(1)).min(1);
const comparedSchema = z.strictObject({
  matters: namesSchema,
  things: namesSchema,
  doings: namesSchema,
  conditions: namesSchema,
  situations: namesSchema,
});
const settledSchema = z.strictObject({
  entries: z.tuple([z.string(), z.string()]),
  about: z.string(),
  why: z.string().min(1),
});
const termsSchema = z.strictObject({
  terms: z.array(termSchema).min(1),
  compared: comparedSchema,
  settled: z.array(settledSchema).default([]),
});

/** Nouns by which entries are compared with each other. */
export type Compared = z.infer<typeof comparedSchema>;

/** Two entries that seem to contradict each other in this, and why both may stand. */
export type Settled = z.infer<typeof settledSchema>;

export interface Terms {
  terms: Term[];
  compared: Compared;
  settled: Settled[];
}

/** A word that needs an explanation where a patient first meets it. */
export interface Term {
  names: readonly string[];
  /** A proposal for the author. */
  gloss: string;
  /** Words of which one explains it without brackets. */
  explainedBy: readonly string[];
}

/** `knowledge/terms.yaml`. @throws ZodError or YAMLParseError when it cannot be used */
export function loadTerms(file = join(packageDir, 'knowledge', 'terms.yaml')): Terms {
  const { terms, compared, settled } = termsSchema.parse(parse(readFileSync(file, 'utf8')));
  return {
    terms: terms.map(({ term, also, gloss, explained_by }) => ({
      names: [term, ...also],
      gloss,
      explainedBy: explained_by,
    })),
    compared,
    settled,
  };
}

/**
 * The terms that are not explained where they first stand in what is read in
 * one go; a term inside the brackets of another one is itself the explanation.
 */
export function findUnexplained(text: string, terms: readonly Term[]): { name: string; gloss: string; at: number }[] {
  const places = placesOfNames(text, terms);
  return terms.flatMap((term) => {
    const first = places.find((place) => place.term === term);
    if (!first || isExplained(text, first)) return [];
    return [{ name: first.name, gloss: term.gloss, at: first.start }];
  });
}

interface Place {
  term: Term;
  name: string;
  start: number;
  end: number;
}

/** Where terms stand; of two at one place the longer one, so that 尿白蛋白 is not seen in 尿白蛋白肌酐比. */
function placesOfNames(text: string, terms: readonly Term[]): Place[] {
  const places = terms.flatMap((term) =>
    term.names.flatMap((name) =>
      [...text.matchAll(new RegExp(name, 'giu'))].map(({ index }) => ({
        term,
        name,
        start: index,
        end: index + name.length,
      })),
    ),
  );
  return places
    .filter(
      ({ start, end }) =>
        !places.some((other) => other.start <= start && other.end >= end && other.end - other.start > end - start),
    )
    .sort((a, b) => a.start - b.start);
}

/** At once, or behind the rest of a list that is explained together. */
const BRACKETS_BEHIND = /^[类药病查检仪]{0,2}(?:[、和或][^、，。（(\n]{1,8}){0,2}[（(]/u;
const INSIDE_BRACKETS = /[（(][^）)\n]*$/u;
const SENTENCE_ENDS = /[。！？；\n]+/u;

/** In brackets, or in plain words in its own sentence, the one before or the one behind. */
function isExplained(whole: string, { term, start, end }: Place): boolean {
  if (BRACKETS_BEHIND.test(whole.slice(end)) || INSIDE_BRACKETS.test(whole.slice(0, start))) return true;
  const [own = '', before = ''] = whole.slice(0, start).split(SENTENCE_ENDS).reverse();
  const [rest = '', after = ''] = whole.slice(end).split(SENTENCE_ENDS);
  const around = [before, own, rest, after].join('\n');
  return term.explainedBy.some((words) => around.includes(words));
}
