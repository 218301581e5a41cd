import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

function* walk(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    if (name === 'node_modules' || name === 'dist') continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* walk(path);
    else yield path;
  }
}

const sources = [...walk(src)].filter((file) => file.endsWith('.ts'));
const product = sources.filter((file) => !file.endsWith('.test.ts'));
const nameOf = (file: string) => relative(src, file).replaceAll('\\', '/');
const textOf = new Map(sources.map((file) => [file, readFileSync(file, 'utf8')]));
const folderOf = (file: string) => (nameOf(file).includes('/') ? nameOf(file).split('/')[0]! : nameOf(file));

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const imports: Import[] = product.flatMap((file) => {
  const text = textOf.get(file)!;
  const found: Import[] = [];
  for (const match of text.matchAll(
    /(?:^|\n)(?:import|export)\s+(type\s+)?[^;'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g,
  )) {
    const target = resolve(dirname(file), (match[2] ?? match[3])!.replace(/\.js$/, '.ts'));
    found.push({ from: nameOf(file), to: nameOf(target), typeOnly: match[1] !== undefined });
  }
  return found;
});

/** Folders of a higher number may import those of a lower one. Within the features: `index.ts` only, and no circle. */
const LAYERS: Record<string, number> = {
  'main.ts': 6,
  cli: 5,
  'app.ts': 4,
  conversation: 3,
  http: 3,
  simulator: 3,
  text: 1,
  platform: 0,
};
const FEATURE = 2;
const layerOf = (file: string) => LAYERS[file.includes('/') ? file.split('/')[0]! : file] ?? FEATURE;
const problems = (list: string[]) => [...new Set(list)].sort();

describe('imports', () => {
  it('point one way', () => {
    const wrong = imports
      .filter(({ from, to }) => layerOf(to) > layerOf(from))
      .map(({ from, to }) => `${from} imports ${to}`);
    expect(problems(wrong)).toEqual([]);
  });

  it('enter another feature by its index', () => {
    const wrong = imports
      .filter(({ from, to }) => layerOf(to) === FEATURE && folderOf(join(src, from)) !== folderOf(join(src, to)))
      .filter(({ to }) => !/^[^/]+\/(index|types)\.ts$/.test(to))
      .map(({ from, to }) => `${from} imports ${to}`);
    expect(problems(wrong)).toEqual([]);
  });

  it('make no circle of folders', () => {
    const edges = new Map<string, Set<string>>();
    for (const { from, to, typeOnly } of imports) {
      if (typeOnly) continue;
      const [a, b] = [folderOf(join(src, from)), folderOf(join(src, to))];
      if (a !== b) edges.set(a, (edges.get(a) ?? new Set()).add(b));
    }
    const circles: string[] = [];
    const visit = (at: string, path: string[]) => {
      if (path.includes(at)) return void circles.push([...path.slice(path.indexOf(at)), at].join(' → '));
      for (const next of edges.get(at) ?? []) visit(next, [...path, at]);
    };
    for (const folder of edges.keys()) visit(folder, []);
    expect(problems(circles)).toEqual([]);
  });

  it('of Wechaty stand only at the door and in the simulator', () => {
    const wrong = product
      .filter((file) => !/^(platform\/puppet|simulator)\//.test(nameOf(file)))
      .filter((file) => /from '(wechaty|file-box)/.test(textOf.get(file)!))
      .map(nameOf);
    expect(wrong).toEqual([]);
  });

  it('name no protocol puppet', () => {
    const denied = /wechaty-puppet-(padlocal|wechat4u|wechat|xp|padpro|oicq|whatsapp|lark)/;
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: object;
      devDependencies: object;
    };
    expect(
      Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter((name) => denied.test(name)),
    ).toEqual([]);
    expect(product.filter((file) => denied.test(textOf.get(file)!)).map(nameOf)).toEqual([]);
  });
});

describe('places', () => {
  const lines = (file: string) =>
    textOf
      .get(file)!
      .split('\n')
      .map((line, i) => ({ line, at: `${nameOf(file)}:${i + 1}` }));
  const find = (files: string[], pattern: RegExp) =>
    files.flatMap((file) =>
      lines(file)
        .filter(({ line }) => pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
        .map(({ at }) => at),
    );

  it('time and chance come from platform', () => {
    const files = product.filter((file) => !/^platform\/(clock|ids)\.ts$/.test(nameOf(file)));
    expect(find(files, /Date\.now\(\)|new Date\(\)|Math\.random\(\)|performance\.now\(\)/)).toEqual([]);
  });

  it('SQL stands in the stores of the features, and in platform', () => {
    const files = product.filter((file) => !/^platform\/|(^|[/-])store\.ts$/.test(nameOf(file)));
    expect(find(files, /\b(selectFrom|insertInto|updateTable|deleteFrom)\(|\bsql(<[^`]*>)?`/)).toEqual([]);
  });

  it('a day is never cut out of an ISO text, and never 86,400 s added to a date', () => {
    const files = product.filter((file) => nameOf(file) !== 'check-in/local-day.ts');
    expect(find(files, /toISOString\(\)\.(split|slice\(0, 10|substring)/)).toEqual([]);
  });

  it('nothing silences the compiler', () => {
    expect(
      find(product, /@ts-ignore|@ts-expect-error|@ts-nocheck|biome-ignore lint\/suspicious\/noExplicitAny/),
    ).toEqual([]);
  });

  it('sentences that people read in chat stand in src/text', () => {
    const files = product.filter((file) => !/^(text|simulator|cli|http|observation|triage)\//.test(nameOf(file)));
    expect(find(files, /(['"`])[^'"`]*[\u4e00-\u9fff]{2}[\u3002\uff0c\uff01\uff1f\uff1b][^'"`]*\1/)).toEqual([]);
  });

  it('the console is for the command line alone', () => {
    expect(
      find(
        product.filter((file) => !nameOf(file).startsWith('cli/')),
        /console\.(log|error|warn|info)/,
      ),
    ).toEqual([]);
  });

  it('no test is skipped or alone', () => {
    const tests = [...walk(join(root, 'test')), ...sources].filter(
      (file) => file.endsWith('.test.ts') && !file.endsWith('tidy.test.ts'),
    );
    const wrong = tests
      .filter((file) => /\b(it|test|describe)\.(only|todo)\b/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(root, file));
    expect(wrong).toEqual([]);
  });
});

it('the punctuation of what people read in Chinese is full-width', () => {
  const HALF_WIDTH = /[\u4e00-\u9fff）)”][,:;!?](?!\d)/u;
  const wrong = product
    .filter((file) => nameOf(file).startsWith('text/zh-CN/'))
    .flatMap((file) =>
      [...textOf.get(file)!.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)]
        .map(([, quoted, template]) => (quoted ?? template ?? '').replace(/\$\{[^}]*\}/g, '）'))
        .filter((words) => /[\u4e00-\u9fff]/u.test(words) && HALF_WIDTH.test(words)),
    );
  expect(wrong).toEqual([]);
});
