/** The door over the simulator in this process, by a clock that the test moves. */
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/platform/clock.js';
import { seededRandom } from '../../src/platform/ids.js';
import type { ChannelState, Door, Gap } from '../../src/platform/puppet/door.js';
import { NotSentError, UnknownOutcomeError } from '../../src/platform/puppet/door.js';
import type { Incoming } from '../../src/platform/puppet/incoming.js';
import { createDoor } from '../../src/platform/puppet/index.js';
import { Faults } from '../../src/simulator/faults.js';
import { SimulatorPuppet } from '../../src/simulator/simulator-puppet.js';
import { SimulatedWechat } from '../../src/simulator/world.js';

const doors: Door[] = [];
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.stop()));
});

async function open() {
  const clock = new VirtualClock(Date.UTC(2026, 0, 5, 1));
  const faults = new Faults();
  const world = new SimulatedWechat({ clock });
  const [zhang, li, wang] = ['张阿姨', '李叔', '王医生'].map((name) => world.addPerson({ name }).id) as [
    string,
    string,
    string,
  ];
  const room = world.createRoom({ topic: '糖友群', memberIds: [world.botId, zhang, li] });
  let puppets = 0;
  const door = createDoor({
    clock,
    log: { info() {}, warn() {}, error() {} },
    createPuppet: () => {
      puppets += 1;
      return new SimulatorPuppet({ world, clock, faults });
    },
    mode: 'in-process',
    random: seededRandom(1),
  });
  doors.push(door);
  const incoming: Incoming[] = [];
  const states: ChannelState[] = [];
  const gaps: Gap[] = [];
  door.onIncoming((value) => incoming.push(value));
  door.onState((state) => states.push(state));
  door.onGap((gap) => gaps.push(gap));
  door.start();
  await settleUntil(clock, () => door.state.kind === 'online');
  return { clock, faults, world, room, zhang, li, wang, door, incoming, states, gaps, puppets: () => puppets };
}

async function settleUntil(clock: VirtualClock, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i += 1) await clock.settle();
  expect(holds()).toBe(true);
}

describe('what people do', () => {
  it('comes through the door as plain values, in order', async () => {
    const { clock, world, room, zhang, li, wang, incoming } = await open();
    const first = world.say(zhang, room.id, { text: '糖尿病能吃西瓜吗', mentionIds: [world.botId] });
    world.say(li, room.id, { text: '我也想问', quoteOf: first.id });
    world.say(zhang, room.id, { text: '开会了', mentionAll: true });
    world.pat(zhang, room.id, world.botId);
    world.recall(first.id, zhang);
    world.join(room.id, [wang], { by: 'unknown-inviter' });
    world.setTopic(room.id, zhang, '控糖群');
    world.say(zhang, world.botId, '在吗');
    world.leave(room.id, wang);
    await settleUntil(clock, () => incoming.length >= 9);
    expect(incoming.map(({ seq }) => seq)).toEqual(incoming.map((_, i) => i + 1));
    expect(incoming).toMatchObject([
      { kind: 'text', talkerId: zhang, externalRoomId: room.id, mentions: { self: true, all: false } },
      { kind: 'text', text: '我也想问', quoted: { name: '张阿姨', bySelf: false }, mentions: { self: false } },
      { kind: 'text', mentions: { self: false, all: true } },
      { kind: 'system', talkerId: zhang, self: false },
      { kind: 'recall', recalledPlatformId: first.id },
      { kind: 'room-join', contactIds: [wang] },
      { kind: 'room-topic', topic: '控糖群' },
      { kind: 'text', privateWith: zhang, text: '在吗' },
      { kind: 'room-leave', contactIds: [wang] },
    ]);
    expect(JSON.parse(JSON.stringify(incoming))).toEqual(incoming);
  });

  it('finds the mention where the provider gives none', async () => {
    const { clock, faults, world, room, zhang, incoming } = await open();
    faults.set({ mentionIds: false });
    world.setRoomAlias(room.id, world.botId, '杏 助手');
    world.say(zhang, room.id, { text: '在吗', mentionIds: [world.botId] });
    await settleUntil(clock, () => incoming.length > 0);
    expect(incoming.at(-1)).toMatchObject({ text: '@杏 助手\u2005在吗', mentions: { self: true } });
  });

  it('records what has no payload, and goes on', async () => {
    const { clock, faults, world, room, zhang, incoming } = await open();
    faults.once('missingPayload');
    world.say(zhang, room.id, '一');
    await settleUntil(clock, () => incoming.length === 1);
    world.say(zhang, room.id, '二');
    await settleUntil(clock, () => incoming.length === 2);
    expect(incoming).toMatchObject([{ kind: 'malformed', reason: 'no payload' }, { text: '二' }]);
  });

  it('shows friend requests and answers them', async () => {
    const { clock, world, door, incoming } = await open();
    const stranger = world.addPerson({ name: '路人', friend: false }).id;
    world.requestFriendship(stranger, '我是家属');
    await settleUntil(clock, () => incoming.length === 1);
    const [request] = incoming;
    if (request?.kind !== 'friend-request') throw new Error('no request');
    expect(await door.isFriend(stranger)).toBe(false);
    await door.acceptFriendship(request.friendshipId);
    await settleUntil(clock, () => incoming.some(({ kind }) => kind === 'friend-confirmed'));
    expect(await door.isFriend(stranger)).toBe(true);
  });
});

describe('time and trouble', () => {
  it('notices the silence of a line that is cut, and is back with what was said meanwhile', async () => {
    const { clock, faults, world, room, zhang, door, incoming, gaps, puppets } = await open();
    await clock.advance(10 * 60_000);
    expect(door.state.kind).toBe('online');
    expect(puppets()).toBe(1);
    faults.set({ offline: true });
    await clock.advance(70_000);
    expect(door.state).toMatchObject({ kind: 'down', reason: 'the platform is silent' });
    await expect(door.sendText({ kind: 'room', externalRoomId: room.id }, '你好', [])).rejects.toBeInstanceOf(
      NotSentError,
    );
    world.say(zhang, room.id, '有人吗');
    await clock.advance(5 * 60_000);
    faults.set({ offline: false });
    await clock.advance(10_000);
    expect(door.state.kind).toBe('online');
    expect(incoming).toMatchObject([{ text: '有人吗' }]);
    expect(gaps).toHaveLength(1);
    expect((gaps[0]?.to ?? 0) - (gaps[0]?.from ?? 0)).toBeGreaterThan(5 * 60_000);
  });

  it('survives a night in one jump', async () => {
    const { clock, door, puppets } = await open();
    await clock.advance(9 * 3_600_000);
    expect(door.state.kind).toBe('online');
    expect(puppets()).toBe(1);
  });

  it('ends a send without an answer at its limit, as unknown', async () => {
    const { clock, faults, room, door, incoming } = await open();
    faults.once('hangSend');
    const sending = door.sendText({ kind: 'room', externalRoomId: room.id }, '你好', []);
    const outcome = expect(sending).rejects.toBeInstanceOf(UnknownOutcomeError);
    await clock.advance(15_000);
    await outcome;
    expect(incoming).toMatchObject([{ self: true, text: '你好' }]);
    await clock.advance(60_000);
    expect(door.state.kind).toBe('online');
  });

  it('loses and doubles nothing when it is stopped and started in the middle of a talk', async () => {
    const { clock, world, room, zhang, door, incoming } = await open();
    const said = (text: string) => world.say(zhang, room.id, text);
    said('一');
    const stopped = door.stop();
    said('二');
    await stopped;
    const before = incoming.length;
    said('三');
    await clock.settle();
    expect(incoming).toHaveLength(before);
    expect(door.state).toEqual({ kind: 'stopped' });
    door.start();
    await settleUntil(clock, () => incoming.length === 3);
    await clock.advance(60_000);
    expect(incoming).toMatchObject([{ text: '一' }, { text: '二' }, { text: '三' }]);
  });
});
