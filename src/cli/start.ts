import { join } from 'node:path';
import cron from 'node-cron';
import { createHttpServer } from '../http/index.js';
import { packageDir, readConfig, readEnvironment } from '../platform/config.js';
import { createLog } from '../platform/log.js';
import { assemble } from './assemble.js';
import { describeFailure } from './failures.js';
import { version } from './version.js';

/** How long what is due may still be sent after a signal, and when the process ends whatever hangs (a gateway, a webhook). */
const FLUSH_MS = 4_500;
const STOP_MS = 5_000;

/** `xinglin start`: runs until SIGINT or SIGTERM. Exit code 0 after a stop, 1 when it cannot start or gives up. */
export async function start(): Promise<void> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  let close = async () => {};
  try {
    const config = readConfig(readEnvironment());
    const log = createLog(config.logLevel, { pretty: process.stdout.isTTY === true });
    const { app, clock, warnings, simulation } = await assemble(config, log);
    close = () => app.stop();
    const http = createHttpServer({
      host: config.host,
      port: config.port,
      log,
      ...(config.accessToken ? { accessToken: config.accessToken } : {}),
      status: app.status,
      webDir: join(packageDir, 'web', 'dist'),
      ...(simulation
        ? {
            simulator: {
              wechat: simulation.world,
              clock,
              timeZone: config.timeZone,
              jump: async (ms: number) => {
                (clock as import('../platform/clock.js').SystemClock).jump(ms);
                app.tick();
                await app.quiet();
              },
              faults: simulation.faults,
            },
          }
        : {}),
    });
    const { url } = await http.start();

    let stopping = false;
    const stop = (code: number) => {
      if (stopping) process.exit(code === 0 ? 130 : code);
      stopping = true;
      print('stopping: finishing the message in hand …');
      void (async () => {
        heartbeat.stop();
        // What is left is in the database: the next start takes it up.
        const limit = new Promise((resolve) => setTimeout(resolve, STOP_MS));
        await Promise.race([app.stop({ flushMs: FLUSH_MS }).then(() => http.stop()), limit]);
        simulation?.close();
        process.exit(code);
      })();
    };
    const heartbeat = cron.schedule('*/10 * * * * *', () => app.tick(), { noOverlap: true });
    process.on('SIGINT', () => stop(0));
    process.on('SIGTERM', () => stop(0));
    const fall = (error: unknown) => {
      log.error(
        { err: error instanceof Error ? error : new Error('rejected') },
        'an unexpected failure: stopping, so that a supervisor starts anew',
      );
      process.stderr.write(`${describeFailure(error)}\n`);
      stop(1);
    };
    process.on('unhandledRejection', fall);
    process.on('uncaughtException', fall);
    // A database that was put back by other means than `xinglin restore` forgets again as well.
    await app.replayErasures();
    await app.start((reason) => {
      log.error({ reason }, 'giving up');
      stop(1);
    });

    const status = await app.status();
    const code = await app.setupCode();
    const unsigned = status.safetyFiles.filter((file) => !file.signed).map((file) => file.file);
    const database = config.databaseUrl.startsWith('sqlite:') ? config.databaseUrl.slice(7) : 'PostgreSQL';
    print(`Xinglin 杏林 ${version}`);
    print(`  database   ${database}`);
    print(
      `  puppet     ${config.puppet === 'simulator' ? 'simulator (no real WeChat)' : `puppet service at ${config.service.endpoint ?? 'a discovered address'}`}`,
    );
    print(
      `  knowledge  ${status.knowledge.served} entries served${config.puppet === 'simulator' ? ' as samples' : ''}, ${status.knowledge.waiting} waiting for review`,
    );
    print(`  model      ${status.model ? 'on' : 'off'}`);
    if (unsigned.length > 0) print(`  unsigned   ${unsigned.join(', ')}: active, but no physician has signed them`);
    for (const warning of warnings) print(`  warning    ${warning}`);
    print(`  page       ${url}${config.puppet === 'simulator' ? `  ·  chat at ${url}/sim` : ''}`);
    if (config.accessToken)
      print('             opened once with ?token= and your XINGLIN_ACCESS_TOKEN behind the address');
    if (code) print(`  setup code ${code}: send “绑定管理员 ${code}” to the bot in a private chat to become its owner`);
  } catch (error) {
    await close().catch(() => {});
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exit(1);
  }
}
