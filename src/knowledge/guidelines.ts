import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Reader } from '../platform/db/database.js';
import { normaliseText } from '../platform/text-normalise.js';
import type { Entry, EntrySource } from './entry.js';
import type { EntryStore } from './store.js';

const known = (max: number) => z.string().trim().min(1).max(max).nullable().default(null);

const guidelineSchema = z.strictObject({
  code: z.string().regex(/^[A-Z][A-Z0-9-]*$/, { error: 'must look like CDS24' }),
  title: z.string().trim().min(2).max(80),
  /** Other titles that entries cite it by. */
  aliases: z.array(z.string().trim().min(2).max(80)).default([]),
  org: known(60),
  edition: known(40),
  year: z.int().min(1990).max(2100).nullable().default(null),
  published_in: known(80),
  superseded_by: known(20),
  checked: z.enum(['seen', 'memory']),
  /** The source of SAFETY.md section 9 where it was seen. */
  seen_at: known(10),
});

const registrySchema = z.strictObject({ guidelines: z.array(guidelineSchema) }).superRefine(({ guidelines }, ctx) => {
  const codes = guidelines.map(({ code }) => code);
  for (const [i, guideline] of guidelines.entries()) {
    const blame = (field: string, message: string) =>
      ctx.addIssue({ code: 'custom', path: ['guidelines', i, field], message });
    if (codes.indexOf(guideline.code) !== i) blame('code', `${guideline.code} is here twice`);
    if (guideline.checked === 'seen' && guideline.seen_at === null) blame('seen_at', 'say where it was seen');
    if (endOfChain(guidelines, guideline) === undefined)
      blame('superseded_by', 'must lead to a guideline of this file, and not in a circle');
  }
});

export type Guideline = z.infer<typeof guidelineSchema>;

/** A guideline in all its editions, as sources name it. */
export interface CitedGuideline {
  /** The code of the newest edition, or the title where the registry does not know it. */
  key: string;
  name: string;
  /** What `titleKey` makes of each of its titles. */
  titles: ReadonlySet<string>;
}

/** `knowledge/guidelines.yaml` is not what it should be. */
export class GuidelinesError extends Error {
  override name = 'GuidelinesError';
  code = 'bad-guidelines';
}

/** @throws GuidelinesError with every problem, a line each */
export async function loadGuidelines(file: string): Promise<Guideline[]> {
  const parsed = registrySchema.safeParse(readYaml(file, await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data.guidelines;
  const lines = parsed.error.issues.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`);
  throw new GuidelinesError(lines.join('\n'));
}

function readYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new GuidelinesError(`${file}: this is not valid YAML`, { cause: error });
  }
}

/** By code, or by a title as entries cite it. */
export function findGuideline(registry: readonly Guideline[], words: string): CitedGuideline | undefined {
  const key = titleKey(words);
  const code = words.trim().toUpperCase();
  const found = registry.find((one) => one.code === code || titlesOf(one).has(key));
  const newest = found && endOfChain(registry, found);
  return newest && familyOf(registry, newest);
}

/** One that the registry does not know, by its title alone. */
export function titledGuideline(title: string): CitedGuideline {
  const key = titleKey(title);
  return { key, name: title.trim(), titles: new Set([key]) };
}

/** The guideline that is meant: one of the registry, or any that a published entry cites by this title. */
export async function chooseGuideline(
  reader: Reader,
  choice: { words: string; guidelines: readonly Guideline[]; store: Pick<EntryStore, 'listPublished'> },
): Promise<CitedGuideline | undefined> {
  const known = findGuideline(choice.guidelines, choice.words);
  if (known) return known;
  const titled = titledGuideline(choice.words);
  const published = await choice.store.listPublished(reader);
  const isCited = published.some(({ entry }) => entry.sources.some(({ title }) => titleKey(title) === titled.key));
  return isCited ? titled : undefined;
}

/** Does the entry rely on an edition before this one? A source that names no edition may be any. */
export function citesOlder(entry: Pick<Entry, 'sources'>, guideline: CitedGuideline, edition: string): boolean {
  return entry.sources.some((source) => guideline.titles.has(titleKey(source.title)) && !isFrom(source, edition));
}

/** The edition that should be cited instead, where the registry knows a newer one. */
export function newerEdition(source: EntrySource, registry: readonly Guideline[]): string | undefined {
  const cited = editionYear(source.edition) ?? editionYear(source.title) ?? source.year ?? undefined;
  const found = findGuideline(registry, source.title);
  const newest = found && registry.find(({ code }) => code === found.key);
  const current = editionYear(newest?.edition ?? null) ?? newest?.year ?? undefined;
  if (cited === undefined || current === undefined || cited >= current) return undefined;
  return `${newest?.title}（${newest?.edition ?? current}）`;
}

/** A title without its edition, marks and spaces: 《中国糖尿病防治指南(2024版)》 is 中国糖尿病防治指南. */
export function titleKey(title: string): string {
  return normaliseText(title)
    .replace(/\([^)]*(?:\d{4}|版)[^)]*\)/gu, '')
    .replace(/\d{4}\s*年?(?:修订)?版?\s*$/u, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

function isFrom(source: EntrySource, edition: string): boolean {
  const [cited, wanted] = [source.edition ?? source.title, edition].map(editionYear);
  if (cited !== undefined && wanted !== undefined) return cited >= wanted;
  return source.edition !== null && normaliseText(source.edition) === normaliseText(edition);
}

function editionYear(text: string | null): number | undefined {
  const year = /(?:19|20)\d{2}/.exec(text ?? '')?.[0];
  return year === undefined ? undefined : Number(year);
}

function titlesOf({ title, aliases }: Guideline): Set<string> {
  return new Set([title, ...aliases].map(titleKey));
}

function familyOf(registry: readonly Guideline[], newest: Guideline): CitedGuideline {
  const family = registry.filter((one) => endOfChain(registry, one) === newest);
  return { key: newest.code, name: newest.title, titles: new Set(family.flatMap((one) => [...titlesOf(one)])) };
}

/** The edition that has taken the place of this one and of those between; undefined where the chain is broken. */
function endOfChain(registry: readonly Guideline[], from: Guideline): Guideline | undefined {
  let at: Guideline | undefined = from;
  for (let steps = 0; at && at.superseded_by !== null && steps < registry.length; steps += 1) {
    const next: string = at.superseded_by;
    at = registry.find(({ code }) => code === next);
  }
  return at?.superseded_by === null ? at : undefined;
}
