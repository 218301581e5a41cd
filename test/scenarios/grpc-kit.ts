import { setTimeout as wait } from 'node:timers/promises';
import { createApp } from '../../src/app.js';
import { seedSampleCommunity } from '../../src/cli/seed.js';
import { SystemClock } from '../../src/platform/clock.js';
import { seededRandom } from '../../src/platform/ids.js';
import { createLog } from '../../src/platform/log.js';
import { checkServiceSettings, createDoor, createServicePuppet } from '../../src/platform/puppet/index.js';
import { startGateway } from '../../src/simulator/gateway.js';
import { createSimulation } from '../../src/simulator/simulation.js';
import { selfSigned } from '../puppet/certificate.js';
import { createCast, MONDAY_MORNING, preparePlace, type Stage } from './kit.js';

const QUIET_WITHIN_MS = 20_000;
/** Long waits are made of such steps, so that one thing follows the other as it does in virtual time. */
const STEP_MS = 5_000;
const LAST_STEPS_MS = 250;

/** The puppet's events that reach the program as something that came in, one for one. */
const COUNTED = ['message', 'room-join', 'room-leave', 'room-topic', 'room-invite', 'friendship'] as const;

/**
 * The whole program as a client of a puppet service: the simulated WeChat is
 * served over gRPC on loopback, and the door is that of a real account. Real
 * time, moved forward in steps; what happened is waited for, never guessed.
 */
export async function startGrpcStage({ tls }: { tls: boolean }): Promise<Stage> {
  const place = await preparePlace();
  const { config } = place;
  const clock = new SystemClock(Date.parse(MONDAY_MORNING) - new SystemClock().now());
  const log = createLog(process.env.XINGLIN_LOG_LEVEL ?? 'error');
  const simulation = createSimulation({ clock, botName: config.botName });
  const { world } = simulation;
  const puppet = simulation.createPuppet();
  let offered = 0;
  for (const event of COUNTED) {
    puppet.on(event, () => {
      offered += 1;
    });
  }
  const certificate = tls ? selfSigned('xinglin') : undefined;
  const gateway = await startGateway({ puppet, ...(certificate && { tls: certificate }) });
  const settings = checkServiceSettings({
    token: gateway.token,
    endpoint: gateway.endpoint,
    allowTokenDiscovery: false,
    noTls: !tls,
    ...(certificate && { tlsCaCert: certificate.cert }),
  });
  if (!settings.ok) throw new Error(settings.problem.problem);
  const door = createDoor({ clock, log, mode: 'service', createPuppet: () => createServicePuppet(settings.options) });
  let arrived = 0;
  door.onIncoming(() => {
    arrived += 1;
  });
  const app = await createApp({
    config,
    clock,
    log,
    random: seededRandom(7),
    door,
    version: 'test',
    onFirstLogin: (app, account) => seedSampleCommunity(app, account, world),
  });

  /** Everything that the gateway offered has arrived, is handled, and nothing is due. */
  async function settled(): Promise<void> {
    const giveUpAt = performance.now() + QUIET_WITHIN_MS;
    for (;;) {
      const before = offered;
      await app.quiet();
      if (arrived === offered && offered === before && !(await isSomethingDue())) return;
      if (performance.now() > giveUpAt) throw new Error(`not quiet: ${arrived} of ${offered} events arrived`);
      await wait(2);
    }
  }

  async function isSomethingDue(): Promise<boolean> {
    const now = clock.now();
    const job = await app.jobs.nextDueAt();
    if (job !== undefined && job <= now) return true;
    const row = await app.db.reader
      .selectFrom('outbox')
      .select('id')
      .where('gather_key', 'is', null)
      .where((eb) =>
        eb.or([eb('state', '=', 'sending'), eb.and([eb('state', '=', 'queued'), eb('not_before', '<=', now)])]),
      )
      .executeTakeFirst();
    return row !== undefined;
  }

  // The time of the script; what really passes meanwhile counts.
  let scriptNow = clock.now();
  async function passes(ms: number): Promise<void> {
    await settled();
    scriptNow += ms;
    const lastSteps = Math.min(ms, 1_000);
    while (clock.now() < scriptNow) {
      const left = scriptNow - clock.now();
      clock.jump(left > lastSteps ? Math.min(STEP_MS, left - lastSteps) : Math.min(LAST_STEPS_MS, left));
      await settled();
    }
  }

  await app.start();
  while (door.state.kind !== 'online') await wait(10);
  await passes(1_000);
  return {
    app,
    simulation,
    ...createCast(world, config.botName, () => passes(1_000)),
    passes,
    async stop() {
      await app.stop({ flushMs: 1_000 });
      await gateway.stop();
      simulation.close();
      await place.remove();
    },
  };
}
