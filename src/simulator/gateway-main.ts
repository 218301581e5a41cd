/**
 * A simulated WeChat behind gRPC in a process of its own, which tests kill,
 * freeze and restart: `node dist/simulator/gateway-main.js --port 8788`.
 *
 * Over the IPC channel the parent calls the world, the faults and the puppet,
 * and hears every event. The world is kept in `--snapshot`, so that a gateway
 * that was killed goes on with its ids and history.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SystemClock } from '../platform/clock.js';
import { createSampleCommunity } from './community.js';
import { Faults } from './faults.js';
import { startGateway } from './gateway.js';
import { callSchema, type GatewayCall, type GatewayReport } from './gateway-protocol.js';
import { SimulatorPuppet } from './simulator-puppet.js';
import { SimulatedWechat } from './world.js';

const settingsSchema = z.object({
  port: z.coerce.number().int().positive().exactOptional(),
  token: z.string().min(1).exactOptional(),
  seed: z.coerce.number().int().default(1),
  heartbeatMs: z.coerce.number().int().positive().default(15_000),
  /** PEM files. */
  tlsCert: z.string().exactOptional(),
  tlsKey: z.string().exactOptional(),
  snapshot: z.string().exactOptional(),
  /** No sample community. */
  empty: z.boolean().default(false),
});

type Settings = z.infer<typeof settingsSchema>;

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      token: { type: 'string' },
      seed: { type: 'string' },
      'heartbeat-ms': { type: 'string' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      snapshot: { type: 'string' },
      empty: { type: 'boolean' },
    },
  });
  const camelCase = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return settingsSchema.parse(Object.fromEntries(Object.entries(values).map(([k, v]) => [camelCase(k), v])));
}

function report(message: GatewayReport): void {
  if (process.connected) process.send?.(message);
}

function openWorld({ snapshot, seed, empty }: Settings, clock: SystemClock): SimulatedWechat {
  if (snapshot !== undefined && existsSync(snapshot)) {
    return SimulatedWechat.fromSnapshot({ clock }, JSON.parse(readFileSync(snapshot, 'utf8')));
  }
  const world = new SimulatedWechat({ clock, seed });
  if (!empty) createSampleCommunity(world);
  return world;
}

/** Written aside and renamed: a kill leaves the old snapshot or the new one. */
function saveSoonAfterChanges(world: SimulatedWechat, clock: SystemClock, file: string): void {
  let waiting = false;
  world.subscribe(() => {
    if (waiting) return;
    waiting = true;
    clock.after(100, () => {
      waiting = false;
      writeFileSync(`${file}.new`, JSON.stringify(world.toSnapshot()), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    });
  });
}

async function answer(call: GatewayCall, targets: { world: object; faults: object; puppet: object }): Promise<void> {
  try {
    const target = targets[call.of];
    const method: unknown = Reflect.get(target, call.call);
    if (typeof method !== 'function') throw new Error(`there is no ${call.of}.${call.call}`);
    report({ kind: 'result', id: call.id, result: await Reflect.apply(method, target, call.args) });
  } catch (error) {
    report({ kind: 'refused', id: call.id, message: error instanceof Error ? error.message : String(error) });
  }
}

async function main(): Promise<void> {
  const settings = readSettings();
  const clock = new SystemClock();
  const world = openWorld(settings, clock);
  const faults = new Faults({ seed: settings.seed });
  const puppet = new SimulatorPuppet({ world, clock, faults, heartbeatMs: settings.heartbeatMs });
  if (settings.snapshot !== undefined) saveSoonAfterChanges(world, clock, settings.snapshot);
  world.subscribe((event) => report({ kind: 'event', event }));
  process.on('message', (message) => void answer(callSchema.parse(message), { world, faults, puppet }));
  process.on('disconnect', () => process.exit(0));

  const { tlsCert, tlsKey } = settings;
  const { port, token } = await startGateway({
    puppet,
    ...(settings.port !== undefined && { port: settings.port }),
    ...(settings.token !== undefined && { token: settings.token }),
    ...(tlsCert !== undefined &&
      tlsKey !== undefined && { tls: { cert: readFileSync(tlsCert, 'utf8'), key: readFileSync(tlsKey, 'utf8') } }),
  });
  report({ kind: 'ready', port, token, botId: world.botId });
}

await main();
