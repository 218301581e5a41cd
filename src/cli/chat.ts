import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createApp } from '../app.js';
import { VirtualClock } from '../platform/clock.js';
import { type Config, readConfig, readEnvironment } from '../platform/config.js';
import { seededRandom } from '../platform/ids.js';
import { createLog } from '../platform/log.js';
import { createDoor } from '../platform/puppet/index.js';
import { findPerson, findRoomByName, parseScript, ScriptError, speak, transcriptLine } from '../simulator/script.js';
import { createSimulation } from '../simulator/simulation.js';
import type { SimulatedWechat } from '../simulator/world.js';
import { assemble } from './assemble.js';
import { seedSampleCommunity } from './seed.js';
import { version } from './version.js';

/** A Monday morning in Beijing: scripts start here, so that the same script gives the same transcript. */
const SCRIPT_START = Date.parse('2026-03-02T08:00:00+08:00');

/** `xinglin chat`: the simulated community in the terminal, or a script played from a file. */
export async function chat(options: { script?: string; fresh?: boolean }): Promise<void> {
  const env = { ...readEnvironment(), XINGLIN_PUPPET: 'simulator' };
  if (options.script !== undefined) await playScript(options.script, readConfig(env));
  else await talk(env, options.fresh ?? false);
}

/** The steps of a script file with their lines, each proved to be possible before the first is played. @throws ScriptError */
function readScript(file: string, world: SimulatedWechat): Step[] {
  const text = readFileSync(file, 'utf8');
  const inFile = <T>(line: number | undefined, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      throw new ScriptError(`${file}: ${line === undefined ? '' : `line ${line}: `}${error.message}`, { cause: error });
    }
  };
  inFile(undefined, () => parseScript(text));
  return text.split('\n').flatMap((line, i) =>
    parseScript(line).map((step) =>
      inFile(i + 1, (): Step => {
        if (step.kind === 'wait') return step;
        const person = findPerson(world, step.who);
        return { kind: 'say', personId: person.id, where: placeOf(world, person, step.where), text: step.text };
      }),
    ),
  );
}

type Step = { kind: 'wait'; ms: number } | { kind: 'say'; personId: string; where: string; text: string };

/** The group that this person speaks in, or '' for the bot in private. @throws ScriptError */
function placeOf(world: SimulatedWechat, person: { id: string; name: string }, name: string): string {
  if (name === '') return '';
  const room = findRoomByName(world, name);
  const own = world.listRooms(person.id);
  if (own.some((member) => member.id === room.id)) return room.id;
  throw new ScriptError(
    `${person.name} is not in ${room.topic}, but in ${own.map((member) => member.topic).join(' ') || 'no group'}`,
  );
}

async function playScript(file: string, settings: Config): Promise<void> {
  const clock = new VirtualClock(SCRIPT_START);
  const simulation = createSimulation({ clock, botName: settings.botName });
  const { world } = simulation;
  const steps = readScript(file, world);
  const dataDir = mkdtempSync(join(tmpdir(), 'xinglin-chat-'));
  const config: Config = {
    ...settings,
    dataDir,
    databaseUrl: 'sqlite::memory:',
    dataKeyFile: join(dataDir, 'data.key'),
    pace: 'off',
  };
  const log = createLog('silent');
  const app = await createApp({
    config,
    clock,
    log,
    random: seededRandom(1),
    door: createDoor({ clock, log, createPuppet: simulation.createPuppet, mode: 'in-process' }),
    version,
    onFirstLogin: (app, account) => seedSampleCommunity(app, account, world),
  });
  clock.settle = () => app.quiet();
  try {
    await app.start();
    await clock.advance(1_000);
    world.subscribe((event) => {
      if (event.kind === 'message') process.stdout.write(`${transcriptLine(world, event.message, config.timeZone)}\n`);
    });
    for (const step of steps) {
      if (step.kind === 'wait') await clock.advance(step.ms);
      else {
        speak(world, step);
        await clock.advance(1_000);
      }
    }
  } finally {
    await app.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const HELP = `/who            who there is, and their groups
/as 名字        speak as this person
/in 群          speak in this group;  /in 小杏  speaks to the bot in private
/help  /quit    and anything else is said`;

async function talk(env: Record<string, string | undefined>, fresh: boolean): Promise<void> {
  const dataDir = fresh ? mkdtempSync(join(tmpdir(), 'xinglin-chat-')) : undefined;
  try {
    await talkIn(readConfig(dataDir ? { ...env, XINGLIN_DATA_DIR: dataDir, XINGLIN_DATABASE_URL: '' } : env));
  } finally {
    if (dataDir) rmSync(dataDir, { recursive: true, force: true });
  }
}

async function talkIn(config: Config): Promise<void> {
  const { app, simulation } = await assemble(config, createLog('silent'));
  if (!simulation) throw new ScriptError('the terminal speaks to the simulated WeChat only');
  try {
    await app.start();
    await app.quiet();
    const code = await app.setupCode();
    process.stdout.write(`${config.botName} is on the simulated WeChat. Say something, or:\n${HELP}\n`);
    if (code)
      process.stdout.write(
        `No owner yet: /in ${config.botName}, then 绑定管理员 ${code} makes the speaker the owner.\n`,
      );
    const heartbeat = setInterval(() => app.tick(), 5_000);
    try {
      await readLines(simulation.world, config, () => app.quiet());
    } finally {
      clearInterval(heartbeat);
    }
  } finally {
    await app.stop();
    simulation.close();
  }
}

/** Reads what is said until the end of input, `/quit` or Ctrl+C. What comes back is printed above the line being typed. */
async function readLines(world: SimulatedWechat, config: Config, quiet: () => Promise<void>): Promise<void> {
  const typed = process.stdin.isTTY === true;
  const input = createInterface({ input: process.stdin, output: process.stdout, terminal: typed });
  let who = world.listPeople()[0]!;
  let where = world.listRooms(who.id)[0]?.id ?? '';
  const print = (text: string) => {
    if (typed) process.stdout.write('\r\u001b[K');
    process.stdout.write(`${text}\n`);
    if (typed) input.prompt(true);
  };
  const prompt = () => {
    if (!typed) return;
    input.setPrompt(`${who.name} ${where === '' ? `> ${config.botName}` : `@ ${world.room(where).topic}`}: `);
    input.prompt();
  };
  const unsubscribe = world.subscribe((event) => {
    if (event.kind === 'message') print(transcriptLine(world, event.message, config.timeZone));
  });
  input.on('SIGINT', () => input.close());

  const obey = (line: string) => {
    const [command, ...rest] = line.split(/\s+/);
    const name = rest.join(' ');
    if (command === '/help') print(HELP);
    else if ((command === '/as' || command === '/in') && name === '')
      print(`${command} needs a name behind it; /who lists them`);
    else if (command === '/who') {
      for (const person of world.listPeople()) {
        print(
          `  ${person.name}  ${world
            .listRooms(person.id)
            .map((room) => room.topic)
            .join(' ')}`,
        );
      }
    } else if (command === '/as') {
      who = findPerson(world, name);
      const own = world.listRooms(who.id);
      if (where !== '' && !own.some((room) => room.id === where)) where = own[0]?.id ?? '';
    } else if (command === '/in') where = placeOf(world, who, name === config.botName ? '' : name);
    else if (command?.startsWith('/')) print(`${command} is not a command.\n${HELP}`);
    else if (line !== '') speak(world, { personId: who.id, where, text: line });
  };

  prompt();
  for await (const raw of input) {
    const line = raw.trim();
    if (line === '/quit') break;
    try {
      obey(line);
    } catch (error) {
      // A wrong name or a refusal of the simulated WeChat is told, and the chat goes on.
      print(error instanceof Error ? error.message : 'that did not work');
    }
    await quiet();
    prompt();
  }
  input.close();
  unsubscribe();
  if (typed) process.stdout.write('\n');
}
