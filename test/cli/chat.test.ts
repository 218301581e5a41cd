import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { run } from './xinglin.js';

// A minute where many tests share the processors; some seconds where they do not.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'xinglin-chat-test-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a script gives the same transcript every time, and keeps nothing', async () => {
  const script = join(folder, 'morning.txt');
  writeFileSync(script, '张阿姨 @ 糖友: 打卡 空腹6.5\n张阿姨 @ 糖友: 同意\n+30m\n李医生 > 小杏: 待办\n');
  const play = () =>
    run(folder, ['chat', '--script', script], { XINGLIN_DATA_DIR: join(folder, 'not-made'), TZ: 'America/Lima' });
  const [first, second] = await Promise.all([play(), play()]);
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(first.out).toContain('打卡收到');
  expect(second.out).toBe(first.out);
  expect(existsSync(join(folder, 'not-made'))).toBe(false);
});

it('chat, backup, restore: who asked to be erased since the backup is erased again', async () => {
  const settings = { XINGLIN_DATA_DIR: join(folder, 'chat') };
  const talk = (lines: string[]) => run(folder, ['chat'], settings, `${lines.join('\n')}\n`);
  const morning = await talk(['/as 张阿姨', '打卡 空腹6.5', '同意', '/in 没有群', '/nothing', '/quit']);
  expect(morning).toMatchObject({ code: 0, err: '' });
  for (const words of ['张阿姨:打卡 空腹6.5', 'no group is called “没有群”', '/nothing is not a command']) {
    expect(morning.out).toContain(words);
  }
  const backup = join(folder, 'with-zhang.db');
  expect(await run(folder, ['backup', backup], settings)).toMatchObject({ code: 0 });
  expect((await talk(['/as 张阿姨', '/in 小杏', '删除我的数据', '是'])).out).toContain('已经删好了');

  const restored = await run(folder, ['restore', backup], settings);
  expect(restored).toMatchObject({ code: 0, err: '' });
  expect(restored.out).toContain('1 erasures carried out again');
  const db = new BetterSqlite(join(folder, 'chat', 'simulator.db'), { readonly: true });
  expect(db.prepare('select count(*) as n from observation').get()).toEqual({ n: 0 });
  db.close();
});
