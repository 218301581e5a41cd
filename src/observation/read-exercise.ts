import { between, clauseBetween, hardBreak, nextActivity, onlyBetween } from './around.js';
import type { NumberToken, Token } from './lex.js';
import { toCanonical } from './units.js';
import { type Act, emit, type Found, token, type Walk } from './walk.js';

function lastAct(w: Walk): Act | undefined {
  return w.acts.at(-1);
}

export function openAct(w: Walk, at: number, activity: string | null, weak: boolean): void {
  const previous = lastAct(w);
  const near = previous && !previous.used && !clauseBetween(w.tokens, previous.at, at);
  // 散步走了30分钟, 走路锻炼30分钟: one act. 太极 走了30分钟: two.
  if (near && (activity === null || (weak && (previous.activity === activity || previous.activity === null)))) {
    previous.activity ??= activity;
    w.used.add(at);
    return;
  }
  // 运动:走路30分钟: the general word gives way.
  if (
    previous &&
    !previous.used &&
    previous.activity === null &&
    activity !== null &&
    !weak &&
    onlyBetween(w.tokens, previous.at, at, ['colon', 'link', 'done', 'mark', 'newline', 'check-in'])
  )
    w.acts.pop();
  else if (previous && !previous.used && previous.activity === activity && near) w.acts.pop();
  w.acts.push({ activity, weak, at, used: false });
  w.used.add(at);
  claimBefore(w, at);
}

/** 30分钟走路, 8000步快走. */
function claimBefore(w: Walk, at: number): void {
  let k = at - 1;
  while (token(w, k)?.type === 'link' || token(w, k)?.type === 'done') k -= 1;
  const n = token(w, k);
  const act = lastAct(w) as Act;
  if (n?.type !== 'number' || act.weak) return;
  if ((n.unit === 'min' || n.unit === 'h') && !w.used.has(k)) {
    emitExercise(w, k, n, act);
    act.used = true;
  } else if (w.used.has(k) && (n.unit === 'steps' || n.unit === 'km') && !n.floor) act.used = true;
}

function emitExercise(w: Walk, at: number, n: NumberToken, act: Act): void {
  const value = n.unit === 'h' ? toCanonical(n.value, 'h') : n.value;
  const what = (w.tokens[act.at] as Token).text;
  emit(
    w,
    at,
    { kind: 'exercise', value, context: act.activity, ...(act.weak || act.several ? {} : { what }) },
    { unitSaid: n.unit !== null, tight: true },
  );
}

/** One amount behind several acts: 各30分钟 is for each, 共 and nothing said is for all together. */
function amountOfActs(w: Walk, at: number, n: NumberToken): void {
  const act = lastAct(w) as Act;
  const together = actsListed(w).filter((a) => !hardBreak(w.tokens, a.at, at));
  const each = between(w.tokens, act.at, at).some((t) => t.type === 'each');
  if (together.length > 1 && each) for (const a of together) emitExercise(w, at, n, a);
  else if (together.length > 1) emitExercise(w, at, n, { ...act, activity: null, several: true });
  else emitExercise(w, at, n, act);
  for (const a of together) a.used = true;
  act.used = true;
}

/** The acts named one behind the other before an amount: 走路、跑步和太极. */
function actsListed(w: Walk): Act[] {
  const listed: Act[] = [];
  for (const act of w.acts.toReversed()) {
    const next = listed[0];
    if (act.used || act.weak || (next && !onlyBetween(w.tokens, act.at, next.at, LISTING))) break;
    listed.unshift(act);
  }
  return listed;
}

const LISTING = ['comma', 'with', 'mark', 'link', 'filler', 'done'] as const;

export function actNear(w: Walk, at: number): Act | undefined {
  const act = lastAct(w);
  return act && !act.used && !hardBreak(w.tokens, act.at, at) ? act : undefined;
}

export function amount(w: Walk, at: number, n: NumberToken, kind: 'steps' | 'distance', value: number): void {
  const act = lastAct(w);
  const own = act && !hardBreak(w.tokens, act.at, at) ? act : undefined;
  emit(w, at, { kind, value, context: own?.activity ?? null }, { unitSaid: n.unit !== null, tight: true });
  if (own) own.used = true;
}

export function bareAmount(w: Walk, i: number, n: NumberToken, act: Act): void {
  if (
    n.value >= 1000 &&
    n.decimals === 0 &&
    (act.activity === 'walk' || act.activity === null || act.activity === 'run')
  )
    amount(w, i, n, 'steps', n.value);
  else if (act.weak) w.unclaimed.push(n);
  else {
    emitExercise(w, i, n, act);
    const entry = w.found.at(-1) as Found;
    entry.tight = true;
    // Without a unit only what can be nothing but minutes is taken as minutes.
    if (n.value < 10 || n.value > 180 || n.decimals > 0)
      entry.doubt = { reason: 'ambiguous', candidates: n.decimals === 0 && n.value >= 10 ? [entry.item] : [] };
    act.used = true;
  }
}

export function distanceAt(w: Walk, i: number, n: NumberToken): void {
  const act = lastAct(w);
  const known = w.open?.kind === 'distance' || (act && !hardBreak(w.tokens, act.at, i)) || nextActivity(w.tokens, i);
  if (!known || (n.unit === 'm' && n.value < 50)) return;
  amount(w, i, n, 'distance', n.unit === 'km' ? n.value : toCanonical(n.value, n.unit as 'li' | 'm'));
}

export function durationAt(w: Walk, i: number, n: NumberToken): void {
  const last = w.moments.at(-1);
  if (
    n.unit === 'h' &&
    last &&
    last.hoursAfter === undefined &&
    last.context.startsWith('after') &&
    n.value <= 4 &&
    !actNear(w, i)
  ) {
    last.hoursAfter = n.value;
    w.used.add(i);
    return;
  }
  if (n.unit === 'h' && (againAfterMeal(w, i, n) || hoursBehindReading(w, i, n))) return;
  const act = actNear(w, i);
  // 早晚各走30分钟: how much together?
  if (
    act &&
    between(w.tokens, Math.max(-1, act.at - 3), i).some((t) => t.type === 'each') &&
    actsListed(w).length < 2
  ) {
    emitExercise(w, i, n, act);
    (w.found.at(-1) as Found).doubt = { reason: 'ambiguous', candidates: [] };
    act.used = true;
  } else if (act) amountOfActs(w, i, n.unit === 'points-or-min' ? { ...n, unit: 'min' } : n);
  else if (
    lastAct(w) &&
    !clauseBetween(w.tokens, (lastAct(w) as Act).at, i) &&
    n.unit !== 'points-or-min' &&
    !nextActivity(w.tokens, i)
  ) {
    // 走了6000步,40分钟: the same walk, told twice.
    emitExercise(w, i, n, lastAct(w) as Act);
  } else if (n.unit === 'points-or-min' && nextActivity(w.tokens, i)) w.unclaimed.push(n);
}

/** 早餐后1小时9.2,2小时7.8: the same meal, later. */
function againAfterMeal(w: Walk, i: number, n: NumberToken): boolean {
  const last = w.found.at(-1);
  const context = last?.item.context;
  const next = token(w, i + 1)?.type === 'colon' ? token(w, i + 2) : token(w, i + 1);
  const reading = next?.type === 'number' && next.unit === null && next.decimals > 0;
  if (last?.item.kind !== 'glucose' || !context?.startsWith('after-') || !reading || n.value > 4) return false;
  if (last.item.hoursAfter === undefined || context === 'after-exercise') return false;
  w.moments = [{ context, hoursAfter: n.value, at: i }];
  w.open = { kind: 'glucose', at: i, strange: 0, crossed: false, satisfied: false };
  w.used.add(i);
  return true;
}

/** 餐后血糖7.8(2小时). */
function hoursBehindReading(w: Walk, i: number, n: NumberToken): boolean {
  const last = w.found.at(-1);
  const bracket = token(w, i - 1)?.text === '(';
  if (!bracket || last?.at !== i - 2 || !last.item.context?.startsWith('after-') || n.value > 4) return false;
  last.item = { ...last.item, hoursAfter: n.value };
  w.used.add(i);
  return true;
}
