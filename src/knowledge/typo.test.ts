import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageDir } from '../platform/config.js';
import type { Entry } from './entry.js';
import { loadEntries } from './folder.js';
import { isTypoFix } from './typo.js';

const { entries } = await loadEntries(join(packageDir, 'knowledge'));
const [sample] = entries;
const before: Entry = { ...(sample as Entry), answer: '能吃，少量。血糖平隐时，两餐之间吃，每天200克以内。' };

it.each<[string, Partial<Entry>, boolean]>([
  ['a wrong letter', { answer: '能吃，少量。血糖平稳时，两餐之间吃，每天200克以内。' }, true],
  ['a figure', { answer: '能吃，少量。血糖平隐时，两餐之间吃，每天300克以内。' }, false],
  ['a negation', { answer: '不能吃，少量。血糖平隐时，两餐之间吃，每天200克以内。' }, false],
  ['a written figure', { answer: '能吃，少量。血糖平隐时，三餐之间吃，每天200克以内。' }, false],
  ['another unit', { answer: '能吃，少量。血糖平隐时，两餐之间吃，每天200毫克以内。' }, false],
  ['a sentence more', { answer: `${before.answer}想吃就吃。` }, false],
  ['another audience', { audience: '所有人' }, false],
  ['a further wording', { variants: [...before.variants, '西瓜行吗'] }, false],
  ['a drug', { drugMentions: [...before.drugMentions, '二甲双胍'] }, false],
  ['another author', { author: { name: '别人', role: '医生' } }, false],
  ['nothing', {}, false],
])('%s: %s', (_, changes, expected) => {
  expect(isTypoFix(before, { ...before, ...changes })).toBe(expected);
});
