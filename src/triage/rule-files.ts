import { z } from 'zod';
import { LEVELS } from './types.js';

/** The shapes of `knowledge/triage/*.yaml`. Every key is known: a misspelt one is an error, not a rule that never fires. */

const text = z.string().min(1);
const expressions = z.array(text).min(1);
const level = z.enum(LEVELS);

/** What every safety file says of itself first. */
export const signature = z.object({
  version: text,
  signed_by: text.nullable(),
  signed_on: text.nullable(),
});
const signedFile = signature.strict();

export const SUPPRESSION_KINDS = [
  'negation',
  'history',
  'hypothesis',
  'knowledge',
  'news',
  'quotation',
  'idiom',
] as const;
export type SuppressionKind = (typeof SUPPRESSION_KINDS)[number];

const condition = z
  .string()
  .regex(
    /^(pregnant|postpartum|insulin|sglt2|diabetes|anticoagulant|heart-or-stroke|kidney|alone|(age|months)(>=|<)\d{1,3})$/u,
    'not a condition of a person: pregnant, insulin, age>=75, months<3, …',
  );

const flagRule = z
  .object({
    level: z.enum(['emergency', 'urgent']),
    any: expressions.optional(),
    all: z.array(expressions).min(2).optional(),
    context: z.array(expressions).optional(),
    unless: expressions.optional(),
  })
  .strict()
  .refine((rule) => (rule.any === undefined) !== (rule.all === undefined), 'exactly one of `any` and `all`');
export type FlagRuleFile = z.infer<typeof flagRule>;

export const redFlagFile = signedFile.extend({
  spelling: z.array(
    z.tuple([text, text]).refine(([wrong, right]) => wrong.length === right.length, 'both sides have the same length'),
  ),
  lists: z.record(z.string(), expressions),
  flags: z.array(
    z
      .object({
        id: z.string().regex(/^RF-\d\d$/u),
        name: text,
        card: text,
        private_only: z.boolean().default(false),
        within_day: z.boolean().default(false),
        modifiers: z.array(condition).default([]),
        not_suppressed_by: z.array(z.enum(SUPPRESSION_KINDS)).default([]),
        rules: z.array(flagRule).min(1),
      })
      .strict(),
  ),
});
export type RedFlagFile = z.infer<typeof redFlagFile>;

export const suppressionFile = signedFile.extend({
  now: expressions,
  within_day: expressions,
  negation: z
    .object({
      before: expressions,
      fillers: expressions,
      connectors: expressions,
      listed_symptoms: expressions,
      after: expressions,
      not_after: expressions,
    })
    .strict(),
  history: z
    .object({
      cues: expressions,
      narrative: expressions,
      seen: expressions,
      weak: expressions,
      after: expressions,
    })
    .strict(),
  hypothesis: z
    .object({
      conditional: expressions,
      before: expressions,
      needs_later: z.object({ cues: expressions, later: expressions }).strict(),
    })
    .strict(),
  knowledge: z.object({ cues: expressions, before: expressions, weak: expressions, action: expressions }).strict(),
  persons: expressions,
  news: expressions,
  quotation: z.object({ marks: expressions, title: expressions, long_text: z.number().int().positive() }).strict(),
  idiom: expressions,
});
export type SuppressionFile = z.infer<typeof suppressionFile>;

const range = z
  .object({
    below: z.number().optional(),
    up_to: z.number().optional(),
    from: z.number().optional(),
    above: z.number().optional(),
  })
  .strict();
export type Range = z.infer<typeof range>;

const when = z.union([
  z.object({ reading: z.enum(['HI', 'LO']) }).strict(),
  z.object({ systolic: range, diastolic: range }).strict(),
  range,
]);
export type When = z.infer<typeof when>;

const thresholdRow = z
  .object({
    row: z.string().regex(/^[A-Z]\d{1,2}$/u),
    kind: z.enum(['glucose', 'blood-pressure', 'heart-rate', 'ketone', 'urine-ketone', 'temperature', 'spo2', 'hba1c']),
    band: text,
    when,
    level,
    for: z.array(condition).default([]),
    and_for: condition.optional(),
    not_for: z.array(condition).default([]),
    contexts: z.array(text).optional(),
    not_contexts: z.array(text).optional(),
    symptoms: text.optional(),
    card: text.optional(),
    source: text,
  })
  .strict();
export type ThresholdRow = z.infer<typeof thresholdRow>;

export const thresholdFile = signedFile.extend({
  symptoms: z.record(z.string(), expressions),
  rows: z.array(thresholdRow).min(1),
});

export const cardFile = signedFile.extend({
  numbers: z.array(
    z.object({ number: z.string().regex(/^\d+$/u), service: text, verified_on: text.nullable() }).strict(),
  ),
  group: z
    .object({
      emergency: z
        .object({
          first: text,
          first_relative: text,
          first_late: text,
          first_late_relative: text,
          first_police: text,
          body: expressions,
          body_police: expressions,
          last_duty: text,
          last_nobody: text,
        })
        .strict(),
      crisis: text,
      urgent: text,
    })
    .strict(),
  private: z.record(z.string(), text),
  relatives: z.record(z.string(), expressions),
});
export type CardFile = z.infer<typeof cardFile>;
