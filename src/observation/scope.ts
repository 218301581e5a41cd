import type { Token } from './lex.js';

/** How far what is said at a token may be taken as the sender's own value of that day. */
export interface Scope {
  owner: 'self' | 'other' | 'quoted';
  frame: 'now' | 'plan' | 'reference' | 'past';
  day?: number;
}

export interface Scopes {
  at: readonly Scope[];
  /** The first other person named as owner, as written. */
  subject?: string;
}

const CLAUSE_END = new Set(['comma', 'stop', 'newline']);
const OWNED = new Set([
  'label',
  'moment',
  'number',
  'numbers',
  'day',
  'measure',
  'time-of-day',
  'now',
  'drug',
  'clock',
]);

/**
 * Whose value, from when, and how it is meant, for every token. Persons and
 * frames reach forward until something takes them back: 我 takes back the
 * owner, 今天 and 现在 take back 以前, a full stop takes back a plan.
 */
export function scopesOf(tokens: readonly Token[], text: string): Scopes {
  const quoted = quotedRanges(text);
  const at: Scope[] = [];
  let owner: Scope['owner'] = 'self';
  let frame: Scope['frame'] = 'now';
  let day: number | undefined;
  let subject: string | undefined;
  let clause: { other: boolean; reading: boolean; missed: boolean } = { other: false, reading: false, missed: false };
  tokens.forEach((token, i) => {
    const named = ownerNamed(tokens, i);
    if (named === 'self') owner = 'self';
    else if (named) {
      owner = 'other';
      subject ??= named;
    }
    frame = frameAfter(frame, token, tokens, i);
    if (token.type === 'day') day = token.offset;
    if (token.type === 'plan' && /^(?:明|后天|下)/.test(token.text)) day = undefined;
    if (CLAUSE_END.has(token.type)) {
      // 昨晚没睡好,空腹7.2: the day belonged to what went before. 昨天忘了打卡,空腹6.8: it did not.
      if (!clause.reading && (clause.other || clause.missed)) day = undefined;
      clause = { other: false, reading: false, missed: false };
    }
    if (token.type === 'other' || token.type === 'noise' || (token.type === 'filler' && token.text.length > 2))
      clause.other = true;
    if (token.type === 'number' || token.type === 'numbers' || token.type === 'activity' || token.type === 'drug')
      clause.reading = true;
    const next = tokens[i + 1];
    if (token.type === 'negation' && (next?.type === 'measure' || next?.type === 'label' || next?.type === 'moment'))
      clause.missed = true;
    const inQuote = quoted.some(([start, end]) => token.start >= start && token.start < end);
    at.push({ owner: inQuote ? 'quoted' : owner, frame, ...(day === undefined ? {} : { day }) });
  });
  return { at, ...(subject === undefined ? {} : { subject }) };
}

function frameAfter(frame: Scope['frame'], token: Token, tokens: readonly Token[], i: number): Scope['frame'] {
  switch (token.type) {
    case 'plan':
      return 'plan';
    case 'reference':
    case 'if':
      return 'reference';
    case 'past':
      return 'past';
    case 'now':
    case 'check-in':
      return 'now';
    case 'day':
      return frame === 'past' || frame === 'plan' ? 'now' : frame;
    case 'stop':
    case 'newline':
      return tokens[i - 1]?.type === 'plan' ? frame : 'now';
    case 'comma':
      // 每天走路,空腹6.5: what is usual ends with the clause; 上次, a plan and a reference go on.
      return endsHabit(tokens, i) || (frame === 'plan' && !holdsGoal(tokens, i)) ? 'now' : frame;
    case 'self':
      // 医生说我血糖16.7 is a value; 如果我血糖… is none.
      return frame === 'reference' && !tokens.slice(0, i).some((t) => t.type === 'if') ? 'now' : frame;
    case 'label':
    case 'moment':
      return token.gap && frame === 'past' && endsHabit(tokens, i) ? 'now' : frame;
    default:
      return frame;
  }
}

/** 目标空腹6,餐后8: a goal goes on past a comma; 明天复诊,血糖7.8 does not. */
function holdsGoal(tokens: readonly Token[], i: number): boolean {
  const last = tokens.slice(0, i).findLast((t) => t.type === 'plan');
  return last !== undefined && /目标|控制|保持|维持|降到|target|goal/u.test(last.text);
}

const HABIT = /^(?:平时|平常|一般|通常|往常|每天|天天|经常|一直|总是|最近|近来|近期)$/u;

/** The last word that opened a frame spoke of a habit, and something stood behind it. */
function endsHabit(tokens: readonly Token[], i: number): boolean {
  for (let k = i - 1; k >= 0; k -= 1) {
    const token = tokens[k] as Token;
    if (token.type === 'past') return HABIT.test(token.text) && k < i - 1;
    if (token.type === 'plan' || token.type === 'reference' || token.type === 'if') return false;
  }
  return false;
}

/** `self`, another person's word, or nothing where the token names no owner. */
function ownerNamed(tokens: readonly Token[], i: number): string | undefined {
  const token = tokens[i] as Token;
  const previous = tokens[i - 1];
  const next = tokens[i + 1];
  if (token.type === 'check-in' && !isBehalfBefore(tokens, i) && previous?.type !== 'person') return 'self';
  if (token.type === 'self') return next?.type === 'person' ? undefined : 'self';
  if (token.type === 'you') return next && OWNED.has(next.type) ? token.text : undefined;
  if (token.type === 'behalf') return behalfOf(tokens, i);
  if (token.type !== 'person') return undefined;
  if (previous?.type === 'with' || next?.type === 'greeting' || next?.text === '们') return undefined;
  // 李阿姨打卡: a signature; 妈妈打卡: not the sender.
  if (next?.type === 'check-in' && previous?.type === 'other') return undefined;
  return previous?.type === 'self' || previous?.type === 'other' ? `${previous.text}${token.text}` : token.text;
}

/** 替张三打卡, 帮老周测的: somebody else, unless 帮我. */
function behalfOf(tokens: readonly Token[], i: number): string | undefined {
  const token = tokens[i] as Token;
  const next = tokens[i + 1];
  if (token.text.endsWith('打卡')) {
    if (next?.type === 'person') return next.text;
    return next?.type === 'other'
      ? `${next.text}${tokens[i + 2]?.type === 'person' ? tokens[i + 2]?.text : ''}`
      : token.text;
  }
  if (next?.type === 'self' && tokens[i + 2]?.type !== 'person') return 'self';
  if (next?.type === 'person') return next.text;
  if (next?.type !== 'other' || next.text.length > 4 || token.text === '给') return undefined;
  const after = tokens[i + 2];
  const acts =
    after?.type === 'check-in' ||
    after?.type === 'measure' ||
    after?.type === 'make-up' ||
    (after?.type === 'person' && tokens[i + 3]?.type === 'check-in');
  return acts ? next.text : undefined;
}

function isBehalfBefore(tokens: readonly Token[], i: number): boolean {
  for (let k = i - 1; k >= Math.max(0, i - 4); k -= 1) {
    const token = tokens[k] as Token;
    if (token.type === 'behalf') return behalfOf(tokens, k) !== 'self' && behalfOf(tokens, k) !== undefined;
    if (CLAUSE_END.has(token.type)) return false;
  }
  return false;
}

const WECHAT_QUOTE = /^「[\s\S]*?」\s*(?:\n\s*)?[-—_ ]{3,}/u;
const SPEECH = /[“「『"]([^”」』"\n]{2,80})[”」』"]/gu;
const FORWARDED = /^(?:【?转发】?|\[?聊天记录\]?|【转】|转[:：]|fwd:|以下(?:是|为)?转发)/u;
const HOLDS_CHECK_IN = /(?:打卡|签到|空腹|血糖|血压|餐后|饭后|餐前|饭前|睡前).*\d|打卡/u;

/** WeChat's own quote form, forwarded text, and complete readings between quotation marks. */
function quotedRanges(text: string): [number, number][] {
  if (FORWARDED.test(text)) return [[0, text.length]];
  const ranges: [number, number][] = [];
  const head = WECHAT_QUOTE.exec(text);
  if (head) ranges.push([0, head[0].length]);
  for (const found of text.slice(head?.[0].length ?? 0).matchAll(SPEECH)) {
    const start = (head?.[0].length ?? 0) + found.index;
    const whole = found[0].length >= text.length - 1;
    if (!whole && HOLDS_CHECK_IN.test(found[1] ?? '')) ranges.push([start, start + found[0].length]);
  }
  return ranges;
}
