import { createHash } from 'node:crypto';
import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import { invariant } from '../platform/errors.js';
import type { Ids } from '../platform/ids.js';
import type { Entry } from './entry.js';
import type { EntryState } from './review.js';

/** An entry that may be sent to patients now. */
export interface ServedEntry {
  entry: Entry;
  /** Not signed by anybody: goes out with the mark of a sample, in the simulator only. */
  sample: boolean;
  publishedAt: number | undefined;
  /** Who approved this version, in order. Empty for a sample. */
  reviewers: { personId: string; at: number }[];
}

/** The newest version of an entry, as reviewers meet it. */
export interface EntryRecord {
  state: EntryState;
  version: number;
  publishedVersion: number | undefined;
  sample: boolean;
  /** A person id, or the name in the file. */
  author: string;
  entry: Entry;
}

export interface ReviewRecord {
  reviewerId: string;
  decision: 'approved' | 'returned';
  reason: string | undefined;
  at: number;
}

export interface ImportCounts {
  added: number;
  changed: number;
  unchanged: number;
}

/** SAFETY.md 6.2: who is told when an entry is stopped. */
const RECIPIENTS_MS = 30 * 24 * 3_600_000;

export type EntryStore = ReturnType<typeof createEntryStore>;

/**
 * Entries, their versions and their reviews. A version is never changed: other
 * words are another version, which starts its review from the beginning while
 * the published one is served on.
 */
export function createEntryStore({ clock, ids }: { clock: Clock; ids: Ids }) {
  async function insertRevision(tx: Transaction, entry: Entry, version: number, author: string): Promise<void> {
    const row = {
      id: ids.next(),
      entry_id: entry.id,
      version,
      hash: entry.hash,
      content: JSON.stringify({ ...entry, version }),
      author,
      created_at: clock.now(),
    };
    await tx.insertInto('entry_revision').values(row).execute();
  }

  async function importOne(tx: Transaction, entry: Entry): Promise<keyof ImportCounts> {
    const row = await tx.selectFrom('entry').selectAll().where('id', '=', entry.id).executeTakeFirst();
    if (!row) {
      const sample = entry.sample ? 1 : 0;
      const now = clock.now();
      await tx
        .insertInto('entry')
        .values({ id: entry.id, state: 'draft', version: entry.version, sample, created_at: now })
        .execute();
      await insertRevision(tx, entry, entry.version, entry.author.name);
      return 'added';
    }
    const newest = await tx
      .selectFrom('entry_revision')
      .select('hash')
      .where('entry_id', '=', entry.id)
      .where('version', '=', row.version)
      .executeTakeFirst();
    if (newest?.hash === entry.hash) return 'unchanged';
    const version = Math.max(row.version + 1, entry.version);
    await insertRevision(tx, entry, version, entry.author.name);
    await tx
      .updateTable('entry')
      .set({ version, state: 'draft', sample: entry.sample ? 1 : 0 })
      .where('id', '=', entry.id)
      .execute();
    return 'changed';
  }

  function revisions(reader: Reader) {
    return reader
      .selectFrom('entry')
      .innerJoin('entry_revision', 'entry_revision.entry_id', 'entry.id')
      .select([
        'entry.id',
        'entry.state',
        'entry.version as newest',
        'entry.published_version',
        'entry.published_at',
        'entry.sample',
        'entry_revision.version',
        'entry_revision.content',
        'entry_revision.author',
      ]);
  }

  type RevisionRow = Awaited<ReturnType<ReturnType<typeof revisions>['execute']>>[number];

  const recordOf = (row: RevisionRow): EntryRecord => ({
    state: row.state as EntryState,
    version: row.version,
    publishedVersion: row.published_version ?? undefined,
    sample: row.sample === 1,
    author: row.author,
    entry: JSON.parse(row.content) as Entry,
  });

  async function listReviews(reader: Reader, entryId: string, version: number): Promise<ReviewRecord[]> {
    const rows = await reader
      .selectFrom('entry_review')
      .select(['reviewer_id', 'decision', 'reason', 'created_at'])
      .where('entry_id', '=', entryId)
      .where('version', '=', version)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      reviewerId: row.reviewer_id,
      decision: row.decision as ReviewRecord['decision'],
      reason: row.reason ?? undefined,
      at: row.created_at,
    }));
  }

  async function listServed(reader: Reader, { samples }: { samples: boolean }): Promise<ServedEntry[]> {
    const rows = await revisions(reader).orderBy('entry.id').orderBy('entry_revision.version').execute();
    const served: ServedEntry[] = [];
    for (const row of rows) {
      const published = row.published_version === row.version;
      if (!published && !(samples && isServedSample(row))) continue;
      const reviews = published ? await listReviews(reader, row.id, row.version) : [];
      served.push({
        entry: recordOf(row).entry,
        sample: !published,
        publishedAt: published ? (row.published_at ?? undefined) : undefined,
        reviewers: reviews
          .filter((review) => review.decision === 'approved')
          .map((review) => ({ personId: review.reviewerId, at: review.at })),
      });
    }
    return served;
  }

  return {
    /** Brings the files' entries in as drafts to be reviewed; the same files again change nothing. */
    async importEntries(tx: Transaction, entries: readonly Entry[]): Promise<ImportCounts> {
      const counts: ImportCounts = { added: 0, changed: 0, unchanged: 0 };
      for (const entry of entries) counts[await importOne(tx, entry)] += 1;
      return counts;
    },

    listServed,
    listReviews,

    /** Changes whenever another set of entries is to be served: an index built for another stamp is stale. */
    async servedStamp(reader: Reader): Promise<string> {
      const rows = await reader
        .selectFrom('entry')
        .select(['id', 'state', 'version', 'published_version', 'published_at'])
        .orderBy('id')
        .execute();
      return createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16);
    },

    async countEntries(
      reader: Reader,
      { samples }: { samples: boolean },
    ): Promise<{ served: number; waiting: number }> {
      const rows = await reader.selectFrom('entry').select(['state', 'published_version', 'sample']).execute();
      const unsigned = (row: (typeof rows)[number]) =>
        samples && row.sample === 1 && row.published_version === null && isWaiting(row.state);
      return {
        served: rows.filter((row) => row.published_version !== null || unsigned(row)).length,
        waiting: rows.filter((row) => isWaiting(row.state)).length,
      };
    },

    async find(reader: Reader, entryId: string): Promise<EntryRecord | undefined> {
      const row = await revisions(reader)
        .where('entry.id', '=', entryId)
        .whereRef('entry_revision.version', '=', 'entry.version')
        .executeTakeFirst();
      return row && recordOf(row);
    },

    /** The newest version of every entry, by id. */
    async listAll(reader: Reader): Promise<EntryRecord[]> {
      const rows = await revisions(reader)
        .whereRef('entry_revision.version', '=', 'entry.version')
        .orderBy('entry.id')
        .execute();
      return rows.map(recordOf);
    },

    /** Newest versions that wait for a review, oldest first. */
    async listWaiting(reader: Reader): Promise<EntryRecord[]> {
      const rows = await revisions(reader)
        .where('entry.state', 'in', ['in_review', 'draft'])
        .whereRef('entry_revision.version', '=', 'entry.version')
        .orderBy('entry_revision.created_at')
        .orderBy('entry.id')
        .execute();
      // What somebody has signed already is nearest to being of use.
      return rows.map(recordOf).sort((a, b) => Number(b.state === 'in_review') - Number(a.state === 'in_review'));
    },

    /** Records a decision on exactly these words, and what it makes of the entry. */
    async recordReview(
      tx: Transaction,
      review: {
        record: EntryRecord;
        reviewerId: string;
        decision: ReviewRecord['decision'];
        reason?: string | undefined;
        state: EntryState;
      },
    ): Promise<void> {
      const { record, state } = review;
      const now = clock.now();
      await tx
        .insertInto('entry_review')
        .values({
          id: ids.next(),
          entry_id: record.entry.id,
          version: record.version,
          hash: record.entry.hash,
          reviewer_id: review.reviewerId,
          decision: review.decision,
          reason: review.reason ?? null,
          created_at: now,
        })
        // Who returns what they approved before changes their decision; they still count once.
        .onConflict((oc) =>
          oc
            .columns(['entry_id', 'version', 'reviewer_id'])
            .doUpdateSet({ decision: review.decision, reason: review.reason ?? null, created_at: now }),
        )
        .execute();
      const published = state === 'published' ? { published_version: record.version, published_at: now } : {};
      const changed = await tx
        .updateTable('entry')
        .set({ state, ...published })
        .where('id', '=', record.entry.id)
        .where('version', '=', record.version)
        .executeTakeFirst();
      invariant(Number(changed.numUpdatedRows) === 1, 'the version that is signed is the newest');
    },

    /** Remembers that this version went to this person. */
    async recordSent(tx: Transaction, { entry, personId }: { entry: Entry; personId: string }): Promise<void> {
      await tx
        .insertInto('sent_answer')
        .values({
          id: ids.next(),
          person_id: personId,
          entry_id: entry.id,
          entry_version: entry.version,
          created_at: clock.now(),
        })
        .execute();
    },

    /** Person ids of those who got any version of the entry in the last 30 days, the last one first. */
    async listRecipients(reader: Reader, entryId: string): Promise<string[]> {
      const rows = await reader
        .selectFrom('sent_answer')
        .select(({ fn }) => ['person_id', fn.max('created_at').as('last')])
        .where('entry_id', '=', entryId)
        .where('created_at', '>', clock.now() - RECIPIENTS_MS)
        .groupBy('person_id')
        .orderBy('last', 'desc')
        .orderBy('person_id')
        .execute();
      return rows.map((row) => row.person_id);
    },

    async suspend(tx: Transaction, entryId: string): Promise<void> {
      await tx
        .updateTable('entry')
        .set({ state: 'suspended', published_version: null })
        .where('id', '=', entryId)
        .execute();
    },
  };
}

function isWaiting(state: string): boolean {
  return state === 'draft' || state === 'in_review';
}

/** A draft marked as a sample, while no version of it has been published. */
function isServedSample(row: {
  sample: number;
  state: string;
  newest: number;
  version: number;
  published_version: number | null;
}) {
  return row.sample === 1 && row.version === row.newest && row.published_version === null && isWaiting(row.state);
}
