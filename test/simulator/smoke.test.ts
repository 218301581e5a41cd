import { expect, it } from 'vitest';
import { WechatyBuilder } from 'wechaty';
import { VirtualClock } from '../../src/platform/clock.js';
import { SimulatorPuppet } from '../../src/simulator/simulator-puppet.js';
import { SimulatedWechat } from '../../src/simulator/world.js';

it('smokes', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const world = new SimulatedWechat({ clock });
  const a = world.addPerson({ name: '张阿姨' });
  const room = world.createRoom({ topic: 'x', memberIds: [world.botId, a.id] });
  const puppet = new SimulatorPuppet({ world, clock });
  const bot = WechatyBuilder.build({ puppet });
  const seen: string[] = [];
  bot.on('error', (e) => seen.push(`error ${e.message}`));
  bot.on('login', (u) => seen.push(`login ${u.name()}`));
  bot.on('message', async (m) => {
    seen.push(`${m.talker().name()} ${m.text()} ${await m.mentionSelf()}`);
    if (!m.self()) await m.say('收到');
  });
  await bot.start();
  await clock.settle();
  world.say(a.id, room.id, { text: '在吗', mentionIds: [world.botId] });
  await clock.settle();
  await clock.settle();
  console.log(seen, world.history(room.id).map((m) => m.content));
  expect(seen.length).toBe(3);
  await bot.stop();
});
