import {
  hardBreak,
  isChange,
  isNegated,
  loneReading,
  momentFollows,
  nextActivity,
  numberFollows,
  onlyBetween,
  startsEntry,
} from './around.js';
import type { NumberToken, PairToken, Token } from './lex.js';
import type { LabelKind } from './lexicon.js';
import { actNear, amount, bareAmount, distanceAt, durationAt } from './read-exercise.js';
import { distribute, emitGlucose, hoursBehindMoment, momentsAsOne, TIMES } from './read-glucose.js';
import { doseAt, drugTakes } from './read-medication.js';
import {
  emitPart,
  emitPressure,
  gluedPressure,
  pressureLevels,
  pulseBehind,
  singlePressure,
  spacedPressure,
} from './read-pressure.js';
import type { ItemKind } from './types.js';
import { rounded, toCanonical } from './units.js';
import { emit, type Open, token, type Walk } from './walk.js';

const CONDITIONS: Record<string, LabelKind> = {
  高血压: 'blood-pressure',
  低血压: 'blood-pressure',
  高血糖: 'glucose',
  低血糖: 'glucose',
};
/** How much unknown text may stand between a word and a number with a point. */
const LOOSE_MAX = 12;

export function onNumber(w: Walk, i: number, n: NumberToken): void {
  if (isChange(w.tokens, i)) {
    w.used.add(i);
    return;
  }
  if (distribute(w, i)) return;
  readNumber(w, i, n);
  // 餐后 3个包子 8.9: behind something else's number a word no longer reaches.
  if (n.unit !== null && !w.used.has(i) && w.open?.satisfied === false && n.unit !== 'times') {
    w.open = null;
    w.moments = [];
  }
}

function readNumber(w: Walk, i: number, n: NumberToken): void {
  switch (n.unit) {
    case 'mmol/L':
    case 'mg/dL':
      if (w.open?.kind === 'foreign') return;
      if (w.open?.kind === 'ketone' && n.unit === 'mmol/L') emitPlain(w, i, n, 'ketone');
      else emitGlucose(w, i, n);
      return;
    case 'mmol/mol':
      emit(w, i, { kind: 'hba1c', value: toCanonical(n.value, 'mmol/mol'), context: null }, { unitSaid: true });
      return;
    case 'kg':
    case 'jin':
      weightAt(w, i, n);
      return;
    case 'steps':
      if (n.value >= 100 || w.open?.kind === 'steps' || actNear(w, i)) amount(w, i, n, 'steps', n.value);
      return;
    case 'km':
    case 'li':
    case 'm':
      distanceAt(w, i, n);
      return;
    case 'h':
    case 'min':
    case 'points-or-min':
      durationAt(w, i, n);
      return;
    case '/min':
    case 'times':
      if (w.open?.kind === 'heart-rate' && !w.open.satisfied) emitPlain(w, i, n, 'heart-rate');
      return;
    case 'mmHg':
    case 'kPa':
      onPressureNumber(w, i, n);
      return;
    case '%':
      if (w.open?.kind === 'hba1c' || w.open?.kind === 'spo2') emitPlain(w, i, n, w.open.kind);
      return;
    case 'Cel':
    case 'degree':
    case 'Fahrenheit':
      temperatureAt(w, i, n);
      return;
    case 'mg':
    case 'g':
    case 'tablet':
    case 'U':
      doseAt(w, i, n);
      return;
    case 'plus':
      if (w.open?.kind === 'urine-ketone' || w.open?.kind === 'ketone') emitPlain(w, i, n, 'urine-ketone');
      else onPlainNumber(w, i, n);
      return;
    case 'set':
      if (w.open?.kind === 'urine-ketone' && !w.open.satisfied) emitPlain(w, i, n, 'urine-ketone');
      else if (w.open?.kind === 'heart-rate' && !w.open.satisfied && n.text.endsWith('下'))
        emitPlain(w, i, n, 'heart-rate');
      else if (n.text.endsWith('个') && n.decimals > 0 && w.open?.kind === 'glucose') emitGlucose(w, i, n);
      return;
    case null:
      onPlainNumber(w, i, n);
      return;
    default:
      return;
  }
}

function emitPlain(w: Walk, i: number, n: NumberToken, kind: ItemKind): void {
  emit(w, i, { kind, value: n.value, context: null }, { unitSaid: n.unit !== null && n.unit !== 'plus' });
  if (w.open) w.open.satisfied = true;
}

function weightAt(w: Walk, i: number, n: NumberToken): void {
  const value = n.unit === 'jin' ? toCanonical(n.value, 'jin') : n.value;
  const labelled = w.open?.kind === 'weight' && !w.open.satisfied;
  if (!labelled && (value < 30 || !startsEntry(w.tokens, i) || w.meals.some((m) => !hardBreak(w.tokens, m.at, i))))
    return;
  emit(w, i, { kind: 'weight', value, context: null }, { unitSaid: true, ...(labelled ? {} : { tight: true }) });
  if (w.open && labelled) w.open.satisfied = true;
}

function temperatureAt(w: Walk, i: number, n: NumberToken): void {
  const value = n.unit === 'Fahrenheit' ? toCanonical(n.value, 'Fahrenheit') : n.value;
  if (w.open?.kind === 'foreign') return;
  const labelled = w.open?.kind === 'temperature' && !w.open.satisfied;
  if (!labelled && (value < 34 || value > 43 || (n.unit === 'degree' && n.decimals === 0))) return;
  emit(w, i, { kind: 'temperature', value, context: null }, { unitSaid: true });
  if (w.open && labelled) w.open.satisfied = true;
}

function onPressureNumber(w: Walk, i: number, n: NumberToken): void {
  if (w.open?.kind === 'systolic' || w.open?.kind === 'diastolic') emitPart(w, i, n, w.open.kind === 'systolic');
  else if (w.open?.kind !== 'foreign') singlePressure(w, i, n);
}

function onPlainNumber(w: Walk, i: number, n: NumberToken): void {
  if (n.lone && !loneReading(w.tokens, i)) return;
  const before = token(w, i - 1);
  if (before?.type === 'level' && pressureLevels(w, i)) return;
  if (hoursBehindMoment(w, i, n)) return;
  if (drugTakes(w, i, n)) return;
  const act = actNear(w, i);
  if (act && onlyBetween(w.tokens, act.at, i, ['colon', 'link', 'done', 'time-of-day', 'mark', 'total', 'each'])) {
    bareAmount(w, i, n, act);
    return;
  }
  if (w.open && w.open.kind !== 'foreign' && !w.open.satisfied && reaches(w.open, n)) {
    labelledNumber(w, i, n, w.open.kind);
    return;
  }
  if (w.open?.kind === 'foreign' && !w.open.satisfied) {
    w.open.satisfied = true;
    return;
  }
  if (spacedPressure(w, i, w.open?.kind === 'blood-pressure')) return;
  if (
    w.open?.kind === 'glucose' &&
    w.open.satisfied &&
    n.decimals === 1 &&
    n.value >= 1 &&
    n.value <= 33.3 &&
    !momentFollows(w.tokens, i)
  ) {
    const entry = emit(w, i, { kind: 'glucose', value: n.value, context: null });
    entry.doubt = { reason: 'ambiguous', candidates: [entry.item] };
    return;
  }
  const meal = w.meals.at(-1);
  if (meal && n.decimals === 1 && onlyBetween(w.tokens, meal.at, i, ['colon', 'link', 'measure', 'clock'])) {
    const entry = emit(w, i, { kind: 'glucose', value: n.value, context: null }, { needsCheckIn: true });
    const sides =
      meal.context && meal.context !== 'snack' ? ['before', 'after'].map((side) => `${side}-${meal.context}`) : [];
    entry.doubt = { reason: 'ambiguous', candidates: sides.map((context) => ({ ...entry.item, context })) };
    w.meals.pop();
    return;
  }
  w.unclaimed.push(n);
}

/** A number is found through some unknown words; a whole number through few, and then it is doubted. */
export function reaches(label: Open, n: NumberToken): boolean {
  if (label.strange === 0) return true;
  return !label.crossed && label.strange <= (n.decimals > 0 ? LOOSE_MAX : LOOSE_MAX / 2);
}

function labelledNumber(w: Walk, i: number, n: NumberToken, kind: LabelKind): void {
  switch (kind) {
    case 'glucose':
      // 半夜12.00: a time.
      if (n.decimals === 2 && w.moments.some((m) => TIMES.has(m.context))) w.unclaimed.push(n);
      else emitGlucose(w, i, n);
      return;
    case 'systolic':
    case 'diastolic':
      emitPart(w, i, n, kind === 'systolic');
      return;
    case 'blood-pressure':
      if (n.comma) emitPressure(w, i, n.value, null, null).doubt = { reason: 'ambiguous', candidates: [] };
      else if (spacedPressure(w, i, true)) return;
      else if (n.value >= 1000 || (n.decimals === 2 && n.value >= 60)) gluedPressure(w, i, n);
      else singlePressure(w, i, n);
      return;
    case 'steps':
    case 'distance':
      amount(w, i, n, kind, n.value);
      if (w.open) w.open.satisfied = true;
      return;
    case 'foreign':
      return;
    default:
      emitPlain(w, i, n, kind);
  }
}

export function onPair(w: Walk, i: number, p: PairToken): void {
  if (distribute(w, i)) return;
  const [first, second, third] = p.values as [NumberToken, NumberToken, NumberToken?];
  const pressureWord = w.open?.kind === 'blood-pressure';
  if (p.unit !== null && p.unit !== 'mmHg' && p.unit !== 'kPa' && p.unit !== '/min') {
    pairWithUnit(w, i, p);
    return;
  }
  if (labelledRange(w, i, p)) return;
  if (w.open?.kind === 'foreign' && !w.open.satisfied) return;
  const kilo = p.unit === 'kPa';
  const sized =
    kilo ||
    pressureWord ||
    (first.value >= 70 && second.value >= 30 && first.value > second.value && first.value <= 300);
  const swapped =
    !pressureWord &&
    !kilo &&
    first.value >= 40 &&
    second.value >= 80 &&
    second.value - first.value >= 15 &&
    second.value <= 260 &&
    first.decimals + second.decimals === 0;
  if (sized || swapped) {
    emitPressure(w, i, first.value, second.value, p.unit === '/min' ? null : p.unit, {
      needsCheckIn: swapped && !sized,
      tight: !pressureWord || (w.open?.strange ?? 0) === 0,
    });
    if (third && third.value >= 35 && third.value <= 200) {
      const entry = emit(w, i, { kind: 'heart-rate', value: third.value, context: null }, { tight: true });
      entry.item = { ...entry.item, original: third.text, span: [third.start, third.end] };
    } else if (!third) pulseBehind(w, i + 1);
    return;
  }
  w.pairs.push(p);
}

/** 空腹6.5-7.0, 高压180到190, 体温37-38: both ends are read for alerts, none is kept. */
function labelledRange(w: Walk, i: number, p: PairToken): boolean {
  const [first, second] = p.values as [NumberToken, NumberToken];
  if (!w.open || w.open.satisfied || w.open.kind === 'foreign' || !reaches(w.open, first)) return false;
  if (w.open.kind === 'blood-pressure' || (w.open.kind === 'glucose' && first.value >= 70 && second.value >= 40))
    return false;
  if (w.open.kind === 'steps' || w.open.kind === 'distance' || w.open.kind === 'urine-ketone') return false;
  const pressure = w.open.kind === 'systolic' || w.open.kind === 'diastolic';
  const kind: ItemKind = pressure ? 'blood-pressure' : (w.open.kind as ItemKind);
  const context = kind === 'glucose' ? (momentsAsOne(w)?.context ?? null) : null;
  const ends = [first, second].map((n) => {
    const value = w.open?.kind === 'diastolic' ? null : n.value;
    return emit(w, i, {
      kind,
      value,
      context,
      ...(pressure ? { diastolic: w.open?.kind === 'diastolic' ? n.value : null } : {}),
    });
  });
  const candidates = ends.map((end) => end.item);
  for (const end of ends) {
    end.doubt = { reason: 'ambiguous', candidates };
    end.certain = true;
  }
  w.moments = [];
  w.open.satisfied = true;
  return true;
}

/** 30-40分钟, 60-65公斤: a range is asked about. */
function pairWithUnit(w: Walk, i: number, p: PairToken): void {
  const [first, second] = p.values as [NumberToken, NumberToken];
  if (p.unit === 'degree' || p.unit === 'Cel') {
    const bodily =
      w.open?.kind === 'temperature' || (w.open?.kind !== 'foreign' && first.value >= 34 && second.value <= 43);
    if (bodily) w.open = { kind: 'temperature', at: i, strange: 0, crossed: false, satisfied: false };
  }
  if (labelledRange(w, i, p)) return;
  const act = actNear(w, i);
  const duration = p.unit === 'min' || p.unit === 'h';
  const kind: ItemKind | undefined =
    duration && (act || nextActivity(w.tokens, i))
      ? 'exercise'
      : p.unit === 'steps'
        ? 'steps'
        : p.unit === 'mmol/L' && w.open?.kind !== 'foreign'
          ? 'glucose'
          : p.unit === 'kg' && w.open?.kind === 'weight'
            ? 'weight'
            : undefined;
  if (!kind) {
    if (act && p.unit === 'km') act.used = true;
    w.pairs.push(p);
    return;
  }
  const scale = p.unit === 'h' ? 60 : 1;
  const context =
    kind === 'exercise' ? (act?.activity ?? null) : kind === 'glucose' ? (momentsAsOne(w)?.context ?? null) : null;
  const entry = emit(w, i, { kind, value: rounded(first.value * scale, 2), context }, { unitSaid: true });
  entry.doubt = {
    reason: 'ambiguous',
    candidates: [first, second].map((n) => ({ ...entry.item, value: rounded(n.value * scale, 2) })),
  };
  if (act) act.used = true;
  w.moments = [];
  if (w.open) w.open.satisfied = true;
}

export function onLabel(w: Walk, i: number, kind: LabelKind): void {
  if (isNegated(w.tokens, i)) {
    w.negated += 1;
    w.open = null;
    w.moments = [];
    return;
  }
  const keeps = kind === 'glucose';
  if (!keeps) w.moments = [];
  const before = token(w, i - 1);
  w.drug = null;
  w.open = { kind, at: i, strange: 0, crossed: false, satisfied: false };
  // 72心率, 36.5体温: glued in front, and nothing behind.
  if (
    kind !== 'foreign' &&
    kind !== 'glucose' &&
    before?.type === 'number' &&
    !w.tokens[i]?.gap &&
    w.unclaimed.at(-1) === before &&
    !numberFollows(w.tokens, i)
  ) {
    w.unclaimed.pop();
    labelledNumber(w, i - 1, before, kind);
  }
}

export function onUrineGrade(w: Walk, i: number): boolean {
  const t = w.tokens[i] as Token;
  // 酮体++ is urine: only strips are told in plus signs.
  const strip = w.open?.kind === 'urine-ketone' || (w.open?.kind === 'ketone' && t.text.startsWith('+'));
  if (!w.open || !strip || w.open.satisfied) return false;
  let value: number | null = null;
  if (t.text.startsWith('阴性') || t.type === 'none') value = 0;
  else if (/^\+{1,4}$/u.test(t.text)) {
    let end = i;
    while (token(w, end)?.text === '+') end += 1;
    value = t.text.length > 1 ? t.text.length : end - i;
    w.skipTo = Math.max(w.skipTo, end);
  } else if (t.text === '-') value = 0;
  else if (t.text === '±') value = 0.5;
  if (value === null) return false;
  emit(w, i, { kind: 'urine-ketone', value, context: null });
  w.open.satisfied = true;
  return true;
}

/** 高血压220, 低血糖2.9: the name of the condition said for the measurement. */
export function conditionAsLabel(w: Walk, i: number): boolean {
  const kind = CONDITIONS[w.tokens[i]?.text ?? ''];
  let k = i + 1;
  while (k < i + 4 && ['link', 'done', 'comma'].includes(token(w, k)?.type ?? '')) k += 1;
  const next = token(w, k);
  const fits =
    next?.type === 'numbers'
      ? next.unit === null || next.unit === 'mmHg'
      : next?.type === 'number' &&
        (next.unit === null || next.unit === 'mmol/L') &&
        !next.lone &&
        (kind === 'glucose' ? next.decimals > 0 : next.value >= 80);
  if (!kind || !fits) return false;
  onLabel(w, i, kind);
  return true;
}
