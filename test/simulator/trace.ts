import { createHash } from 'node:crypto';
import { WechatyBuilder } from 'wechaty';
import { log } from 'wechaty-puppet';
import { VirtualClock } from '../../src/platform/clock.js';
import { createSampleCommunity } from '../../src/simulator/community.js';
import { Faults } from '../../src/simulator/faults.js';
import { SimulatorPuppet } from '../../src/simulator/simulator-puppet.js';
import { SimulatedWechat } from '../../src/simulator/world.js';

// Wechaty reports what the faults do to it.
log.level('silent');

const START = Date.UTC(2026, 2, 1);

/** A busy stretch with every fault, joins, requests, recalls and answers, and what a bot of Wechaty saw of it. */
export async function recordTrace(seed: number): Promise<string[]> {
  const clock = new VirtualClock(START);
  const world = new SimulatedWechat({ clock, seed });
  const faults = new Faults({ seed, settings: { lose: 0.1, duplicate: 0.1, delay: 0.2, failSend: 0.1 } });
  const { rooms } = createSampleCommunity(world);
  const room = rooms[0]?.room ?? world.createRoom({ topic: '空', memberIds: [] });
  const trace: string[] = [];
  const record = (...parts: unknown[]): void => {
    trace.push(JSON.stringify([clock.now() - START, ...parts]));
  };
  world.subscribe((event) => record('world', event));

  const puppet = new SimulatorPuppet({ world, clock, faults });
  const bot = WechatyBuilder.build({ puppet });
  bot.on('heartbeat', () => record('heartbeat'));
  bot.on('error', (error) => record('error', error.message.split('\n')[0]));
  bot.on('login', (self) => record('login', self.name()));
  bot.on('logout', (self) => record('logout', self.name()));
  bot.on('room-join', (_, invitees) => record('join', invitees.map(String)));
  bot.on('friendship', (friendship) => record('friendship', friendship.type(), friendship.hello()));
  bot.on('message', async (message) => {
    record('message', message.id, message.type(), message.text(), message.self(), await message.mentionSelf());
    if (!(await message.mentionSelf())) return;
    const failed = (error: Error) => record('unsent', error.message);
    await message.room()?.say('收到', message.talker()).catch(failed);
  });
  await bot.start();
  await clock.settle();

  const members = room.memberIds.filter((id) => id !== world.botId);
  for (let i = 0; i < 100; i += 1) {
    const talkerId = members[i % members.length] ?? '';
    const mentionIds = i % 5 === 0 ? [world.botId] : [];
    const said = world.say(talkerId, room.id, { text: `第${i}条`, mentionIds });
    if (i % 7 === 0) world.say(talkerId, room.id, { text: '同上', quoteOf: said.id });
    if (i % 20 === 0) world.join(room.id, [world.addPerson({ name: `新人${i}` }).id], { by: 'unknown-inviter' });
    if (i % 25 === 0) world.requestFriendship(world.addPerson({ name: `路人${i}`, friend: false }).id, '您好');
    if (i % 30 === 0) world.recall(said.id, talkerId);
    if (i === 60) faults.set({ offline: true });
    if (i === 70) faults.set({ offline: false });
    await clock.advance(1_700);
  }
  await bot.stop();
  record('snapshot', world.toSnapshot());
  return trace;
}

export async function hashTrace(seed: number): Promise<string> {
  return createHash('sha256')
    .update((await recordTrace(seed)).join('\n'))
    .digest('hex');
}
