import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Entry } from '../../src/knowledge/entry.js';
import { entryToFile } from '../../src/knowledge/entry-file.js';
import { loadEntries } from '../../src/knowledge/folder.js';
import { titledGuideline } from '../../src/knowledge/guidelines.js';
import { createEntryLives, type Staff } from '../../src/knowledge/life.js';
import { parseEntry } from '../../src/knowledge/parse.js';
import { createEntryStore } from '../../src/knowledge/store.js';
import { createAudit } from '../../src/platform/audit/audit.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { packageDir } from '../../src/platform/config.js';
import type { Database } from '../../src/platform/db/database.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { openTestDatabase } from './open-test-database.js';

const DAY_MS = 24 * 3_600_000;
const START = Date.parse('2026-03-02T09:30:00+08:00');
const RUNS = process.env.XINGLIN_TEST_DATABASE_URL ? 8 : 120;
const AUTHOR = 'author';
const PEOPLE = [AUTHOR, 'a', 'b', 'c', 'p'];
const samples = (await loadEntries(join(packageDir, 'knowledge'))).entries;

/** The entry with these changes, and the hash of what it then is. */
function changed(entry: Entry, changes: Partial<Entry>): Entry {
  const parsed = parseEntry(`knowledge/diabetes/${entry.id}.md`, entryToFile({ ...entry, ...changes }));
  if (parsed.kind === 'problems') throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.entry;
}

function startingEntry(namesDrug: boolean): Entry {
  const sample = samples.find((entry) => entry.id === 'KB-050');
  if (!sample) throw new Error('the sample KB-050 is gone');
  return changed(sample, { drugMentions: namesDrug ? ['二甲双胍'] : [], author: { name: AUTHOR, role: '示例' } });
}

interface Situation {
  namesDrug: boolean;
  doctors: number;
  pharmacist: boolean;
  sample: boolean;
}

async function startReal({ namesDrug, doctors, pharmacist, sample }: Situation) {
  const clock = new VirtualClock(START);
  const db = await openTestDatabase(clock);
  const ids = createIds({ clock, random: seededRandom(3) });
  const store = createEntryStore({ clock, ids });
  const audit = createAudit({ clock, ids });
  const lives = createEntryLives({ clock, store, audit, timeZone: 'Asia/Shanghai' });
  const staff: Staff = { doctors, pharmacists: pharmacist ? [{ personId: 'p', realName: 'p' }] : [] };
  const entry = changed(startingEntry(namesDrug), { sample });
  await db.inTransaction(async (tx) => {
    for (const id of PEOPLE) await tx.insertInto('person').values({ id, created_at: START }).execute();
    await store.importEntries(tx, [entry]);
  });
  return { db, clock, store, audit, lives, staff, namesDrug, newest: entry, seen: new Map<number, string>() };
}
type Real = Awaited<ReturnType<typeof startReal>>;

/** How many must have signed what is served, worked out from the rows alone. */
async function signaturesWanted(real: Real, served: { version: number; round: number }): Promise<number> {
  const { db, namesDrug, staff } = real;
  const opened = await db.reader
    .selectFrom('entry_event')
    .select('event')
    .where('version', '=', served.version)
    .where('event', 'in', ['notice-due', 'guideline-changed', 'reinstate'])
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const reason = served.round === 1 ? 'publication' : opened[served.round - 2]?.event;
  if (reason === 'publication') {
    const revision = await db.reader
      .selectFrom('entry_revision')
      .select('fixes_version')
      .where('version', '=', served.version)
      .executeTakeFirstOrThrow();
    if (revision.fixes_version !== null) return 1;
  }
  if (namesDrug) return 2;
  return (reason === 'publication' || reason === 'reinstate') && staff.doctors >= 3 ? 2 : 1;
}

/** What must be true of the rows at any time, whatever has happened. */
async function holds(real: Real): Promise<void> {
  const { db, store, clock, staff, namesDrug } = real;
  const row = await db.reader.selectFrom('entry').selectAll().executeTakeFirstOrThrow();
  const revisions = await db.reader.selectFrom('entry_revision').select(['version', 'hash', 'content']).execute();
  for (const { version, hash, content } of revisions) {
    const before = real.seen.get(version) ?? `${hash} ${content}`;
    expect(`${hash} ${content}`).toBe(before);
    real.seen.set(version, before);
  }
  const [served, ...more] = await store.listServed(db.reader, { samples: true });
  expect(more).toEqual([]);
  if (row.state === 'suspended' || row.state === 'retired')
    expect([served, row.published_version]).toEqual([undefined, null]);
  if (!served) return;
  expect(changed(served.entry, {}).hash).toBe(served.entry.hash);
  if (served.sample) {
    expect([row.published_version, row.stopped_at]).toEqual([null, null]);
    expect(['draft', 'in_review']).toContain(row.state);
    return;
  }
  expect(row.review_due_at).toBeGreaterThan(clock.now());
  const { version } = served.entry;
  const round = row.published_round ?? 0;
  const signed = await db.reader
    .selectFrom('entry_review')
    .select(['reviewer_id', 'hash'])
    .where('version', '=', version)
    .where('round', '=', round)
    .where('decision', '=', 'approved')
    .execute();
  const people = new Set(signed.map(({ reviewer_id }) => reviewer_id));
  expect(new Set(served.reviewers.map(({ personId }) => personId))).toEqual(people);
  expect(people).not.toContain(AUTHOR);
  expect(people.size).toBeGreaterThanOrEqual(await signaturesWanted(real, { version, round }));
  if (namesDrug && staff.pharmacists.length > 0) expect(people).toContain('p');
  for (const { hash } of signed) expect(hash).toBe(served.entry.hash);
}

interface Model {
  retired: boolean;
}

/** A command that may always be tried: whatever comes of it, `holds`. */
function command(name: string, act: (real: Real, model: Model) => Promise<unknown>): fc.AsyncCommand<Model, Real> {
  return {
    check: () => true,
    toString: () => name,
    async run(model, real) {
      await act(real, model);
      await holds(real);
      const { state } = await real.db.reader.selectFrom('entry').select('state').executeTakeFirstOrThrow();
      expect(state === 'retired').toBe(model.retired);
    },
  };
}

const inTx = <T>(real: Real, act: (tx: Parameters<Parameters<Database['inTransaction']>[0]>[0]) => Promise<T>) =>
  real.db.inTransaction(act);

const review = (who: string, decision: 'approve' | 'return') =>
  command(`${who} ${decision}s`, (real) =>
    inTx(real, async (tx) => {
      const record = await real.lives.findForReview(tx, 'KB-050');
      if (!record) throw new Error('the entry is gone');
      const reviewer = { personId: who, realName: who };
      return real.lives.review(tx, { record, reviewer, staff: real.staff, decision, reason: 'reason' });
    }),
  );

const move = (event: 'suspend' | 'reinstate' | 'retire') =>
  command(event, async (real, model) => {
    await inTx(real, async (tx) => {
      const record = await real.store.find(tx, 'KB-050');
      if (record) await real.lives.move(tx, record, event, { by: 'admin', actorId: 'a', reason: 'reason' });
    });
    if (event === 'retire') model.retired = true;
  });

/** Other words, or one letter of them; `typo` as `kb import --typo` has it. */
const write = (kind: 'letter' | 'words', typo: boolean) =>
  command(`write ${kind}${typo ? ' as a typo' : ''}`, async (real) => {
    const { newest } = real;
    const answer =
      kind === 'words'
        ? `${newest.answer}多吃菜。`
        : newest.answer.replace(/。|！/u, (end) => (end === '。' ? '！' : '。'));
    real.newest = changed(newest, { answer: answer.length > 380 ? '少吃。' : answer });
    await inTx(real, (tx) => real.store.importEntries(tx, [real.newest], { typo }));
  });

const pass = (days: number, { job }: { job: boolean }) =>
  command(`${days} days${job ? '' : ', the program is down'}`, async (real) => {
    await real.clock.advance(days * DAY_MS);
    if (job) await inTx(real, (tx) => real.lives.passTime(tx));
  });

let edition = 2026;
const newEdition = () =>
  command('a new edition', (real) => {
    edition += 1;
    const guideline = titledGuideline('中国糖尿病防治指南');
    return inTx(real, (tx) =>
      real.lives.changeGuideline(tx, { guideline, edition: `${edition}版`, by: 'doctor', actorId: 'a' }),
    );
  });

it('whatever happens in whatever order, only what enough other people have signed is served, as they signed it', async () => {
  const person = fc.constantFrom(...PEOPLE);
  const commands = fc.commands(
    [
      ...Array.from({ length: 8 }, () => person.map((who) => review(who, 'approve'))),
      person.map((who) => review(who, 'return')),
      fc.tuple(fc.constantFrom('letter' as const, 'words' as const), fc.boolean()).map((args) => write(...args)),
      fc.constantFrom(1, 30, 70, 150, 310, 370).map((days) => pass(days, { job: true })),
      fc.constantFrom(1, 200).map((days) => pass(days, { job: false })),
      fc.constant(0).map(newEdition),
      fc.constant('suspend' as const).map(move),
      fc.constant('reinstate' as const).map(move),
      fc.nat(9).map((n) => (n === 0 ? move('retire') : move('reinstate'))),
    ],
    { maxCommands: 40, size: 'max' },
  );
  const situation = fc.record({
    namesDrug: fc.boolean(),
    doctors: fc.integer({ min: 2, max: 5 }),
    pharmacist: fc.boolean(),
    sample: fc.boolean(),
  });
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(situation, commands, async (about, steps) => {
      const real = await startReal(about);
      try {
        await fc.asyncModelRun(() => ({ model: { retired: false }, real }), steps);
        expect(await real.audit.firstBroken(real.db.reader)).toBeUndefined();
        for (const { event, state } of await real.store.listEvents(real.db.reader, 'KB-050'))
          reached.add(`${event} ${state}`);
      } finally {
        await real.db.close();
      }
    }),
    { numRuns: RUNS, seed: 20_260_302 },
  );
  // The runs are worth something only if they came so far.
  if (RUNS < 100) return;
  for (const step of [
    'approve published',
    'renew published',
    'past-due suspended',
    'typo-fix in_review',
    'return returned',
  ])
    expect(reached).toContain(step);
}, 120_000);
