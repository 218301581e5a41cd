/** A Chinese numeral found in a text. */
interface Numeral {
  value: number;
  /** Digits after 点. */
  decimals: number;
  end: number;
  /** 五六, 三四十: a range, no number. */
  vague: boolean;
  /** 点 was said and only digits follow it: 六点五. */
  pointed: boolean;
}

const DIGIT: Record<string, number> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  俩: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
  壹: 1,
  贰: 2,
  叁: 3,
  肆: 4,
  伍: 5,
  陆: 6,
  柒: 7,
  捌: 8,
  玖: 9,
  幺: 1,
};
const RANK: Record<string, number> = { 十: 10, 拾: 10, 百: 100, 佰: 100, 千: 1000, 仟: 1000, 万: 10_000 };

export const isNumeralChar = (c: string): boolean => c in DIGIT || c in RANK;

/**
 * Reads the numeral at `from`: 一百三 = 130, 一百零八 = 108, 一万二 = 12000,
 * 百三 = 130, 六点五 = 6.5, 一三零 = 130. Stops where a second number
 * begins: 一百四十九十 is 140 and 90, 一百三八十五 is 130 and 85.
 */
export function readNumeral(text: string, from: number): Numeral | null {
  const whole = readDigitString(text, from) ?? readRanked(text, from);
  if (whole === null) return null;
  const fraction = readFraction(text, whole.end);
  if (fraction === null) return { ...throughRange(text, whole), decimals: 0, pointed: false };
  return {
    value: Number(`${whole.value}.${fraction.digits}`),
    decimals: fraction.digits.length,
    end: fraction.end,
    vague: whole.vague,
    pointed: true,
  };
}

type Whole = Pick<Numeral, 'value' | 'end' | 'vague'>;

/** 十七八, 一百七八十, 两三: the next digit makes it a range. */
function throughRange(text: string, whole: Whole): Whole {
  const last = DIGIT[text[whole.end - 1] ?? ''];
  const next = DIGIT[text[whole.end] ?? ''];
  if (whole.vague || last === undefined || next !== last + 1) return whole;
  const end = whole.end + 1;
  return { value: whole.value, end: text[end] === '十' ? end + 1 : end, vague: true };
}

/** Digits spoken one by one (一三零), and 五六, which is a range. */
function readDigitString(text: string, from: number): Whole | null {
  let end = from;
  while (text[end] !== undefined && (text[end] as string) in DIGIT) end += 1;
  const digits = [...text.slice(from, end)].map((c) => DIGIT[c] as number);
  if (digits.length < 2 || text[from] === '零' || text.slice(from, end).includes('两')) return null;
  const ranked = text[end] !== undefined && (text[end] as string) in RANK;
  const [first, second] = digits as [number, number];
  const ascending = second === first + 1;
  if (ranked) {
    // 三四十: a range of tens. Otherwise the last digit belongs to the rank behind it: 一三零 八十 needs a gap.
    if (digits.length !== 2 || !ascending) return null;
    const rest = readRanked(text, from + 1);
    return rest && { value: rest.value, end: rest.end, vague: true };
  }
  return { value: Number(digits.join('')), end, vague: digits.length === 2 && ascending };
}

function readRanked(text: string, from: number): Whole | null {
  let end = from;
  let total = 0;
  let section = 0;
  let digit: number | null = null;
  let zero = false;
  let lastRank = Number.POSITIVE_INFINITY;
  let read = false;
  while (end < text.length) {
    const c = text[end] as string;
    const value = DIGIT[c];
    const rank = RANK[c];
    if (value !== undefined) {
      const next = RANK[text[end + 1] ?? ''];
      if (
        digit !== null ||
        (lastRank === 10 && read && next === 10) ||
        (next !== undefined && next !== 10_000 && next >= lastRank)
      )
        break;
      if (value === 0 && read && lastRank !== Number.POSITIVE_INFINITY) zero = true;
      else digit = value;
    } else if (rank === 10_000) {
      if (!read) break;
      total += (section + (digit ?? 0)) * rank;
      section = 0;
      digit = null;
      zero = false;
      lastRank = rank;
    } else if (rank !== undefined) {
      // 百三 is a number, a lone 百 or 千 is none.
      if (digit === null && rank !== 10 && (read || DIGIT[text[end + 1] ?? ''] === undefined)) break;
      if (rank >= lastRank) break;
      section += (digit ?? 1) * rank;
      digit = null;
      zero = false;
      lastRank = rank;
    } else break;
    read = true;
    end += 1;
  }
  if (!read) return null;
  const implied = digit !== null && !zero && lastRank !== Number.POSITIVE_INFINITY && lastRank > 10;
  return { value: total + section + (digit ?? 0) * (implied ? lastRank / 10 : 1), end, vague: false };
}

/** 点 and digits, but not 点二十, 点十五 or 点五十: those are times of day. */
function readFraction(text: string, at: number): { digits: string; end: number } | null {
  if (text[at] !== '点') return null;
  let end = at + 1;
  let digits = '';
  while (text[end] !== undefined && (text[end] as string) in DIGIT) {
    digits += DIGIT[text[end] as string];
    end += 1;
  }
  const next = text[end] ?? '';
  if (digits === '' || next in RANK) return null;
  // 三点五点八: a time, then a reading.
  if (next === '点' && digits.length === 1) return null;
  return { digits, end };
}
