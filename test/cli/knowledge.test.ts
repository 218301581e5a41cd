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

it('lint warns of two entries that may contradict each other, and does not fail for it', async () => {
  const other = entry
    .replace(/KB-050/g, 'KB-951')
    .replace(/^question: .*$/m, 'question: 别的水果怎么吃？')
    .replace(/variants:\n(?: {2}- .*\n)+/, `variants:\n${'一二三四五六七八'.replace(/./g, '  - 别的水果说法$&\n')}`)
    .replace('一天约150–200克，大约', '一天约350–400克，大约')
    .replace('一天约150–200克', '一天约350–400克');
  mkdirSync(join(folder, 'two', 'diabetes'), { recursive: true });
  writeFileSync(join(folder, 'two', 'diabetes', 'KB-050.md'), entry);
  writeFileSync(join(folder, 'two', 'diabetes', 'KB-951.md'), other);
  const { code, out } = await kb('lint', 'two');
  expect(out).toMatch(
    /two\/diabetes\/KB-050\.md:\d+ {2}contradiction {2}answer(?:_short)?: .*150–200克.*KB-951 says 「.*350–400克/,
  );
  expect(out).toMatch(/2 entries, nothing to mend, \d+ warnings? to look at/);
  expect(code).toBe(0);
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

it('what was stopped is brought back into review, and ended for good', async () => {
  expect((await kb('reinstate', 'KB-050')).out).toContain('KB-050 is in review again');
  expect((await kb('reinstate', 'KB-050')).code).toBe(1);
  expect((await kb('list', '--state', 'in_review')).out).toMatch(/KB-050 {2}in_review \(sample\) +v\d +– +–/);
  expect((await kb('retire', 'kb-050', '--reason', 'replaced')).out).toContain('KB-050 is retired');
  expect(await kb('retire', 'KB-050', '--reason', 'again')).toMatchObject({ code: 1 });
  const shown = (await kb('show', 'KB-050')).out;
  expect(shown).toMatch(/history\n/);
  for (const line of [
    'suspend by command-line, then suspended: new edition',
    'retire by command-line, then retired: replaced',
  ])
    expect(shown).toContain(line);
  const words = readFileSync(join(folder, 'good', 'diabetes', 'KB-050.md'), 'utf8').replace('能吃，', '可以吃，');
  mkdirSync(join(folder, 'newer', 'diabetes'), { recursive: true });
  writeFileSync(join(folder, 'newer', 'diabetes', 'KB-050.md'), words);
  expect((await kb('import', 'newer')).out).toContain('left out: KB-050 is retired');
  expect(await kb('list', '--state', 'gone')).toMatchObject({ code: 1, err: expect.stringContaining('no state gone') });
});

it('a new edition marks what is published and cites an older one; without a name the registry is listed', async () => {
  const talk = ['/as 李医生\n/in 医生\nKB-048 通过\n都确认', '/as 王医生\n/in 医生\nKB-048 通过\n都确认\n/quit\n'].join(
    '\n',
  );
  expect((await run(folder, ['chat'], {}, talk)).out).toContain('KB-048 v1 已发布');
  expect((await kb('list', '--state', 'published')).out).toMatch(
    /KB-048 {2}published \(sample\) +v1 +v1 +\d{4}-\d\d-\d\d/,
  );
  const told = await kb('guideline', 'CDS24', '--new-edition', '2026版');
  expect(told).toMatchObject({ code: 0, err: '' });
  expect(told.out).toMatch(/中国糖尿病防治指南 2026版: 1 published entries cite an older edition/);
  expect(told.out).toContain('KB-048');
  expect((await kb('list', '--state', 'expiring')).out).toContain('KB-048');
  const shown = (await kb('show', 'KB-048')).out;
  expect(shown).toMatch(/v1 approved by person .+, 6 points confirmed/);
  expect(shown).toContain('guideline-changed by command-line, then expiring: 中国糖尿病防治指南 2026版');
  expect(await kb('guideline', 'CDS24', '--new-edition', '2026版')).toMatchObject({ code: 1 });
  expect(await kb('guideline', '某某指南', '--new-edition', '2026版')).toMatchObject({
    code: 1,
    err: expect.stringContaining('nothing published cites'),
  });
  const list = (await kb('guideline')).out;
  expect(list).toMatch(/JC22 +2022 +now JC25 +seen +国家基层糖尿病防治管理指南/);
  expect(list).toContain('CDS24: edition 2026版 has come out');
});

it('lint tells of a source that has a newer edition', async () => {
  mkdirSync(join(folder, 'older', 'diabetes'), { recursive: true });
  writeFileSync(
    join(folder, 'older', 'diabetes', 'KB-050.md'),
    entry.replace('edition: 2024版\n    year: 2025', 'edition: 2020年版\n    year: 2021'),
  );
  const found = await kb('lint', 'older');
  expect(found.code).toBe(1);
  expect(found.out).toContain('superseded-source  sources: 中国糖尿病防治指南');
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
