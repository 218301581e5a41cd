import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listGaps } from '../answering/index.js';
import { createNames } from '../community/index.js';
import {
  createEntryStore,
  describeProblem,
  type EntryRecord,
  entryToFile,
  FOLDER_OF_TOPIC,
  findOwnWordings,
  lintFolder,
  loadEntries,
  loadGuidelines,
  maySuspend,
} from '../knowledge/index.js';
import { createAudit } from '../platform/audit/audit.js';
import { SystemClock } from '../platform/clock.js';
import { type Config, packageDir, prepareDataDir, readConfig, readEnvironment } from '../platform/config.js';
import { type Database, openDatabase } from '../platform/db/database.js';
import { migrate } from '../platform/db/migrate.js';
import { loadSeal } from '../platform/db/sealed.js';
import { NotFoundError } from '../platform/errors.js';
import { createIds, secureRandom } from '../platform/ids.js';
import { simulationClock } from '../simulator/simulation.js';
import { worldFile } from './assemble.js';
import { progressBar } from './progress.js';
import { table } from './table.js';

const shipped = join(packageDir, 'knowledge');
const guidelinesFile = join(shipped, 'guidelines.yaml');
const MISSES_SHOWN = 30;

/** `xinglin kb lint`: file, line, rule, and how to mend it. */
export async function lintCommand(folder = shipped): Promise<void> {
  requireFolder(folder);
  const year = new Date(new SystemClock().now()).getUTCFullYear();
  const { entries, problems } = await lintFolder(folder, { year, guidelines: await loadGuidelines(guidelinesFile) });
  for (const { file, line, rule, field, message, mend } of problems)
    print(`${file}:${line}  ${rule}  ${field === '' ? '' : `${field}: `}${message}\n    ${mend}`);
  if (entries === 0 && problems.length === 0) {
    print(`no entries in ${folder}: they are expected in ${Object.values(FOLDER_OF_TOPIC).join('/, ')}/ as KB-….md`);
    process.exitCode = 1;
    return;
  }
  print(`${entries} entries, ${problems.length === 0 ? 'nothing to mend' : `${problems.length} things to mend`}`);
  if (problems.length > 0) process.exitCode = 1;
}

/** `xinglin kb import`: what is new or changed becomes a draft; the same again changes nothing. */
export async function importCommand(folder = shipped): Promise<void> {
  requireFolder(folder);
  const { entries, problems } = await loadEntries(folder);
  await withStore(async ({ db, store }) => {
    const counts = await db.inTransaction((tx) => store.importEntries(tx, entries));
    for (const problem of problems) print(`left out: ${describeProblem(problem)}`);
    print(`${counts.added} new, ${counts.changed} changed, ${counts.unchanged} as they were`);
  });
  if (problems.length > 0 || entries.length === 0) process.exitCode = 1;
}

/** `xinglin kb export`: the newest version of each entry as a file. */
export async function exportCommand(folder: string): Promise<void> {
  await withStore(async ({ db, store }) => {
    const records = await store.listAll(db.reader);
    for (const { entry } of records) {
      const place = join(folder, FOLDER_OF_TOPIC[entry.topics[0] ?? 'general']);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, `${entry.id}.md`), entryToFile(entry));
    }
    print(`${records.length} entries written to ${folder}`);
  });
}

/** `xinglin kb list`: a line for each entry. */
export async function listCommand({ state }: { state?: string }): Promise<void> {
  await withStore(async ({ db, store }) => {
    const all = await store.listAll(db.reader);
    const records = state === undefined ? all : all.filter((record) => record.state === state);
    if (records.length === 0) {
      print(all.length === 0 ? 'no entries yet: xinglin kb import' : `none of ${all.length} entries is ${state}`);
      return;
    }
    const rows = records.map((record) => [
      record.entry.id,
      `${record.state}${record.sample ? ' (sample)' : ''}`,
      `v${record.version}`,
      record.publishedVersion === undefined ? '–' : `v${record.publishedVersion}`,
      record.entry.question,
    ]);
    for (const line of table([['id', 'state', 'newest', 'published', 'question'], ...rows], { leftAligned: 5 }))
      print(line);
  });
}

/** `xinglin kb show ID`: what patients read, where it comes from, who signed. */
export async function showCommand(id: string): Promise<void> {
  await withStore(async ({ db, store, config }) => {
    const record = await store.find(db.reader, id.toUpperCase());
    if (!record) throw new NotFoundError(`there is no entry ${id}: xinglin kb list names them all`);
    const reviews = await store.listReviews(db.reader, record.entry.id, record.version);
    print([...entryLines(record), ...reviewLines(reviews, config.timeZone)].join('\n'));
  });
}

function entryLines({ entry, state, version, publishedVersion, sample, author }: EntryRecord): string[] {
  const published = publishedVersion === undefined ? 'not published' : `v${publishedVersion} is published`;
  return [
    `${entry.id}  ${entry.question}`,
    `${state}${sample ? ' (sample)' : ''}, newest v${version}, ${published}; written by ${author}`,
    '',
    entry.answer,
    `这些情况请看医生：${entry.seeDoctorWhen.join('；')}`,
    ...(entry.emergencyLine === null ? [] : [entry.emergencyLine]),
    '',
    'wordings',
    ...entry.variants.map((wording) => `  ${wording}`),
    'not this',
    ...entry.notThis.map((wording) => `  ${wording}`),
    'not for',
    ...entry.contraindicatedAudience.map((audience) => `  ${audience}`),
    'sources',
    ...entry.sources.map(
      ({ title, org, edition, checked, url }) =>
        `  ${[title, edition, org].filter(Boolean).join(', ')} (${checked === 'seen' ? `seen at ${url}` : 'from memory, not looked up'})`,
    ),
  ];
}

function reviewLines(
  reviews: readonly { reviewerId: string; decision: string; reason: string | undefined; at: number }[],
  timeZone: string,
): string[] {
  if (reviews.length === 0) return ['reviews', '  nobody has reviewed this version'];
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone });
  const line = (review: (typeof reviews)[number]) =>
    `  ${day.format(review.at)} ${review.decision} by person ${review.reviewerId}${review.reason ? `: ${review.reason}` : ''}`;
  return ['reviews', ...reviews.map(line)];
}

/** `xinglin kb suspend ID`: out of service at once, in every process; prints who got it in the last 30 days. */
export async function suspendCommand(id: string, { reason }: { reason: string }): Promise<void> {
  await withStore(async ({ db, store, config }) => {
    const record = await store.find(db.reader, id.toUpperCase());
    if (!record) throw new NotFoundError(`there is no entry ${id}: xinglin kb list names them all`);
    const { entry, version, state, publishedVersion } = record;
    if (!maySuspend(state, publishedVersion !== undefined)) {
      print(`${entry.id} was not in service`);
      process.exitCode = 1;
      return;
    }
    const clock = config.puppet === 'simulator' ? simulationClock(worldFile(config)) : new SystemClock();
    const audit = createAudit({ clock, ids: createIds({ clock, random: secureRandom }) });
    const recipients = await db.inTransaction(async (tx) => {
      await store.suspend(tx, entry.id);
      await audit.record(tx, {
        action: 'entry-suspended',
        actorId: 'command-line',
        target: { kind: 'entry', id: entry.id },
        details: { version, hash: entry.hash, reason },
      });
      return store.listRecipients(tx, entry.id);
    });
    const names = createNames({ seal: loadSeal(config.dataKeyFile), anonymous: '–' });
    print(`${entry.id} is out of service; a running bot stops at once`);
    print(`${recipients.length} people got it in the last 30 days${recipients.length > 0 ? ':' : ''}`);
    for (const personId of recipients) print(`  ${await names.displayName(db.reader, personId)}  (${personId})`);
  });
}

const DAY_MS = 24 * 3_600_000;
const GAPS_SHOWN = 30;

/** `xinglin kb gaps`: what people asked and no entry answered well, by how many of them. */
export async function gapsCommand({ days }: { days: string }): Promise<void> {
  const span = Number(days);
  if (!Number.isInteger(span) || span < 1) throw new NotFoundError(`--days is a number of days, like 30, not ${days}`);
  await withStore(async ({ db, config }) => {
    const clock = config.puppet === 'simulator' ? simulationClock(worldFile(config)) : new SystemClock();
    const since = clock.now() - span * DAY_MS;
    const gaps = await listGaps(db.reader, { seal: loadSeal(config.dataKeyFile), since });
    if (gaps.length === 0) {
      print(`nobody asked in the last ${span} days what no entry answers`);
      return;
    }
    const rows = gaps
      .slice(0, GAPS_SHOWN)
      .map(({ people, asked, disliked, nearest, wordings }) => [
        `${people}`,
        `${asked}`,
        `${disliked}`,
        nearest ?? '–',
        wordings.join(' / ').replaceAll('\n', ' '),
      ]);
    for (const line of table([['people', 'asked', 'disliked', 'nearest', 'in their words'], ...rows], {
      leftAligned: 5,
    }))
      print(line);
    if (gaps.length > GAPS_SHOWN) print(`and ${gaps.length - GAPS_SHOWN} more`);
  });
}

/** `xinglin kb test`: found by its own wordings, and by none of its near misses. */
export async function testCommand(folder?: string): Promise<void> {
  const entries = folder === undefined ? await served() : await inFolder(folder);
  const report = findOwnWordings(entries, progressBar());
  const { asked, found, answeredWrong, misses, caught } = report;
  print(
    `${entries.length} entries; ${found} of ${asked} wordings, each left out in turn, still come first to their own`,
  );
  print(`${misses.length - answeredWrong} more are not answered, ${answeredWrong} are answered with another entry`);
  for (const { entryId, wording, got, answered } of [...misses]
    .sort((a, b) => Number(b.answered) - Number(a.answered))
    .slice(0, MISSES_SHOWN))
    print(`  ${answered ? 'WRONG' : 'miss '}  ${entryId}  ${wording}  → ${got ?? 'nothing'}`);
  if (misses.length > MISSES_SHOWN) print(`  and ${misses.length - MISSES_SHOWN} more`);
  print(`${caught.length} near misses are answered by the entry that names them`);
  for (const { entryId, wording } of caught) print(`  WRONG  ${entryId}  ${wording}`);
  if (answeredWrong > 0 || caught.length > 0) process.exitCode = 1;
}

async function served() {
  const config = readConfig(readEnvironment());
  const file = config.databaseUrl.startsWith('sqlite:') ? config.databaseUrl.slice('sqlite:'.length) : undefined;
  if (file !== undefined && !existsSync(file)) return inFolder(shipped);
  return withStore(async ({ db, store }) => {
    const entries = await store.listServed(db.reader, { samples: config.puppet === 'simulator' });
    return entries.map(({ entry }) => entry);
  });
}

async function inFolder(folder: string) {
  requireFolder(folder);
  return (await loadEntries(folder)).entries;
}

function requireFolder(folder: string): void {
  if (!existsSync(folder)) throw new NotFoundError(`${folder} is not there`);
}

async function withStore<T>(
  use: (kept: { db: Database; store: ReturnType<typeof createEntryStore>; config: Config }) => Promise<T>,
): Promise<T> {
  const config = readConfig(readEnvironment());
  prepareDataDir(config.dataDir);
  const clock = new SystemClock();
  const db = openDatabase(config.databaseUrl, { synchronous: config.synchronous });
  try {
    await migrate(db, clock);
    const store = createEntryStore({ clock, ids: createIds({ clock, random: secureRandom }) });
    return await use({ db, store, config });
  } finally {
    await db.close();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
