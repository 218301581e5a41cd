import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type App, type AppOptions, createApp } from '../app.js';
import { type Clock, SystemClock } from '../platform/clock.js';
import { type Config, prepareDataDir, SettingsError } from '../platform/config.js';
import { KeyError } from '../platform/db/sealed.js';
import { secureRandom } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import { createDoor, createServicePuppet } from '../platform/puppet/index.js';
import { checkServiceSettings, type ServiceWarning } from '../platform/puppet/token.js';
import { createSimulation, type Simulation, simulationClock } from '../simulator/simulation.js';
import { seedSampleCommunity } from './seed.js';
import { version } from './version.js';

export interface Assembled {
  app: App;
  clock: Clock;
  /** What an operator should know of how the token travels. */
  warnings: readonly string[];
  /** Undefined with a real account. */
  simulation: Simulation | undefined;
}

/** The product as the settings ask for it: the simulated WeChat, or the account behind a puppet-service token. Not started. */
export async function assemble(config: Config, log: Log): Promise<Assembled> {
  prepareDataDir(config.dataDir);
  requireKeyOf(config);
  return config.puppet === 'simulator' ? assembleSimulated(config, log) : assembleService(config, log);
}

/** A key that is made anew opens nothing of a database that is already there; and it would look like the right one. */
function requireKeyOf({ databaseUrl, dataKeyFile }: Config): void {
  const database = databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined;
  if (database === undefined || !existsSync(database) || existsSync(dataKeyFile)) return;
  throw new KeyError(`the key file of this database is not there: put back your copy of ${dataKeyFile}`);
}

/** Where the simulated community is kept, and its time. */
export const worldFile = ({ dataDir }: Config): string => join(dataDir, 'simulator-world.json');

async function assembleSimulated(config: Config, log: Log): Promise<Assembled> {
  const file = worldFile(config);
  const { clock, simulation } = openWorld(file, config.botName);
  const door = createDoor({ clock, log, createPuppet: simulation.createPuppet, mode: 'in-process' });
  const app = await createApp({
    config,
    clock,
    log,
    random: secureRandom,
    door,
    version,
    onFirstLogin: (app, account) => seedSampleCommunity(app, account, simulation.world),
  });
  return { app, clock, warnings: [], simulation };
}

function openWorld(file: string, botName: string): { clock: SystemClock; simulation: Simulation } {
  try {
    const clock = simulationClock(file);
    return { clock, simulation: createSimulation({ clock, botName, file }) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw new SettingsError([
        {
          name: 'XINGLIN_DATA_DIR',
          problem: `holds a simulated world that is damaged: ${file}. Move it away together with simulator.db, or use another folder`,
          example: './data',
        },
      ]);
    }
    throw error;
  }
}

const WARNINGS: Record<ServiceWarning, string> = {
  'clear-text': 'no TLS: the token and every message cross the network in clear text. Use a tunnel of your own',
  'published-certificate':
    "TLS with Wechaty's published key hides nothing from an attacker: set WECHATY_PUPPET_SERVICE_TLS_CA_CERT",
  'token-disclosed': 'no endpoint is set: api.chatie.io is asked for the address and learns the token',
};

async function assembleService(config: Config, log: Log): Promise<Assembled> {
  const checked = checkServiceSettings({
    token: config.service.token ?? '',
    ...(config.service.endpoint ? { endpoint: config.service.endpoint } : {}),
    allowTokenDiscovery: config.service.allowTokenDiscovery,
    ...(config.service.caCertFile ? { tlsCaCert: config.service.caCertFile } : {}),
    noTls: config.service.noTls,
  });
  if (!checked.ok) {
    throw new SettingsError([checked.problem]);
  }
  const clock = new SystemClock();
  const options: AppOptions = {
    config,
    clock,
    log,
    random: secureRandom,
    door: createDoor({
      clock,
      log,
      createPuppet: () => createServicePuppet(checked.options),
      mode: 'service',
      onGiveUp: ({ failures, reason }) =>
        log.error({ count: failures, reason }, 'the channel does not come back; still trying'),
    }),
    version,
  };
  return {
    app: await createApp(options),
    clock,
    warnings: checked.warnings.map((warning) => WARNINGS[warning]),
    simulation: undefined,
  };
}
