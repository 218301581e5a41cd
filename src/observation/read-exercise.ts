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
  if (near && (weak || (activity === null && previous.activity !== null))) {
    // 散步走了30分钟, 走路锻炼30分钟: one act.
    if (!weak || previous.activity === activity || previous.activity === null || weak) {
      if (previous.activity === null && activity !== null && !weak) previous.activity = activity;
      if (previous.activity === null && weak && activity !== null && activity !== 'walk') previous.activity = activity;
      w.used.add(at);
      return;
    }
  }
  // 运动:走路30分钟: the general word gives way.
  if (
    previous &&
    !previous.used &&
    previous.activity === null &&
    activity !== null &&
    !weak &&
    onlyBetween(w.tokens, previous.at, at, ['colon', 'link', 'done', 'mark', 'newline'])
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
  const together = w.acts.filter((a) => !a.used && !a.weak && !hardBreak(w.tokens, a.at, at));
  const each = between(w.tokens, act.at, at).some((t) => t.type === 'each');
  if (together.length > 1 && each) for (const a of together) emitExercise(w, at, n, a);
  else if (together.length > 1) emitExercise(w, at, n, { ...act, activity: null, several: true });
  else emitExercise(w, at, n, act);
  for (const a of together) a.used = true;
  act.used = true;
}

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
    if (n.value < 10 || n.value > 180 || n.decimals > 0) entry.doubt = { reason: 'ambiguous', candidates: [] };
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
  const act = actNear(w, i);
  if (act) amountOfActs(w, i, n.unit === 'points-or-min' ? { ...n, unit: 'min' } : n);
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
