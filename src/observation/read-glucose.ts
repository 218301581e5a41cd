import { between, isNegated, numberFollows } from './around.js';
import type { NumberToken, Token } from './lex.js';
import { toCanonical } from './units.js';
import { emit, type Found, type Moment, token, type Walk } from './walk.js';

/** Moments that are also times of day. */
export const TIMES = new Set(['night', 'bedtime']);

export function momentsAsOne(w: Walk): { context: string | null; hoursAfter?: number } | null {
  if (w.moments.length === 0) return { context: null };
  const contexts = new Set(w.moments.map((m) => m.context));
  const hours = w.moments.find((m) => m.hoursAfter !== undefined)?.hoursAfter;
  const withHours = (context: string) => (hours === undefined ? { context } : { context, hoursAfter: hours });
  if (contexts.size === 1) return withHours(w.moments[0]?.context ?? '');
  // 早餐前空腹 is one moment said twice, 饭后 2小时 after 早餐后 as well.
  if (
    contexts.has('fasting') &&
    [...contexts].every((c) => c === 'fasting' || c === 'before-breakfast' || c === 'before-meal')
  )
    return { context: 'fasting' };
  const specific = [...contexts].filter((c) => c !== 'after-meal' && c !== 'before-meal');
  const sides = new Set([...contexts].map((c) => c.split('-')[0]));
  if (specific.length === 1 && sides.size === 1) return withHours(specific[0] as string);
  return null;
}

export function emitGlucose(w: Walk, at: number, n: NumberToken, options: Partial<Found> = {}): void {
  const value = n.unit === 'mg/dL' ? toCanonical(n.value, 'mg/dL') : n.value;
  const moment = momentsAsOne(w);
  const base = { kind: 'glucose' as const, value };
  const unitSaid = n.unit === 'mg/dL' || n.unit === 'mmol/L';
  for (const m of w.moments) w.used.add(m.at);
  if (moment) emit(w, at, { ...base, ...moment }, { unitSaid, ...options });
  else {
    const entry = emit(w, at, { ...base, context: null }, { unitSaid, ...options });
    entry.doubt = { reason: 'ambiguous', candidates: w.moments.map((m) => ({ ...entry.item, context: m.context })) };
  }
  w.moments = [];
  if (w.open) w.open.satisfied = true;
}

/** 空腹/餐后 6.5/8.9: as many numbers as moments, in order. */
export function distribute(w: Walk, at: number): boolean {
  if (w.moments.length < 2 || momentsAsOne(w) !== null) return false;
  const values: { at: number; n: NumberToken }[] = [];
  let i = at;
  for (; i < w.tokens.length; i += 1) {
    const t = w.tokens[i] as Token;
    if (t.type === 'numbers' && !t.ranged) for (const n of t.values) values.push({ at: i, n });
    else if (t.type === 'number' && (t.unit === null || t.unit === 'mmol/L')) values.push({ at: i, n: t });
    else if (t.type !== 'comma' && t.type !== 'mark') break;
  }
  if (values.length !== w.moments.length) return false;
  const given = w.moments;
  values.forEach(({ at: k, n }, index) => {
    w.moments = [given[index] as Moment];
    emitGlucose(w, k, n);
    const entry = w.found.at(-1) as Found;
    entry.item = { ...entry.item, original: n.text, span: [n.start, n.end] };
  });
  w.skipTo = i;
  return true;
}

/** 餐后2:8.6: the first number is the hours, because a reading follows. */
export function hoursBehindMoment(w: Walk, i: number, n: NumberToken): boolean {
  const last = w.moments.at(-1);
  if (
    !last?.context.startsWith('after') ||
    last.hoursAfter !== undefined ||
    n.decimals > 0 ||
    n.value < 1 ||
    n.value > 3 ||
    last.at !== i - 1
  )
    return false;
  let k = i + 1;
  while (
    token(w, k)?.type === 'colon' ||
    token(w, k)?.type === 'link' ||
    token(w, k)?.type === 'label' ||
    token(w, k)?.type === 'comma'
  )
    k += 1;
  const next = token(w, k);
  const reading = next?.type === 'number' && next.decimals > 0 && (next.unit === null || next.unit === 'mmol/L');
  if (!reading) {
    const entry = emit(w, i, { kind: 'glucose', value: n.value, context: last.context });
    entry.doubt = { reason: 'ambiguous', candidates: [entry.item] };
    w.moments = [];
    if (w.open) w.open.satisfied = true;
    return true;
  }
  last.hoursAfter = n.value;
  w.used.add(i);
  return true;
}

export function onMoment(w: Walk, i: number, m: Moment): void {
  if (isNegated(w.tokens, i)) {
    w.negated += 1;
    w.moments = [];
    if (w.open?.kind === 'glucose') w.open = null;
    return;
  }
  const after = token(w, i + 1);
  if (after?.type === 'activity' || (after?.type === 'link' && token(w, i + 2)?.type === 'activity')) return;
  // 甘精睡前14单位: when it was injected.
  if (w.drug && after?.type === 'number' && after.unit !== null && ['U', 'tablet', 'mg', 'g'].includes(after.unit))
    return;
  if (claimNumberBefore(w, i, m)) return;
  const before = token(w, i - 1);
  // 2小时餐后血糖8.6
  if (
    before?.type === 'number' &&
    before.unit === 'h' &&
    before.value <= 4 &&
    m.context.startsWith('after') &&
    m.hoursAfter === undefined &&
    !w.used.has(i - 1)
  ) {
    m.hoursAfter = before.value;
    w.used.add(i - 1);
  }
  const last = w.moments.at(-1);
  if (last && !between(w.tokens, last.at, i).every(joinsMoments)) w.moments = [];
  w.moments.push(m);
  if (w.open?.kind !== 'glucose' || w.open.satisfied)
    w.open = { kind: 'glucose', at: i, strange: 0, crossed: false, satisfied: false };
  else if (w.open.strange > 0 || w.open.crossed) w.open = { ...w.open, at: i, strange: 0, crossed: false };
  w.drug = null;
}

/** 6.5空腹, 6.5(空腹): the number came first. */
function claimNumberBefore(w: Walk, i: number, m: Moment): boolean {
  const bracket = token(w, i - 1)?.type === 'mark' && token(w, i - 1)?.text === '(';
  const k = bracket ? i - 2 : i - 1;
  const n = token(w, k);
  if (n?.type !== 'number' || n.lone || n.decimals > 1 || m.context === 'night') return false;
  const claimedAsGlucose =
    w.found.at(-1)?.at === k && w.found.at(-1)?.item.kind === 'glucose' && w.found.at(-1)?.item.context === null;
  if (w.unclaimed.at(-1) !== n && !claimedAsGlucose) return false;
  const following = numberFollows(w.tokens, i);
  const forward = following !== undefined && !bracket;
  if (forward) {
    const ownMoment = w.tokens[following + 1];
    const listed = ownMoment?.type === 'moment' && !ownMoment.gap && w.tokens[following]?.gap && !w.tokens[i]?.gap;
    if (!listed) {
      // 6.5空腹 8.9: it cannot be told which one.
      if (n.decimals > 0 && !w.tokens[i]?.gap && w.tokens[following]?.gap && !claimedAsGlucose) {
        const entry = emit(w, k, { kind: 'glucose', value: n.value, context: m.context });
        entry.doubt = {
          reason: 'ambiguous',
          candidates: [entry.item, { ...entry.item, value: (w.tokens[following] as NumberToken).value }],
        };
        w.unclaimed.pop();
        w.used.add(following);
        w.skipTo = following + 1;
        w.open = null;
        return true;
      }
      return false;
    }
  } else if (n.decimals === 0 && w.tokens[i]?.gap && !bracket) return false;
  if (claimedAsGlucose) {
    const entry = w.found.at(-1) as Found;
    entry.item = {
      ...entry.item,
      context: m.context,
      ...(m.hoursAfter === undefined ? {} : { hoursAfter: m.hoursAfter }),
    };
    if (entry.doubt?.reason === 'ambiguous' && !n.vague && !n.floor && !n.odd) delete entry.doubt;
    entry.needsCheckIn = false;
  } else {
    w.unclaimed.pop();
    w.moments = [m];
    w.open = null;
    emitGlucose(w, k, n, { tight: true });
  }
  w.used.add(i);
  return true;
}

/** 空腹/餐后, 空腹和餐后: one list, whose numbers follow. */
const joinsMoments = (t: Token) =>
  ['comma', 'label', 'with', 'time-of-day'].includes(t.type) || (t.type === 'mark' && '/()&+|'.includes(t.text));

export function onMeter(w: Walk, i: number, reading: 'HI' | 'LO'): void {
  if (numberFollows(w.tokens, i) !== undefined) return;
  // 显示LO: only a meter displays that.
  const displayed = token(w, i - 1)?.text.startsWith('显示') === true;
  if (displayed) w.open ??= { kind: 'glucose', at: i, strange: 0, crossed: false, satisfied: false };
  if (w.open?.kind !== 'glucose' || w.open.satisfied || (w.open.crossed && !displayed)) return;
  const moment = momentsAsOne(w);
  emit(w, i, { kind: 'glucose', value: reading, context: moment?.context ?? null });
  w.moments = [];
  w.open.satisfied = true;
}

export function onClock(w: Walk, i: number, maybe: number | null): void {
  if (maybe === null || w.open?.kind !== 'glucose' || w.open.satisfied || w.open.strange > 0 || w.open.crossed) return;
  // 凌晨两点 is when, 空腹六点半 may be 6.5.
  if (w.moments.some((m) => TIMES.has(m.context))) return;
  if (
    numberFollows(w.tokens, i) !== undefined ||
    token(w, i - 1)?.type === 'time-of-day' ||
    w.found.some((f) => f.at > i)
  )
    return;
  const entry = emit(
    w,
    i,
    { kind: 'glucose', value: maybe, context: momentsAsOne(w)?.context ?? null },
    { certain: false },
  );
  entry.doubt = { reason: 'ambiguous', candidates: [entry.item] };
  w.open.satisfied = true;
  w.moments = [];
}
