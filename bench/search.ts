/**
 * Speed and memory of the search at the size the product promises: 10,000
 * entries of 10 wordings. The entries are made up of the words of our own ones
 * (a matter, a food or drug, a way to ask), so that words are shared as they
 * are in life; the questions are wordings with a word changed. MiniSearch and
 * SQLite FTS5 get the same texts, cut into words by the same jieba.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import BetterSqlite from 'better-sqlite3';
import MiniSearch from 'minisearch';
import { loadEntries } from '../src/knowledge/folder.js';
import { buildIndex, type SearchableEntry } from '../src/knowledge/search.js';
import { readWording } from '../src/knowledge/wording.js';
import { startStopwatch } from '../src/platform/clock.js';
import { packageDir } from '../src/platform/config.js';
import { seededRandom } from '../src/platform/ids.js';

const { values } = parseArgs({ options: { entries: { type: 'string', default: '10000' } } });
const SIZE = Number(values.entries);
const WORDINGS = 10;
const QUESTIONS = 300;

const random = seededRandom(7);
const below = (n: number) => {
  const [a = 0, b = 0, c = 0] = random(3);
  return (a * 65_536 + b * 256 + c) % n;
};
const { entries: own } = await loadEntries(join(packageDir, 'knowledge'));
const wordings = own.flatMap((entry) => [entry.question, ...entry.variants]);
const words = [...new Set(wordings.flatMap((text) => [...readWording(text).weighty]))];
const word = () => words[below(words.length)] ?? '';

const entries: SearchableEntry[] = Array.from({ length: SIZE }, (_, i) => {
  const [a, b] = [word(), word()];
  const made = Array.from({ length: WORDINGS }, () => `${a}${wordings[below(wordings.length)] ?? ''}${b}`);
  const [question = '', ...variants] = made;
  return { id: `B-${i}`, topics: ['general'], question, variants, notThis: [] };
});
const questions = Array.from({ length: QUESTIONS }, () => {
  const entry = entries[below(SIZE)];
  return `${entry?.variants[below(WORDINGS - 1)] ?? ''}${word()}`;
});
const cut = (text: string) => [...readWording(text).words].join(' ');

const heap = () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
};
const percentile = (times: number[], share: number) =>
  (times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0).toFixed(1);

function measure(name: string, build: () => (question: string) => unknown): void {
  const before = heap();
  const building = startStopwatch();
  const ask = build();
  const builtMs = building();
  const grown = heap() - before;
  for (const question of questions.slice(0, 20)) ask(question);
  const times = questions.map((question) => {
    const asking = startStopwatch();
    ask(question);
    return asking();
  });
  console.log(
    `${name.padEnd(12)} built in ${builtMs.toFixed(0).padStart(6)} ms, ${grown.toFixed(0).padStart(5)} MB; a question p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms`,
  );
}

console.log(`${SIZE} entries of ${WORDINGS} wordings, ${QUESTIONS} questions`);
measure('ours', () => {
  const index = buildIndex(entries);
  return (question) => index.search(question);
});
{
  buildIndex(entries);
  const again = startStopwatch();
  buildIndex(entries);
  console.log(`${'ours'.padEnd(12)} built again after one change in ${again().toFixed(0)} ms`);
}
measure('MiniSearch', () => {
  const index = new MiniSearch({ fields: ['text'], idField: 'id', tokenize: (text) => text.split(' ') });
  index.addAll(
    entries.flatMap((entry) =>
      [entry.question, ...entry.variants].map((text, i) => ({ id: `${entry.id}/${i}`, text: cut(text) })),
    ),
  );
  return (question) => index.search(cut(question)).slice(0, 5);
});
measure('SQLite FTS5', () => {
  const db = new BetterSqlite(':memory:');
  db.exec('create virtual table wording using fts5(entry unindexed, text)');
  const insert = db.prepare('insert into wording values (?, ?)');
  db.transaction(() => {
    for (const entry of entries)
      for (const text of [entry.question, ...entry.variants]) insert.run(entry.id, cut(text));
  })();
  const select = db.prepare('select entry from wording where wording match ? order by rank limit 5');
  return (question) =>
    select.all(
      cut(question)
        .split(' ')
        .map((part) => `"${part}"`)
        .join(' OR '),
    );
});
