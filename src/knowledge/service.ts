import { join } from 'node:path';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/db/database.js';
import type { Ids } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import type { Decision } from './decision.js';
import { loadEntries } from './folder.js';
import { type Guideline, loadGuidelines } from './guidelines.js';
import { createMeaningIndex, type MeaningIndex } from './meaning.js';
import { dueAfterReview } from './review-dates.js';
import { buildIndex, type SearchOptions } from './search.js';
import { createEntryStore, type EntryStore, type ServedEntry } from './store.js';

/** What was published before there were dates is not stopped sooner than this. */
const FIRST_DUE_MS = 60 * 24 * 3_600_000;

/** The entries that are served now, ready to be searched. Replaced as a whole when another set is served. */
export interface KnowledgeIndex {
  decide(query: string, options?: SearchOptions): Decision;
  find(entryId: string): ServedEntry | undefined;
  /** Ids of the entries that come nearest, the best first. */
  nearest(query: string, limit: number): string[];
}

export interface Knowledge {
  store: EntryStore;
  /** The guidelines that entries cite, by their codes. */
  guidelines: readonly Guideline[];
  index(): KnowledgeIndex;
  /** After a commit: when it held a review or a stop, the index is built again. */
  afterCommit(): void;
  /** Builds the index again when another process has changed what is served. */
  reload(): Promise<void>;
  counts(): { served: number; waiting: number };
  /** Where an embedding model is set. */
  meaning: MeaningIndex | undefined;
}

/** Brings the files' entries into the database, which is the truth from then on, and indexes what is served. */
export async function createKnowledge(deps: {
  db: Database;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** `knowledge/` of the package. */
  dir: string;
  /** Unsigned samples are served, marked as such: the simulator only. */
  samples: boolean;
  /** Vectors of unit length, where an embedding model is set. */
  embed?: { vectors: Parameters<typeof createMeaningIndex>[0]; withinMs: number } | undefined;
  timeZone: string;
}): Promise<Knowledge> {
  const { db, clock, log, dir, samples, timeZone } = deps;
  const meaning = deps.embed && createMeaningIndex(deps.embed.vectors, deps.embed);
  let touched = false;
  const entries = createEntryStore(deps);
  const touching =
    <Args extends unknown[]>(write: (...args: Args) => Promise<void>) =>
    async (...args: Args) => {
      await write(...args);
      touched = true;
    };
  const store: EntryStore = {
    ...entries,
    recordMove: touching(entries.recordMove),
  };
  const { entries: fromFiles, problems } = await loadEntries(dir);
  for (const problem of problems)
    log.warn({ file: `${problem.file}:${problem.line}` }, 'a knowledge entry is left out: run `xinglin check`');
  const guidelines = await loadGuidelines(join(dir, 'guidelines.yaml')).catch((error: unknown) => {
    log.warn({ err: error }, 'the guidelines could not be read: run `xinglin check`');
    return [];
  });
  await db.inTransaction(async (tx) => {
    await store.importEntries(tx, fromFiles);
    const soonest = clock.now() + FIRST_DUE_MS;
    await store.setMissingDueDates(tx, (entry, now) => Math.max(soonest, dueAfterReview(entry, { now, timeZone })));
  });

  let stamp = '';
  let counts = { served: 0, waiting: 0 };
  let current: KnowledgeIndex = {
    decide: () => ({ kind: 'offer', candidates: [] }),
    find: () => undefined,
    nearest: () => [],
  };

  async function reload(): Promise<void> {
    const now = await store.servedStamp(db.reader);
    if (now === stamp) return;
    const served = await store.listServed(db.reader, { samples });
    const byId = new Map(served.map((one) => [one.entry.id, one]));
    const search = buildIndex(served.map((one) => one.entry));
    meaning?.use(served.map((one) => one.entry));
    counts = await store.countEntries(db.reader, { samples });
    current = {
      decide: search.decide,
      find: (entryId) => stillServed(byId.get(entryId)),
      nearest: (query, limit) => search.search(query, { limit }).results.map(({ entryId }) => entryId),
    };
    stamp = now;
  }

  /** Nothing past its date, also when the job that stops it is late. */
  function stillServed(served: ServedEntry | undefined): ServedEntry | undefined {
    return served?.dueAt !== undefined && served.dueAt <= clock.now() ? undefined : served;
  }

  await reload();
  return {
    store,
    guidelines,
    index: () => current,
    afterCommit() {
      if (!touched) return;
      touched = false;
      void reload().catch((error: unknown) => log.error({ err: error }, 'the index could not be built again'));
    },
    reload,
    counts: () => counts,
    meaning,
  };
}
