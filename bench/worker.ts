/** One process of the measurement: does what its parent orders, until it is told to stop. */
import { log as wechatyLog } from 'wechaty-puppet';
import { SystemClock } from '../src/platform/clock.js';
import { startGateway } from '../src/simulator/gateway.js';
import { SimulatorPuppet } from '../src/simulator/simulator-puppet.js';
import { SimulatedWechat } from '../src/simulator/world.js';
import { type Line, type RunningBot, startEcho, startXinglin } from './bots.js';
import { Driver } from './drive.js';
import type { Account, Answer, BotChoice, Order, Role } from './worker-protocol.js';

wechatyLog.level('silent');

interface Stage {
  driver?: Driver;
  account?: Account;
  stop(): Promise<void>;
}

const clock = new SystemClock();

function createRoom(peopleCount: number) {
  const world = new SimulatedWechat({ clock });
  const people = Array.from({ length: peopleCount }, (_, i) => world.addPerson({ name: `患者${i + 1}` }).id);
  const [ownerId] = people;
  if (ownerId === undefined) throw new Error('a room needs somebody in it');
  const room = world.createRoom({ topic: '糖友群', ownerId, memberIds: [world.botId, ...people] });
  return { world, people, roomId: room.id };
}

async function startBot(bot: BotChoice, line: Line, room: { roomId: string; people: string[] }): Promise<RunningBot> {
  return bot.kind === 'echo' ? startEcho(line, bot) : startXinglin(line, { ...room, synchronous: bot.synchronous });
}

async function start(role: Role): Promise<Stage> {
  if (role.kind === 'bot') {
    const { endpoint, token, ...room } = role.account;
    return startBot(role.bot, { kind: 'grpc', endpoint, token }, room);
  }
  const { world, people, roomId } = createRoom(role.people);
  const driver = new Driver(world, roomId, people);
  const createPuppet = () => new SimulatorPuppet({ world, clock });
  if (role.kind === 'gateway') {
    const { endpoint, token, stop } = await startGateway({ puppet: createPuppet() });
    return { driver, stop, account: { endpoint, token, roomId, people } };
  }
  const bot = await startBot(role.bot, { kind: 'in-process', createPuppet }, { roomId, people });
  return { driver, stop: bot.stop };
}

async function obey(order: Order, stage: Stage): Promise<Answer | undefined> {
  switch (order.kind) {
    case 'drive':
      if (!stage.driver) throw new Error('nobody speaks in this process');
      return { kind: 'driven', driven: await stage.driver.run(order.load) };
    case 'usage': {
      const { rss, heapUsed } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      return { kind: 'usage', usage: { rssMb: rss / 1e6, heapMb: heapUsed / 1e6, cpuMs: (user + system) / 1e3 } };
    }
    case 'stop':
      await stage.stop();
      return process.exit(0);
  }
}

const stage = await start(JSON.parse(process.argv[2] ?? '') as Role);
process.on('message', (order: Order) => {
  void obey(order, stage).then((answer) => answer && process.send?.(answer));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'ready', ...(stage.account && { account: stage.account }) } satisfies Answer);
