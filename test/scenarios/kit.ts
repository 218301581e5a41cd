import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp } from '../../src/app.js';
import { seedSampleCommunity } from '../../src/cli/seed.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { type Config, readConfig } from '../../src/platform/config.js';
import { seededRandom } from '../../src/platform/ids.js';
import { createLog } from '../../src/platform/log.js';
import { createDoor } from '../../src/platform/puppet/index.js';
import { findPerson, findRoomByName } from '../../src/simulator/script.js';
import { createSimulation, type Simulation } from '../../src/simulator/simulation.js';
import type { SimulatedMessage, SimulatedWechat } from '../../src/simulator/world.js';
import { freshDatabaseUrl } from '../store/open-test-database.js';

/** A Monday, 9:00 in Beijing: doctors are on duty. */
export const MONDAY_MORNING = '2026-03-02T09:00:00+08:00';
const MINUTE_MS = 60_000;

export interface ScenarioOptions {
  /** Local time at which the scenario starts. */
  at?: string;
  /** The groups are set up, with roles and a campaign (default), or nobody has set up anything. */
  setUp?: boolean;
  settings?: Record<string, string>;
  post?: (url: string, body: unknown) => Promise<void>;
}

/** One person of the simulated community, speaking. */
export interface Actor {
  id: string;
  name: string;
  /** In their first group, or the named one. Answers the message, so that it can be quoted or recalled. */
  says(
    text: string,
    options?: { in?: string; mention?: string[]; quote?: SimulatedMessage },
  ): Promise<SimulatedMessage>;
  saysPrivately(text: string, options?: { quote?: SimulatedMessage }): Promise<SimulatedMessage>;
  recalls(message: SimulatedMessage): Promise<void>;
  /** What the bot has written to them in private since this was last asked. */
  privateReplies(): string[];
}

/** A group as everybody in it sees it. */
export interface Group {
  id: string;
  /** What the bot has written here since this was last asked. */
  replies(): string[];
  messages(): SimulatedMessage[];
}

/** A community in which people talk, whatever lies between them and the program. */
export interface Stage {
  app: App;
  simulation: Simulation;
  person(name: string): Actor;
  group(name: string): Group;
  /** Moves time on; everything that comes due happens. */
  passes(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export interface Scenario extends Stage {
  clock: VirtualClock;
  /** The next local morning at 8:00. */
  nextMorning(): Promise<void>;
  /** Moves time on at once to this instant, as after a long sleep of the machine: for weeks and months. */
  sleepsUntil(instant: number): Promise<void>;
}

/** The whole program on the simulated WeChat, in virtual time: people talking, not functions called. */
export async function startScenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const place = await preparePlace(options.settings);
  const { config } = place;
  const clock = new VirtualClock(Date.parse(options.at ?? MONDAY_MORNING));
  const log = createLog(process.env.XINGLIN_LOG_LEVEL ?? 'error');
  const simulation = createSimulation({ clock, botName: config.botName });
  const { world } = simulation;
  const app = await createApp({
    config,
    clock,
    log,
    random: seededRandom(7),
    door: createDoor({ clock, log, createPuppet: simulation.createPuppet, mode: 'in-process' }),
    version: 'test',
    ...(options.setUp === false ? {} : { onFirstLogin: (app, account) => seedSampleCommunity(app, account, world) }),
    ...(options.post ? { post: options.post } : {}),
  });
  clock.settle = () => app.quiet();
  await app.start();
  await clock.advance(1_000);

  const cast = createCast(world, config.botName, () => clock.advance(1_000));
  return {
    app,
    simulation,
    clock,
    ...cast,
    passes: (ms) => clock.advance(ms),
    async nextMorning() {
      const local = clock.now() + 8 * 60 * MINUTE_MS;
      const day = Math.floor(local / (24 * 60 * MINUTE_MS)) + 1;
      await clock.advanceTo(day * 24 * 60 * MINUTE_MS);
    },
    async sleepsUntil(instant) {
      await clock.jump(Math.max(0, instant - clock.now()));
      await clock.advance(1_000);
    },
    async stop() {
      await app.stop({ flushMs: 1_000 });
      simulation.close();
      await place.remove();
    },
  };
}

/** A data folder and a fresh database, and the settings that name them. */
export async function preparePlace(settings: Record<string, string> = {}): Promise<{
  config: Config;
  remove(): Promise<void>;
}> {
  const dataDir = mkdtempSync(join(tmpdir(), 'xinglin-scenario-'));
  const database = await freshDatabaseUrl();
  const config: Config = {
    ...readConfig({
      XINGLIN_DATA_DIR: dataDir,
      XINGLIN_LOG_LEVEL: 'error',
      XINGLIN_SETUP_CODE: '482913',
      ...settings,
    }),
    databaseUrl: database.url,
    synchronous: 'normal',
  };
  return {
    config,
    async remove() {
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The people and groups of a simulated WeChat; `settled` resolves when what somebody did has had its effect. */
export function createCast(
  world: SimulatedWechat,
  botName: string,
  settled: () => Promise<void>,
): Pick<Stage, 'person' | 'group'> {
  const seen = new Map<string, number>();
  const repliesIn = (conversationId: string): string[] => {
    const from = seen.get(conversationId) ?? 0;
    const messages = world.history(conversationId, 1_000).filter((m) => m.sequence > from);
    seen.set(conversationId, messages.at(-1)?.sequence ?? from);
    return messages.filter((m) => m.talkerId === world.botId && m.origin === 'program').map(wordsOf);
  };
  for (const room of world.listRooms()) repliesIn(room.id);

  function person(name: string): Actor {
    const contact = findPerson(world, name);
    const firstRoom = () => {
      const room = world.listRooms(contact.id)[0];
      if (!room) throw new Error(`${name} is in no group`);
      return room.id;
    };
    return {
      id: contact.id,
      name: contact.name,
      async says(text, { in: where, mention = [], quote } = {}) {
        const roomId = where ? findRoomByName(world, where).id : firstRoom();
        const bot = text.includes(`@${botName}`) ? [world.botId] : [];
        const mentionIds = [...bot, ...mention.map((m) => findPerson(world, m).id)];
        const body = text.replace(new RegExp(`@${botName}\\s*`), '');
        const message = world.say(contact.id, roomId, {
          text: body,
          mentionIds,
          ...(quote ? { quoteOf: quote.id } : {}),
        });
        await settled();
        return message;
      },
      async saysPrivately(text, { quote } = {}) {
        const message = world.say(contact.id, world.botId, { text, ...(quote ? { quoteOf: quote.id } : {}) });
        await settled();
        return message;
      },
      async recalls(message) {
        world.recall(message.id, contact.id);
        await settled();
      },
      privateReplies: () => repliesIn(contact.id),
    };
  }

  return {
    person,
    group(name) {
      const room = findRoomByName(world, name);
      return { id: room.id, replies: () => repliesIn(room.id), messages: () => world.history(room.id, 1_000) };
    },
  };
}

/** The words of a message as people read them; a file by its name. */
export function wordsOf(message: SimulatedMessage): string {
  const { content } = message;
  if ('text' in content) return content.text.replaceAll('\u2005', ' ');
  return 'filename' in content ? `[${content.filename}]` : `[${content.kind}]`;
}
