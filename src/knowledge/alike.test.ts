import { expect, it } from 'vitest';
import { groupAlike, mattersOf } from './alike.js';

it('questions that ask alike are one group, in the order in which they came', () => {
  expect(
    groupAlike(['痛风能吃海鲜吗', '血糖仪哪个牌子好', '痛风可以吃海鲜不', '痛风吃海鲜行吗', '哪个牌子的血糖仪好']),
  ).toEqual([
    [0, 2, 3],
    [1, 4],
  ]);
  expect(groupAlike([])).toEqual([]);
});

it('the matter of a question is what it is about, not how it asks', () => {
  expect(mattersOf('二甲双胍什么时候吃')).toContain('二甲双胍');
  expect(mattersOf('怎么办')).toEqual([]);
});
