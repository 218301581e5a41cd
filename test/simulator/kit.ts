import { type Message, type Wechaty, WechatyBuilder } from 'wechaty';
import { log } from 'wechaty-puppet';
import { VirtualClock } from '../../src/platform/clock.js';
import { Faults } from '../../src/simulator/faults.js';
import { SimulatorPuppet } from '../../src/simulator/simulator-puppet.js';
import { type SimulatedContact, type SimulatedRoom, SimulatedWechat } from '../../src/simulator/world.js';

// Wechaty reports what the faults do to it.
log.level('silent');

export const START = Date.UTC(2026, 2, 1, 0, 0, 0);

export const PNG = {
  name: 'sheet.png',
  mediaType: 'image/png',
  base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
};

export interface SmallWorld {
  clock: VirtualClock;
  world: SimulatedWechat;
  faults: Faults;
  zhang: SimulatedContact;
  zhou: SimulatedContact;
  /** No friend of the bot. */
  stranger: SimulatedContact;
  room: SimulatedRoom;
}

/** Three people and the bot in one room. */
export function createSmallWorld({ seed = 1 } = {}): SmallWorld {
  const clock = new VirtualClock(START);
  const world = new SimulatedWechat({ clock, seed });
  const zhang = world.addPerson({ name: '张阿姨' });
  const zhou = world.addPerson({ name: '老周' });
  const stranger = world.addPerson({ name: '郑大爷', friend: false });
  const room = world.createRoom({
    topic: '糖友群',
    ownerId: zhou.id,
    memberIds: [world.botId, zhang.id, zhou.id, stranger.id],
  });
  return { clock, world, faults: new Faults({ seed }), zhang, zhou, stranger, room };
}

export interface Bot {
  puppet: SimulatorPuppet;
  wechaty: Wechaty;
  /** In the order in which Wechaty told of them. */
  messages: Message[];
  /** Names and payloads of the puppet's events but for heartbeats and dirty marks. */
  events: [name: string, payload: unknown][];
  stop(): Promise<void>;
}

const EVENTS = [
  'login',
  'logout',
  'scan',
  'friendship',
  'room-invite',
  'room-join',
  'room-leave',
  'room-topic',
  'room-announce',
  'dong',
] as const;

/** A real Wechaty over the simulator, signed in. */
export async function startBot({ clock, world, faults }: Pick<SmallWorld, 'clock' | 'world' | 'faults'>): Promise<Bot> {
  const puppet = new SimulatorPuppet({ world, clock, faults });
  const wechaty = WechatyBuilder.build({ puppet });
  const messages: Message[] = [];
  const events: Bot['events'] = [];
  for (const name of EVENTS) {
    // One listener for events of different payloads.
    puppet.on(name as 'login', (payload: unknown) => {
      events.push([name, payload]);
    });
  }
  wechaty.on('message', (message) => {
    messages.push(message);
  });
  wechaty.on('error', () => {});
  await wechaty.start();
  await clock.settle();
  return { puppet, wechaty, messages, events, stop: () => wechaty.stop() };
}
