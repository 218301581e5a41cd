import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { payloads } from 'wechaty-puppet';
import { type MessageContext, readInstant, readMessage, readQuote } from './read-message.js';

const LINE = '- - - - - - - - - - - - - - -';
const at = { seq: 1, receivedAt: 1_700_000_009_000 };
const context: MessageContext = { selfId: 'bot', selfNames: ['小杏', '杏 助手'], memberCount: 20 };

function read(payload: Record<string, unknown>, given: Partial<MessageContext> = {}) {
  const whole = { id: 'm1', talkerId: 'p1', roomId: 'r1', timestamp: 1_700_000_000, type: 7, text: '', ...payload };
  return readMessage('m1', whole as unknown as payloads.Message, at, { ...context, ...given });
}

describe('mentions', () => {
  it.each([
    ['by id', '@某人\u2005在吗', ['bot'], true],
    ['typed on a phone', '@小杏\u2005在吗', [], true],
    ['typed on a desktop', '@小杏 在吗', [], true],
    ['at the end', '请教 @小杏', [], true],
    ['by the room alias with a space', '@杏 助手\u2005在吗', [], true],
    ['with a full-width sign', '＠小杏 在吗', [], true],
    ['after another', '@小杏妈\u2005@小杏\u2005在吗', [], true],
    ['a longer name', '@小杏妈\u2005在吗', [], false],
    ['the name alone', '小杏在吗', [], false],
    ['nobody', '在吗', [], false],
    ['another', '@张阿姨\u2005在吗', ['p2'], false],
  ])('%s', (_, text, mentionIdList, self) => {
    expect(read({ text, mentionIdList })).toMatchObject({ kind: 'text', mentions: { self, all: false } });
  });

  it.each([
    ['everybody by list', '通知', Array.from({ length: 19 }, (_, i) => (i ? `p${i}` : 'bot')), 20],
    ['everybody by word', '@所有人 通知', ['bot'], 20],
    ['everybody in a room of three', '通知', ['bot', 'p1', 'p2'], 3],
  ])('%s is no mention', (_, text, mentionIdList, memberCount) => {
    expect(read({ text, mentionIdList }, { memberCount })).toMatchObject({ mentions: { self: false, all: true } });
  });

  it('of the bot in a room of two is not everybody', () => {
    const read2 = read({ text: '@小杏\u2005', mentionIdList: ['bot'] }, { memberCount: 2 });
    expect(read2).toMatchObject({ mentions: { self: true, all: false } });
  });

  it('in a private chat there are none', () => {
    const said = read({ roomId: '', listenerId: 'bot', text: '@小杏 在吗' });
    expect(said).toMatchObject({ privateWith: 'p1', mentions: { self: false, contactIds: [] } });
    expect(said).not.toHaveProperty('externalRoomId');
  });
});

describe('quotes', () => {
  it.each([
    ['plain', `「张阿姨：西瓜能吃吗」\n${LINE}\n能`, { name: '张阿姨', text: '西瓜能吃吗' }, '能', false],
    ['of the bot', `「小杏：第1条」\n${LINE}\n有用`, { name: '小杏', text: '第1条' }, '有用', false],
    ['of a picture', `「李叔：图片」\n${LINE}\n@小杏 看看`, { name: '李叔', text: '图片' }, '@小杏 看看', true],
    [
      'with a name in it',
      `「李叔：@小杏 在吗」\n${LINE}\n我也想问`,
      { name: '李叔', text: '@小杏 在吗' },
      '我也想问',
      false,
    ],
    [
      'within a quote',
      `「甲：「乙：一」\n${LINE}\n二」\n${LINE}\n三`,
      { name: '甲', text: `「乙：一」\n${LINE}\n二` },
      '三',
      false,
    ],
  ])('%s', (_, text, quoted, reply, self) => {
    expect(read({ text })).toMatchObject({
      kind: 'text',
      text: reply,
      quoted: { ...quoted, bySelf: quoted.name === '小杏' },
      mentions: { self },
    });
  });

  it.each(['「没有分隔线」', `「甲：一」\n- - -\n二`, '普通的话'])('%s is none', (text) => {
    const said = read({ text });
    expect(said).toMatchObject({ text });
    expect(said).not.toHaveProperty('quoted');
  });

  it('come apart as they were put together', () => {
    const word = fc.string({ unit: 'grapheme' });
    const reply = word.filter((text) => !text.includes(LINE));
    fc.assert(
      fc.property(
        word.filter((name) => !name.includes('：')),
        word,
        reply,
        (name, text, answer) => {
          expect(readQuote(`「${name}：${text}」\n${LINE}\n${answer}`)).toEqual({ name, text, reply: answer });
        },
      ),
    );
  });
});

describe('kinds', () => {
  it.each([
    [0, 'system'],
    [2, 'voice'],
    [3, 'contact-card'],
    [4, 'chat-history'],
    [5, 'emoticon'],
    [6, 'image'],
    [8, 'location'],
    [9, 'mini-program'],
    [11, 'transfer'],
    [12, 'red-packet'],
    [14, 'link'],
    [15, 'video'],
    [16, 'unknown'],
  ])('type %i is %s, and its XML is dropped', (type, kind) => {
    const said = read({ type, text: '<msg><secret/></msg>' });
    expect(said).toMatchObject({ kind, talkerId: 'p1', externalRoomId: 'r1' });
    expect(JSON.stringify(said)).not.toContain('secret');
  });

  it('reads files, notes and XML that says it is text', () => {
    expect(read({ type: 1, filename: '报告.pdf', text: '<msg/>' })).toMatchObject({
      kind: 'file',
      filename: '报告.pdf',
    });
    expect(read({ type: 10, text: '群接龙' })).toMatchObject({ kind: 'note', text: '群接龙' });
    expect(read({ type: 10, text: '<msg/>' })).toMatchObject({ kind: 'note', text: '' });
    expect(read({ text: '<?xml version="1.0"?><msg/>' })).not.toHaveProperty('text');
  });

  it.each([
    ['m7', 'm7'],
    ['<sysmsg><revokemsg><newmsgid>778899</newmsgid></revokemsg></sysmsg>', '778899'],
  ])('a recall by %s', (text, recalledPlatformId) => {
    expect(read({ type: 13, text })).toMatchObject({ kind: 'recall', recalledPlatformId });
  });

  it.each([
    [{ type: 13, text: '<sysmsg/>' }, 'recall without an id'],
    [{ type: 99 }, 'unknown message type'],
    [{ type: undefined }, 'unknown message type'],
    [{ talkerId: '' }, 'message without a talker'],
  ])('%o is malformed', (payload, reason) => {
    expect(read(payload)).toMatchObject({ kind: 'malformed', platformId: 'm1', reason });
  });

  it('turns a pat round: WeChat tells the patted first', () => {
    const pat = read({ type: 0, talkerId: 'bot', listenerId: 'p1', text: '"张阿姨" 拍了拍 "小杏"' });
    expect(pat).toMatchObject({ kind: 'system', talkerId: 'p1', self: false });
  });
});

describe('who and when', () => {
  it('knows what the account said itself', () => {
    expect(read({ talkerId: 'bot' })).toMatchObject({ self: true, talkerId: 'bot' });
    const private_ = read({ talkerId: 'bot', roomId: '', listenerId: 'p9' });
    expect(private_).toMatchObject({ self: true, privateWith: 'p9' });
    expect(read({ talkerId: undefined, fromId: 'p3' })).toMatchObject({ talkerId: 'p3' });
  });

  it.each([
    [1_700_000_000, 1_700_000_000_000],
    [1_700_000_000_123, 1_700_000_000_123],
    [0, at.receivedAt],
    [Number.NaN, at.receivedAt],
    [undefined, at.receivedAt],
  ])('reads %s as an instant', (timestamp, instant) => {
    expect(readInstant(timestamp, at.receivedAt)).toBe(instant);
  });

  it('never throws, whatever the provider gives', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('type', 'text', 'talkerId', 'roomId', 'mentionIdList'), fc.anything()),
        (payload) => {
          expect(read(payload).platformId).toBe('m1');
        },
      ),
    );
  });
});
