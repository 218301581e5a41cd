import { describe, expect, it } from 'vitest';
import { wordsOfGap } from './gap-words.js';

const NAMES = ['张阿姨', '小林（替妈妈）', '阳光', '痛风'];
const shown = (...asks: [personId: string, text: string][]) =>
  wordsOfGap(
    asks.map(([personId, text]) => ({ personId, text })),
    NAMES.slice(0, 3),
  );

describe('the wording of one person', () => {
  it.each([
    '痛风能吃海鲜吗',
    '1型糖尿病能献血吗',
    '餐后2小时吃水果行不行',
    'GLP-1打了会掉头发吗',
    '吃一点坚果可以吗？',
  ])('is shown where it says nothing of them: %s', (text) => {
    expect(shown(['a', text])).toEqual({ kind: 'wording', text });
  });

  it.each([
    '我能吃海鲜吗',
    '俺妈能吃海鲜不',
    '老伴痛风能吃海鲜吗',
    '空腹6.8能吃海鲜吗',
    '空腹六点八能吃海鲜吗',
    '六十三岁还能吃海鲜吗',
    '血压150能吃海鲜吗',
    '张阿姨能吃海鲜吗',
    '小林能吃海鲜吗',
    '住在幸福小区附近哪里能抽血',
    '加wangxiao微信问海鲜',
    '电话13800138000问海鲜',
    '姓赵的那位能吃海鲜吗',
    '@阳光 能吃海鲜吗',
    `能吃海鲜吗${'，天气真好'.repeat(8)}`,
  ])('is hidden where it does, or may: %s', (text) => {
    expect(shown(['a', text])).toEqual({ kind: 'hidden' });
  });
});

it('of several people the newest plain wording is shown', () => {
  expect(shown(['a', '我能吃海鲜吗'], ['b', '痛风可以吃海鲜不'], ['c', '痛风能吃海鲜吗'])).toEqual({
    kind: 'wording',
    text: '痛风可以吃海鲜不',
  });
});

it('where none is plain, only the words that two of them used', () => {
  expect(shown(['a', '我爸痛风能吃海鲜吗'], ['b', '我老公痛风吃海鲜喝啤酒行吗'])).toEqual({
    kind: 'matters',
    words: ['痛风', '吃海鲜'],
  });
  expect(shown(['a', '我爸痛风能吃海鲜吗'], ['a', '我爸痛风吃海鲜行吗'])).toEqual({ kind: 'hidden' });
  expect(shown(['a', '我爸和阳光能吃蒲公英吗'], ['b', '我和阳光能吃蒲公英吗'])).toEqual({
    kind: 'matters',
    words: ['吃', '蒲公英'],
  });
});
