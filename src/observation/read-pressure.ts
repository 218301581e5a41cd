import { between, isBounded, numberFollows, standsAlone } from './around.js';
import type { NumberToken, Token } from './lex.js';
import type { WrittenUnit } from './measure-words.js';
import type { Item } from './types.js';
import { toCanonical } from './units.js';
import { emit, type Found, token, type Walk } from './walk.js';

export function emitPressure(
  w: Walk,
  at: number,
  systolic: number | null,
  diastolic: number | null,
  unit: WrittenUnit | null,
  options: Partial<Found> = {},
): Found {
  const mm = (v: number | null) => (v === null ? null : unit === 'kPa' ? toCanonical(v, 'kPa') : v);
  const entry = emit(
    w,
    at,
    { kind: 'blood-pressure', value: mm(systolic), diastolic: mm(diastolic), context: w.arm },
    { unitSaid: unit !== null, ...options },
  );
  w.arm = null;
  if (w.open?.kind === 'blood-pressure') w.open.satisfied = true;
  return entry;
}

export function emitPart(w: Walk, at: number, n: NumberToken, systolic: boolean): void {
  const value = n.unit === 'kPa' ? toCanonical(n.value, 'kPa') : n.value;
  const last = w.found.at(-1);
  const half = last?.item.kind === 'blood-pressure' && at - last.at <= 7 && !last.doubt ? last : undefined;
  const fits = half && (systolic ? half.item.value === null : half.item.diastolic == null);
  if (w.open) w.open.satisfied = true;
  if (!fits || !half) {
    emitPressure(w, at, systolic ? value : null, systolic ? null : value, null, { unitSaid: n.unit !== null });
    return;
  }
  w.used.add(at);
  const [first, second] = [w.tokens[half.at] as Token, n];
  const item: Item = { ...half.item, original: w.text.slice(first.start, second.end), span: [first.start, second.end] };
  half.item = systolic ? { ...item, value } : { ...item, diastolic: value };
  half.tight = half.tight && (w.open === null || w.open.strange === 0);
  half.bounded = half.bounded || isBounded(w.tokens, at);
  if (n.vague || n.floor || n.odd) half.doubt = { reason: 'ambiguous', candidates: n.vague ? [] : [half.item] };
}

/** 130 80 and 130,80: two plain numbers that can only be a blood pressure. */
export function spacedPressure(w: Walk, at: number, labelled: boolean): boolean {
  const first = w.tokens[at] as NumberToken;
  let next = at + 1;
  while (
    token(w, next)?.type === 'comma' ||
    (labelled && (token(w, next)?.type === 'mark' || token(w, next)?.type === 'with'))
  )
    next += 1;
  const second = token(w, next);
  if (second?.type !== 'number' || next > at + 2) return false;
  if (second.unit !== null && second.unit !== 'mmHg' && second.unit !== 'kPa') return false;
  const apart = second.gap || next > at + 1 || /[一-十百零]/u.test(first.text);
  const values = [first.value, second.value] as const;
  const whole = first.decimals === 0 && second.decimals === 0;
  const likely = whole && values[0] >= 60 && values[0] <= 300 && values[1] >= 30 && values[1] <= 200;
  if (!apart || !likely || first.unit !== null || first.floor || second.floor) return false;
  if (!labelled && (values[0] < 80 || values[0] - values[1] < 15 || values[1] > 150)) return false;
  const vague = first.vague || second.vague;
  const entry = emitPressure(w, at, values[0], values[1], second.unit, {
    needsCheckIn: !labelled && !standsAlone(w.tokens, at, next),
  });
  entry.item = { ...entry.item, original: w.text.slice(first.start, second.end), span: [first.start, second.end] };
  if (vague) entry.doubt = { reason: 'ambiguous', candidates: [] };
  w.used.add(next);
  w.skipTo = next + 1;
  pulseBehind(w, next + 1);
  return true;
}

/** 130/80/72 and 130/80 72: the third number of a monitor's screen is the pulse. */
export function pulseBehind(w: Walk, from: number): void {
  let at = from;
  while (token(w, at)?.type === 'comma' || (token(w, at)?.type === 'mark' && token(w, at)?.text === '/')) at += 1;
  const pulse = token(w, at);
  if (pulse?.type !== 'number' || at > from + 1 || pulse.decimals > 0 || pulse.lone || pulse.vague) return;
  const measured = pulse.unit === '/min' || pulse.unit === 'times';
  if (!measured && pulse.unit !== null) return;
  if (pulse.value < 35 || pulse.value > 200) return;
  const next = token(w, at + 1);
  if (
    !measured &&
    (next?.type === 'number' || next?.type === 'moment' || next?.type === 'label' || next?.type === 'activity') &&
    !next.gap
  )
    return;
  if (!measured && next?.type === 'number' && next.unit === null && pulse.value - next.value >= 15) return;
  emit(w, at, { kind: 'heart-rate', value: pulse.value, context: null }, { unitSaid: measured, tight: true });
  w.skipTo = at + 1;
}

/** 13685, 1308 behind 血压: digits run together. */
export function gluedPressure(w: Walk, at: number, n: NumberToken): void {
  // 142.90: the point stands for the stroke.
  const digits = n.decimals > 0 ? n.text.replace('.', '') : String(n.value);
  const parts =
    digits.length === 4 && !digits.startsWith('1')
      ? [2, 2]
      : digits.length === 5
        ? [3, 2]
        : digits.length === 6
          ? [3, 3]
          : null;
  const entry = emitPressure(w, at, n.value, null, null);
  const split = parts && {
    ...entry.item,
    value: Number(digits.slice(0, parts[0])),
    diastolic: Number(digits.slice(parts[0])),
  };
  const likely = split && split.value - split.diastolic >= 15 && split.value <= 260 && split.diastolic >= 40;
  entry.doubt = { reason: 'ambiguous', candidates: likely ? [split] : [] };
}

/** 血压150: systolic, very likely. Read for alerts, asked before it is kept. */
export function singlePressure(w: Walk, i: number, n: NumberToken): void {
  const entry = emitPressure(w, i, n.value, null, n.unit);
  entry.doubt = { reason: 'ambiguous', candidates: n.value >= 60 && n.value <= 300 ? [entry.item] : [] };
}

/** 高130低80. */
export function pressureLevels(w: Walk, i: number): boolean {
  const n = w.tokens[i] as NumberToken;
  const level = w.tokens[i - 1] as Extract<Token, { type: 'level' }>;
  const last = w.found.at(-1);
  const second =
    last?.item.kind === 'blood-pressure' &&
    (last.item.value === null || last.item.diastolic === null) &&
    i - last.at <= 3;
  const partner =
    between(w.tokens, i, Math.min(w.tokens.length, i + 4)).some(
      (t, k, all) => t.type === 'level' && t.high !== level.high && all[k + 1]?.type === 'number',
    ) ||
    w.tokens
      .slice(i + 1, i + 4)
      .some(
        (t, k, all) =>
          t.type === 'level' && t.high !== level.high && (all[k + 1] ?? w.tokens[i + 2 + k])?.type === 'number',
      );
  if (!second && !partner) return false;
  if (n.value < 30 || n.value > 300) return false;
  emitPart(w, i, n, level.high);
  return true;
}

export function onPressureContext(w: Walk, i: number, context: string): void {
  const last = w.found.at(-1);
  const behind =
    last?.item.kind === 'blood-pressure' &&
    last.item.context === null &&
    i - last.at <= 2 &&
    numberFollows(w.tokens, i) === undefined;
  if (behind) last.item = { ...last.item, context };
  else w.arm = context;
}
