import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { normaliseText } from '../platform/text-normalise.js';
import { findContradictions } from './contradictions.js';
import { type Entry, FOLDER_OF_TOPIC } from './entry.js';
import { HOW_TO_MEND, type LintFinding, type LintOptions, lintEntry } from './lint.js';
import { type EntryProblem, type ParsedEntry, parseEntry } from './parse.js';
import { loadTerms, type Terms } from './terms.js';
import { readWording } from './wording.js';

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
  const { kept, problems } = await readFolder(dir);
  return { entries: kept.map(({ entry }) => entry), problems };
}

/** What `xinglin kb lint` prints: a problem, the rule that found it, and how to mend it. */
export interface LintProblem extends EntryProblem {
  rule: string;
  mend: string;
  /** Something to look at, which may be right as it is. */
  warning: boolean;
}

/**
 * Every file that cannot be read, and every rule of SAFETY.md 6.3 and 6.4 that
 * a readable one breaks. The terms are those of the folder, where it has a
 * `terms.yaml`, else the shipped ones.
 */
export async function lintFolder(
  dir: string,
  options: Omit<LintOptions, 'terms'>,
): Promise<{ entries: number; problems: LintProblem[] }> {
  const { kept, problems } = await readFolder(dir);
  const ownTerms = join(dir, 'terms.yaml');
  const { terms, ...lists } = loadTerms(existsSync(ownTerms) ? ownTerms : undefined);
  const unreadable = problems.map((problem) => ({
    ...problem,
    rule: 'schema',
    mend: 'the file is left out until then',
    warning: false,
  }));
  const found = kept.flatMap(({ entry, file, text }) =>
    lintEntry(entry, { ...options, terms }).map((finding) => located(finding, { file, text })),
  );
  return {
    entries: kept.length,
    problems: [...unreadable, ...found, ...sameWordings(kept), ...contradictions(kept, lists)],
  };
}

function located(
  { rule, field, text: hit, hint }: LintFinding,
  { file, text }: Pick<LoadedFile, 'file' | 'text'>,
): LintProblem {
  const lines = text.split(/\r?\n/);
  const body = lines.findIndex((line, i) => i > 0 && line.trimEnd() === '---');
  const inBody = field === 'answer';
  const start = inBody ? body + 1 : lines.findIndex((line) => line.startsWith(`${field}:`));
  const at = lines.findIndex((line, i) => i >= start && (inBody || i < body) && line.includes(hit));
  const line = at === -1 ? Math.max(start + (inBody ? 1 : 0), 0) : at;
  const mend = hint === undefined ? HOW_TO_MEND[rule] : `${HOW_TO_MEND[rule]}: ${hint}`;
  return { file, line: line + 1, field, rule, message: hit, mend, warning: false };
}

/** Wordings of two entries that the search cannot tell apart. */
function sameWordings(kept: readonly LoadedFile[]): LintProblem[] {
  const owners = new Map<string, { entryId: string; wording: string }>();
  return kept.flatMap(({ entry, file, text }) =>
    [entry.question, ...entry.variants].flatMap((wording): LintProblem[] => {
      const { key } = readWording(wording);
      const owner = owners.get(key);
      if (!owner || owner.entryId === entry.id) {
        owners.set(key, owner ?? { entryId: entry.id, wording });
        return [];
      }
      const line = lineOfText(text, wording);
      const message = `「${wording}」 is like 「${owner.wording}」 of ${owner.entryId}`;
      const mend = HOW_TO_MEND['same-wording'];
      return [{ file, line, field: 'variants', rule: 'same-wording', message, mend, warning: false }];
    }),
  );
}

function contradictions(
  kept: readonly LoadedFile[],
  { compared, settled }: Pick<Terms, 'compared' | 'settled'>,
): LintProblem[] {
  const fileOf = new Map(kept.map((one) => [one.entry.id, one]));
  const entries = kept.map(({ entry }) => entry);
  return findContradictions(entries, compared).flatMap(({ entryId, otherId, about, field, says, otherSays }) => {
    const one = fileOf.get(entryId);
    const isSettled = settled.some(
      (pair) => pair.about === about && pair.entries.includes(entryId) && pair.entries.includes(otherId),
    );
    if (!one || isSettled) return [];
    const at = located({ entryId, rule: 'contradiction', field, text: says }, one);
    return [{ ...at, message: `${about}: 「${says}」, and ${otherId} says 「${otherSays}」`, warning: true }];
  });
}

async function readFolder(dir: string): Promise<{ kept: LoadedFile[]; problems: EntryProblem[] }> {
  const read = await Promise.all((await listFiles(dir)).map((path) => readEntry(dir, path)));
  const problems = read.flatMap((one) => one.problems);
  const loaded = read.flatMap((one) => (one.entry ? [{ entry: one.entry, file: one.file, text: one.text }] : []));
  const doubled = [...duplicateIds(loaded), ...sharedPhrasings(loaded)];
  problems.push(...doubled);
  const refused = new Set(doubled.map((problem) => problem.file));
  return { kept: loaded.filter(({ file }) => !refused.has(file)), problems };
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

/** Entries by the whole of their file: a program that reads a folder again parses what has changed. */
const parsedBefore = new Map<string, ParsedEntry>();

async function readEntry(
  dir: string,
  path: string,
): Promise<{ entry?: Entry; file: string; text: string; problems: EntryProblem[] }> {
  const file = join(basename(dir), relative(dir, path)).split(sep).join('/');
  const text = await readFile(path, 'utf8');
  const parsed = parsedBefore.get(text) ?? parseEntry(file, text);
  if (parsed.kind === 'entry') parsedBefore.set(text, parsed);
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
