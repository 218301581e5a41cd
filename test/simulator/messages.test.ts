import { FileBox } from 'file-box';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from 'wechaty';
import { types } from 'wechaty-puppet';
import type { CardContent, MessageContent } from '../../src/simulator/world.js';
import { type Bot, createSmallWorld, PNG, type SmallWorld, startBot } from './kit.js';

const Type = types.Message;

let small: SmallWorld;
let bot: Bot;

beforeEach(async () => {
  small = createSmallWorld();
  bot = await startBot(small);
});

afterEach(() => bot.stop());

async function received(): Promise<Message> {
  await small.clock.settle();
  const message = bot.messages.at(-1);
  if (!message) throw new Error('nothing was received');
  return message;
}

const payload = async () => bot.puppet.messagePayload((await received()).id);

describe('what the bot receives', () => {
  it('a text in a room, with room, talker, text and mention', async () => {
    const { world, zhang, room } = small;
    const said = world.say(zhang.id, room.id, { text: '糖尿病能吃西瓜吗', mentionIds: [world.botId] });
    const message = await received();
    expect(message.id).toBe(said.id);
    expect(message.type()).toBe(Type.Text);
    expect(message.text()).toBe('@小杏\u2005糖尿病能吃西瓜吗');
    expect(message.talker().name()).toBe('张阿姨');
    expect(await message.room()?.topic()).toBe('糖友群');
    expect(await message.mentionSelf()).toBe(true);
    expect(await message.mentionText()).toBe('糖尿病能吃西瓜吗');
  });

  it('a private text, without a room', async () => {
    small.world.say(small.zhang.id, small.world.botId, '绑定');
    const message = await received();
    expect(message.room()).toBeUndefined();
    expect(message.listener()?.id).toBe(small.world.botId);
  });

  it('a typed name is no mention by id', async () => {
    small.world.say(small.zhang.id, small.room.id, '@小杏 在吗');
    expect(await payload()).toMatchObject({ mentionIdList: [], text: '@小杏 在吗' });
  });

  it('an @all, and an announcement, mention every member', async () => {
    const { world, zhou, room } = small;
    world.say(zhou.id, room.id, { text: '早', mentionAll: true });
    expect(await payload()).toMatchObject({ mentionIdList: room.memberIds });
    world.announce(room.id, zhou.id, '周六义诊');
    expect(await payload()).toMatchObject({ mentionIdList: room.memberIds, text: '@所有人\u2005\n周六义诊' });
  });

  it('no mention ids where the provider gives none', async () => {
    const { world, zhang, room, faults } = small;
    faults.set({ mentionIds: false });
    world.say(zhang.id, room.id, { text: '在吗', mentionIds: [world.botId] });
    const text = await payload();
    expect(text).toMatchObject({ text: '@小杏\u2005在吗' });
    expect(text).not.toHaveProperty('mentionIdList');
  });

  it.each([
    ['picture', Type.Image, 'sheet.png'],
    ['video', Type.Video, 'walk.mp4'],
    ['file', Type.Attachment, '病历.pdf'],
  ] as const)('a %s with its file', async (kind, type, name) => {
    const { world, zhang, room } = small;
    world.sendFile(zhang.id, room.id, { ...PNG, name }, kind);
    const message = await received();
    expect(message.type()).toBe(type);
    const file = await message.toFileBox();
    expect([file.name, await file.toBase64(), file.metadata]).toEqual([name, PNG.base64, { mediaType: 'image/png' }]);
    expect(await payload()).toMatchObject({ filename: name });
  });

  it('a voice with its length', async () => {
    const { world, zhang } = small;
    const voice = { name: 'v.silk', mediaType: 'audio/silk', base64: 'AAAA', durationSeconds: 7 };
    world.sendVoice(zhang.id, world.botId, voice);
    const message = await received();
    expect(message.type()).toBe(Type.Audio);
    expect((await message.toFileBox()).metadata).toEqual({ mediaType: 'audio/silk', durationSeconds: 7 });
  });

  const cards: [CardContent, types.Message][] = [
    [{ kind: 'link', title: '控糖', url: 'https://example.org/', description: '', thumbnailUrl: '' }, Type.Url],
    [
      { kind: 'mini-program', title: '挂号', appId: 'wx1', username: 'gh_1', pagePath: 'p', description: '' },
      Type.MiniProgram,
    ],
    [{ kind: 'location', name: '门诊楼', address: '一路', latitude: 31, longitude: 121, accuracy: 5 }, Type.Location],
    [{ kind: 'emoticon', meaning: '微笑' }, Type.Emoticon],
    [{ kind: 'chat-history', title: '聊天记录', lines: ['老周：早'] }, Type.ChatHistory],
    [{ kind: 'red-packet', greeting: '恭喜发财' }, Type.RedEnvelope],
    [{ kind: 'transfer', amount: '1.00' }, Type.Transfer],
    [{ kind: 'group-note', title: '#接龙' }, Type.GroupNote],
  ];
  it.each(cards)('$kind as its own type', async (card, type) => {
    const { world, zhang, room } = small;
    world.sendCard(zhang.id, room.id, card);
    expect((await received()).type()).toBe(type);
  });

  it('the contents of link, mini program, location and contact card', async () => {
    const { world, zhang, zhou, room } = small;
    for (const [card] of cards.slice(0, 3)) world.sendCard(zhang.id, room.id, card);
    world.sendCard(zhang.id, room.id, { kind: 'contact-card', contactId: zhou.id });
    await small.clock.settle();
    const [link, program, location, card] = bot.messages;
    expect((await link?.toUrlLink())?.url()).toBe('https://example.org/');
    expect((await program?.toMiniProgram())?.appid()).toBe('wx1');
    // Wechaty's own toLocation() cannot be called; the puppet's can.
    expect(await bot.puppet.messageLocation(location?.id ?? '')).toMatchObject({ latitude: 31, longitude: 121 });
    expect((await card?.toContact())?.name()).toBe('老周');
  });

  it('a recall, whose text is the id of what was recalled', async () => {
    const { world, zhang, room } = small;
    const wrong = world.say(zhang.id, room.id, '空腹65');
    await small.clock.settle();
    world.recall(wrong.id, zhang.id);
    const message = await received();
    expect(message.type()).toBe(Type.Recalled);
    expect(message.text()).toBe(wrong.id);
    expect((await message.toRecalled())?.id).toBe(wrong.id);
  });

  it('a pat with talker and listener reversed, as PadLocal gives it', async () => {
    const { world, zhang, room } = small;
    world.pat(zhang.id, room.id, world.botId);
    expect(await payload()).toMatchObject({
      type: Type.Unknown,
      talkerId: world.botId,
      listenerId: zhang.id,
      roomId: room.id,
      text: '"张阿姨" 拍了拍 "小杏"',
    });
  });

  it('a notice of the system as Unknown, by nobody but ourselves', async () => {
    small.world.systemNotice(small.room.id, '你撤回了一条消息');
    expect(await payload()).toMatchObject({ type: Type.Unknown, talkerId: small.world.botId });
  });

  it('what a human types on the phone of the bot, as its own message', async () => {
    const { world, zhang } = small;
    world.say(world.botId, zhang.id, '我是值班护士');
    const message = await received();
    expect(message.self()).toBe(true);
    expect(message.listener()?.id).toBe(zhang.id);
  });

  it('nothing from a room that it is not in', async () => {
    const { world, zhang, zhou } = small;
    const other = world.createRoom({ topic: '家人', memberIds: [zhang.id, zhou.id] });
    world.say(zhang.id, other.id, '晚上吃啥');
    await small.clock.settle();
    expect(bot.messages).toEqual([]);
    expect(await bot.puppet.roomList()).toEqual([small.room.id]);
  });
});

describe('what the bot sends', () => {
  const last = () => small.world.history(small.room.id, 1)[0];

  it('text with mentions, and gets its id and its own echo', async () => {
    const { room, zhang } = small;
    const id = await bot.puppet.messageSendText(room.id, '@张阿姨\u2005收到', [zhang.id]);
    expect(last()).toMatchObject({ id, origin: 'program', mentionIds: [zhang.id] });
    const echo = await received();
    expect([echo.id, echo.self()]).toEqual([id, true]);
  });

  const kinds: [string, MessageContent['kind']][] = [
    ['chart.png', 'picture'],
    ['walk.mp4', 'video'],
    ['a.silk', 'voice'],
    ['export.csv', 'file'],
  ];
  it.each(kinds)('%s as %s', async (name, kind) => {
    const id = await bot.puppet.messageSendFile(small.room.id, FileBox.fromBase64(PNG.base64, name));
    expect(last()).toMatchObject({ id, content: { kind, filename: name } });
    expect(small.world.findFile(id ?? '')?.base64).toBe(PNG.base64);
  });

  it('cards, locations and what it forwards', async () => {
    const { room, zhou, zhang } = small;
    await bot.puppet.messageSendUrl(room.id, { title: '控糖', url: 'https://example.org/' });
    expect(last()?.content).toMatchObject({ kind: 'link', title: '控糖' });
    await bot.puppet.messageSendMiniProgram(room.id, { appid: 'wx1', title: '挂号' });
    expect(last()?.content).toMatchObject({ kind: 'mini-program', appId: 'wx1' });
    await bot.puppet.messageSendContact(room.id, zhou.id);
    expect(last()?.content).toEqual({ kind: 'contact-card', contactId: zhou.id });
    const place = { name: '门诊楼', address: '一路', latitude: 31, longitude: 121, accuracy: 5 };
    await bot.puppet.messageSendLocation(room.id, place);
    expect(last()?.content).toEqual({ kind: 'location', ...place });
    const picture = small.world.sendPicture(zhang.id, small.world.botId, PNG);
    const forwarded = await bot.puppet.messageForward(room.id, picture.id);
    expect(small.world.findFile(forwarded ?? '')).toEqual(PNG);
  });

  it('nothing to somebody who is no friend, with the words of WeChat', async () => {
    await expect(bot.puppet.messageSendText(small.stranger.id, '您好')).rejects.toThrow('开启了朋友验证');
    expect(small.world.history(small.stranger.id)).toEqual([]);
  });

  it('and takes back within two minutes', async () => {
    const id = (await bot.puppet.messageSendText(small.room.id, '发错了')) ?? '';
    expect(await bot.puppet.messageRecall(id)).toBe(true);
    const late = (await bot.puppet.messageSendText(small.room.id, '又发错了')) ?? '';
    await small.clock.advance(121_000);
    expect(await bot.puppet.messageRecall(late)).toBe(false);
  });
});
