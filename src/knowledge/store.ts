import { createHash } from 'node:crypto';
import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import { invariant } from '../platform/errors.js';
import type { Ids } from '../platform/ids.js';
import type { Entry } from './entry.js';
import { type Check, type EntryEvent, type EntryLife, type EntryState, moveEntry } from './review.js';
import { isTypoFix } from './typo.js';

/** An entry that may be sent to patients now. */
export interface ServedEntry {
  entry: Entry;
  /** Not signed by anybody: goes out with the mark of a sample, in the simulator only. */
  sample: boolean;
  publishedAt: number | undefined;
  /** UTC ms from which on it is not served; none for a sample. */
  dueAt: number | undefined;
  /** It is being reviewed again, and says so. */
  expiring: boolean;
  /** Who signed it last, all of one review, in order. Empty for a sample. */
  reviewers: { personId: string; at: number }[];
}

/** One version of an entry, and where the entry stands. */
export interface EntryRecord {
  version: number;
  entry: Entry;
  sample: boolean;
  /** A person id, or the name in the file. */
  author: string;
  /** The version in which nothing but letters is mended here. */
  fixesVersion: number | undefined;
  life: EntryLife;
}

export interface ReviewRecord {
  version: number;
  reviewerId: string;
  /** Which review of this version it belongs to: every renewal, and every start from the beginning, is another. */
  round: number;
  decision: 'approved' | 'returned';
  /** What the reviewer answered to each of the six questions; none where they were not asked. */
  checks: Partial<Record<Check, boolean>> | undefined;
  reason: string | undefined;
  at: number;
}

/** Something that happened to an entry, and what it was afterwards. */
export interface EventRecord {
  version: number;
  event: EntryEvent;
  state: EntryState;
  actorId: string;
  reason: string | undefined;
  at: number;
}

export interface ImportCounts {
  added: number;
  changed: number;
  unchanged: number;
  /** Of the changed ones those that wait for one reviewer only; counted where typo fixes were asked for. */
  mended?: number;
}

/** SAFETY.md 6.2: who is told when an entry is stopped. */
const RECIPIENTS_MS = 30 * 24 * 3_600_000;
/** With each of these the version is signed from the beginning. */
const NEW_ROUND: readonly EntryEvent[] = ['notice-due', 'guideline-changed', 'reinstate'];
/** From then on not even a sample is served before it has been signed. */
const STOPS: readonly EntryEvent[] = ['suspend', 'past-due', 'retire', 'reinstate'];

export type EntryStore = ReturnType<typeof createEntryStore>;

/**
 * Entries, their versions and their reviews. A version is never changed: other
 * words are another version, which starts its review from the beginning while
 * the published one is served on.
 */
export function createEntryStore({ clock, ids }: { clock: Clock; ids: Ids }) {
  async function insertRevision(
    tx: Transaction,
    revision: { entry: Entry; version: number; fixesVersion?: number | undefined },
  ): Promise<void> {
    const { entry, version } = revision;
    const row = {
      id: ids.next(),
      entry_id: entry.id,
      version,
      hash: entry.hash,
      content: JSON.stringify({ ...entry, version }),
      author: entry.author.name,
      fixes_version: revision.fixesVersion ?? null,
      created_at: clock.now(),
    };
    await tx.insertInto('entry_revision').values(row).execute();
  }

  async function importOne(
    tx: Transaction,
    entry: Entry,
    { typo }: { typo: boolean },
  ): Promise<'added' | 'changed' | 'mended' | 'unchanged'> {
    const record = await find(tx, entry.id);
    if (!record) {
      const sample = entry.sample ? 1 : 0;
      await tx
        .insertInto('entry')
        .values({ id: entry.id, state: 'draft', version: entry.version, sample, created_at: clock.now() })
        .execute();
      await insertRevision(tx, { entry, version: entry.version });
      return 'added';
    }
    if (record.entry.hash === entry.hash) return 'unchanged';
    const now = clock.now();
    const mended = typo && isTypoFix(record.entry, entry);
    const circumstances = { by: 'operator', now, nextDueAt: now, lettersOnly: mended } as const;
    const fix = moveEntry(record.life, 'typo-fix', circumstances);
    const move = fix.kind === 'moved' ? fix : moveEntry(record.life, 'new-version', circumstances);
    // What is retired stays so: other words need another id.
    if (move.kind === 'refused') return 'unchanged';
    const version = Math.max(move.life.version, entry.version);
    const fixesVersion = fix.kind === 'moved' ? record.version : undefined;
    await insertRevision(tx, { entry, version, fixesVersion });
    const event = fix.kind === 'moved' ? 'typo-fix' : 'new-version';
    await recordMove(tx, { record, event, life: { ...move.life, version }, version, actorId: 'files' });
    await tx
      .updateTable('entry')
      .set({ sample: entry.sample ? 1 : 0 })
      .where('id', '=', entry.id)
      .execute();
    return fix.kind === 'moved' ? 'mended' : 'changed';
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
        'entry.published_round',
        'entry.published_at',
        'entry.review_due_at',
        'entry.expiring_at',
        'entry.stopped_at',
        'entry.sample',
        'entry_revision.version',
        'entry_revision.content',
        'entry_revision.author',
        'entry_revision.fixes_version',
      ]);
  }

  type RevisionRow = Awaited<ReturnType<ReturnType<typeof revisions>['execute']>>[number];

  const recordOf = (row: RevisionRow): EntryRecord => ({
    version: row.version,
    entry: JSON.parse(row.content) as Entry,
    sample: row.sample === 1,
    author: row.author,
    fixesVersion: row.fixes_version ?? undefined,
    life: lifeOf(row),
  });

  /** The newest version, or the one that is named. */
  async function find(reader: Reader, entryId: string, version?: number): Promise<EntryRecord | undefined> {
    const query = revisions(reader).where('entry.id', '=', entryId);
    const row = await (version === undefined
      ? query.whereRef('entry_revision.version', '=', 'entry.version')
      : query.where('entry_revision.version', '=', version)
    ).executeTakeFirst();
    return row && recordOf(row);
  }

  async function listReviews(reader: Reader, entryId: string, version?: number): Promise<ReviewRecord[]> {
    let query = reader
      .selectFrom('entry_review')
      .select(['version', 'reviewer_id', 'round', 'decision', 'checks', 'reason', 'created_at'])
      .where('entry_id', '=', entryId);
    if (version !== undefined) query = query.where('version', '=', version);
    const rows = await query.orderBy('created_at').orderBy('id').execute();
    return rows.map((row) => ({
      version: row.version,
      reviewerId: row.reviewer_id,
      round: row.round,
      decision: row.decision as ReviewRecord['decision'],
      checks: row.checks === null ? undefined : (JSON.parse(row.checks) as NonNullable<ReviewRecord['checks']>),
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
      // The job that stops it may be late; it is out of service all the same.
      if (published && row.review_due_at !== null && row.review_due_at <= clock.now()) continue;
      const reviews = published ? await listReviews(reader, row.id, row.version) : [];
      served.push({
        entry: recordOf(row).entry,
        sample: !published,
        publishedAt: published ? (row.published_at ?? undefined) : undefined,
        dueAt: published ? (row.review_due_at ?? undefined) : undefined,
        expiring: published && row.expiring_at !== null,
        reviewers: reviews
          .filter((review) => review.decision === 'approved' && review.round === row.published_round)
          .map((review) => ({ personId: review.reviewerId, at: review.at })),
      });
    }
    return served;
  }

  /** Writes where an entry stands after `event`, and that it happened; `round` where a review was completed by it. */
  async function recordMove(
    tx: Transaction,
    move: {
      record: EntryRecord;
      event: EntryEvent;
      life: EntryLife;
      /** The version that it happened to. */
      version: number;
      actorId: string;
      reason?: string | undefined;
      round?: number | undefined;
    },
  ): Promise<void> {
    const { record, event, life, version, actorId, reason, round } = move;
    const { served } = life;
    const now = clock.now();
    const changed = await tx
      .updateTable('entry')
      .set(({ fn, ref, val }) => ({
        state: life.state,
        version: life.version,
        published_version: served?.version ?? null,
        review_due_at: served && Number.isFinite(served.dueAt) ? served.dueAt : null,
        expiring_at: served?.state === 'expiring' ? fn.coalesce(ref('expiring_at'), val(now)) : null,
        ...(round === undefined ? {} : { published_round: round, noticed_days: null }),
        ...(event === 'approve' && round !== undefined ? { published_at: now, stopped_at: null } : {}),
        ...(event === 'guideline-changed' ? { noticed_days: null } : {}),
        ...(STOPS.includes(event) ? { stopped_at: now } : {}),
      }))
      .where('id', '=', record.entry.id)
      .where('version', '=', record.life.version)
      .where('state', '=', record.life.state)
      .executeTakeFirst();
    invariant(Number(changed.numUpdatedRows) === 1, 'an entry moves on from where it was read');
    await tx
      .insertInto('entry_event')
      .values({
        id: ids.next(),
        entry_id: record.entry.id,
        version,
        event,
        state: life.state,
        actor_id: actorId,
        reason: reason ?? null,
        created_at: now,
      })
      .execute();
  }

  return {
    /** Brings the files' entries in as drafts to be reviewed; the same files again change nothing. */
    async importEntries(
      tx: Transaction,
      entries: readonly Entry[],
      { typo = false }: { typo?: boolean } = {},
    ): Promise<ImportCounts> {
      const counts = { added: 0, changed: 0, unchanged: 0, mended: 0 };
      for (const entry of entries) counts[await importOne(tx, entry, { typo })] += 1;
      const { mended, ...others } = counts;
      return typo ? { ...others, changed: others.changed + mended, mended } : others;
    },

    find,
    listServed,
    listReviews,
    recordMove,

    /** Changes whenever another set of entries is to be served: an index built for another stamp is stale. */
    async servedStamp(reader: Reader): Promise<string> {
      const rows = await reader
        .selectFrom('entry')
        .select(['id', 'state', 'version', 'published_version', 'published_at', 'published_round'])
        .select(['review_due_at', 'expiring_at', 'stopped_at'])
        .orderBy('id')
        .execute();
      return createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16);
    },

    async countEntries(
      reader: Reader,
      { samples }: { samples: boolean },
    ): Promise<{ served: number; waiting: number }> {
      const rows = await reader
        .selectFrom('entry')
        .select(['state', 'published_version', 'sample', 'stopped_at', 'version', 'version as newest'])
        .execute();
      const isServed = (row: (typeof rows)[number]) =>
        row.published_version !== null || (samples && isServedSample(row));
      return {
        served: rows.filter(isServed).length,
        waiting: rows.filter((row) => isWaiting(row.state)).length,
      };
    },

    /** The newest version of every entry, by id. */
    async listAll(reader: Reader): Promise<EntryRecord[]> {
      const rows = await revisions(reader)
        .whereRef('entry_revision.version', '=', 'entry.version')
        .orderBy('entry.id')
        .execute();
      return rows.map(recordOf);
    },

    /**
     * Versions that wait for a review: first what somebody has signed already,
     * which is nearest to being of use, then what is served but due soon, then
     * drafts, oldest first.
     */
    async listWaiting(reader: Reader): Promise<EntryRecord[]> {
      const rows = await revisions(reader)
        .where((eb) =>
          eb.or([
            eb.and([
              eb('entry.state', 'in', ['in_review', 'draft']),
              eb('entry_revision.version', '=', eb.ref('entry.version')),
            ]),
            eb.and([
              eb('entry.state', 'not in', ['in_review', 'draft']),
              eb('entry.expiring_at', 'is not', null),
              eb('entry_revision.version', '=', eb.ref('entry.published_version')),
            ]),
          ]),
        )
        .orderBy('entry.review_due_at')
        .orderBy('entry_revision.created_at')
        .orderBy('entry.id')
        .execute();
      const place = ({ life }: EntryRecord) => (life.state === 'in_review' ? 0 : life.state === 'draft' ? 2 : 1);
      return rows.map(recordOf).sort((a, b) => place(a) - place(b));
    },

    /** The served version of every entry that is due before `before` (UTC ms), the first due first. */
    async listDue(reader: Reader, before: number): Promise<{ record: EntryRecord; noticedDays: number | undefined }[]> {
      const rows = await revisions(reader)
        .select('entry.noticed_days')
        .whereRef('entry_revision.version', '=', 'entry.published_version')
        .where('entry.review_due_at', '<=', before)
        .orderBy('entry.review_due_at')
        .orderBy('entry.id')
        .execute();
      return rows.map((row) => ({ record: recordOf(row), noticedDays: row.noticed_days ?? undefined }));
    },

    /** The served version of every entry, by id. */
    async listPublished(reader: Reader): Promise<EntryRecord[]> {
      const rows = await revisions(reader)
        .whereRef('entry_revision.version', '=', 'entry.published_version')
        .orderBy('entry.id')
        .execute();
      return rows.map(recordOf);
    },

    /** The doctors were told of these when so many days were left, or fewer. */
    async setNoticed(tx: Transaction, entryIds: readonly string[], days: number): Promise<void> {
      if (entryIds.length === 0) return;
      await tx.updateTable('entry').set({ noticed_days: days }).where('id', 'in', entryIds).execute();
    },

    /** What was published before there were dates gets one; `dueAt` says which, in UTC ms. */
    async setMissingDueDates(tx: Transaction, dueAt: (entry: Entry, publishedAt: number) => number): Promise<number> {
      const rows = await revisions(tx)
        .whereRef('entry_revision.version', '=', 'entry.published_version')
        .where('entry.review_due_at', 'is', null)
        .execute();
      for (const row of rows) {
        const due = dueAt(recordOf(row).entry, row.published_at ?? clock.now());
        await tx.updateTable('entry').set({ review_due_at: due }).where('id', '=', row.id).execute();
      }
      return rows.length;
    },

    /** Which review of this version is under way, from 1. */
    async findRound(reader: Reader, entryId: string, version: number): Promise<number> {
      const row = await reader
        .selectFrom('entry_event')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('entry_id', '=', entryId)
        .where('version', '=', version)
        .where('event', 'in', NEW_ROUND)
        .executeTakeFirst();
      return 1 + Number(row?.count ?? 0);
    },

    async listEvents(reader: Reader, entryId: string): Promise<EventRecord[]> {
      const rows = await reader
        .selectFrom('entry_event')
        .selectAll()
        .where('entry_id', '=', entryId)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        version: row.version,
        event: row.event as EntryEvent,
        state: row.state as EntryState,
        actorId: row.actor_id,
        reason: row.reason ?? undefined,
        at: row.created_at,
      }));
    },

    /** Records a decision on exactly these words. */
    async recordReview(
      tx: Transaction,
      review: {
        record: EntryRecord;
        round: number;
        reviewerId: string;
        decision: ReviewRecord['decision'];
        checks: ReviewRecord['checks'];
        reason?: string | undefined;
      },
    ): Promise<void> {
      const { record, round, decision, checks } = review;
      const decided = {
        decision,
        checks: checks === undefined ? null : JSON.stringify(checks),
        reason: review.reason ?? null,
        created_at: clock.now(),
      };
      await tx
        .insertInto('entry_review')
        .values({
          id: ids.next(),
          entry_id: record.entry.id,
          version: record.version,
          round,
          hash: record.entry.hash,
          reviewer_id: review.reviewerId,
          ...decided,
        })
        // Who returns what they approved before changes their decision; they still count once.
        .onConflict((oc) => oc.columns(['entry_id', 'version', 'round', 'reviewer_id']).doUpdateSet(decided))
        .execute();
    },

    /** False when this edition was told before. */
    async recordGuidelineChange(
      tx: Transaction,
      change: { guideline: string; edition: string; actorId: string },
    ): Promise<boolean> {
      const { guideline, edition, actorId } = change;
      const result = await tx
        .insertInto('guideline_change')
        .values({ id: ids.next(), guideline, edition, actor_id: actorId, created_at: clock.now() })
        .onConflict((oc) => oc.columns(['guideline', 'edition']).doNothing())
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
    },

    /** New editions that were told, the last one last. */
    async listGuidelineChanges(reader: Reader): Promise<{ guideline: string; edition: string; at: number }[]> {
      const rows = await reader
        .selectFrom('guideline_change')
        .select(['guideline', 'edition', 'created_at'])
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(({ guideline, edition, created_at }) => ({ guideline, edition, at: created_at }));
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
  };
}

/** An entry whose date is not yet known is due at no time. */
function lifeOf(row: {
  state: string;
  newest: number;
  published_version: number | null;
  review_due_at: number | null;
  expiring_at: number | null;
}): EntryLife {
  const served =
    row.published_version === null
      ? undefined
      : {
          version: row.published_version,
          state: row.expiring_at === null ? ('published' as const) : ('expiring' as const),
          dueAt: row.review_due_at ?? Number.POSITIVE_INFINITY,
        };
  return { state: row.state as EntryState, version: row.newest, served };
}

function isWaiting(state: string): boolean {
  return state === 'draft' || state === 'in_review';
}

/** A draft marked as a sample that has never been published nor stopped. */
function isServedSample(row: {
  sample: number;
  state: string;
  newest: number;
  version: number;
  published_version: number | null;
  stopped_at: number | null;
}): boolean {
  return (
    row.sample === 1 &&
    row.version === row.newest &&
    row.published_version === null &&
    row.stopped_at === null &&
    isWaiting(row.state)
  );
}
