import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEntries } from '../knowledge/index.js';
import { isGrounded } from './grounded.js';

type Served = Parameters<typeof isGrounded>[1];
const served = new Map<string, Served>();
beforeAll(async () => {
  const { entries } = await loadEntries(join(import.meta.dirname, '../../knowledge'));
  for (const entry of entries) served.set(entry.id, { entry });
});

describe('a wording of an entry', () => {
  it('that repeats its own sentences is grounded, for every entry', () => {
    // Texts about the group itself name the messenger, which is refused as an advert's word.
    const medical = [...served.values()].filter(({ entry }) => !/@|微信/u.test(entry.answer));
    const refused = medical.filter((one) => !isGrounded(one.entry.answer.slice(0, 390), one, one.entry.question));
    expect(refused.map(({ entry }) => entry.id)).toEqual([]);
  });

  it.each<[string, string]>([
    ['another number', '西瓜一天吃2000克。'],
    ['another unit', '西瓜一天吃150斤。'],
    ['a number in words', '一天可以吃三斤，分两次。'],
    ['a drug', '吃西瓜前先吃一片二甲双胍。'],
    ['a turned negation', '血糖高或忽高忽低，先吃，不问医生。'],
    ['a lost negation', '抱着半个西瓜吃。'],
    ['matters of its own', '西瓜性寒，体虚湿重的人可以配姜枣茶调理脾胃。'],
    ['a link', '详见 https://example.com'],
    ['a telephone', '打13800000000问问。'],
    ['nothing', '  '],
  ])('with %s is not', (_what, text) => {
    expect(isGrounded(text, served.get('KB-050')!, '糖尿病能吃西瓜吗')).toBe(false);
  });

  it('is grounded when it only picks out and reorders', () => {
    const text = '可以吃，要少量。放在两餐之间，不紧跟着饭吃。吃水果那天，主食适当减一点。';
    expect(isGrounded(text, served.get('KB-050')!, '糖尿病能吃西瓜吗')).toBe(true);
  });
});
