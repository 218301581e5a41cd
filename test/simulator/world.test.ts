import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/platform/clock.js';
import { SimulatedWechat, WechatRefusedError, type WorldEvent } from '../../src/simulator/world.js';
import { createSmallWorld, PNG, START } from './kit.js';

describe('what people write', () => {
  it.each([
    ['on a phone', 'phone' as const, '@张阿姨\u2005在吗'],
    ['on a desktop', 'desktop' as const, '@张阿姨 在吗'],
  ])('renders a mention as WeChat does %s', (_, client, text) => {
    const { world, zhang, zhou, room } = createSmallWorld();
    const message = world.say(zhou.id, room.id, { text: '在吗', mentionIds: [zhang.id], client });
    expect(message.content).toMatchObject({ kind: 'text', text });
    expect(message.mentionIds).toEqual([zhang.id]);
  });

  it('leaves a mention where the speaker put it, and uses the room alias', () => {
    const { world, zhang, zhou, room } = createSmallWorld();
    world.setRoomAlias(room.id, zhang.id, '张老师');
    const said = world.say(zhou.id, room.id, { text: '请 @张老师\u2005看看', mentionIds: [zhang.id] });
    expect(said.content).toMatchObject({ text: '请 @张老师\u2005看看' });
  });

  it('writes @所有人 before the text', () => {
    const { world, zhou, room } = createSmallWorld();
    const said = world.say(zhou.id, room.id, { text: '明天讲座', mentionAll: true });
    expect(said).toMatchObject({ mentionsAll: true, content: { text: '@所有人\u2005明天讲座' } });
  });

  it('quotes in the exact form, and a quote of a quote holds only its reply', () => {
    const { world, zhang, zhou, room } = createSmallWorld();
    const question = world.say(zhang.id, room.id, '能吃西瓜吗');
    const first = world.say(zhou.id, room.id, { text: '我也想问', quoteOf: question.id });
    const second = world.say(zhang.id, room.id, { text: '对', quoteOf: first.id });
    expect(first.content).toMatchObject({
      text: '「张阿姨：能吃西瓜吗」\n- - - - - - - - - - - - - - -\n我也想问',
      body: '我也想问',
    });
    expect(second.content).toMatchObject({ text: '「老周：我也想问」\n- - - - - - - - - - - - - - -\n对' });
  });

  it('names a quoted picture by a word', () => {
    const { world, zhang, room } = createSmallWorld();
    const picture = world.sendPicture(zhang.id, room.id, PNG);
    const reply = world.say(zhang.id, room.id, { text: '这是化验单', quoteOf: picture.id });
    expect(reply.content).toMatchObject({ quote: { name: '张阿姨', text: '图片' } });
  });
});

describe('where people can speak', () => {
  it('puts both directions of a private chat with the bot into one conversation', () => {
    const { world, zhang } = createSmallWorld();
    world.say(zhang.id, world.botId, '您好');
    world.say(world.botId, zhang.id, '您好呀');
    expect(world.history(zhang.id).map(({ talkerId }) => talkerId)).toEqual([zhang.id, world.botId]);
  });

  const { world, zhang, zhou, stranger, room } = createSmallWorld();
  const outsider = world.addPerson({ name: '路人' });
  it.each([
    ['the bot to no friend', world.botId, stranger.id, 'not-a-friend'],
    ['no friend to the bot', stranger.id, world.botId, 'not-a-friend'],
    ['a patient to another', zhang.id, zhou.id, 'unknown-conversation'],
    ['somebody outside to a room', outsider.id, room.id, 'not-a-member'],
    ['anybody to nowhere', zhang.id, 'R:0', 'unknown-conversation'],
    ['nobody to a room', 'nobody', room.id, 'unknown-contact'],
  ])('refuses %s', (_, from, to, code) => {
    expect(() => world.say(from, to, '您好')).toThrow(expect.objectContaining({ code }));
  });

  it('lets a person speak in private once the friend request is accepted', () => {
    const { world, stranger } = createSmallWorld();
    const request = world.requestFriendship(stranger.id, '我是群里的老郑');
    expect(() => world.say(stranger.id, world.botId, '在吗')).toThrow(WechatRefusedError);
    world.acceptFriendship(request.id);
    world.acceptFriendship(request.id);
    expect(world.say(stranger.id, world.botId, '在吗').conversationId).toBe(stranger.id);
    expect(world.history(stranger.id).map(({ content }) => content.kind)).toEqual(['system', 'text']);
  });

  it('lists the rooms and the private chat of a person, newest first', () => {
    const { world, zhang, stranger, room } = createSmallWorld();
    world.say(zhang.id, room.id, '早');
    world.say(zhang.id, world.botId, '早');
    expect(world.listConversations(zhang.id).map(({ title }) => title)).toEqual(['小杏', '糖友群']);
    expect(world.listConversations(stranger.id).map(({ title }) => title)).toEqual(['糖友群']);
    expect(world.listConversations(world.botId).map(({ title }) => title)).toEqual(['张阿姨', '糖友群', '老周']);
  });
});

describe('recall', () => {
  it.each([
    ['within two minutes', 120_000, 'recalled'],
    ['later', 120_001, 'too-late'],
  ])('of an own message %s', async (_, waitMs, kind) => {
    const { clock, world, zhang, room } = createSmallWorld();
    const message = world.say(zhang.id, room.id, '发错了');
    await clock.advance(waitMs);
    expect(world.recall(message.id, zhang.id).kind).toBe(kind);
    expect(message.recalled).toBe(kind === 'recalled');
  });

  it('of others is for the owner of the room', async () => {
    const { clock, world, zhang, zhou, room } = createSmallWorld();
    const message = world.say(zhang.id, room.id, '广告');
    await clock.advance(600_000);
    expect(world.recall(message.id, world.botId).kind).toBe('not-yours');
    expect(world.recall(message.id, zhou.id).kind).toBe('recalled');
    expect(world.recall(message.id, zhou.id).kind).toBe('unknown-message');
  });
});

describe('events', () => {
  it('tell every listener the same order, also of what a listener says in answer', () => {
    const { world, zhang, room } = createSmallWorld();
    const heard: string[][] = [[], []];
    world.subscribe((event) => {
      if (event.kind === 'message' && event.message.talkerId === zhang.id) world.say(world.botId, room.id, '收到');
    });
    for (const list of heard) {
      world.subscribe((event) => {
        if (event.kind === 'message' && event.message.content.kind === 'text') list.push(event.message.content.text);
      });
    }
    world.say(zhang.id, room.id, '打卡');
    expect(heard).toEqual([
      ['打卡', '收到'],
      ['打卡', '收到'],
    ]);
  });

  it('stop with the subscription', () => {
    const { world, zhang, room } = createSmallWorld();
    const events: WorldEvent[] = [];
    const unsubscribe = world.subscribe((event) => events.push(event));
    world.rename(zhang.id, '张姐');
    unsubscribe();
    world.say(zhang.id, room.id, '早');
    expect(events.map(({ kind }) => kind)).toEqual(['renamed']);
  });
});

describe('memory', () => {
  it('keeps the newest messages and their files only', () => {
    const clock = new VirtualClock(START);
    const world = new SimulatedWechat({ clock, messagesMax: 100 });
    const zhang = world.addPerson({ name: '张阿姨' });
    const picture = world.sendPicture(zhang.id, world.botId, PNG);
    expect(world.findFile(picture.id)).toEqual(PNG);
    for (let i = 0; i < 5_000; i += 1) world.say(zhang.id, world.botId, `第${i}条`);
    const kept = world.history(zhang.id, 1_000);
    expect(kept).toHaveLength(100);
    expect(kept.at(-1)?.content).toMatchObject({ text: '第4999条' });
    expect(world.findMessage(picture.id)).toBeUndefined();
    expect(world.findFile(picture.id)).toBeUndefined();
  });

  it('pages back through a conversation', () => {
    const { world, zhang, room } = createSmallWorld();
    for (let i = 0; i < 10; i += 1) world.say(zhang.id, i % 2 ? room.id : world.botId, `第${i}条`);
    const last = world.history(room.id, 2);
    const before = world.history(room.id, 2, last[0]?.sequence);
    expect([...before, ...last].map(({ content }) => content.kind === 'text' && content.text)).toEqual([
      '第3条',
      '第5条',
      '第7条',
      '第9条',
    ]);
  });

  it('goes on after a restart: history, ids, files, names, and time that never goes back', async () => {
    const { clock, world, zhang, stranger, room } = createSmallWorld();
    await clock.advance(86_400_000);
    const picture = world.sendPicture(zhang.id, room.id, PNG);
    world.setRoomAlias(room.id, zhang.id, '张老师');
    world.requestFriendship(stranger.id, '您好');
    world.addTag('糖友', zhang.id);
    const snapshot: unknown = JSON.parse(JSON.stringify(world.toSnapshot()));

    const again = SimulatedWechat.fromSnapshot({ clock: new VirtualClock(START) }, snapshot);
    expect(again.toSnapshot()).toEqual(snapshot);
    expect(again.history(room.id)).toEqual(world.history(room.id));
    expect(again.findFile(picture.id)).toEqual(PNG);
    expect(again.listTags(zhang.id)).toEqual(['糖友']);
    expect(again.listOpenFriendships()).toHaveLength(1);
    const next = again.say(zhang.id, room.id, '早');
    expect(next.sentAt).toBe(picture.sentAt);
    expect(next.sequence).toBe(picture.sequence + 1);
    expect(Number(next.id)).toBe(Number(picture.id) + 1);
    const newcomer = again.addPerson({ name: '新人' });
    expect(world.findContact(newcomer.id)).toBeUndefined();
  });

  it('names the place where a snapshot is none', () => {
    const { clock, world } = createSmallWorld();
    const broken = { ...world.toSnapshot(), botId: 7 };
    expect(() => SimulatedWechat.fromSnapshot({ clock }, broken)).toThrow(/botId/);
  });
});

it('has ids like WeCom: staff, external contacts and rooms', () => {
  const { world, zhang, room } = createSmallWorld();
  const doctor = world.addPerson({ name: '李医生(模拟)', role: 'doctor' });
  expect(world.botId).toMatch(/^1688\d{12}$/);
  expect(doctor.id).toMatch(/^1688\d{12}$/);
  expect(zhang.id).toMatch(/^7881\d{12}$/);
  expect(room.id).toMatch(/^R:1069\d{13}$/);
});
