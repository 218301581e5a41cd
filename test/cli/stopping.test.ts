import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { addAlertJob, until } from './alert-job.js';
import { launch } from './xinglin.js';

// A minute where many tests share the processors; some seconds where they do not.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
/** Takes a call and never answers it. */
let webhook: Server;
const calls: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xinglin-stop-'));
  webhook = createServer((request) => calls.push(request.url ?? ''));
  await new Promise<void>((done) => webhook.listen(0, '127.0.0.1', done));
});

afterAll(() => {
  webhook.closeAllConnections();
  webhook.close();
  rmSync(folder, { recursive: true, force: true });
});

it('the bot ends within five seconds although something hangs, and at once when told twice', async () => {
  const { port } = webhook.address() as AddressInfo;
  const hanging = async (name: string) => {
    const bot = launch(folder, ['start'], {
      XINGLIN_DATA_DIR: join(folder, name),
      XINGLIN_ALERT_WEBHOOK: `http://127.0.0.1:${port}/${name}`,
    });
    await bot.says('page ');
    addAlertJob(join(folder, name, 'simulator.db'), name);
    await until(() => calls.includes(`/${name}`));
    return bot;
  };
  const [once, twice] = await Promise.all([hanging('once'), hanging('twice')]);
  const signalledAt = performance.now();
  once.child.kill('SIGTERM');
  twice.child.kill('SIGINT');
  await twice.says('stopping');
  twice.child.kill('SIGINT');
  expect(await twice.ended).toMatchObject({ code: 130 });
  expect(performance.now() - signalledAt).toBeLessThan(3_000);
  expect(await once.ended).toMatchObject({ code: 0 });
  expect(performance.now() - signalledAt).toBeLessThan(7_000);
});
