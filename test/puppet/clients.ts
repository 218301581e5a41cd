import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Wechaty, WechatyBuilder } from 'wechaty';
import { PuppetService } from 'wechaty-puppet-service';
import { SystemClock } from '../../src/platform/clock.js';
import { seededRandom } from '../../src/platform/ids.js';
import type { ChannelState, Door, Gap } from '../../src/platform/puppet/door.js';
import type { Incoming } from '../../src/platform/puppet/incoming.js';
import { createDoor, type DoorTimings } from '../../src/platform/puppet/index.js';
import { type RpcDeadlines, ServicePuppet } from '../../src/platform/puppet/service-puppet.js';
import { type Gateway, TOKEN, until } from './gateway-control.js';

/** Our own door over gRPC, with everything that came through it. */
export interface Client {
  door: Door;
  incoming: Incoming[];
  states: ChannelState[];
  gaps: Gap[];
  logged: { fields: Record<string, unknown>; message: string }[];
  givenUp: number;
  texts(): string[];
  online(withinMs?: number): Promise<number>;
}

const clients = new Set<Client>();

export async function stopClients(): Promise<void> {
  await Promise.all([...clients].map((client) => client.door.stop()));
  clients.clear();
}

export function connect(
  gateway: Pick<Gateway, 'endpoint'>,
  options: {
    token?: string;
    tls?: { caCert?: string; disable: boolean };
    timings?: Partial<DoorTimings>;
    deadlines?: Partial<RpcDeadlines>;
  } = {},
): Client {
  const { token = TOKEN, tls = { disable: true }, timings = {}, deadlines = {} } = options;
  const logged: Client['logged'] = [];
  const note = (fields: Record<string, unknown>, message: string) => void logged.push({ fields, message });
  const door = createDoor({
    clock: new SystemClock(),
    log: { info: note, warn: note, error: note },
    createPuppet: () => new ServicePuppet({ token, endpoint: gateway.endpoint, tls, deadlines }),
    mode: 'service',
    timings,
    random: seededRandom(7),
    onGiveUp: () => {
      client.givenUp += 1;
    },
  });
  const client: Client = {
    door,
    incoming: [],
    states: [],
    gaps: [],
    logged,
    givenUp: 0,
    texts: () => client.incoming.flatMap((value) => (value.kind === 'text' ? [value.text] : [])),
    online: (withinMs) => until('online', () => door.state.kind === 'online', withinMs),
  };
  door.onIncoming((value) => client.incoming.push(value));
  door.onState((state) => client.states.push(state));
  door.onGap((gap) => client.gaps.push(gap));
  clients.add(client);
  door.start();
  return client;
}

/** Wechaty as it comes, for comparison. */
export interface StockClient {
  bot: Wechaty;
  puppet: PuppetService;
  texts: string[];
  logins: number;
  errors: string[];
  /** Where it keeps its files: two in one home end the process. */
  home: string;
}

const stockBots = new Set<StockClient>();

export async function stopStockClients(): Promise<void> {
  for (const { puppet, home } of stockBots) {
    try {
      puppet.grpcManager.eventStream?.cancel();
      puppet.grpcManager.client.close();
    } catch {
      // It is gone already.
    }
    rmSync(home, { recursive: true, force: true });
  }
  stockBots.clear();
}

export function stock(gateway: Pick<Gateway, 'endpoint'>, { timeoutSeconds = 60, token = TOKEN } = {}): StockClient {
  const home = mkdtempSync(join(tmpdir(), 'xinglin-stock-'));
  process.env.HOME = home;
  const puppet = new PuppetService({ token, endpoint: gateway.endpoint, tls: { disable: true }, timeoutSeconds });
  const bot = WechatyBuilder.build({ puppet });
  const client: StockClient = { bot, puppet, texts: [], logins: 0, errors: [], home };
  bot.on('error', (error) => void client.errors.push(error.message));
  bot.on('login', () => {
    client.logins += 1;
  });
  bot.on('message', (message) => void client.texts.push(message.text()));
  stockBots.add(client);
  return client;
}
