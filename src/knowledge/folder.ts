import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { normaliseText } from '../platform/text-normalise.js';
import { type Entry, FOLDER_OF_TOPIC } from './entry.js';
import { type EntryProblem, parseEntry } from './parse.js';

/** Every entry that could be read, and every problem of those that could not. */
export interface LoadedEntries {
  entries: Entry[];
  problems: EntryProblem[];
}

/**
 * Reads `<dir>/<topic folder>/KB-….md`. A file with a problem is left out, the
 * rest are still served; of two files with one id neither is.
 */
export async function loadEntries(dir: string): Promise<LoadedEntries> {
  const read = await Promise.all((await listFiles(dir)).map((path) => readEntry(dir, path)));
  const problems = read.flatMap((one) => one.problems);
  const loaded = read.flatMap((one) => (one.entry ? [{ entry: one.entry, file: one.file, text: one.text }] : []));
  const doubled = [...duplicateIds(loaded), ...sharedPhrasings(loaded)];
  problems.push(...doubled);
  const refused = new Set(doubled.map((problem) => problem.file));
  return { entries: loaded.filter(({ file }) => !refused.has(file)).map(({ entry }) => entry), problems };
}

interface LoadedFile {
  entry: Entry;
  file: string;
  text: string;
}

async function listFiles(dir: string): Promise<string[]> {
  const folders = await Promise.all(
    Object.values(FOLDER_OF_TOPIC).map(async (folder) => {
      const names = await readdir(join(dir, folder)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      return names.filter((name) => /^KB-.*\.md$/.test(name)).map((name) => join(dir, folder, name));
    }),
  );
  return folders.flat().sort();
}

async function readEntry(
  dir: string,
  path: string,
): Promise<{ entry?: Entry; file: string; text: string; problems: EntryProblem[] }> {
  const file = join(basename(dir), relative(dir, path)).split(sep).join('/');
  const text = await readFile(path, 'utf8');
  const parsed = parseEntry(file, text);
  if (parsed.kind === 'problems') return { file, text, problems: parsed.problems };
  const misplaced = placeProblem(parsed.entry, file, text);
  return misplaced ? { file, text, problems: [misplaced] } : { entry: parsed.entry, file, text, problems: [] };
}

function placeProblem(entry: Entry, file: string, text: string): EntryProblem | undefined {
  const topic = entry.topics[0] ?? 'general';
  const expected = `${FOLDER_OF_TOPIC[topic]}/${entry.id}.md`;
  if (file.endsWith(`/${expected}`)) return undefined;
  return { file, line: lineOfText(text, entry.id), field: 'id', message: `this entry belongs in ${expected}` };
}

function duplicateIds(loaded: readonly LoadedFile[]): EntryProblem[] {
  return loaded.flatMap(({ entry, file, text }) => {
    const same = loaded.filter((other) => other.entry.id === entry.id).length;
    if (same < 2) return [];
    return [{ file, line: lineOfText(text, entry.id), field: 'id', message: `${entry.id} is used by ${same} files` }];
  });
}

/** A wording may lead to one entry only, and not also be a near miss of it. */
function sharedPhrasings(loaded: readonly LoadedFile[]): EntryProblem[] {
  const owners = new Map<string, string>();
  const problems: EntryProblem[] = [];
  for (const { entry, file, text } of loaded) {
    const blame = (phrasing: string, field: string, message: string) =>
      problems.push({ file, line: lineOfText(text, phrasing), field, message });
    const own = new Set<string>();
    for (const phrasing of [entry.question, ...entry.variants]) {
      const key = wordingKey(phrasing);
      const owner = owners.get(key);
      if (own.has(key)) blame(phrasing, 'variants', `「${phrasing}」 is here twice`);
      else if (owner !== undefined) blame(phrasing, 'variants', `「${phrasing}」 is also a wording of ${owner}`);
      own.add(key);
    }
    for (const phrasing of entry.notThis) {
      if (own.has(wordingKey(phrasing)))
        blame(phrasing, 'not_this', `「${phrasing}」 is also a wording of this entry itself`);
    }
    for (const key of own) if (!owners.has(key)) owners.set(key, entry.id);
  }
  return problems;
}

function wordingKey(phrasing: string): string {
  return normaliseText(phrasing).replace(/[^\p{L}\p{N}]/gu, '');
}

function lineOfText(text: string, part: string): number {
  const lines = text.split(/\r?\n/);
  const item = lines.findLastIndex(
    (line) =>
      line
        .replace(/^\s*- /, '')
        .replace(/^(["'])(.*)\1\s*$/, '$2')
        .trim() === part,
  );
  return (item === -1 ? lines.findIndex((line) => line.includes(part)) : item) + 1 || 1;
}
