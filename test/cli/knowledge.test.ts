import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startOpenAiServer } from '../model/openai-server.js';
import { run } from './xinglin.js';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
const entry = readFileSync(new URL('../../knowledge/diabetes/KB-050.md', import.meta.url), 'utf8');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'xinglin-kb-test-'));
  for (const place of ['good', 'bad']) mkdirSync(join(folder, place, 'diabetes'), { recursive: true });
  writeFileSync(join(folder, 'good', 'diabetes', 'KB-050.md'), entry);
  writeFileSync(join(folder, 'bad', 'diabetes', 'KB-050.md'), entry.replace('能吃，', '能吃，吃了就能根治，'));
  writeFileSync(join(folder, 'bad', 'diabetes', 'KB-051.md'), 'not an entry');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kb = (...args: string[]) => run(folder, ['kb', ...args]);

it('lint names file, line, rule and the way to mend it, and says so in the exit code', async () => {
  const good = await kb('lint', 'good');
  expect(good).toMatchObject({ code: 0, err: '' });
  expect(good.out).toContain('1 entries, nothing to mend');
  const bad = await kb('lint', 'bad');
  expect(bad.code).toBe(1);
  const line = entry.split('\n').findIndex((words) => words.startsWith('answer_short:')) + 1;
  expect(bad.out).toContain(`bad/diabetes/KB-050.md:${line}  absolute-word  answer_short: 根治`);
  expect(bad.out).toContain('bad/diabetes/KB-051.md:1  schema');
  expect(bad.out).toMatch(/\n {4}say what is known/);
});

it('what is imported is listed, shown, exported and imported again without a change', async () => {
  expect((await kb('import', 'good')).out).toContain('1 new, 0 changed, 0 as they were');
  expect((await kb('list')).out).toMatch(/KB-050 {2}draft \(sample\) +v1/);
  expect((await kb('show', 'kb-050')).out).toContain('nobody has reviewed this version');
  expect((await kb('export', 'out')).out).toContain('1 entries written');
  expect(readFileSync(join(folder, 'out', 'diabetes', 'KB-050.md'), 'utf8')).toBe(entry);
  expect((await kb('import', 'out')).out).toContain('0 new, 0 changed, 1 as they were');
});

it('a file that cannot be read is left out, named, and the rest is taken', async () => {
  const taken = await kb('import', 'bad');
  expect(taken.code).toBe(1);
  expect(taken.out).toContain('left out: bad/diabetes/KB-051.md:1');
  expect(taken.out).toContain('0 new, 1 changed');
});

it('what is not there is said plainly', async () => {
  expect(await kb('show', 'KB-999')).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no entry KB-999'),
  });
  expect(await kb('lint', 'nowhere')).toMatchObject({ code: 1, err: expect.stringContaining('nowhere is not there') });
});

it('gaps are what people asked and no entry answers, by how many of them', async () => {
  expect((await kb('gaps')).out).toContain('nobody asked in the last 30 days');
  const talk = '/as 张阿姨\n/in 小杏\n痛风能吃海鲜吗\n/as 老周\n/in 小杏\n痛风可以吃海鲜不\n血糖仪选什么牌子\n/quit\n';
  expect(await run(folder, ['chat'], {}, talk)).toMatchObject({ code: 0, err: '' });
  const gaps = await kb('gaps');
  expect(gaps.out).toMatch(/\n2 +2 +0 .+痛风可以吃海鲜不 \/ 痛风能吃海鲜吗/);
  expect(await kb('gaps', '--days', 'x')).toMatchObject({
    code: 1,
    err: expect.stringContaining('--days is a number'),
  });
});

it('an entry is stopped in one command, which names who got it', async () => {
  expect((await run(folder, ['chat'], {}, '/as 张阿姨\n/in 小杏\n糖尿病能吃西瓜吗\n/quit\n')).out).toContain('KB-050');
  const stopped = await kb('suspend', 'KB-050', '--reason', 'new edition');
  expect(stopped).toMatchObject({ code: 0, err: '' });
  expect(stopped.out).toMatch(/1 people got it in the last 30 days:\n {2}张阿姨/);
  expect((await kb('list', '--state', 'suspended')).out).toContain('KB-050');
  expect((await kb('suspend', 'KB-050', '--reason', 'again')).code).toBe(1);
  expect((await run(folder, ['chat'], {}, '/as 张阿姨\n/in 小杏\n糖尿病能吃西瓜吗\n/quit\n')).out).not.toContain(
    'KB-050 v',
  );
});

it('eval routing prints a confusion table and writes a record for every line', async () => {
  writeFileSync(
    join(folder, 'cases.jsonl'),
    '{"text":"打卡 空腹6.5","route":"checkin"}\n{"text":"你好","route":"faq"}\n',
  );
  const result = await run(folder, ['eval', 'routing', '--cases', 'cases.jsonl', '--json', 'out.json']);
  expect(result).toMatchObject({ code: 0, err: '' });
  expect(result.out).toContain('2 messages, 1 of them take the way they should (50.0 %)');
  const { cases } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'));
  expect(cases).toEqual([
    { text: '打卡 空腹6.5', route: 'checkin', got: 'checkin', why: expect.any(String) },
    { text: '你好', route: 'faq', got: 'chitchat', why: expect.any(String) },
  ]);
});

it('a language model proposes wordings, with what speaks against each; without one it says how to set one', async () => {
  await kb('import', 'good');
  const without = await kb('variants', 'KB-050');
  expect(without.code).toBe(1);
  expect(without.err).toContain('XINGLIN_CHAT_MODEL');
  const server = await startOpenAiServer({
    answer: () => ({ kind: 'object', object: { variants: ['糖友吃瓜果有啥讲究', '糖友能不能吃水果？'] } }),
  });
  const settings = { OPENAI_BASE_URL: server.url, XINGLIN_CHAT_MODEL: 'test-model' };
  const { out, code } = await run(folder, ['kb', 'variants', 'KB-050'], settings);
  await server.close();
  expect(code).toBe(0);
  expect(out).toMatch(/nothing was changed\n {2}糖友吃瓜果有啥讲究/u);
  expect(out).toContain('糖友能不能吃水果？    (is there already)');
});
