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
import { createSimulation, type Simulation } from '../simulator/simulation.js';
import { assemble, version } from './assemble.js';
import { seedSampleCommunity } from './seed.js';

/** A Monday morning in Beijing: scripts start here, so that the same script gives the same transcript. */
const SCRIPT_START = Date.parse('2026-03-02T08:00:00+08:00');

/** `xinglin chat`: the simulated community in the terminal, or a script played from a file. */
export async function chat(options: { script?: string; fresh?: boolean }): Promise<void> {
  const env = { ...readEnvironment(), XINGLIN_PUPPET: 'simulator' };
  if (options.script) await playScript(readFileSync(options.script, 'utf8'), readConfig(env));
  else await talk(env, options.fresh ?? false);
}

async function playScript(text: string, settings: Config): Promise<void> {
  const steps = parseScript(text);
  const dataDir = mkdtempSync(join(tmpdir(), 'xinglin-chat-'));
  const config: Config = {
    ...settings,
    dataDir,
    databaseUrl: 'sqlite::memory:',
    dataKeyFile: join(dataDir, 'data.key'),
    pace: 'off',
  };
  const clock = new VirtualClock(SCRIPT_START);
  const log = createLog('silent');
  const simulation = createSimulation({ clock, botName: config.botName });
  const { world } = simulation;
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
        const where = step.where === '' ? '' : findRoomByName(world, step.where).id;
        speak(world, { personId: findPerson(world, step.who).id, where, text: step.text });
        await clock.advance(1_000);
      }
    }
  } finally {
    await app.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const HELP = `/who            who there is, and the groups
/as 名字        speak as this person
/in 群          speak in this group;  /in 小杏  speaks to the bot in private
/help  /quit    anything else is said`;

async function talk(env: Record<string, string | undefined>, fresh: boolean): Promise<void> {
  const dataDir = fresh ? mkdtempSync(join(tmpdir(), 'xinglin-chat-')) : undefined;
  const config = readConfig(dataDir ? { ...env, XINGLIN_DATA_DIR: dataDir } : env);
  const { app, simulation } = await assemble(config, createLog('silent'));
  if (!simulation) throw new ScriptError('the terminal speaks to the simulated WeChat only');
  const { world } = simulation;
  await app.start();
  await app.quiet();
  world.subscribe((event) => {
    if (event.kind === 'message') process.stdout.write(`\r${transcriptLine(world, event.message, config.timeZone)}\n`);
  });
  const heartbeat = setInterval(() => app.tick(), 5_000);
  const code = await app.setupCode();
  process.stdout.write(`${config.botName} is on the simulated WeChat.\n${HELP}\n`);
  if (code) process.stdout.write(`setup code ${code}: /in ${config.botName}, then 绑定管理员 ${code}\n`);
  try {
    await readLines(simulation, config.botName);
  } finally {
    clearInterval(heartbeat);
    await app.stop();
    simulation.close();
    if (dataDir) rmSync(dataDir, { recursive: true, force: true });
  }
}

async function readLines({ world }: Simulation, botName: string): Promise<void> {
  const input = createInterface({ input: process.stdin, output: process.stdout });
  let who = world.listPeople()[0]!;
  let where = world.listRooms(who.id)[0]?.id ?? '';
  const prompt = () => {
    input.setPrompt(`${who.name} ${where === '' ? `> ${botName}` : `@ ${world.room(where).topic}`}: `);
    input.prompt();
  };
  prompt();
  for await (const line of input) {
    const [command, ...rest] = line.trim().split(/\s+/);
    const name = rest.join(' ');
    try {
      if (command === '/quit') break;
      if (command === '/help') process.stdout.write(`${HELP}\n`);
      else if (command === '/who') {
        for (const person of world.listPeople()) {
          const groups = world.listRooms(person.id).map((room) => room.topic);
          process.stdout.write(`  ${person.name}  ${groups.join(' ')}\n`);
        }
      } else if (command === '/as') {
        who = findPerson(world, name);
        if (where !== '' && !world.listRooms(who.id).some((room) => room.id === where))
          where = world.listRooms(who.id)[0]?.id ?? '';
      } else if (command === '/in') where = name === botName ? '' : findRoomByName(world, name).id;
      else if (command?.startsWith('/')) process.stdout.write(`${command} is not a command. ${HELP}\n`);
      else if (line.trim() !== '') speak(world, { personId: who.id, where, text: line.trim() });
    } catch (error) {
      // A wrong name or a refusal of the simulated WeChat is told, and the chat goes on.
      process.stdout.write(`${error instanceof Error ? error.message : 'that did not work'}\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
    prompt();
  }
  input.close();
}
