import { expect, it } from 'vitest';
import { readNumeral } from './numerals.js';

/** CHECKIN-AND-POINTS 3.2.2. */
const numerals: [text: string, value: number, rest: string][] = [
  ['一百三', 130, ''],
  ['一百零八', 108, ''],
  ['一万二', 12_000, ''],
  ['一万两千', 12_000, ''],
  ['百三', 130, ''],
  ['两百', 200, ''],
  ['两百五', 250, ''],
  ['六点五', 6.5, ''],
  ['三十六点五', 36.5, ''],
  ['零点五', 0.5, ''],
  ['一三零', 130, ''],
  ['幺三零', 130, ''],
  ['一百四十九十', 140, '九十'],
  ['一百三八十五', 130, '八十五'],
  ['一百三十五八十五', 135, '八十五'],
  ['一百六一百', 160, '一百'],
  ['八千多步', 8000, '多步'],
  ['六点二十', 6, '点二十'],
  ['三点五点八', 3, '点五点八'],
];
it.each(numerals)('%s is %d', (text, value, rest) => {
  const numeral = readNumeral(text, 0);
  expect([numeral?.value, text.slice(numeral?.end), numeral?.vague]).toEqual([value, rest, false]);
});

it.each(['五六公里', '三四十分钟', '七八百', '两三次', '十七八', '一百七八十'])('%s is a range', (text) => {
  expect(readNumeral(text, 0)?.vague).toBe(true);
});

it.each(['百', '万', '千', '点', '血糖'])('%s is none', (text) => {
  expect(readNumeral(text, 0)).toBeNull();
});
