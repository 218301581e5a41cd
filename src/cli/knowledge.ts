import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listGaps } from '../answering/index.js';
import { createNames } from '../community/index.js';
import {
  chooseGuideline,
  createEntryLives,
  createEntryStore,
  describeProblem,
  ENTRY_STATES,
  type EntryRecord,
  type EventRecord,
  entryToFile,
  FOLDER_OF_TOPIC,
  findOwnWordings,
  type Guideline,
  lintFolder,
  loadEntries,
  loadGuidelines,
  type ReviewRecord,
} from '../knowledge/index.js';
import { createAudit } from '../platform/audit/audit.js';
import { type Clock, SystemClock } from '../platform/clock.js';
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
const COMMAND_LINE = { by: 'operator', actorId: 'command-line' } as const;

/** `xinglin kb lint`: file, line, rule, and how to mend it. Warnings alone are no failure. */
export async function lintCommand(folder = shipped): Promise<void> {
  requireFolder(folder);
  const year = new Date(new SystemClock().now()).getUTCFullYear();
  const { entries, problems } = await lintFolder(folder, { year, guidelines: await loadGuidelines(guidelinesFile) });
  for (const { file, line, rule, field, message, mend } of problems)
    print(`${file}:${line}  ${rule}  ${field === '' ? '' : `${field}: `}${message}\n    ${mend}`);
  const warnings = problems.filter(({ warning }) => warning).length;
  const errors = problems.length - warnings;
  if (entries === 0 && problems.length === 0) {
    print(`no entries in ${folder}: they are expected in ${Object.values(FOLDER_OF_TOPIC).join('/, ')}/ as KB-….md`);
    process.exitCode = 1;
    return;
  }
  const toLookAt = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'} to look at`;
  print(`${entries} entries, ${errors === 0 ? 'nothing to mend' : `${errors} things to mend`}${toLookAt}`);
  if (errors > 0) process.exitCode = 1;
}

/** `xinglin kb import`: what is new or changed becomes a draft; the same again changes nothing. */
export async function importCommand(folder = shipped, { typo = false }: { typo?: boolean } = {}): Promise<void> {
  requireFolder(folder);
  const { entries, problems } = await loadEntries(folder);
  await withStore(async ({ db, store }) => {
    const counts = await db.inTransaction((tx) => store.importEntries(tx, entries, { typo }));
    for (const problem of problems) print(`left out: ${describeProblem(problem)}`);
    print(`${counts.added} new, ${counts.changed} changed, ${counts.unchanged} as they were`);
    if (counts.mended !== undefined)
      print(`of those changed ${counts.mended} have only letters mended and wait for one reviewer`);
    const files = new Map(entries.map((entry) => [entry.id, entry.hash]));
    for (const { entry, life } of await store.listAll(db.reader)) {
      const hash = files.get(entry.id);
      if (life.state === 'retired' && hash !== undefined && hash !== entry.hash)
        print(`left out: ${entry.id} is retired; give the new words another id`);
    }
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
  if (state !== undefined && !ENTRY_STATES.some((one) => one === state))
    throw new NotFoundError(`there is no state ${state}: ${ENTRY_STATES.join(', ')}`);
  await withStore(async ({ db, store, config }) => {
    const all = await store.listAll(db.reader);
    const records = state === undefined ? all : all.filter(({ life }) => life.state === state);
    if (records.length === 0) {
      print(all.length === 0 ? 'no entries yet: xinglin kb import' : `none of ${all.length} entries is ${state}`);
      return;
    }
    const day = dayFormat(config.timeZone);
    const rows = records.map(({ entry, version, sample, life }) => [
      entry.id,
      `${life.state}${sample ? ' (sample)' : ''}`,
      `v${version}`,
      life.served === undefined ? '–' : `v${life.served.version}`,
      dueDay(life, day),
      entry.question,
    ]);
    for (const line of table([['id', 'state', 'newest', 'published', 'due', 'question'], ...rows], { leftAligned: 6 }))
      print(line);
  });
}

function dueDay({ served }: EntryRecord['life'], day: Intl.DateTimeFormat): string {
  return served === undefined || !Number.isFinite(served.dueAt) ? '–' : day.format(served.dueAt);
}

/** `xinglin kb show ID`: what patients read, where it comes from, who signed, and what has happened to it. */
export async function showCommand(id: string): Promise<void> {
  await withStore(async ({ db, store, config }) => {
    const record = await store.find(db.reader, id.toUpperCase());
    if (!record) throw noEntry(id);
    const reviews = await store.listReviews(db.reader, record.entry.id);
    const events = await store.listEvents(db.reader, record.entry.id);
    const day = dayFormat(config.timeZone);
    print([...entryLines(record, day), ...reviewLines(record, reviews, day), ...eventLines(events, day)].join('\n'));
  });
}

function entryLines({ entry, version, sample, author, life }: EntryRecord, day: Intl.DateTimeFormat): string[] {
  const published = life.served
    ? `v${life.served.version} is ${life.served.state}, due on ${dueDay(life, day)}`
    : 'not published';
  return [
    `${entry.id}  ${entry.question}`,
    `${life.state}${sample ? ' (sample)' : ''}, newest v${version}, ${published}; written by ${author}`,
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

function reviewLines({ version }: EntryRecord, reviews: readonly ReviewRecord[], day: Intl.DateTimeFormat): string[] {
  const line = (review: ReviewRecord) => {
    const failed = Object.entries(review.checks ?? {}).flatMap(([check, fulfilled]) => (fulfilled ? [] : [check]));
    const checks =
      review.checks && failed.length === 0 ? `, ${Object.keys(review.checks).length} points confirmed` : '';
    const which = `v${review.version}${review.round > 1 ? `, review ${review.round}` : ''}`;
    return `  ${day.format(review.at)} ${which} ${review.decision} by person ${review.reviewerId}${checks}${review.reason ? `: ${review.reason}` : ''}`;
  };
  const none = reviews.some((review) => review.version === version) ? [] : ['  nobody has reviewed this version'];
  return ['reviews', ...reviews.map(line), ...none];
}

function eventLines(events: readonly EventRecord[], day: Intl.DateTimeFormat): string[] {
  const line = ({ at, version, event, state, actorId, reason }: EventRecord) =>
    `  ${day.format(at)} v${version} ${event} by ${actorId}, then ${state}${reason ? `: ${reason}` : ''}`;
  return events.length === 0 ? [] : ['history', ...events.map(line)];
}

/** `xinglin kb suspend ID`: out of service at once, in every process; prints who got it in the last 30 days. */
export async function suspendCommand(id: string, { reason }: { reason: string }): Promise<void> {
  await withLives(async (kept) => {
    const { db, store, config } = kept;
    const entryId = await moveNamed(kept, { id, event: 'suspend', reason });
    if (entryId === undefined) {
      fail(`${id.toUpperCase()} was not in service`);
      return;
    }
    const recipients = await store.listRecipients(db.reader, entryId);
    const names = createNames({ seal: loadSeal(config.dataKeyFile), anonymous: '–' });
    print(`${entryId} is out of service; a running bot stops at once`);
    print(`${recipients.length} people got it in the last 30 days${recipients.length > 0 ? ':' : ''}`);
    for (const personId of recipients) print(`  ${await names.displayName(db.reader, personId)}  (${personId})`);
  });
}

/** `xinglin kb retire ID`: out of service for good; its id is never used again. */
export async function retireCommand(id: string, { reason }: { reason: string }): Promise<void> {
  await withLives(async (kept) => {
    const entryId = await moveNamed(kept, { id, event: 'retire', reason });
    if (entryId === undefined) fail(`${id.toUpperCase()} was retired before`);
    else print(`${entryId} is retired; a running bot stops at once`);
  });
}

/** `xinglin kb reinstate ID`: what was stopped or returned goes back into review, from the beginning. */
export async function reinstateCommand(id: string): Promise<void> {
  await withLives(async (kept) => {
    const entryId = await moveNamed(kept, { id, event: 'reinstate', reason: '' });
    if (entryId === undefined) fail(`${id.toUpperCase()} is neither suspended nor returned`);
    else print(`${entryId} is in review again; it is served when it has been signed`);
  });
}

/** The entry's id; undefined where its state does not allow the event. */
async function moveNamed(
  { db, store, lives }: Lives,
  { id, event, reason }: { id: string; event: 'suspend' | 'retire' | 'reinstate'; reason: string },
): Promise<string | undefined> {
  return db.inTransaction(async (tx) => {
    const record = await store.find(tx, id.toUpperCase());
    if (!record) throw noEntry(id);
    const details = reason === '' ? {} : { reason };
    const outcome = await lives.move(tx, record, event, { ...COMMAND_LINE, reason, details });
    return outcome.kind === 'moved' ? record.entry.id : undefined;
  });
}

/** `xinglin kb guideline NAME --new-edition EDITION`: what cites an older one is to be reviewed within 60 days. Without a name: the registry. */
export async function guidelineCommand(
  words: string | undefined,
  { newEdition }: { newEdition?: string },
): Promise<void> {
  const guidelines = await loadGuidelines(guidelinesFile);
  if (words === undefined) return listGuidelines(guidelines);
  if (newEdition === undefined || newEdition.trim() === '')
    throw new NotFoundError('--new-edition says which, like 2026版');
  const edition = newEdition.trim();
  await withLives(async ({ db, store, lives, config }) => {
    const outcome = await db.inTransaction(async (tx) => {
      const guideline = await chooseGuideline(tx, { words, guidelines, store });
      if (!guideline)
        throw new NotFoundError(`nothing published cites ${words}: xinglin kb guideline names those known`);
      return { ...(await lives.changeGuideline(tx, { ...COMMAND_LINE, guideline, edition })), name: guideline.name };
    });
    if (outcome.kind === 'known-already') {
      fail(`edition ${edition} of ${outcome.name} was told before; nothing is changed`);
      return;
    }
    const { records, name, dueAt } = outcome;
    print(`${name} ${edition}: ${records.length} published entries cite an older edition`);
    if (records.length === 0) return;
    print(`they are served on and to be reviewed before ${dayFormat(config.timeZone).format(dueAt)}:`);
    for (const { entry } of records) print(`  ${entry.id}  ${entry.question}`);
  });
}

async function listGuidelines(guidelines: readonly Guideline[]): Promise<void> {
  await withStore(async ({ db, store, config }) => {
    const day = dayFormat(config.timeZone);
    const rows = guidelines.map((one) => [
      one.code,
      one.edition ?? '–',
      one.superseded_by === null ? '' : `now ${one.superseded_by}`,
      one.checked,
      one.title,
    ]);
    for (const line of table([['code', 'edition', '', 'checked', 'title'], ...rows], { leftAligned: 5 })) print(line);
    for (const { guideline, edition, at } of await store.listGuidelineChanges(db.reader))
      print(`${day.format(at)}  ${guideline}: edition ${edition} has come out`);
  });
}

function noEntry(id: string): NotFoundError {
  return new NotFoundError(`there is no entry ${id}: xinglin kb list names them all`);
}

function dayFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('sv-SE', { timeZone });
}

function fail(line: string): void {
  print(line);
  process.exitCode = 1;
}

const DAY_MS = 24 * 3_600_000;
const GAPS_SHOWN = 30;
const WORDINGS_SHOWN = 3;

/** `xinglin kb gaps`: what people asked and no entry answered well, by how many of them. */
export async function gapsCommand({ days }: { days: string }): Promise<void> {
  const span = Number(days);
  if (!Number.isInteger(span) || span < 1) throw new NotFoundError(`--days is a number of days, like 30, not ${days}`);
  await withStore(async ({ db, config }) => {
    const since = programClock(config).now() - span * DAY_MS;
    const { gaps, forgotten } = await listGaps(db.reader, { seal: loadSeal(config.dataKeyFile), since });
    if (gaps.length === 0) {
      print(`nobody asked in the last ${span} days what no entry answers`);
      if (forgotten > 0) print(wordless(forgotten));
      return;
    }
    const rows = gaps
      .slice(0, GAPS_SHOWN)
      .map(({ people, asked, disliked, nearest, asks }) => [
        `${people}`,
        `${asked}`,
        `${disliked}`,
        nearest ?? '–',
        [...new Set(asks.map(({ text }) => text))].slice(0, WORDINGS_SHOWN).join(' / ').replaceAll('\n', ' '),
      ]);
    for (const line of table([['people', 'asked', 'disliked', 'nearest', 'in their words'], ...rows], {
      leftAligned: 5,
    }))
      print(line);
    if (gaps.length > GAPS_SHOWN) print(`and ${gaps.length - GAPS_SHOWN} more`);
    if (forgotten > 0) print(wordless(forgotten));
  });
}

function wordless(questions: number): string {
  return `${questions} more by people who did not agree that their words are kept: the words are gone`;
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

interface Kept {
  db: Database;
  store: ReturnType<typeof createEntryStore>;
  config: Config;
}

interface Lives extends Kept {
  lives: ReturnType<typeof createEntryLives>;
}

async function withStore<T>(
  use: (kept: Kept) => Promise<T>,
  clockFor: (config: Config) => Clock = () => new SystemClock(),
): Promise<T> {
  const config = readConfig(readEnvironment());
  prepareDataDir(config.dataDir);
  const clock = clockFor(config);
  const db = openDatabase(config.databaseUrl, { synchronous: config.synchronous });
  try {
    await migrate(db, clock);
    const store = createEntryStore({ clock, ids: createIds({ clock, random: secureRandom }) });
    return await use({ db, store, config });
  } finally {
    await db.close();
  }
}

/** For what changes entries: at the time that the running bot has, and in the audit. */
async function withLives<T>(use: (kept: Lives) => Promise<T>): Promise<T> {
  return withStore((kept) => {
    const clock = programClock(kept.config);
    const audit = createAudit({ clock, ids: createIds({ clock, random: secureRandom }) });
    const lives = createEntryLives({ clock, store: kept.store, audit, timeZone: kept.config.timeZone });
    return use({ ...kept, lives });
  }, programClock);
}

function programClock(config: Config): Clock {
  return config.puppet === 'simulator' ? simulationClock(worldFile(config)) : new SystemClock();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
