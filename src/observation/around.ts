import type { NumberToken, Token } from './lex.js';

/** Between a word and its number these do not matter. */
export const CONNECTORS = new Set<Token['type']>([
  'colon',
  'link',
  'measure',
  'time-of-day',
  'clock',
  'day',
  'self',
  'level',
  'done',
  'mark',
  'emoji',
  'date',
  'now',
  'floor',
  'counter',
  'filler',
  'weekday',
  'take',
  'range',
  'correct',
  'wrong',
  'instead',
  'check-in',
  'pressure-context',
  'bound',
  'is-not',
]);
export const CLAUSE_END = new Set<Token['type']>(['comma', 'stop', 'newline']);

export function between(tokens: readonly Token[], from: number, to: number): Token[] {
  return tokens.slice(Math.min(from, to) + 1, Math.max(from, to));
}

export function onlyBetween(
  tokens: readonly Token[],
  from: number,
  to: number,
  types: readonly Token['type'][],
): boolean {
  return between(tokens, from, to).every((t) => types.includes(t.type));
}

export const clauseBetween = (tokens: readonly Token[], from: number, to: number) =>
  between(tokens, from, to).some((t) => CLAUSE_END.has(t.type));
export const stopBetween = (tokens: readonly Token[], from: number, to: number) =>
  between(tokens, from, to).some((t) => t.type === 'stop' || t.type === 'newline');

/** A full stop, a new line, a comma before something new, or another measurement stands between. */
export function hardBreak(tokens: readonly Token[], from: number, to: number): boolean {
  return between(tokens, from, to).some(
    (t) =>
      t.type === 'stop' ||
      t.type === 'newline' ||
      (t.type === 'label' && t.kind !== 'distance' && t.kind !== 'steps') ||
      t.type === 'moment' ||
      t.type === 'negation',
  );
}

/** The index of the plain number that a word is followed by, before anything else begins. */
export function numberFollows(tokens: readonly Token[], i: number): number | undefined {
  for (let k = i + 1; k < tokens.length; k += 1) {
    const t = tokens[k] as Token;
    if (t.type === 'number')
      return (t.unit === null || t.unit === 'mmol/L' || t.unit === 'mg/dL') && !t.lone ? k : undefined;
    if (t.type === 'label' && t.kind === 'glucose') continue;
    if (!CONNECTORS.has(t.type) || (t.type === 'mark' && (t.text === ')' || t.text === ']'))) return undefined;
  }
  return undefined;
}

/** 30分钟的快走: an activity right behind. */
export function nextActivity(tokens: readonly Token[], i: number): boolean {
  const next = tokens[i + 1];
  return next?.type === 'activity' || (next?.type === 'link' && tokens[i + 2]?.type === 'activity');
}

export const momentFollows = (tokens: readonly Token[], i: number) =>
  tokens[i + 1]?.type === 'moment' || (tokens[i + 1]?.text === '(' && tokens[i + 2]?.type === 'moment');

/** 一, 六 alone are a reading only right behind a word and before an end: 空腹六. */
export function loneReading(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  const after = tokens[i + 1];
  const named =
    before?.type === 'moment' || before?.type === 'label' || (before?.type === 'link' && /[是为]/u.test(before.text));
  const ends = !after || after.gap || CLAUSE_END.has(after.type) || after.type === 'emoji' || after.type === 'check-in';
  return named === true && ends;
}

/** Nothing else but greetings and marks in the whole message. */
export function standsAlone(tokens: readonly Token[], from: number, to: number): boolean {
  const quiet = new Set<Token['type']>([
    'comma',
    'stop',
    'newline',
    'mark',
    'emoji',
    'greeting',
    'mention',
    'time-of-day',
    'day',
    'filler',
    'number',
  ]);
  return tokens.every((t, i) => (i >= from && i <= to) || quiet.has(t.type));
}

/** Begins a clause or stands behind a check-in word: 打卡 142斤, not 买了142斤. */
export function startsEntry(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  if (!before || CLAUSE_END.has(before.type)) return true;
  if (
    [
      'check-in',
      'colon',
      'emoji',
      'day',
      'time-of-day',
      'greeting',
      'mark',
      'measure',
      'clock',
      'counter',
      'mention',
      'make-up',
      'correct',
      'maybe-check-in',
    ].includes(before.type)
  )
    return true;
  return tokens[i]?.gap === true && ['number', 'numbers', 'drug', 'activity', 'done'].includes(before.type);
}

const BOUND_BEFORE = /^(?:以下|以内|之内|以上|之间)$/u;

export function isBounded(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  const after = tokens[i + 1];
  if (after?.type === 'bound' && BOUND_BEFORE.test(after.text)) return true;
  if (before?.type === 'bound' && !BOUND_BEFORE.test(before.text)) return true;
  return before?.type === 'link' && tokens[i - 2]?.type === 'bound';
}

/** 瘦了3斤, 降了0.5, 比昨天低0.8: a change, no value. */
export function isChange(tokens: readonly Token[], i: number): boolean {
  const n = tokens[i] as NumberToken;
  const before = tokens[i - 1];
  if (!before || n.gap) return before?.type === 'delta' && n.value < 5;
  if (before.type === 'delta') return !/^[高低]了$/u.test(before.text) || n.value < 5 || n.unit === 'jin';
  if (before.type !== 'level' && !(before.type === 'link' && /[高低]$/u.test(before.text))) return false;
  for (let k = i - 2; k >= 0; k -= 1) {
    const t = tokens[k] as Token;
    if (t.type === 'compare' || (t.type === 'pair' && t.text === '比')) return true;
    if (CLAUSE_END.has(t.type)) break;
  }
  return before.type === 'level' && n.value < 3;
}

const BACK_OVER = new Set<Token['type']>([
  'link',
  'take',
  'time-of-day',
  'day',
  'self',
  'measure',
  'filler',
  'moment',
  'done',
]);
const NOT_DONE = new Set<Token['type']>(['take', 'measure', 'done', 'activity', 'link']);

/** 没运动, 忘了吃药, 血糖没测, 药还没吃, 运动:无. */
export function isNegated(tokens: readonly Token[], i: number): boolean {
  for (let k = i - 1; k >= Math.max(0, i - 4); k -= 1) {
    const t = tokens[k] as Token;
    if (t.type === 'none' && k === i - 1 && /无/u.test(t.text)) return true;
    if (t.type === 'negation') return k === i - 1 || !tokens[i]?.gap;
    if (!BACK_OVER.has(t.type) || (tokens[k + 1]?.gap && k < i - 1)) break;
  }
  let k = i + 1;
  while (
    tokens[k]?.type === 'colon' ||
    tokens[k]?.type === 'link' ||
    tokens[k]?.text === '都' ||
    tokens[k]?.type === 'day'
  )
    k += 1;
  const next = tokens[k];
  if (next?.type === 'none') return true;
  if (next?.type !== 'negation') return false;
  const then = tokens[k + 1];
  return (
    !then ||
    CLAUSE_END.has(then.type) ||
    then.type === 'emoji' ||
    (NOT_DONE.has(then.type) && tokens[k + 2]?.type !== 'drug' && tokens[k + 2]?.type !== 'label')
  );
}

/** 已吃药, 散步✅, 运动完成: said to have been done. */
export function saidDone(tokens: readonly Token[], i: number): boolean {
  if (/[了过完]/u.test(tokens[i]?.text ?? '')) return true;
  const next = tokens[i + 1];
  // 八段锦两遍
  if (next?.type === 'number' && (next.unit === 'times' || next.unit === 'set') && tokens[i]?.type === 'activity')
    return true;
  for (const step of [-1, 1]) {
    for (let k = i + step; k >= 0 && k < tokens.length; k += step) {
      const t = tokens[k] as Token;
      // 吃药:二甲双胍、格列美脲
      if (step < 0 && tokens[i]?.type === 'drug' && (t.type === 'drug' || t.text === '、')) {
        if (/^[吃服用打]/u.test(t.text)) return true;
        continue;
      }
      if (
        CLAUSE_END.has(t.type) ||
        t.type === 'drug' ||
        t.type === 'activity' ||
        t.type === 'label' ||
        t.type === 'number'
      )
        break;
      if (t.type === 'done' || t.type === 'check-in') return true;
      if (t.text === '了' || (t.type === 'take' && /[了过完好已]/u.test(t.text))) return true;
    }
  }
  return false;
}
