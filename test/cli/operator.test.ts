import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addAlertJob, until } from './alert-job.js';
import { type Ended, launch, run } from './xinglin.js';

/** What an operator meets: the built program as a process, with real files, ports and signals. */

let folder: string;
let webhook: Server;
let webhookUrl: string;
const posts: string[] = [];

// A minute where many tests share the processors; some seconds where they do not.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xinglin-cli-'));
  webhook = createServer((request, response) => {
    posts.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((done) => webhook.listen(0, '127.0.0.1', done));
  webhookUrl = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/alert`;
});

afterAll(() => {
  webhook.closeAllConnections();
  webhook.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One clear failure: exit code 1, these words, no stack, nothing that must stay secret. */
function expectRefusal(end: Ended, ...words: string[]): void {
  expect(end).toMatchObject({ code: 1 });
  for (const word of words) expect(end.err).toContain(word);
  expect(`${end.out}${end.err}`).not.toMatch(/\n\s+at |node:internal|SECRET/);
}

/** A folder with the database and key of a bot that has run and stopped. */
function copyOf(name: string): { dir: string; database: string; settings: { XINGLIN_DATA_DIR: string } } {
  const dir = join(folder, name);
  mkdirSync(join(dir, 'key'), { recursive: true });
  for (const file of ['simulator.db', 'key/data.key']) copyFileSync(join(folder, 'data', file), join(dir, file));
  return { dir, database: join(dir, 'simulator.db'), settings: { XINGLIN_DATA_DIR: dir } };
}

describe('a bot that runs', () => {
  // First, and alone: the other tests copy the database that it leaves.
  it('says what it serves, keeps others out, sees their writes within a second, and stops', async () => {
    const bot = launch(folder, ['start'], { XINGLIN_ALERT_WEBHOOK: webhookUrl });
    const said = await bot.says('setup code');
    for (const line of ['Xinglin 杏林 0.', 'database ', 'simulator.db', 'puppet     simulator', 'knowledge  ']) {
      expect(said).toContain(line);
    }
    expect(said).toMatch(/model +off/);
    expect(said).toMatch(/unsigned +.*red-flags\.yaml/);
    const port = /page +http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? '';

    const backup = join(folder, 'backup.db');
    const other = { XINGLIN_DATA_DIR: join(folder, 'other'), XINGLIN_PORT: port };
    const [second, checked, backedUp, portTaken] = await Promise.all([
      run(folder, ['start']),
      run(folder, ['check']),
      run(folder, ['backup', backup]),
      run(folder, ['start'], other),
    ]);
    expectRefusal(second, 'serves this account: stop it first');
    expect(checked).toMatchObject({ code: 0, err: '' });
    expect(checked.out).not.toContain('FAIL');
    expect(backedUp).toMatchObject({ code: 0 });
    expectRefusal(portTaken, `port ${port} on 127.0.0.1 is taken`);
    const database = join(folder, 'data', 'simulator.db');
    const writtenAt = performance.now();
    addAlertJob(database, '1');
    await until(() => posts.length === 1);
    // It looks once a second; the rest is for a processor that others use too.
    expect(performance.now() - writtenAt).toBeLessThan(2_500);

    const stoppedAt = performance.now();
    bot.child.kill('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, err: '' });
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  });
});

describe('what can be wrong is told in one line', () => {
  it('settings: all of them, with an example each', async () => {
    const end = await run(folder, ['start'], {
      XINGLIN_PORT: 'eighty',
      XINGLIN_SETUP_CODE: '12SECRET',
      XINGLIN_BOTNAME: 'SECRET',
      XINGLIN_PUPPET: 'service',
      WECHATY_PUPPET_SERVICE_TOKEN: 'xinglin_SECRET',
    });
    expectRefusal(
      end,
      'XINGLIN_PORT is not a whole number from 0 to 65535. Example: 8080',
      'XINGLIN_SETUP_CODE is not 6 to 12 digits',
      'XINGLIN_BOTNAME is not a setting',
      'tells this third party your token',
    );
  });

  it('folder, database and key', async () => {
    writeFileSync(join(folder, 'a-file'), '');
    const newer = copyOf('newer');
    const db = new BetterSqlite(newer.database);
    db.prepare('insert into schema_version (version, applied_at) values (999, 0)').run();
    db.close();
    const damaged = copyOf('damaged');
    writeFileSync(damaged.database, 'this is no database, and long enough to be looked at');
    const otherKey = copyOf('other-key');
    writeFileSync(join(otherKey.dir, 'key', 'data.key'), `${'a'.repeat(64)}\n`);
    const noKey = copyOf('no-key');
    rmSync(join(noKey.dir, 'key', 'data.key'));
    const real = {
      WECHATY_PUPPET_SERVICE_TOKEN: 'xinglin_SECRET',
      WECHATY_PUPPET_SERVICE_ENDPOINT: '127.0.0.1:1',
      XINGLIN_DATABASE_URL: `sqlite:${copyOf('other-puppet').database}`,
      XINGLIN_DATA_KEY_FILE: join(folder, 'other-puppet', 'key', 'data.key'),
    };

    const cases: [Record<string, string>, string][] = [
      [{ XINGLIN_DATA_DIR: join(folder, 'a-file', 'data') }, 'XINGLIN_DATA_DIR is a folder that cannot be written'],
      [newer.settings, 'the database is at version 999, this program knows'],
      [damaged.settings, 'the database is damaged: put a backup back with `xinglin restore FILE`'],
      [noKey.settings, 'the key file of this database is not there: put back your copy'],
      [real, 'this database belongs to the simulator puppet'],
    ];
    const ends = await Promise.all(cases.map(([settings]) => run(folder, ['start'], settings)));
    for (const [i, [, words]] of cases.entries()) expectRefusal(ends[i]!, words);
    expect(existsSync(join(noKey.dir, 'key', 'data.key'))).toBe(false);

    const checks = await Promise.all([run(folder, ['check'], otherKey.settings), run(folder, ['check'], real)]);
    expect(checks.map((end) => end.code)).toEqual([1, 1]);
    expect(checks[0]?.out).toMatch(/FAIL {2}key file .*does not open this database[\s\S]*ok {4}knowledge/);
    expect(checks[1]?.out).toMatch(/FAIL {2}database .*simulator puppet[\s\S]*FAIL {2}puppet .*does not answer/);

    expectRefusal(await run(folder, ['restore', newer.database]), 'cannot be restored: the database is at version 999');
    expect(existsSync(join(folder, 'data', 'simulator.db.before-restore'))).toBe(false);
  });

  it('a command or a script that cannot be played', async () => {
    const script = join(folder, 'script.txt');
    writeFileSync(script, '张阿姨 @ 糖友: 早\n# a comment\n吴老师 @ 糖友: 早\n');
    const [noCommand, noFile, wrongLine, noDatabase] = await Promise.all([
      run(folder, ['strat']),
      run(folder, ['chat', '--script', join(folder, 'none.txt')]),
      run(folder, ['chat', '--script', script]),
      run(folder, ['backup', 'x.db'], { XINGLIN_DATA_DIR: join(folder, 'nothing') }),
    ]);
    expectRefusal(noCommand, "unknown command 'strat'", 'start');
    expectRefusal(noFile, 'none.txt is not there');
    expectRefusal(wrongLine, 'line 3: 吴老师 is not in 糖友群');
    expect(wrongLine.out).toBe('');
    expectRefusal(noDatabase, 'there is no database yet');
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
  });
});
