import { describe, expect, it } from 'vitest';
import { listen, rules } from '../../test/triage/listen.js';
import { cardText, groupCard, privateCards } from './index.js';

const inGroup = { mention: '@张阿姨', duty: true, late: false };

describe('the card in the group', () => {
  it.each([
    ['胸口疼得厉害', inGroup, ['@张阿姨', '120', '值班医生']],
    ['胸口疼得厉害', { ...inGroup, duty: false }, ['120', '没有值班医生', '只相信120']],
    ['胸口疼得厉害', { ...inGroup, late: true }, ['如果还没打120']],
    ['我妈嘴歪了', inGroup, ['替您母亲打120']],
    ['我妈嘴歪了', { ...inGroup, late: true }, ['如果还没替您母亲打120']],
    ['老公拿刀砍我', inGroup, ['110', '120']],
    ['不想活了', inGroup, ['@张阿姨 想和您说句话，请看私聊']],
    ['活着没意思', inGroup, ['@张阿姨 想和您说句话，请看私聊']],
    ['脚趾发黑了', inGroup, ['私聊', '120']],
  ])('%s', (text, values, words) => {
    const card = groupCard(rules, listen(text), values) ?? '';
    for (const word of words) expect(card).toContain(word);
    expect(card).not.toMatch(/[{}]/u);
  });

  it.each([['谢谢大家'], ['我空腹12.6要紧吗']])('there is none at %s', (text) => {
    expect(groupCard(rules, listen(text), inGroup)).toBeUndefined();
  });

  it.each([
    ['胸口疼得厉害', /胸|疼|心/u],
    ['血压两百多，头疼得要裂开', /血压|头|两百/u],
    ['怀孕七个月，下面流血了', /孕|血|胎/u],
    ['我妈说她想跳河', /死|自杀|跳|活/u],
  ])('never tells the reason: %s', (text, reason) => {
    expect(groupCard(rules, listen(text), { ...inGroup, mention: '@糖友' })).not.toMatch(reason);
  });

  it('is the general one where somebody who wants to die has taken poison already', () => {
    const assessment = listen('不想活了，刚喝了半瓶农药');
    expect(assessment.privateOnly).toBe(false);
    expect(groupCard(rules, assessment, inGroup)).toContain('120');
  });
});

describe('the cards in private', () => {
  it.each([
    ['胸口疼得厉害', ['chest-pain']],
    ['我妈嘴歪了', ['stroke']],
    ['不想活了', ['crisis']],
    ['我妈说她想跳河', ['crisis-relative']],
    ['脚趾发黑了', ['urgent', 'foot']],
    ['孩子把降压药吃了', ['poisoning']],
  ])('%s', (text, ids) => {
    expect(privateCards(rules, listen(text)).map(({ id }) => id)).toEqual(ids);
  });

  it('say honestly that nobody is on duty', () => {
    const [card] = privateCards(rules, listen('脚趾发黑了'), { duty: false, ticket: '工单#12' });
    expect(card?.text).toContain('没有值班医生');
    expect(card?.text).toContain('#12');
  });

  it('show sugar at a low value', () => {
    const readings = [
      { kind: 'glucose' as const, value: 2.6, context: null, original: '2.6', span: [2, 5] as [number, number] },
    ];
    expect(listen('空腹2.6', { readings }).cardIds).toEqual(['sugar', 'urgent']);
  });

  it('never use a method of suicide, nor tell somebody to think of the family', () => {
    for (const id of ['crisis', 'crisis-relative']) {
      expect(cardText(rules, id, { relation: '母亲' })).not.toMatch(/想想家人|割腕|跳楼|农药|安眠药|上吊/u);
    }
  });

  it('name no number that is not in the table, and 110 or 120 beside 12356', () => {
    const known = new Set(rules.cards.numbers.map(({ number }) => number));
    const texts = [JSON.stringify(rules.cards.group), ...Object.values(rules.cards.private)];
    for (const text of texts) {
      for (const [number] of text.matchAll(/(?<!\d)(?:1[12]\d|1[12]\d{3})(?!\d)/gu)) expect(known).toContain(number);
      if (text.includes('12356')) expect(text).toMatch(/打120或110/u);
    }
  });
});

describe('whom a message is about', () => {
  it.each([
    ['我妈现在喊不醒', '母亲'],
    ['俺爹嘴歪了', '父亲'],
    ['老伴胸口疼得厉害', '老伴'],
    ['宝宝抽了两分钟', '孩子'],
    ['我外婆晕倒了', '外婆'],
    ['我妈给我打电话说我爸晕倒了', '父亲'],
    ['丈母娘吐了一碗血', '岳母'],
  ])('%s: %s', (text, relation) => {
    expect(listen(text).about).toEqual({ kind: 'relative', relation });
  });

  it.each([['胸口疼得厉害'], ['孩子不在家，我胸口疼得厉害'], ['我妈说我嘴歪了']])('%s: the talker', (text) => {
    expect(listen(text).about).toEqual({ kind: 'self' });
  });
});
