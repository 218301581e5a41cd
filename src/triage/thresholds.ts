import type { Item } from '../observation/types.js';
import type { Expression } from './expression.js';
import type { Row, TriageRules } from './load.js';
import type { Heard } from './red-flags.js';
import type { Range, When } from './rule-files.js';
import type { Subject } from './subject.js';
import type { Level } from './types.js';

export interface ValueFinding {
  row: string;
  level: Level;
  item: Item;
  card: string | undefined;
}

/** The rows of SAFETY.md 3.1 to 3.3 that a message's readings fall into: of each band the first that fits. */
export function findValueRows(
  rules: TriageRules,
  readings: readonly Item[],
  messages: () => readonly Heard[],
  subject: Subject,
): ValueFinding[] {
  const symptoms = rememberSymptoms(messages);
  return readings.flatMap((item) => {
    const bands = new Set<string>();
    return rules.rows.flatMap((row) => {
      if (bands.has(row.band) || !fits(row, item, subject, symptoms)) return [];
      bands.add(row.band);
      return [{ row: row.row, level: row.level, item, card: row.card }];
    });
  });
}

function fits(row: Row, item: Item, subject: Subject, hasSymptom: (expression: Expression) => boolean): boolean {
  return (
    row.kind === item.kind &&
    fitsContext(row, item) &&
    (row.for.length === 0 || row.for.some((condition) => subject.has(condition))) &&
    (row.and_for === undefined || subject.has(row.and_for)) &&
    !row.not_for.some((condition) => subject.has(condition)) &&
    fitsValue(row.when, item) &&
    (row.symptoms === undefined || hasSymptom(row.symptoms))
  );
}

/** A context that nobody gave fits no row that asks for one, either way: fasting and after-meal limits differ. */
function fitsContext(row: Row, item: Item): boolean {
  if (row.contexts) return item.context !== null && row.contexts.includes(item.context);
  if (row.not_contexts) return item.context !== null && !row.not_contexts.includes(item.context);
  return true;
}

function fitsValue(when: When, item: Item): boolean {
  if ('reading' in when) return item.value === when.reading;
  if (typeof item.value !== 'number') return false;
  if ('systolic' in when) {
    const diastolic = item.diastolic ?? undefined;
    return inRange(when.systolic, item.value) || (diastolic !== undefined && inRange(when.diastolic, diastolic));
  }
  return inRange(when, Math.round(item.value * 10) / 10);
}

function inRange(range: Range, value: number): boolean {
  return (
    (range.below === undefined || value < range.below) &&
    (range.up_to === undefined || value <= range.up_to) &&
    (range.from === undefined || value >= range.from) &&
    (range.above === undefined || value > range.above)
  );
}

const NO_TRAITS = {
  withinDay: true,
  privateOnly: false,
  notSuppressedBy: new Set(['quotation', 'knowledge'] as const),
};

/** Looks a symptom up once; negated ones do not count (不吐,肚子不疼). */
function rememberSymptoms(messages: () => readonly Heard[]): (expression: Expression) => boolean {
  const known = new Map<Expression, boolean>();
  return (expression) => {
    const before = known.get(expression);
    if (before !== undefined) return before;
    const found = messages().some(
      ({ view, cues }) =>
        expression.possibleIn(view.characters) &&
        expression.findAll(view.text).some((span) => cues.judge(span, NO_TRAITS) === undefined),
    );
    known.set(expression, found);
    return found;
  };
}
