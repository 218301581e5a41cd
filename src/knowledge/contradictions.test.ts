import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findContradictions } from './contradictions.js';
import type { Entry } from './entry.js';
import { loadEntries } from './folder.js';
import { loadTerms } from './terms.js';

const { compared, settled } = loadTerms();
const { entries } = await loadEntries(fileURLToPath(new URL('../../knowledge', import.meta.url)));
const sample = entries.find(({ id }) => id === 'KB-050');
const entry = (id: string, answer: string, more: Partial<Entry> = {}): Entry => {
  if (!sample) throw new Error('KB-050 is gone');
  return { ...sample, id, topics: ['t2dm'], question: '怎么办？', answerShort: '', answer, drugMentions: [], ...more };
};
const between = (one: string, other: string) =>
  findContradictions([entry('KB-901', one), entry('KB-902', other)], compared).map(({ about }) => about);

it.each([
  ['空腹血糖目标低于7.0 mmol/L。', '血糖目标：空腹低于6.1 mmol/L。', '血糖（目标、空腹） at most mmol/L'],
  ['每天少于5克盐。', '盐每天少于6克。', '盐（每天） at most 克'],
  ['腰围：男性不到90厘米，女性不到85厘米。', '腰围男性不到90厘米、女性不到80厘米。', '腰围（女性） at most 厘米'],
  ['家里平均≥135/85 mmHg。', '家里平均达到130/80 mmHg或更高。', '血压（家里、平均） at least mmHg'],
  ['西瓜能吃一小块。', '不要吃西瓜。', '西瓜 吃'],
  ['试纸可以放冰箱。', '试纸不能放冰箱。', '试纸 放'],
  ['没开封的胰岛素放冰箱2–8 ℃。', '没开封的胰岛素放冰箱0–4 ℃。', '胰岛素（没开封） range ℃'],
])('%s against %s', (one, other, about) => {
  expect(between(one, other)).toEqual([about]);
});

it.each([
  ['空腹血糖低于7.0 mmol/L。', '餐后血糖低于10.0 mmol/L。'],
  ['空腹血糖低于7.0 mmol/L。', '空腹血糖到7.0 mmol/L或更高，要查。'],
  ['血糖3.9 mmol/L或更低先吃糖。', '血糖到3.9 mmol/L或更低，就是低血糖。'],
  ['西瓜能吃一小块。', '有人问“西瓜不能吃吗”。'],
  ['要不要吃降压药，由医生定。', '降压药可以吃很久。'],
  ['糖化血红蛋白（近2–3个月平均血糖）低于7.0%。', '糖化血红蛋白（近3个月平均血糖）低于7.0%。'],
])('%s and %s may both be right', (one, other) => {
  expect(between(one, other)).toEqual([]);
});

it('only entries of one topic are compared, and a drug is known by the entry that names it', () => {
  const [one, other] = ['二甲双胍能吃。', '不要吃二甲双胍。'];
  const drugs = { drugMentions: ['二甲双胍'] };
  expect(findContradictions([entry('KB-901', one, drugs), entry('KB-902', other, drugs)], compared)).toEqual([
    {
      entryId: 'KB-901',
      otherId: 'KB-902',
      about: '二甲双胍 吃',
      field: 'answer',
      says: '二甲双胍能吃',
      otherSays: '不要吃二甲双胍',
    },
  ]);
  const apart = { ...drugs, topics: ['htn' as const] };
  expect(findContradictions([entry('KB-901', one, drugs), entry('KB-902', other, apart)], compared)).toEqual([]);
});

it('what somebody has settled is a contradiction that is still found', () => {
  const found = findContradictions(entries, compared);
  for (const { entries: pair, about } of settled)
    expect(found).toContainEqual(expect.objectContaining({ entryId: pair[0], otherId: pair[1], about }));
});
