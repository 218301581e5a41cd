import { describe, expect, it } from 'vitest';
import { isThanks, readTicketLine, readVerb, soundsLikeColleagues, ticketNumberIn } from './talk.js';

describe('isThanks', () => {
  it.each(['谢谢', '好的谢谢李医生!', '嗯嗯', '收到,谢谢🙏', '明白了', '辛苦了', 'OK', '👍', '知道了谢谢您啊'])(
    'not forwarded: %s',
    (text) => expect(isThanks(text)).toBe(true),
  );
  it.each(['谢谢,那晚上还吃吗', '好的,可是我头晕', '还是疼', '收到化验单了'])('forwarded: %s', (text) =>
    expect(isThanks(text)).toBe(false),
  );
});

describe('soundsLikeColleagues', () => {
  it.each([
    '王主任,您看一下',
    '这个病人我上周见过',
    '谁来回一下',
    '咱们科有床吗',
    '@李明 你接吧',
    '她上次也这样',
    '我来回',
  ])('asks first: %s', (text) => expect(soundsLikeColleagues(text)).toBe(true));
  it.each(['随餐吃,观察三天', '您先别着急,明天来门诊', '请到内分泌科看看', '不要自己停药'])('relays: %s', (text) =>
    expect(soundsLikeColleagues(text)).toBe(false),
  );
});

describe('ticketNumberIn', () => {
  it.each([
    ['#12 新问题\n张阿姨问', 12],
    ['#12 急症,和 #9 同一位', 12],
    ['⚠️ #7 急症', 7],
    ['您问的 #15,李医生回复', 15],
    ['待办:#3 #4', undefined],
    ['没有编号', undefined],
    ['#12', 12],
  ])('%s → %s', (text, number) => expect(ticketNumberIn(text)).toBe(number));
});

describe('readTicketLine', () => {
  it.each([
    ['#12 随餐吃', 12, '随餐吃'],
    ['#12随餐吃,\n观察三天', 12, '随餐吃,\n观察三天'],
    ['#12:好', 12, '好'],
    ['# 12 接', 12, '接'],
    ['/#12', 12, ''],
  ])('%s', (text, number, rest) => expect(readTicketLine(text)).toEqual({ number, rest }));
  it.each(['12 接', 'KB-12', '随餐 #12'])('not a ticket line: %s', (text) =>
    expect(readTicketLine(text)).toBeUndefined(),
  );
});

describe('readVerb', () => {
  it.each([
    ['接', 'claim', ''],
    ['claim', 'claim', ''],
    ['收到', 'acknowledge', ''],
    ['转 王医生', 'hand-over', '王医生'],
    ['转王医生', 'hand-over', '王医生'],
    ['追问 吃的什么药?', 'ask-back', '吃的什么药?'],
    ['私聊 明天来', 'reply-private', '明天来'],
    ['备注:老病号', 'note', '老病号'],
    ['更正 是饭前', 'correct', '是饭前'],
    ['关闭 送医', 'close', '送医'],
    ['关闭', 'close', ''],
    ['解决了', 'solved', ''],
    ['1', 'suggested', ''],
    ['随餐吃 观察三天', 'reply', '随餐吃 观察三天'],
    ['接种疫苗要过两周', 'reply', '接种疫苗要过两周'],
    ['closely watch it', 'reply', 'closely watch it'],
    ['转氨酶要空腹查,早上别吃东西再来抽血', 'reply', '转氨酶要空腹查,早上别吃东西再来抽血'],
  ])('%s', (text, verb, rest) => expect(readVerb(text)).toEqual({ verb, rest }));
});
