import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Decision } from '../knowledge/index.js';
import { followsUp, leansOnBefore, readAsked } from './asked.js';

const offer: Decision = { kind: 'offer', candidates: [] };
/** Entries by the words of which one is enough, as a search that never errs. */
const searchOf = (entries: Record<string, RegExp>) => {
  const asked: string[] = [];
  const decide = (words: string): Decision => {
    asked.push(words);
    const entryId = Object.keys(entries).find((id) => entries[id]?.test(words));
    return entryId === undefined ? offer : { kind: 'answer', entryId, candidates: [] };
  };
  return { asked, decide };
};

it('several questions of one message are told apart, and each takes the illness of the whole', () => {
  const { decide } = searchOf({ melon: /糖尿病.*西瓜/, wine: /糖尿病.*喝酒/ });
  const asked = readAsked('糖尿病能吃西瓜吗？能喝酒吗？痛风能吃海鲜吗？', { decide, previous: undefined });
  expect(asked).toMatchObject({ several: ['melon', 'wine'], unanswered: 1 });
});

it('two ways to ask one thing are one question', () => {
  const { decide } = searchOf({ melon: /西瓜/ });
  expect(readAsked('西瓜能吃吗？就是西瓜可以吃吗？', { decide, previous: undefined })).toMatchObject({
    several: [],
    decision: { kind: 'answer', entryId: 'melon' },
  });
});

it('what leans on the question before is read with its illness, or with its matter', () => {
  const { decide } = searchOf({ banana: /糖尿病.*香蕉/, harm: /二甲双胍.*副作用/ });
  const after = (previous: string, text: string) => readAsked(text, { decide, previous }).decision;
  expect(after('糖尿病能吃西瓜吗', '那能吃香蕉吗')).toMatchObject({ entryId: 'banana' });
  expect(after('二甲双胍什么时候吃', '那有什么副作用呢')).toMatchObject({ entryId: 'harm' });
  expect(after('高血压能喝茶吗', '那能吃香蕉吗')).toEqual(offer);
});

it('only what begins so leans, and asks', () => {
  expect(leansOnBefore('那能吃香蕉吗')).toBe(true);
  expect(leansOnBefore('还有什么要注意的')).toBe(true);
  expect(leansOnBefore('能吃香蕉吗')).toBe(false);
  expect(leansOnBefore('那好吧')).toBe(false);
});

it('那香蕉呢 puts the new matter in the place of the last one', () => {
  const { asked, decide } = searchOf({ banana: /糖尿病能吃香蕉吗/ });
  expect(readAsked('那香蕉呢？', { decide, previous: '糖尿病能吃西瓜吗' })).toMatchObject({
    decision: { entryId: 'banana' },
  });
  expect(asked).toContain('糖尿病能吃香蕉吗');
});

it('alone it counts only where the illness leads to the same entry', () => {
  const decide = (words: string): Decision => {
    const candidates = [{ entryId: words.includes('糖尿病') ? 'wine' : 'water', probability: 0.8 }];
    return words === '喝茶可以吗' ? { kind: 'answer', entryId: 'water', candidates } : { kind: 'offer', candidates };
  };
  expect(readAsked('那喝茶可以吗', { decide, previous: '糖尿病能喝酒吗' }).decision.kind).toBe('offer');
  expect(readAsked('那喝茶可以吗', { decide, previous: '一天喝多少水' }).decision).toMatchObject({ entryId: 'water' });
  expect(readAsked('喝茶可以吗', { decide, previous: undefined }).decision).toMatchObject({ entryId: 'water' });
});

it('那我妈呢 is no matter that stands in the place of another', () => {
  const { asked, decide } = searchOf({ melon: /西瓜/ });
  expect(readAsked('那我妈呢', { decide, previous: '糖尿病能吃西瓜吗' }).decision.kind).toBe('offer');
  expect(asked).toEqual(['我妈呢']);
});

it.each(['那香蕉呢', '那香蕉呢?', '那能吃香蕉吗', '还有什么要注意的', '那怎么测', '要是空腹吃呢', '那香蕉可以吃不'])(
  'said to nobody, it follows up: %s',
  (said) => expect(followsUp(said)).toBe(true),
);

it.each([
  '香蕉呢',
  '那好吧',
  '那可不',
  '那倒是',
  '那几天我没来',
  '那你吃饭了吗',
  '那各位都怎么吃的',
  '那张姐能吃吗',
  '那就这样',
  `那${'香蕉'.repeat(15)}呢`,
])('in doubt it is talk: %s', (said) => expect(followsUp(said)).toBe(false));

it('takes any text: at most three entries, and never another decision than the search made', () => {
  const parts = fc.constantFrom(
    '能吃瓜吗',
    '？',
    '能喝酒吗',
    '\n',
    '那怎么办',
    '，',
    '好的',
    '。',
    '能打针吗',
    '能跑步吗',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 20 }), fc.option(fc.string()), (words, before) => {
      const { decide } = searchOf({ a: /瓜/, b: /酒/, c: /针/, d: /跑/ });
      const { several, decision } = readAsked(words.join(''), { decide, previous: before ?? undefined });
      expect(several.length === 0 || (several.length >= 2 && several.length <= 3)).toBe(true);
      expect(new Set(several).size).toBe(several.length);
      expect(['answer', 'offer']).toContain(decision.kind);
    }),
  );
});
