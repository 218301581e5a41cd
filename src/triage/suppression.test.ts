import { describe, expect, it } from 'vitest';
import { listen } from '../../test/triage/listen.js';

const isUrging = (text: string): boolean => ['emergency', 'urgent'].includes(listen(text).level);

const QUIET: Record<string, string[]> = {
  'a negation that covers the symptom': [
    '没有胸痛',
    '今天没有头晕,没有胸闷,就是有点累',
    '没有胸痛、胸闷和气短',
    '没有出现抽搐',
    '从来没晕倒过',
    '胸痛没有,就是咳嗽',
    '不想死,想好好治病',
    '有没有胸痛的病友',
  ],
  'the past': [
    '前年装的支架,平时注意什么',
    '我爸以前晕倒过',
    '小时候抽搐过一次',
    '去年,胸口疼',
    '我姥爷当年吐血走的',
    '有一次喝多了,晕倒了',
  ],
  'a supposition': [
    '要是胸口疼怎么办',
    '如果突然看不见,呼吸困难要怎么办',
    '万一低血糖昏迷了呢',
    '低血糖会不会昏迷',
    '担心以后中风,嘴歪',
  ],
  'a question about the matter': [
    '怎么预防胸痛',
    '胸痛有哪些症状',
    '什么是过敏性休克',
    '糖尿病人为什么会昏迷',
    '嘴歪和面瘫的区别',
    '抽搐可能是什么病的前兆有哪些',
  ],
  'news and drama': [
    '新闻里说有个老人晕倒在路边',
    '电视剧里那个人吐血了',
    '听说有人吃错药中毒了',
    '抖音上看到一个人突然昏迷不醒',
  ],
  'somebody else’s text': [
    '【转发】突然胸口疼怎么办,一定要看',
    '转自健康时报:嘴歪、说话不清是中风',
    '胸口疼千万别大意 https://example.com/a',
    '研究表明,突然看不见的人更多了',
  ],
  'an idiom': [
    '今天累死了',
    '跳楼价甩卖,先到先得',
    '笑得我快喘不过气',
    '吐血推荐这家店',
    '想死你们了',
    '作业多得我想跳楼',
  ],
};

describe.each(Object.entries(QUIET))('%s', (_kind, texts) => {
  it.each(texts)('keeps quiet: %s', (text) => {
    expect(isUrging(text)).toBe(false);
  });
});

describe('what does not suppress', () => {
  it.each([
    ['a negation of something else', '没有力气,胸口疼得厉害'],
    ['a negation without a comma', '没有发烧胸口疼得厉害'],
    ['a negation before a comma', '不发烧,胸口疼得厉害'],
    ['a turn', '以前没有过,现在胸口疼得厉害'],
    ['不过', '不过胸口疼得厉害'],
    ['a word with a negating character', '特别特别疼,胸口特别疼'],
    ['an older story before it', '三年前装过支架,胸口疼得厉害'],
    ['the present in the clause', '以前也有过,今天突然胸口疼'],
    ['a supposition that comes after', '我现在胸口疼得厉害,要是加重怎么办'],
    ['a question for the cause by the person', '我妈突然晕倒是什么原因'],
    ['a question for the disease', '我爸嘴歪了会不会是中风'],
    ['a transient attack that is over', '今天早上说话不清,十分钟后好了'],
    ['one of yesterday', '昨天晚上右手突然没劲,现在好了'],
    ['somebody else, now', '我妈现在喊不醒'],
    ['a stranger, now', '有人在楼下晕倒了'],
  ])('%s: %s', (_why, text) => {
    expect(listen(text).level).toBe('emergency');
  });

  const MINIMISERS = [
    '没事吧',
    '应该没啥事',
    '不要紧吧',
    '老毛病了',
    '忍忍就好',
    '家里人说没事',
    '家里人都说别大惊小怪',
    '估计是累的',
    '不用去医院吧',
    '现在没事',
  ];
  const EMERGENCIES = ['胸口疼得厉害', '我妈嘴歪了', '喊不醒我爸', '吐了一碗血', '不想活了', '孩子把降压药吃了'];
  it.each(EMERGENCIES.flatMap((text) => MINIMISERS.flatMap((word) => [`${text},${word}`, `${word},${text}`])))(
    'playing it down: %s',
    (text) => {
      expect(listen(text).level).toBe('emergency');
    },
  );
});

describe('a suppression in doubt asks', () => {
  it.each([
    ['我爸去年突然晕倒,现在能跑步吗'],
    ['上周胸口疼过'],
    ['呼吸困难是什么原因'],
    ['同事前天突然倒在地上抽搐,送到医院,医生说是癫痫'],
    ['愁得想死'],
  ])('%s', (text) => {
    expect(listen(text)).toMatchObject({ needsCheck: true });
    expect(isUrging(text)).toBe(false);
  });

  it.each([['没有胸痛'], ['怎么预防胸痛'], ['今天累死了'], ['【转发】胸口疼怎么办']])('but not at %s', (text) => {
    expect(listen(text).needsCheck).toBeUndefined();
  });

  it('when what is known of the person speaks against it', () => {
    expect(listen('去年胸口疼').needsCheck).toBeUndefined();
    expect(listen('去年胸口疼', { profile: { heartOrStroke: true } }).needsCheck).toBe(true);
  });
});

describe('who speaks', () => {
  it.each(['doctor', 'admin', 'bot'] as const)('a %s never is an emergency', (role) => {
    expect(listen('胸口疼得厉害', { role })).toMatchObject({ level: 'information', flags: [] });
  });

  it('a forwarded text never is one', () => {
    expect(listen('胸口疼得厉害', { forwarded: true }).flags).toEqual([]);
  });
});

describe('words about suicide', () => {
  it.each([['如果我死了,你们会好过吧,不想活了'], ['下次再割腕,不让别人看到'], ['怎么才能无痛地死']])(
    'are heard in a supposition: %s',
    (text) => {
      expect(listen(text)).toMatchObject({ privateOnly: true });
    },
  );
});
