import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Doubt, Item, ItemKind } from './types.js';
import { rounded, toCanonical } from './units.js';

const FILE = 'plausibility.yaml';

const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low <= high, 'the lower bound comes first');
const band = z.strictObject({ accept: range, confirm: z.array(range) });
const bounds = z.strictObject({ unit: z.string(), accept: range, confirm: z.array(range) });
const otherReading = z.enum(['tenth', 'mg/dL', 'Fahrenheit', 'mmol/mol', 'jin']);

const schema = z.strictObject({
  version: z.string().min(1),
  signed_by: z.string().min(1).nullable(),
  signed_on: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .nullable(),
  items: z.strictObject({
    glucose: bounds,
    'heart-rate': bounds,
    weight: bounds,
    temperature: bounds,
    hba1c: bounds,
    spo2: bounds,
    exercise: bounds,
    steps: bounds,
    distance: bounds,
    ketone: bounds,
    'urine-ketone': bounds,
  }),
  blood_pressure: z.strictObject({ unit: z.string(), systolic: band, diastolic: band, difference: band }),
  other_readings: z.strictObject({
    glucose: z.array(otherReading),
    temperature: z.array(otherReading),
    hba1c: z.array(otherReading),
    weight: z.array(otherReading),
  }),
  weight_without_unit_from: z.number(),
  history: z.strictObject({
    glucose_whole_number: range,
    glucose_factor: z.number().min(1),
    weight_change: z.number().positive(),
  }),
});

/** Bounds and typo rules, as signed in `knowledge/triage/plausibility.yaml` (SAFETY 3.4). */
export type Plausibility = z.infer<typeof schema>;
type Band = z.infer<typeof band>;
type OtherReading = z.infer<typeof otherReading>;

/** A knowledge file that cannot be used; one problem a line, each with file and line. */
export class PlausibilityFileError extends Error {
  override readonly name = 'PlausibilityFileError';
  readonly code = 'plausibility-file';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Reads `plausibility.yaml` from the triage folder. Throws `PlausibilityFileError` with every problem at once. */
export function loadPlausibility(dir: string): Plausibility {
  const file = join(dir, FILE);
  return parsePlausibility(readText(file), file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PlausibilityFileError([
      `${file}:1: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'})`,
    ]);
  }
}

function parsePlausibility(text: string, file: string): Plausibility {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number) => `${file}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    throw new PlausibilityFileError(document.errors.map((e) => `${at(e.pos[0])}: ${e.message.split('\n')[0]}`));
  }
  const result = schema.safeParse(document.toJS());
  if (result.success) return result.data;
  throw new PlausibilityFileError(
    result.error.issues.map((issue) => {
      const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
      return `${at(offsetOf(document, path))}: ${path.join('.') || 'file'}: ${issue.message}`;
    }),
  );
}

/** Where the nearest existing ancestor of a path stands. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** A second reading of the same digits, in canonical units. */
const secondReadings: Record<OtherReading, (value: number) => number> = {
  tenth: (v) => rounded(v / 10, 2),
  'mg/dL': (v) => toCanonical(v, 'mg/dL'),
  Fahrenheit: (v) => toCanonical(v, 'Fahrenheit'),
  'mmol/mol': (v) => toCanonical(v, 'mmol/mol'),
  jin: (v) => toCanonical(v, 'jin'),
};

const within = (value: number, [low, high]: readonly [number, number]) => value >= low && value <= high;

type Grade = 'accept' | 'confirm' | 'reject';

function grade(value: number, { accept, confirm }: Band): Grade {
  if (within(value, accept)) return 'accept';
  return confirm.some((span) => within(value, span)) ? 'confirm' : 'reject';
}

/**
 * What is doubtful about an item, or undefined when it may be recorded as it
 * stands. `unitSaid`: the person wrote a unit, so other units are no candidates.
 */
export function doubtOf(item: Item, rules: Plausibility, unitSaid: boolean): Doubt | undefined {
  if (item.kind === 'blood-pressure') return pressureDoubt(item, rules);
  if (item.kind === 'medication' || item.kind === 'diet' || typeof item.value !== 'number') return undefined;
  const own = rules.items[item.kind];
  const verdict = grade(item.value, own);
  if (item.kind === 'weight' && !unitSaid && item.value >= rules.weight_without_unit_from) {
    return { item, reason: 'unit', candidates: candidates(item, rules, true) };
  }
  if (verdict === 'accept') return undefined;
  return {
    item,
    reason: 'implausible',
    candidates: unitSaid ? asStands(item, verdict) : candidates(item, rules, verdict === 'confirm'),
  };
}

const asStands = (item: Item, verdict: Grade) => (verdict === 'confirm' ? [item] : []);

function candidates(item: Item, rules: Plausibility, stands: boolean): Item[] {
  const { value } = item;
  if (typeof value !== 'number') return [];
  const kind = item.kind as keyof Plausibility['items'];
  const { accept } = rules.items[kind];
  const others: readonly OtherReading[] =
    kind in rules.other_readings ? rules.other_readings[kind as keyof Plausibility['other_readings']] : [];
  const second = others
    .map((name) => secondReadings[name](value))
    .filter((reading) => within(reading, accept))
    .map((reading) => ({ ...item, value: reading }));
  // Where another reading fits, the digits as typed are offered only if they could be meant: kilograms or jin.
  const own = stands && (second.length === 0 || within(value, accept)) ? [item] : [];
  return [...second, ...own];
}

function pressureDoubt(item: Item, rules: Plausibility): Doubt | undefined {
  const systolic = typeof item.value === 'number' ? item.value : null;
  const diastolic = item.diastolic ?? null;
  if (systolic !== null && diastolic !== null && diastolic >= systolic) {
    const swapped: Item = { ...item, value: diastolic, diastolic: systolic };
    return { item, reason: 'swapped', candidates: pressureGrade(swapped, rules) === 'accept' ? [swapped] : [] };
  }
  const verdict = pressureGrade(item, rules);
  if (verdict === 'accept') return undefined;
  const inKilopascal = systolic !== null && systolic < 40 ? [pressureFromKilopascal(item)] : [];
  const fitting = inKilopascal.filter((reading) => pressureGrade(reading, rules) === 'accept');
  if (fitting.length > 0) return { item, reason: 'unit', candidates: fitting };
  return { item, reason: 'implausible', candidates: asStands(item, verdict) };
}

function pressureFromKilopascal(item: Item): Item {
  const value = typeof item.value === 'number' ? toCanonical(item.value, 'kPa') : item.value;
  return { ...item, value, ...(item.diastolic == null ? {} : { diastolic: toCanonical(item.diastolic, 'kPa') }) };
}

function pressureGrade(item: Item, { blood_pressure: rules }: Plausibility): Grade {
  const systolic = typeof item.value === 'number' ? item.value : null;
  const diastolic = item.diastolic ?? null;
  const grades: Grade[] = [];
  if (systolic !== null) grades.push(grade(systolic, rules.systolic));
  if (diastolic !== null) grades.push(grade(diastolic, rules.diastolic));
  if (systolic !== null && diastolic !== null) grades.push(grade(systolic - diastolic, rules.difference));
  if (grades.includes('reject')) return 'reject';
  return grades.includes('confirm') ? 'confirm' : 'accept';
}

/** True for a value that is recorded as it stands. */
export function isAccepted(kind: ItemKind, value: number, rules: Plausibility): boolean {
  return kind in rules.items && within(value, rules.items[kind as keyof Plausibility['items']].accept);
}

/** What the person's own earlier values say; leave out what is not known. */
export interface OwnHistory {
  glucoseMedian7d?: number;
  weightLast7d?: number;
}

/**
 * Doubt that only the person's history can raise: `23` without a point where
 * 6 to 8 is usual (23.0 or 2.3: both alarm), a weight more than 3 kg away.
 * For an item that `doubtOf` accepted.
 */
export function doubtAgainstHistory(item: Item, history: OwnHistory, rules: Plausibility): Doubt | undefined {
  const { value } = item;
  if (typeof value !== 'number') return undefined;
  const { glucose_whole_number, glucose_factor, weight_change } = rules.history;
  const median = history.glucoseMedian7d;
  if (item.kind === 'glucose' && median !== undefined && /^\d+$/.test(item.original)) {
    const far = value > median * glucose_factor || value < median / glucose_factor;
    if (!far || !within(value, glucose_whole_number)) return undefined;
    return { item, reason: 'ambiguous', candidates: [item, { ...item, value: rounded(value / 10, 1) }] };
  }
  const last = history.weightLast7d;
  if (item.kind === 'weight' && last !== undefined && Math.abs(value - last) > weight_change) {
    return { item, reason: 'implausible', candidates: [item] };
  }
  return undefined;
}
