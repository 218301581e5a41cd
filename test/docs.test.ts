import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingNames } from '../src/platform/config.js';
import { wechatPace } from '../src/platform/outbox/pace.js';

/** What the documents say must be there; what is there must be said. */

const root = resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const readmes = ['README.md', 'README.zh-CN.md'];

function markdownBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : markdownBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const documents = [...readmes, ...markdownBelow('docs'), ...markdownBelow('bench')];

describe('settings', () => {
  const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

  it('stand in .env.example, all of them and no others', () => {
    const named = [...read('.env.example').matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name ?? '');
    expect(sorted(named)).toEqual(sorted(settingNames));
  });

  it.each(readmes)('stand in the table of %s, all of them and no others', (file) => {
    const rows = [...read(file).matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map(([, name]) => name ?? '');
    expect(rows).toHaveLength(new Set(rows).size);
    expect(sorted(rows)).toEqual(sorted(settingNames));
  });

  it.each([...documents, '.env.example', 'docs/operations/Dockerfile', 'docs/operations/xinglin.service'])(
    '%s names none that the program does not know',
    (file) => {
      const named = [...read(file).matchAll(/\b(?:XINGLIN|OPENAI|WECHATY_PUPPET_SERVICE)_[A-Z0-9_]*[A-Z0-9]/g)];
      const testOnly = ['XINGLIN_CRASH_SEEDS', 'XINGLIN_SCREENSHOTS', 'XINGLIN_TEST_DATABASE_URL'];
      const unknown = named.map(([name]) => name).filter((name) => ![...settingNames, ...testOnly].includes(name));
      expect(sorted(unknown)).toEqual([]);
    },
  );
});

it.each(documents)('the links and images of %s lead somewhere', (file) => {
  const targets = [...read(file).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target]) => target ?? '');
  const missing = targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(root, dirname(file), target)));
  expect(missing).toEqual([]);
});

it.each(documents)('the commands that %s names exist', (file) => {
  const text = read(file);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const main = read('src/main.ts');
  const commands = new Set([...main.matchAll(/\bcommand\(\n\s*'([a-z-]+)/gm)].map(([, name]) => name ?? ''));
  expect(commands.size).toBeGreaterThan(5);

  const ran = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? '');
  expect(ran.filter((name) => !(name in scripts))).toEqual([]);
  const used = [...text.matchAll(/(?:`xinglin|npx xinglin|dist\/main\.js) ([a-z][a-z-]*)/g)].map(
    ([, name]) => name ?? '',
  );
  expect(used.filter((name) => !commands.has(name))).toEqual([]);
});

describe('the two READMEs', () => {
  const parts = (pattern: RegExp) => readmes.map((file) => [...read(file).matchAll(pattern)].map(([whole]) => whole));

  it('have the same headings, tables and list entries, by their number', () => {
    for (const pattern of [/^#+ /gm, /^\|/gm, /^- /gm, /^```/gm, /^!\[/gm]) {
      const [english, chinese] = parts(pattern);
      expect(chinese).toEqual(english);
    }
  });

  it('say the pace that is kept', () => {
    const [english = '', chinese = ''] = readmes.map(read);
    const { accountPerMinute, accountPerDay, accountBurst, accountGapMs, roomPerMinute, roomGapMs } = wechatPace;
    const { personPerMinute, personGapMs, fileGapMs } = wechatPace;
    for (const words of [
      `${accountPerMinute} a minute, ${accountPerDay} a day | after ${accountBurst} in a row, ${accountGapMs / 1000} to`,
      `${roomPerMinute} a minute | ${roomGapMs / 1000} s`,
      `${personPerMinute} a minute | ${personGapMs / 1000} s`,
      `| ${fileGapMs / 1000} s |`,
    ]) {
      expect(english).toContain(words);
    }
    for (const words of [
      `每分钟${accountPerMinute}条、每天${accountPerDay}条 | 连发${accountBurst}条之后，${accountGapMs / 1000}到`,
      `每分钟${roomPerMinute}条 | ${roomGapMs / 1000}秒`,
      `每分钟${personPerMinute}条 | ${personGapMs / 1000}秒`,
      `| ${fileGapMs / 1000}秒 |`,
    ]) {
      expect(chinese).toContain(words);
    }
  });
});

it('ARCHITECTURE.md stays on one page, and every folder of src/ is on it', () => {
  const text = read('docs/ARCHITECTURE.md');
  expect(text.split('\n').length).toBeLessThan(70);
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).filter((name) => !text.includes(`${name}/`))).toEqual([]);
  const paths = [...text.matchAll(/`((?:src\/)?[a-z-]+\/[\w/-]+\.ts)`/g)].map(([, path]) => path ?? '');
  const missing = paths.filter((path) => ![path, join('src', path)].some((name) => existsSync(join(root, name))));
  expect(missing).toEqual([]);
});
