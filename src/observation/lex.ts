import { matchWord, type Word } from './lexicon.js';
import { matchUnit, type WrittenUnit } from './measure-words.js';
import { isNumeralChar, readNumeral } from './numerals.js';
import { rounded } from './units.js';

interface Place {
  text: string;
  start: number;
  end: number;
  /** White space stands before it. */
  gap: boolean;
}

export interface NumberToken extends Place {
  type: 'number';
  value: number;
  decimals: number;
  unit: WrittenUnit | null;
  /** 20多: at least this. */
  floor: boolean;
  /** 五六公里: a range, no number. */
  vague: boolean;
  /** `7,2`: a decimal, or two numbers. */
  comma: boolean;
  /** `6..5`, `6. 5`: very likely a decimal. */
  odd: boolean;
  /** 7点2: a decimal, or a time. */
  spokenPoint: boolean;
  /** A single 一, 三: rarely a reading. */
  lone: boolean;
}

/** `130/80`, `130-80-72`, `30-40`. */
export interface PairToken extends Place {
  type: 'numbers';
  values: NumberToken[];
  /** `6.1~7.0`, 30-40: from, to. */
  ranged: boolean;
  unit: WrittenUnit | null;
}

export type Token =
  | (Place & Word)
  | (Place & { type: 'moment'; context: string; hoursAfter?: number })
  | NumberToken
  | PairToken
  /** `maybe`: what it would be as a reading (六点半, 七点). */
  | (Place & { type: 'clock'; maybe: number | null })
  | (Place & { type: 'date'; month: number; day: number })
  | (Place & { type: 'comma' | 'stop' | 'newline' | 'colon' | 'mark' | 'emoji' | 'mention' | 'counter' | 'other' });

type WithoutPlace<T> = T extends unknown ? Omit<T, 'text' | 'start' | 'gap'> : never;
type Lexeme = WithoutPlace<Token>;

/** Cuts readable text into words, numbers with their units, times, dates and marks. White space is kept as `gap`. */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let gap = false;
  while (at < text.length) {
    if (text[at] === ' ') {
      gap = true;
      at += 1;
      continue;
    }
    const lexeme = lexemeAt(text, at);
    const end = Math.max(lexeme.end, at + 1);
    const last = tokens.at(-1);
    if (lexeme.type === 'other' && last?.type === 'other' && !gap) {
      last.end = end;
      last.text = text.slice(last.start, end);
    } else {
      tokens.push({ ...lexeme, text: text.slice(at, end), start: at, end, gap } as Token);
    }
    gap = false;
    at = end;
  }
  return joinPairs(text, timesOfDay(joinDates(text, tokens)));
}

function lexemeAt(text: string, at: number): Lexeme {
  if (text[at] === '\n') return { type: 'newline', end: at + 1 };
  const fixed = dateOrCounter(text, at) ?? opaque(text, at) ?? mealMoment(text, at);
  if (fixed) return fixed;
  const word = matchWord(text, at);
  const number = numberAt(text, at);
  if (number && (!word || number.end > at + word.length)) return number;
  if (word) return { ...word.word, end: at + word.length } as Lexeme;
  return markOrOther(text, at);
}

// --- what is taken as a whole ------------------------------------------------

const URL = /https?:\/\/\S+/y;
const MENTION = /@[\p{L}\p{N}_\-~·.]{1,24}/uy;
const LONG_DIGITS = /\d{7,}|\d+(?:\.\d+){2,}(?!\d)/y;
const CODE = /#\d+|(?<![a-z])[a-z]{1,12}-?\d[\d-]*(?![\d.]*[a-z%])/y;

function opaque(text: string, at: number): Lexeme | null {
  if (!/[\da-z@#]/.test(text[at] ?? '')) return null;
  const end = matchEnd(URL, text, at) ?? matchEnd(LONG_DIGITS, text, at);
  if (end !== null) return { type: 'other', end };
  if (text[at] === '@') {
    const mention = matchEnd(MENTION, text, at);
    if (mention !== null) return { type: 'mention', end: nameEnd(text, at + 1, mention) };
  }
  // B12, covid19; but not bp130.
  const code = matchEnd(CODE, text, at);
  if (code !== null && !matchWord(text, at)) return { type: 'other', end: code };
  return null;
}

/** A typed mention may run into the message: @小杏打卡. */
function nameEnd(text: string, from: number, to: number): number {
  for (let at = from + 1; at < to; at += 1) {
    const word = matchWord(text, at);
    const type = word?.word.type;
    if (
      word &&
      word.length >= 2 &&
      (type === 'check-in' || type === 'label' || type === 'moment' || type === 'make-up' || type === 'correct')
    )
      return at;
  }
  return to;
}

function matchEnd(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

// --- before and after meals --------------------------------------------------

const MEAL_MOMENT =
  /(?:(早|午|中午|中|晚)(?:上|晨)?的?)?(?:吃完|吃过|吃了|吃|进|用)?(早餐|早饭|早点|早歺|午餐|午饭|午歺|中餐|中饭|中午饭|晚餐|晚饭|晚歺|夜饭|餐|饭|食|参|歺|歺饭)完?(?:之|以)?(前(?!后)|后)?/y;
/** 早后8.1, 晚前 6.2: the meal is left out. */
const SHORT_MOMENT = /(早|中|晚)(前|后)(?=[\s\d:(血二两一半,])/y;
const MEALS: Record<string, string> = { 早: 'breakfast', 午: 'lunch', 中: 'lunch', 晚: 'dinner', 夜: 'dinner' };

const MEAL_START = /[早午中晚吃进用餐饭食参歺夜]/;

function mealMoment(text: string, at: number): Lexeme | null {
  if (!MEAL_START.test(text[at] ?? '')) return null;
  const found = sticky(SHORT_MOMENT, text, at) ?? sticky(MEAL_MOMENT, text, at);
  if (!found) return null;
  const short = found.length === 3;
  const meal = MEALS[short ? '' : (found[2]?.[0] ?? '')] ?? MEALS[found[1]?.[0] ?? ''] ?? 'meal';
  const side = short ? found[2] : found[3];
  const end = at + found[0].length;
  const hours = side === '前' ? null : hoursAfter(text, end);
  if (side === undefined && !(hours && /餐|饭/u.test(found[0]))) return null;
  const context = `${side === '前' ? 'before' : 'after'}-${meal}`;
  return { type: 'moment', context, end: hours?.end ?? end, ...(hours ? { hoursAfter: hours.hours } : {}) };
}

/** `2小时`, `(2h)`, `半小时`, `120分钟` right behind a meal, unless it is how long they walked. */
function hoursAfter(text: string, from: number): { hours: number; end: number } | null {
  const open = /[\s(]*/y;
  open.lastIndex = from;
  open.test(text);
  const number = numberAt(text, open.lastIndex);
  if (number?.type !== 'number' || number.vague) return null;
  const hours = number.unit === 'h' ? number.value : number.unit === 'min' ? number.value / 60 : 0;
  if (hours < 0.25 || hours > 4) return null;
  const close = /\s?(?:后|左右)?\s?\)?/y;
  close.lastIndex = number.end;
  close.test(text);
  const next = matchWord(text, text[close.lastIndex] === ' ' ? close.lastIndex + 1 : close.lastIndex);
  if (next?.word.type === 'activity') return null;
  return { hours: rounded(hours, 2), end: close.lastIndex };
}

function sticky(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

// --- dates and day counters --------------------------------------------------

const FULL_DATE = /20\d{2}[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?(?![\d.])/y;
const MONTH_DAY = /(\d{1,2})月(\d{1,2})[日号]?(?![\d.])/y;
const COUNTER =
  /第\s?(?:\d{1,4}|[一二三四五六七八九十百零]{1,5})\s?(?:天|日|周|次|期|个|轮)?|(?:day|d)\s?\d{1,3}(?![\d.])|\d{1,3}天打卡/y;

function dateOrCounter(text: string, at: number): Lexeme | null {
  if (!/[\dd第]/.test(text[at] ?? '')) return null;
  const date = sticky(FULL_DATE, text, at) ?? sticky(MONTH_DAY, text, at);
  if (date) return { type: 'date', month: Number(date[1]), day: Number(date[2]), end: at + date[0].length };
  const counter = matchEnd(COUNTER, text, at);
  if (counter === null || /[a-z]/.test(text[at - 1] ?? '')) return null;
  if (!text.startsWith('打卡', counter - 2)) return { type: 'counter', end: counter };
  return { type: 'counter', end: counter - 2 };
}

/** 三月一号: two numbers with their units. */
function joinDates(text: string, tokens: Token[]): Token[] {
  const joined: Token[] = [];
  for (const token of tokens) {
    const month = joined.at(-1);
    if (
      token.type === 'number' &&
      month?.type === 'number' &&
      month.unit === 'month' &&
      (token.unit === 'day-of-month' || token.unit === null) &&
      !token.gap
    ) {
      joined[joined.length - 1] = {
        type: 'date',
        month: month.value,
        day: token.value,
        start: month.start,
        end: token.end,
        gap: month.gap,
        text: text.slice(month.start, token.end),
      };
    } else joined.push(token);
  }
  return joined;
}

// --- numbers -----------------------------------------------------------------

type NumberLexeme = Extract<Lexeme, { type: 'number' }>;
type ClockLexeme = Extract<Lexeme, { type: 'clock' }>;

const CLOCK = /(\d{1,2}):([0-5]\d)(?::[0-5]\d)?(?![\d.])/y;
const THOUSANDS = /\d{1,3}(?:,\d{3})+(?![\d.,/])/y;
const ODD_POINT = /(\d{1,2})(?:\.{2,3}|\. | \.|,\.|:|[’'`])(\d)(?![\d.:点/])/y;
const OTHER_POINT = /(\d{1,2})[。·•‧・｡](\d)(?![\d.:点/])/y;
const COMMA_POINT = /(\d{1,2}),(\d)(?![\d.:点/]|,\d)/y;
const SPOKEN_POINT = /(\d{1,3})点(\d{1,2}|[零一二三四五六七八九])(?![\d点十.分时半刻:])/y;
const DECIMAL = /\d+(?:\.\d+)?/y;
const SPOKEN_DIGITS = '零一二三四五六七八九';

function numberAt(text: string, at: number): NumberLexeme | ClockLexeme | null {
  const c = text[at] ?? '';
  if (c >= '0' && c <= '9') return digitsAt(text, at);
  if (c === '半') return halfAt(text, at);
  if (isNumeralChar(c)) return numeralAt(text, at);
  return null;
}

const plainNumber = { floor: false, vague: false, comma: false, odd: false, spokenPoint: false, lone: false };

function digitsAt(text: string, at: number): NumberLexeme | ClockLexeme {
  const clock = sticky(CLOCK, text, at);
  if (clock && Number(clock[1]) <= 24) return { type: 'clock', maybe: null, end: at + clock[0].length };
  const thousands = sticky(THOUSANDS, text, at);
  if (thousands)
    return withUnit(text, {
      value: Number(thousands[0].replaceAll(',', '')),
      decimals: 0,
      end: at + thousands[0].length,
    });
  for (const [pattern, flag] of [
    [ODD_POINT, 'odd'],
    [OTHER_POINT, 'none'],
    [COMMA_POINT, 'comma'],
  ] as const) {
    const found = sticky(pattern, text, at);
    if (!found) continue;
    const number = withUnit(text, { value: Number(`${found[1]}.${found[2]}`), decimals: 1, end: at + found[0].length });
    // `6,8000步`, `8,1片`: two numbers after all.
    const alone = number.unit === null || ['mmol/L', 'kg', 'Cel', '%', 'jin', 'km'].includes(number.unit);
    if (alone) return flag === 'none' ? number : { ...number, [flag]: true };
  }
  const spoken = sticky(SPOKEN_POINT, text, at);
  if (spoken && !(spoken[2]?.length === 2 && Number(spoken[1]) <= 24)) {
    const digit = spoken[2] as string;
    const fraction = SPOKEN_DIGITS.includes(digit) ? SPOKEN_DIGITS.indexOf(digit) : digit;
    const number = withUnit(text, {
      value: Number(`${spoken[1]}.${fraction}`),
      decimals: String(fraction).length,
      end: at + spoken[0].length,
    });
    return { ...number, spokenPoint: Number(spoken[1]) <= 24 };
  }
  const hour = clockAt(
    text,
    at,
    Number.parseInt(text.slice(at, at + 3), 10),
    at + (/^\d+/.exec(text.slice(at, at + 9))?.[0].length ?? 1),
  );
  if (hour) return hour;
  const plain = sticky(DECIMAL, text, at);
  const digits = plain?.[0] ?? '0';
  const number = { value: Number(digits), decimals: digits.split('.')[1]?.length ?? 0, end: at + digits.length };
  return withUnit(text, withMultiplier(text, number));
}

/** 1.2万, 1万2, 6千, 8k步. */
function withMultiplier(text: string, number: Magnitude): Magnitude {
  const found = sticky(
    /(万|千(?![克米卡帕])|百|w(?![a-z])|k(?=步))(?:(\d|[一二两三四五六七八九])(?![\d.])(千|百)?)?/y,
    text,
    number.end,
  );
  if (!found) return number;
  const scale = { 万: 10_000, w: 10_000, 千: 1000, k: 1000, 百: 100 }[found[1] as string] ?? 1;
  const next =
    found[2] === undefined
      ? 0
      : found[2] === '两'
        ? 2
        : SPOKEN_DIGITS.includes(found[2])
          ? SPOKEN_DIGITS.indexOf(found[2])
          : Number(found[2]);
  const nextScale = found[3] === '千' ? 1000 : found[3] === '百' ? 100 : scale / 10;
  return { value: rounded(number.value * scale + next * nextScale, 3), decimals: 0, end: number.end + found[0].length };
}

function halfAt(text: string, at: number): NumberLexeme | null {
  const number = withUnit(text, { value: 0.5, decimals: 1, end: at + 1 });
  return number.unit === 'h' || number.unit === 'tablet' ? number : null;
}

function numeralAt(text: string, at: number): NumberLexeme | ClockLexeme | null {
  const numeral = readNumeral(text, at);
  if (!numeral) return null;
  if (!numeral.pointed && !numeral.vague) {
    const clock = clockAt(text, at, numeral.value, numeral.end);
    if (clock) return clock;
  }
  const timed = numeral.pointed && /^[分半刻时]/.test(text.slice(numeral.end));
  if (timed && numeral.value < 25) return { type: 'clock', maybe: null, end: numeral.end + 1 };
  const number = withUnit(text, numeral);
  const lone = numeral.end === at + 1 && number.unit === null && !number.floor;
  return {
    ...number,
    vague: numeral.vague,
    lone,
    spokenPoint: numeral.pointed && numeral.value < 25 && numeral.decimals === 1,
  };
}

/** 六点半, 7点30分, 八点钟, 三点: a time; `maybe` is the reading it could also be. */
function clockAt(text: string, at: number, hour: number, end: number): ClockLexeme | null {
  if (hour > 24 || at === end) return null;
  const found = sticky(
    /(?:点|時|时(?=\d{1,2}分?))(半|整|钟|多|过|一刻|三刻|\d{1,2}分?(?![.\d点])|[一二三四五]?十[一二三四五六七八九]?分?|零?[一二三四五六七八九]分|左右)?/y,
    text,
    end,
  );
  if (!found) return null;
  const rest = found[1];
  const whole = rest === undefined || rest === '半';
  return { type: 'clock', maybe: whole ? hour + (rest === '半' ? 0.5 : 0) : null, end: end + found[0].length };
}

interface Magnitude {
  value: number;
  decimals: number;
  end: number;
}

function withUnit(text: string, number: Magnitude): NumberLexeme {
  const floorBefore = sticky(/多(?!了|云)|几|余(?!味)|来(?=个|分|步|公里|斤|片|块)|出头/y, text, number.end);
  const from = number.end + (floorBefore?.[0].length ?? 0);
  const base = { type: 'number', ...plainNumber, decimals: number.decimals, floor: floorBefore !== null } as const;
  // 十多万步
  const scaled = floorBefore ? sticky(/万|千|百/y, text, from) : null;
  if (scaled) {
    const scale = { 万: 10_000, 千: 1000, 百: 100 }[scaled[0]] ?? 1;
    const whole = withUnit(text, { ...number, value: number.value * scale, end: from + 1 });
    return { ...whole, floor: true };
  }
  const andHalf = sticky(/个半(小时|钟头|钟)/y, text, from);
  if (andHalf) return { ...base, value: number.value + 0.5, decimals: 1, unit: 'h', end: from + andHalf[0].length };
  const quarter = sticky(/刻钟/y, text, from);
  if (quarter) return { ...base, value: number.value * 15, unit: 'min', end: from + 2 };
  const unit = unitAt(text, from, number);
  if (!unit) return { ...base, value: number.value, unit: null, end: from };
  const more = sticky(/多(?!了)|余/y, text, unit.end);
  const measured = {
    ...base,
    value: number.value,
    unit: unit.unit,
    floor: base.floor || more !== null,
    end: unit.end + (more ? 1 : 0),
  };
  if (unit.unit === 'h') return withMinutes(text, measured);
  if (unit.unit === 'degree') return withTenths(text, measured);
  const half = HALVED.has(unit.unit) && text[unit.end] === '半';
  return half ? { ...measured, value: number.value + 0.5, end: unit.end + 1 } : measured;
}

/** 一片半, 六十八公斤半. */
const HALVED: ReadonlySet<WrittenUnit> = new Set(['tablet', 'kg', 'jin', 'km', 'li']);
const COUNTED: ReadonlySet<WrittenUnit> = new Set(['count', 'set', 'piece']);

/** A unit, unless a longer word begins there: 6.5 天气好, 6.5餐后. */
function unitAt(text: string, from: number, number: Magnitude): ReturnType<typeof matchUnit> {
  const start = text[from] === ' ' ? from + 1 : from;
  const unit = matchUnit(text, from);
  if (!unit || (COUNTED.has(unit.unit) && start > from)) return null;
  // 空腹 6.5 H: the meter's arrow, no hours.
  if (unit.unit === 'h' && number.decimals > 0 && start > from && text[start] === 'h') return null;
  if (unit.unit === 'piece' && (number.decimals > 0 || number.value >= 35)) return null;
  if (unit.unit === 'set' && number.decimals > 0 && text[start] !== '个') return null;
  const word = matchWord(text, start);
  return word && start + word.length > unit.end ? null : unit;
}

/** 1小时20分: 80 minutes. 1小时半: 1.5 hours. */
function withMinutes(text: string, hours: NumberLexeme): NumberLexeme {
  if (text[hours.end] === '半' && !/小时|片/.test(text.slice(hours.end + 1, hours.end + 3)))
    return { ...hours, value: hours.value + 0.5, end: hours.end + 1 };
  const from = hours.end + (/[零 ]/.test(text[hours.end] ?? '') ? 1 : 0);
  const c = text[from] ?? '';
  if (!/\d/.test(c) && !isNumeralChar(c)) return hours;
  const minutes = numberAt(text, from);
  if (minutes?.type !== 'number' || (minutes.unit !== 'min' && minutes.unit !== 'points-or-min') || minutes.value >= 60)
    return hours;
  return { ...hours, value: rounded(hours.value * 60 + minutes.value, 0), unit: 'min', end: minutes.end };
}

/** 36度5: 36.5 degrees. */
function withTenths(text: string, degrees: NumberLexeme): NumberLexeme {
  const found = sticky(/(\d|[零一二三四五六七八九])(?![\d.])/y, text, degrees.end);
  if (!found || degrees.decimals > 0) return degrees;
  const tenth = SPOKEN_DIGITS.includes(found[1] as string)
    ? SPOKEN_DIGITS.indexOf(found[1] as string)
    : Number(found[1]);
  return { ...degrees, value: rounded(degrees.value + tenth / 10, 1), decimals: 1, end: degrees.end + 1 };
}

/** 六点五起床测的空腹7.2: the first is when, because a reading follows what was done then. */
function timesOfDay(tokens: Token[]): Token[] {
  return tokens.map((token, i) => {
    if (token.type !== 'number' || !token.spokenPoint) return token;
    const next = tokens[i + 1];
    const timed =
      next &&
      (next.type === 'measure' || next.type === 'take' || (next.type === 'time-of-day' && /起|醒/.test(next.text)));
    if (!timed) return token;
    for (let k = i + 2; k < tokens.length; k += 1) {
      const later = tokens[k] as Token;
      if (later.type === 'number' && later.unit === null)
        return { type: 'clock', maybe: null, text: token.text, start: token.start, end: token.end, gap: token.gap };
      if (later.type === 'stop' || later.type === 'newline') break;
    }
    return token;
  });
}

// --- pairs -------------------------------------------------------------------

const PAIR_MARKS = new Set(['/', '-', '~', '\\', '|', '—', '–', '一', '--', '──', '⁄', '∕', '−', '―', '～']);

function joinPairs(text: string, tokens: Token[]): Token[] {
  const joined: Token[] = [];
  for (let i = 0; i < tokens.length; ) {
    const pair = pairAt(text, tokens, i);
    joined.push(pair?.token ?? (tokens[i] as Token));
    i = pair?.next ?? i + 1;
  }
  return joined;
}

function pairAt(text: string, tokens: Token[], i: number): { token: Token; next: number } | null {
  const first = tokens[i];
  const mark = tokens[i + 1];
  const second = tokens[i + 2];
  if (first?.type !== 'number' || second?.type !== 'number' || !mark || !canPair(first, second)) return null;
  const range = mark.type === 'range' || mark.text === '~';
  const colon = mark.type === 'colon' && first.value >= 60 && second.value >= 30;
  const word = mark.type === 'pair' && first.value >= 30;
  if (!range && !colon && !word && !PAIR_MARKS.has(mark.text)) return null;
  const values = [first, second];
  const third = tokens[i + 4];
  const mark2 = tokens[i + 3];
  const triple =
    !range &&
    first.unit === null &&
    second.unit === null &&
    third?.type === 'number' &&
    mark2?.text === mark.text &&
    third.decimals === 0 &&
    first.value > second.value;
  if (triple) values.push(third);
  const last = values.at(-1) as NumberToken;
  const ranged = range || (mark.text !== '/' && !colon && !word && first.value < second.value);
  return {
    token: {
      type: 'numbers',
      values,
      ranged,
      unit: last.unit ?? first.unit,
      start: first.start,
      end: last.end,
      gap: first.gap,
      text: text.slice(first.start, last.end),
    },
    next: i + (triple ? 5 : 3),
  };
}

function canPair(first: NumberToken, second: NumberToken): boolean {
  const plain = (n: NumberToken) => !n.lone && !n.vague && !n.comma && !n.odd;
  return plain(first) && plain(second) && (first.unit === null || first.unit === second.unit);
}

// --- marks -------------------------------------------------------------------

const EMOJI = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]+/uy;
const LETTER = /[\p{L}\p{N}]/uy;
const LATIN_WORD = /[a-z]+/y;

function markOrOther(text: string, at: number): Lexeme {
  const emoji = matchEnd(EMOJI, text, at);
  if (emoji !== null) return { type: 'emoji', end: emoji };
  const c = text[at] ?? '';
  if (c === ',' || c === '、') return { type: 'comma', end: at + 1 };
  if ('。!;.…｡'.includes(c)) return { type: 'stop', end: at + 1 };
  if (c === ':') return { type: 'colon', end: at + 1 };
  const latin = matchEnd(LATIN_WORD, text, at);
  if (latin !== null) return { type: 'other', end: latin };
  const width = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return { type: matchEnd(LETTER, text, at) === null ? 'mark' : 'other', end: at + width };
}
