import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Faults } from '../../src/simulator/faults.js';
import { SimulatedWechat } from '../../src/simulator/world.js';
import { type Bot, createSmallWorld, type SmallWorld, startBot } from './kit.js';

let small: SmallWorld;
let bot: Bot;

beforeEach(async () => {
  small = createSmallWorld();
  bot = await startBot(small);
});

afterEach(() => bot.stop());

const texts = async () => {
  await small.clock.settle();
  return bot.messages.map((message) => message.text());
};

function say(...lines: string[]): void {
  for (const line of lines) small.world.say(small.zhang.id, small.room.id, line);
}

describe('on the way to the bot', () => {
  it('loses the next message, and keeps it in the history of people', async () => {
    small.faults.once('lose');
    say('一', '二');
    expect(await texts()).toEqual(['二']);
    expect(small.world.history(small.room.id)).toHaveLength(2);
  });

  it('delivers twice, with the same id', async () => {
    small.faults.once('duplicate');
    say('一');
    expect(await texts()).toEqual(['一', '一']);
    expect(new Set(bot.messages.map(({ id }) => id)).size).toBe(1);
  });

  it('delivers late and out of order', async () => {
    small.faults.set({ delayMinMs: 3_000, delayMaxMs: 3_000 });
    small.faults.once('delay');
    say('一', '二');
    expect(await texts()).toEqual(['二']);
    await small.clock.advance(3_000);
    expect(await texts()).toEqual(['二', '一']);
  });

  it('withholds payloads', async () => {
    const { world, zhang, room, faults } = small;
    const { id } = world.say(zhang.id, room.id, '一');
    bot.puppet.cache.message.delete(id);
    faults.once('missingPayload');
    await expect(bot.puppet.messagePayload(id)).rejects.toThrow('no payload');
    await expect(bot.puppet.messagePayload(id)).resolves.toMatchObject({ text: '一' });
  });

  it('hits only whom it is set for', async () => {
    const { world, zhou, room, faults } = small;
    faults.set({ lose: 1, onlyFrom: [zhou.id] });
    say('一');
    world.say(zhou.id, room.id, '二');
    expect(await texts()).toEqual(['一']);
  });

  it('never hits what the bot itself sends', async () => {
    small.faults.set({ lose: 1 });
    await bot.puppet.messageSendText(small.room.id, '收到');
    expect(await texts()).toEqual(['收到']);
  });
});

describe('when the bot sends', () => {
  const send = () => bot.puppet.messageSendText(small.room.id, '收到');
  const delivered = () => small.world.history(small.room.id).length;

  it('fails without delivery', async () => {
    small.faults.once('failSend');
    await expect(send()).rejects.toThrow('was not sent');
    expect(delivered()).toBe(0);
  });

  it('fails after delivery', async () => {
    small.faults.once('failAfterSend');
    await expect(send()).rejects.toThrow('not known');
    expect(delivered()).toBe(1);
  });

  it('never answers', async () => {
    small.faults.once('hangSend');
    const silence = Symbol('silence');
    const answer = await Promise.race([send(), small.clock.settle().then(() => silence)]);
    expect([answer, delivered()]).toEqual([silence, 1]);
  });

  it('gives no id', async () => {
    small.faults.set({ omitSentId: true });
    expect([await send(), delivered()]).toEqual([undefined, 1]);
  });

  it('asks to slow down, and forgets after a minute', async () => {
    small.faults.set({ sendsPerMinuteMax: 2 });
    await send();
    await send();
    await expect(send()).rejects.toThrow('操作过于频繁');
    await small.clock.advance(60_000);
    await send();
    expect(delivered()).toBe(3);
  });
});

describe('away', () => {
  it('hands over what came while the line was down', async () => {
    const { world, clock, stranger, faults } = small;
    faults.set({ offline: true });
    say('一', '二');
    const request = world.requestFriendship(stranger.id, '您好');
    await expect(bot.puppet.messageSendText(small.room.id, '收到')).rejects.toThrow('cannot be reached');
    expect(await texts()).toEqual([]);
    faults.set({ offline: false });
    say('三');
    expect(await texts()).toEqual(['一', '二', '三']);
    expect(bot.events.at(-1)).toEqual(['friendship', { friendshipId: request.id }]);
    await clock.settle();
  });

  it('loses it where the provider does not replay', async () => {
    small.faults.set({ offline: true, replay: false });
    say('一');
    small.faults.set({ offline: false });
    say('二');
    expect(await texts()).toEqual(['二']);
  });

  it('has no heartbeat and no answer to a ding', async () => {
    let heartbeats = 0;
    bot.puppet.on('heartbeat', () => {
      heartbeats += 1;
    });
    await small.clock.advance(60_000);
    expect(heartbeats).toBe(4);
    bot.puppet.ding('a');
    await small.clock.settle();
    small.faults.set({ offline: true });
    bot.puppet.ding('b');
    await small.clock.advance(60_000);
    expect(heartbeats).toBe(4);
    expect(bot.events.filter(([name]) => name === 'dong')).toEqual([['dong', { data: 'a' }]]);
  });

  it('is kicked out, and signs in again when it is started anew', async () => {
    small.faults.kickOut('你的账号在其他设备登录');
    await small.clock.settle();
    say('一');
    expect([bot.puppet.isLoggedIn, await texts()]).toEqual([false, []]);
    expect(bot.events.at(-1)).toMatchObject(['logout', { data: '你的账号在其他设备登录' }]);
    await bot.puppet.stop();
    await bot.puppet.start();
    expect([await texts(), bot.puppet.isLoggedIn]).toEqual([['一'], true]);
  });

  it('stays out until somebody scans, where that is asked for', async () => {
    const { faults, clock, world } = small;
    faults.kickOut('账号异常', { mustScan: true });
    await clock.settle();
    await bot.puppet.stop();
    await bot.puppet.start();
    await clock.settle();
    expect(bot.puppet.isLoggedIn).toBe(false);
    expect(bot.events.at(-1)).toMatchObject(['scan', { qrcode: `simulated-wechat:${world.botId}`, status: 2 }]);
    faults.scan();
    await clock.settle();
    expect(bot.puppet.isLoggedIn).toBe(true);
  });

  it('gets after a restart of everything what was said while it was off', async () => {
    say('一');
    await texts();
    await bot.stop();
    say('二');
    const world = SimulatedWechat.fromSnapshot({ clock: small.clock }, small.world.toSnapshot());
    const next = await startBot({ ...small, world });
    await small.clock.settle();
    expect(next.messages.map((message) => message.text())).toEqual(['二']);
    await next.stop();
  });

  it('stops and starts as often as Wechaty likes, without telling anything twice', async () => {
    for (let i = 0; i < 3; i += 1) {
      await bot.puppet.stop();
      await bot.puppet.start();
      await small.clock.settle();
    }
    say('一');
    expect(await texts()).toEqual(['一']);
    expect(bot.events.filter(([name]) => name === 'login')).toHaveLength(4);
  });
});

describe('settings', () => {
  it('make the same faults for the same seed', () => {
    const draw = (seed: number) => {
      const faults = new Faults({ seed, settings: { lose: 0.3, failSend: 0.3 } });
      const { world, zhang, room } = createSmallWorld();
      return Array.from({ length: 50 }, (_, i) => [
        faults.decideDelivery(world.say(zhang.id, room.id, `${i}`), world.botId).length,
        faults.decideSend(i),
      ]);
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('refuse a share that is none, and clear to none', () => {
    const faults = new Faults({ settings: { lose: 1 } });
    expect(() => faults.set({ lose: 1.5 })).toThrow(/lose/);
    faults.clear();
    expect(faults.settings).toMatchObject({ lose: 0, offline: false, mentionIds: true });
  });
});
