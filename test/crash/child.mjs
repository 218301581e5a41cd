// The program as a process that the crash test kills: what `xinglin start` runs, but for the page, with the clock in
// the parent's hand. Plain JavaScript over the built program: a child process cannot read TypeScript on every Node.
import { createApp } from '../../dist/app.js';
import { SystemClock } from '../../dist/platform/clock.js';
import { readConfig } from '../../dist/platform/config.js';
import { secureRandom } from '../../dist/platform/ids.js';
import { createLog } from '../../dist/platform/log.js';
import { createDoor, createServicePuppet } from '../../dist/platform/puppet/index.js';

const report = (message) => process.connected && process.send(message);

let app;
let clock;

const orders = {
  /** Modules are loaded before, so that a restart takes no longer than it must. */
  async start({ settings, offsetMs, service }) {
    clock = new SystemClock(offsetMs);
    const config = readConfig(settings);
    const log = createLog(config.logLevel);
    const door = createDoor({ clock, log, mode: 'service', createPuppet: () => createServicePuppet(service) });
    app = await createApp({ config, clock, log, random: secureRandom, door, version: 'crash-test' });
    door.onState((state) => report({ kind: 'channel', state: state.kind }));
    setInterval(() => app.tick(), 500);
    await app.start((reason) => {
      process.stderr.write(`gave up: ${reason}\n`);
      process.exit(3);
    });
  },
  /** Answers when this message has been handled and nothing is on its way. */
  async settle({ platformId }) {
    const isHandled = () =>
      app.db.reader
        .selectFrom('message')
        .select('id')
        .where('platform_id', '=', platformId)
        .where('handled_at', 'is not', null)
        .executeTakeFirst();
    while (!(await isHandled())) await new Promise((resolve) => setTimeout(resolve, 10));
    await app.quiet();
    report({ kind: 'settled' });
  },
  async jump({ ms }) {
    clock.jump(ms);
    app.tick();
    await app.quiet();
    report({ kind: 'jumped' });
  },
  async stop() {
    await app.stop();
    process.exit(0);
  },
};

process.on('disconnect', () => process.exit(0));
process.on('unhandledRejection', (error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(4);
});
process.on('message', ({ order, ...details }) => void orders[order](details));
report({ kind: 'loaded' });
