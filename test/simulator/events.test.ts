import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { types } from 'wechaty-puppet';
import { type Bot, createSmallWorld, type SmallWorld, startBot } from './kit.js';

let small: SmallWorld;
let bot: Bot;

beforeEach(async () => {
  small = createSmallWorld();
  bot = await startBot(small);
  bot.events.length = 0;
});

afterEach(() => bot.stop());

async function told(): Promise<Bot['events']> {
  await small.clock.settle();
  return bot.events;
}

describe('who comes and goes', () => {
  it.each([
    ['an invitation', 'invitation' as const, '"张阿姨"邀请"小林"加入了群聊'],
    ['a QR code', 'qr-code' as const, '"小林"通过扫描"张阿姨"分享的二维码加入群聊'],
  ])('by %s: an event, and a notice that the bot gets no message of', async (_, by, notice) => {
    const { world, zhang, room } = small;
    const lin = world.addPerson({ name: '小林' });
    world.join(room.id, [lin.id], { by, inviterId: zhang.id });
    expect(await told()).toMatchObject([
      ['room-join', { inviteeIdList: [lin.id], inviterId: zhang.id, roomId: room.id }],
    ]);
    expect(world.history(room.id, 1)[0]?.content).toMatchObject({ kind: 'system', text: notice });
    expect(bot.messages).toEqual([]);
    expect(await bot.puppet.roomMemberList(room.id)).toContain(lin.id);
  });

  it('with an empty inviter, an undefined invitee, or without any event', async () => {
    const { world, zhang, room } = small;
    const [a, b, c] = ['甲', '乙', '丙'].map((name) => world.addPerson({ name }).id);
    world.join(room.id, [a ?? ''], { by: 'unknown-inviter' });
    world.join(room.id, [b ?? ''], { by: 'unknown-invitee', inviterId: zhang.id });
    world.join(room.id, [c ?? ''], { by: 'qr-code', inviterId: zhang.id }, { told: false });
    expect(await told()).toMatchObject([
      ['room-join', { inviteeIdList: [a], inviterId: '' }],
      ['room-join', { inviteeIdList: [undefined], inviterId: zhang.id }],
    ]);
    expect(await bot.puppet.roomMemberList(room.id)).toEqual(expect.arrayContaining([a, b, c]));
  });

  it('voluntarily with an event, or without, and removed', async () => {
    const { world, zhang, zhou, stranger, room } = small;
    world.leave(room.id, zhang.id);
    world.leave(room.id, stranger.id, { told: false });
    world.remove(room.id, [world.botId], zhou.id);
    expect(await told()).toMatchObject([
      ['room-leave', { removeeIdList: [zhang.id], removerId: zhang.id }],
      ['room-leave', { removeeIdList: [world.botId], removerId: zhou.id }],
    ]);
    expect(room.memberIds).toEqual([zhou.id]);
  });

  it('by a card that the bot accepts', async () => {
    const { world, zhang, zhou } = small;
    const other = world.createRoom({ topic: '高血压群', memberIds: [zhang.id, zhou.id] });
    const { id } = world.inviteBot(other.id, zhang.id);
    expect(await told()).toEqual([['room-invite', { roomInvitationId: id }]]);
    expect(await bot.puppet.roomInvitationPayload(id)).toMatchObject({ inviterId: zhang.id, topic: '高血压群' });
    await bot.puppet.roomInvitationAccept(id);
    expect(await told()).toMatchObject([{}, ['room-join', { inviteeIdList: [world.botId], inviterId: zhang.id }]]);
  });

  it('at the wish of the bot', async () => {
    const { world, zhou } = small;
    const roomId = await bot.puppet.roomCreate([zhou.id], '新群');
    const lin = world.addPerson({ name: '小林' });
    await bot.puppet.roomAdd(roomId, [lin.id]);
    await bot.puppet.roomDel(roomId, zhou.id);
    expect(await bot.puppet.roomMemberList(roomId)).toEqual([world.botId, lin.id]);
    await bot.puppet.roomQuit(roomId);
    expect(await bot.puppet.roomList()).toEqual([small.room.id]);
  });
});

it('friend request, acceptance, confirmation', async () => {
  const { world, stranger } = small;
  const request = world.requestFriendship(stranger.id, '我是老郑');
  await told();
  expect(await bot.puppet.friendshipPayload(request.id)).toMatchObject({
    type: types.Friendship.Receive,
    contactId: stranger.id,
    hello: '我是老郑',
  });
  await bot.puppet.friendshipAccept(request.id);
  const [, confirmation] = (await told()).map(([, payload]) => payload as { friendshipId: string });
  expect((await bot.puppet.friendshipPayload(confirmation?.friendshipId ?? '')).type).toBe(types.Friendship.Confirm);
  expect((await bot.puppet.contactPayload(stranger.id)).friend).toBe(true);
  await expect(bot.puppet.messageSendText(stranger.id, '您好')).resolves.toBeTypeOf('string');
});

it('the bot asks for friendship, and the person accepts', async () => {
  const { world, stranger } = small;
  await bot.puppet.friendshipAdd(stranger.id, '我是小杏');
  const [asked] = world.listOpenFriendships();
  expect(await told()).toEqual([]);
  world.acceptFriendship(asked?.id ?? '');
  expect(await told()).toMatchObject([['friendship', {}]]);
});

describe('names', () => {
  it('change at once for whoever asks', async () => {
    const { world, zhang, room } = small;
    const name = async () => (await bot.puppet.contactPayload(zhang.id)).name;
    const alias = async () => (await bot.puppet.roomMemberPayload(room.id, zhang.id)).roomAlias;
    expect([await name(), await alias()]).toEqual(['张阿姨', '']);
    world.rename(zhang.id, '张姐');
    world.setRoomAlias(room.id, zhang.id, '班长');
    expect([await name(), await alias()]).toEqual(['张姐', '班长']);
    await bot.puppet.contactAlias(zhang.id, '62岁 张');
    expect(await bot.puppet.contactAlias(zhang.id)).toBe('62岁 张');
  });

  it('stay stale in caches where the provider does not tell', async () => {
    const { world, zhang } = small;
    await bot.puppet.contactPayload(zhang.id);
    world.rename(zhang.id, '张姐', { told: false });
    expect((await bot.puppet.contactPayload(zhang.id)).name).toBe('张阿姨');
    expect((await bot.puppet.contactRawPayload(zhang.id)).name).toBe('张姐');
  });

  it('of rooms and their announcements', async () => {
    const { world, zhou, room } = small;
    world.setTopic(room.id, zhou.id, '糖友一群');
    await bot.puppet.roomAnnounce(room.id, '周六义诊');
    expect(await told()).toMatchObject([
      ['room-topic', { newTopic: '糖友一群', oldTopic: '糖友群', changerId: zhou.id }],
      ['room-announce', { newAnnounce: '周六义诊', changerId: world.botId }],
    ]);
    expect(await bot.puppet.roomTopic(room.id)).toBe('糖友一群');
    expect(await bot.puppet.roomAnnounce(room.id)).toBe('周六义诊');
  });
});

describe('what Wechaty asks for', () => {
  it('is a copy: nothing that it does to a payload changes the world', async () => {
    const { world, zhang, room } = small;
    (await bot.puppet.roomRawPayload(room.id)).memberIdList.length = 0;
    (await bot.puppet.contactRawPayload(zhang.id)).name = '?';
    (await bot.puppet.roomMemberList(room.id)).length = 0;
    expect(world.room(room.id).memberIds).toHaveLength(4);
    expect(zhang.name).toBe('张阿姨');
  });

  it('of an unknown room: no members; of an unknown id: a quiet rejection', async () => {
    expect(await bot.puppet.roomMemberList('R:0')).toEqual([]);
    await expect(bot.puppet.contactPayload(small.room.id)).rejects.toThrow('no contact payload');
    await expect(bot.puppet.messagePayload('0')).rejects.toThrow('no message payload');
  });

  it('tags, read marks and phones', async () => {
    const { zhang, room } = small;
    await bot.puppet.tagContactAdd('糖友', zhang.id);
    expect(await bot.puppet.tagContactList(zhang.id)).toEqual(['糖友']);
    await bot.puppet.tagContactRemove('糖友', zhang.id);
    expect([await bot.puppet.tagContactList(zhang.id), await bot.puppet.tagContactList()]).toEqual([[], ['糖友']]);
    await bot.puppet.tagContactDelete('糖友');
    expect(await bot.puppet.tagContactList()).toEqual([]);
    await bot.puppet.conversationReadMark(room.id, true);
    expect(await bot.puppet.conversationReadMark(room.id)).toBe(true);
    await bot.puppet.contactPhone(zhang.id, ['13800000000']);
    expect(await bot.puppet.friendshipSearchPhone('13800000000')).toBe(zhang.id);
  });
});

it('a room of 500 members', async () => {
  const { world, zhang } = small;
  const members = Array.from({ length: 498 }, (_, i) => world.addPerson({ name: `群友${i}` }).id);
  const room = world.createRoom({ topic: '大群', memberIds: [world.botId, zhang.id, ...members] });
  world.say(zhang.id, room.id, '大家好');
  await expect.poll(() => bot.messages.length).toBe(1);
  expect((await bot.puppet.roomPayload(room.id)).memberIdList).toHaveLength(500);
});
