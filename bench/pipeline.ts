/**
 * Messages a second from receive to sent, beside a bare Wechaty echo bot on the
 * same puppet in the same run; with `--rss`, memory over many messages.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { SYNCHRONOUS } from './bots.js';
import type { Driven } from './drive.js';
import { type Line, linesOf, MIXES, type Mix } from './messages.js';
import { startWorker, type Worker } from './processes.js';
import { median, percentile, ratio, spread } from './statistics.js';
import type { BotChoice } from './worker-protocol.js';

const HELP = `node bench/pipeline.mjs [options]

  --over in-process,grpc   which lines (both by default)
  --mix questions,mixed    which mixes (questions by default)
  --repeat 5               interleaved repetitions
  --window 64              questions open at a time
  --count N                messages in a repetition (by default as many as take a few seconds)
  --people 200             members of the room
  --rss                    memory over --count messages (100,000 by default) instead of speed
  --cpu-prof DIR           a profile of every Xinglin process, for node --cpu-prof readers
`;

const { values } = parseArgs({
  options: {
    over: { type: 'string', default: 'in-process,grpc' },
    mix: { type: 'string', default: 'questions' },
    repeat: { type: 'string', default: '5' },
    window: { type: 'string', default: '64' },
    count: { type: 'string' },
    people: { type: 'string', default: '200' },
    rss: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

type Over = 'in-process' | 'grpc';
interface Case {
  name: string;
  bot: BotChoice;
  count: number;
}
interface Result {
  perSecond: number;
  p50: number;
  p99: number;
  /** Of the bot's process; in one process with the simulator and the load, theirs too. */
  cpuUsPerMessage: number;
}

const people = Number(values.people);
const window = Number(values.window);

/** Enough for the echo bot to take a second or more, and for Xinglin a few. */
const COUNTS: Record<Over, Record<BotChoice['kind'], number>> = {
  'in-process': { echo: 20_000, xinglin: 3_000 },
  grpc: { echo: 3_000, xinglin: 3_000 },
};

function casesOf(over: Over, mix: Mix): Case[] {
  const count = (kind: BotChoice['kind']) => (values.count ? Number(values.count) : COUNTS[over][kind]);
  return [
    { name: 'echo', bot: { kind: 'echo', onlyMentioned: mix === 'mixed' }, count: count('echo') },
    ...SYNCHRONOUS.map(
      (synchronous): Case => ({
        name: `xinglin ${synchronous.toUpperCase()}`,
        bot: { kind: 'xinglin', synchronous },
        count: count('xinglin'),
      }),
    ),
  ];
}

/** Whoever drives and whoever is driven: one process, or a gateway and a bot beside it. */
async function withBot<T>(over: Over, bot: BotChoice, use: (driver: Worker, bot: Worker) => Promise<T>): Promise<T> {
  const profile = values['cpu-prof'];
  const nodeArguments = profile && bot.kind === 'xinglin' ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  if (over === 'in-process') {
    const both = await startWorker({ kind: 'both', people, bot }, { nodeArguments });
    const result = await use(both, both);
    await both.stop();
    return result;
  }
  const gateway = await sharedGateway();
  if (!gateway.account) throw new Error('the gateway did not say where it is');
  const worker = await startWorker({ kind: 'bot', bot, account: gateway.account }, { nodeArguments });
  const result = await use(gateway, worker);
  await worker.stop();
  return result;
}

/** One gateway for all bots of a run, as one provider serves one bot after the other. */
let gateway: Worker | undefined;
async function sharedGateway(): Promise<Worker> {
  gateway ??= await startWorker({ kind: 'gateway', people });
  return gateway;
}

async function measure(over: Over, { bot, count }: Case, lines: Line[]): Promise<Result> {
  return withBot(over, bot, async (driver, driven) => {
    await driver.drive({ lines, count: Math.min(1_000, count), window });
    const before = await driven.usage();
    const result = await driver.drive({ lines, count, window });
    const after = await driven.usage();
    return {
      perSecond: perSecond(result),
      p50: percentile(result.latenciesMs, 50),
      p99: percentile(result.latenciesMs, 99),
      cpuUsPerMessage: ((after.cpuMs - before.cpuMs) * 1000) / result.messages,
    };
  });
}

function perSecond({ messages, ms }: Driven): number {
  return (messages * 1000) / ms;
}

async function compare(over: Over, mix: Mix): Promise<void> {
  const lines = await linesOf(mix);
  const cases = casesOf(over, mix);
  const results = cases.map((): Result[] => []);
  for (let i = 0; i < Number(values.repeat); i += 1) {
    for (const [number, one] of cases.entries()) results[number]?.push(await measure(over, one, lines));
  }
  console.log(`\n${over}, ${mix}: ${describeLines(lines)}`);
  console.log('| bot | messages/s, median [min–max] | of echo | p50 ms | p99 ms | CPU µs/message |');
  console.log('|---|---|---|---|---|---|');
  const [echo = []] = results;
  for (const [number, { name }] of cases.entries()) {
    const own = results[number] ?? [];
    const cells = [
      name,
      spread(own.map((r) => r.perSecond)),
      ratio(
        own.map((r) => r.perSecond),
        echo.map((r) => r.perSecond),
      ),
      median(own.map((r) => r.p50)).toFixed(1),
      median(own.map((r) => r.p99)).toFixed(1),
      median(own.map((r) => r.cpuUsPerMessage)).toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function describeLines(lines: Line[]): string {
  const answered = lines.filter((line) => line.answered).length;
  const texts = new Set(lines.filter((line) => line.answered).map((line) => line.text)).size;
  return `${Math.round((answered * 100) / lines.length)} of 100 messages are questions with an answer, of ${texts} wordings`;
}

async function measureMemory(over: Over): Promise<void> {
  const total = Number(values.count ?? 100_000);
  const lines = await linesOf('questions');
  await withBot(over, { kind: 'xinglin', synchronous: 'normal' }, async (driver, driven) => {
    console.log(
      `\n${over}: memory of the process with Xinglin${over === 'grpc' ? '' : ', the simulator and the load'}`,
    );
    console.log('| messages | RSS MB | heap MB | messages/s |');
    console.log('|---|---|---|---|');
    const step = Math.ceil(total / 10);
    for (let done = 0; done <= total; done += step) {
      const driven0 = done === 0 ? undefined : await driver.drive({ lines, count: step, window });
      const { rssMb, heapMb } = await driven.usage();
      const speed = driven0 ? perSecond(driven0).toFixed(0) : '–';
      console.log(`| ${done} | ${rssMb.toFixed(0)} | ${heapMb.toFixed(0)} | ${speed} |`);
    }
  });
}

function chosen<T extends string>(text: string, from: readonly T[]): T[] {
  return text.split(',').map((word) => {
    const found = from.find((one) => one === word);
    if (!found) throw new Error(`${word} is none of ${from.join(', ')}`);
    return found;
  });
}

if (values.help) {
  console.log(HELP);
} else {
  const overs = chosen(values.over, ['in-process', 'grpc'] as const);
  console.log(`Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(2)}`);
  console.log(`${people} members, window ${window}, pace off, SQLite file, ${values.repeat} repetitions`);
  for (const over of overs) {
    if (values.rss) await measureMemory(over);
    else for (const mix of chosen(values.mix, MIXES)) await compare(over, mix);
  }
  await gateway?.stop();
}
