import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/platform/clock.js';
import type { Database } from '../../src/platform/db/database.js';
import { createIds, secureRandom } from '../../src/platform/ids.js';
import { createJobs, type Job, type JobKind, type Jobs } from '../../src/platform/jobs/jobs.js';
import { createLog } from '../../src/platform/log.js';
import { openTestDatabase } from './open-test-database.js';

const START = Date.parse('2026-03-01T08:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const opened: Database[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

async function setUp() {
  const clock = new VirtualClock(START, async () => {});
  const db = await openTestDatabase(clock);
  opened.push(db);
  let added = 0;
  const newProgram = () =>
    createJobs({
      db,
      clock,
      ids: createIds({ clock, random: secureRandom }),
      log: createLog('silent'),
      onAdded: () => {
        added += 1;
      },
    });
  const jobs = newProgram();
  const add = (kind: string, slot: string, dueAt = START, program: Jobs = jobs) =>
    db.inTransaction((tx) => program.add(tx, { kind, slot, dueAt }));
  const states = async () => {
    const rows = await db.reader.selectFrom('job').select(['kind', 'slot', 'state']).orderBy('id').execute();
    return rows.map((row) => `${row.kind} ${row.slot} ${row.state}`);
  };
  return { clock, db, jobs, newProgram, add, states, added: () => added };
}

/** A kind that notes what ran. */
function noting(ran: string[], more: Partial<JobKind> = {}): JobKind {
  return { missed: { kind: 'always' }, perform: async (job: Job) => void ran.push(job.slot), ...more };
}

describe('jobs', () => {
  it('run when they are due, in order of due time, once', async () => {
    const { jobs, add, states } = await setUp();
    const ran: string[] = [];
    jobs.register('k', noting(ran));
    await add('k', 'late', START + 2 * HOUR);
    await add('k', 'b', START - 1);
    await add('k', 'a', START - 2);
    expect(await jobs.runDue(START)).toBe(2);
    expect(await jobs.runDue(START)).toBe(0);
    expect(ran).toEqual(['a', 'b']);
    expect(await jobs.nextDueAt()).toBe(START + 2 * HOUR);
    expect(await jobs.runDue(START + 2 * HOUR)).toBe(1);
    expect(await jobs.nextDueAt()).toBeUndefined();
    expect(await states()).toEqual(['k late done', 'k b done', 'k a done']);
  });

  it('of one kind and slot are one, also after it is done', async () => {
    const { jobs, add, added } = await setUp();
    const ran: string[] = [];
    jobs.register('k', noting(ran));
    expect(await add('k', 's')).toBe(true);
    expect(await add('k', 's')).toBe(false);
    await jobs.runDue(START);
    expect(await add('k', 's')).toBe(false);
    await jobs.runDue(START);
    expect(ran).toEqual(['s']);
    expect(added()).toBe(1);
  });

  it('that were missed run late, or not at all, as their kind says', async () => {
    const { jobs, add, states } = await setUp();
    const ran: string[] = [];
    jobs.register('always', noting(ran));
    jobs.register('fresh', noting(ran, { missed: { kind: 'skip-when-late', lateMs: HOUR } }));
    await add('always', 'old', START - DAY);
    await add('fresh', 'too old', START - HOUR - 1);
    await add('fresh', 'just right', START - HOUR);
    await jobs.runDue(START);
    expect(ran).toEqual(['old', 'just right']);
    expect(await states()).toContain('fresh too old skipped');
  });

  it('that fail are tried again after 2, 8, 30 and 120 s, and then given up', async () => {
    const { clock, jobs, add, states } = await setUp();
    const triedAt: number[] = [];
    jobs.register('k', {
      missed: { kind: 'always' },
      async perform() {
        triedAt.push((clock.now() - START) / 1_000);
        throw new Error('no');
      },
    });
    await add('k', 's');
    for (let second = 0; second <= 400; second += 1) {
      await jobs.runDue(clock.now());
      await clock.advance(1_000);
    }
    expect(triedAt).toEqual([0, 2, 10, 40, 160]);
    expect(await states()).toEqual(['k s failed']);
  });

  it('that fail do not stop the others, nor do damaged rows', async () => {
    const { db, jobs, add } = await setUp();
    const ran: string[] = [];
    jobs.register('good', noting(ran));
    jobs.register('bad', {
      missed: { kind: 'always' },
      apply: async () => {
        throw new Error('no');
      },
    });
    await add('bad', '1', START - 3);
    await add('good', 'damaged', START - 2);
    await add('good', '2', START - 1);
    await db.inTransaction((tx) => tx.updateTable('job').set({ data: '{' }).where('slot', '=', 'damaged').execute());
    await jobs.runDue(START);
    expect(ran).toEqual(['2']);
  });

  it('write together with their own end: what fails half way is not there', async () => {
    const { db, jobs, add, states } = await setUp();
    let fail = true;
    jobs.register('k', {
      missed: { kind: 'always' },
      async apply(tx) {
        await tx.insertInto('meta').values({ key: 'written', value: 'x', created_at: 1 }).execute();
        if (fail) throw new Error('half way');
      },
    });
    await add('k', 's');
    await jobs.runDue(START);
    expect(await db.reader.selectFrom('meta').select('key').execute()).toEqual([]);
    fail = false;
    await jobs.runDue(START + 2_000);
    expect(await db.reader.selectFrom('meta').select('key').execute()).toEqual([{ key: 'written' }]);
    expect(await states()).toEqual(['k s done']);
  });

  it('are done again, not forgotten, when the program dies between the deed and the mark', async () => {
    const { db, jobs, newProgram, add, states } = await setUp();
    const deeds: string[] = [];
    // The first program never comes back from its deed.
    jobs.register('k', {
      missed: { kind: 'always' },
      async perform(job) {
        deeds.push(`1 ${job.slot}`);
        await new Promise(() => {});
      },
    });
    await add('k', 's');
    void jobs.runDue(START);
    while (deeds.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const next = newProgram();
    next.register('k', { missed: { kind: 'always' }, perform: async (job) => void deeds.push(`2 ${job.slot}`) });
    expect(await next.runDue(START)).toBe(1);
    expect(deeds).toEqual(['1 s', '2 s']);
    expect(await states()).toEqual(['k s done']);
    expect(await db.reader.selectFrom('job').select('attempts').execute()).toEqual([{ attempts: 0 }]);
  });

  it('that are cancelled do not run, also when that happens in the same run', async () => {
    const { db, jobs, add, states } = await setUp();
    const ran: string[] = [];
    jobs.register('k', noting(ran));
    jobs.register('canceller', {
      missed: { kind: 'always' },
      apply: async (tx) => void (await jobs.cancel(tx, { kind: 'k', slot: 'second' })),
    });
    await add('k', 'first', START + 1);
    await db.inTransaction((tx) => jobs.cancel(tx, { kind: 'k', slot: 'first' }));
    await add('canceller', 'x', START - 2);
    await add('k', 'second', START - 1);
    await jobs.runDue(START + 1);
    expect(ran).toEqual([]);
    expect(await states()).toEqual(['k first cancelled', 'canceller x done', 'k second cancelled']);
  });

  it('are applied once when two programs run them at once', async () => {
    const { db, jobs, newProgram, add } = await setUp();
    const other = newProgram();
    const count: JobKind = {
      missed: { kind: 'always' },
      async apply(tx, job) {
        await tx
          .insertInto('meta')
          .values({ key: `${job.slot} ran`, value: 'x', created_at: 1 })
          .execute();
      },
    };
    for (const program of [jobs, other]) program.register('k', count);
    for (let i = 0; i < 10; i += 1) await add('k', `${i}`);
    await Promise.all([jobs.runDue(START), other.runDue(START)]);
    const rows = await db.reader.selectFrom('job').select(['state', 'attempts']).execute();
    expect(new Set(rows.map((row) => row.state))).toEqual(new Set(['done']));
    expect(await db.reader.selectFrom('meta').select('key').execute()).toHaveLength(10);
  });

  it('of a kind that this program does not know wait', async () => {
    const { jobs, add, states } = await setUp();
    await add('of a newer program', 's');
    expect(await jobs.runDue(START)).toBe(0);
    expect(await jobs.nextDueAt()).toBeUndefined();
    expect(await states()).toEqual(['of a newer program s waiting']);
  });
});

describe('a standing job', () => {
  const daily: NonNullable<JobKind['recurs']> = (after) => {
    const day = Math.floor(after / DAY) + 1;
    return { dueAt: day * DAY, slot: String(day) };
  };

  it('runs once a slot, and after a long absence once', async () => {
    const { clock, jobs } = await setUp();
    const ran: number[] = [];
    jobs.register('daily', {
      missed: { kind: 'always' },
      recurs: daily,
      perform: async () => void ran.push(clock.now()),
    });
    for (let hour = 0; hour < 72; hour += 1) {
      await jobs.runDue(clock.now());
      await jobs.runDue(clock.now());
      await clock.advance(HOUR);
    }
    expect(ran).toEqual([1, 2, 3].map((day) => Math.floor(START / DAY) * DAY + day * DAY));
    await clock.advance(10 * DAY);
    await jobs.runDue(clock.now());
    expect(ran).toHaveLength(4);
    expect(await jobs.nextDueAt()).toBe((Math.floor(clock.now() / DAY) + 1) * DAY);
  });

  it('goes on the next time after it failed for good or was skipped', async () => {
    const { clock, jobs } = await setUp();
    let tries = 0;
    jobs.register('daily', {
      missed: { kind: 'skip-when-late', lateMs: HOUR },
      maxAttempts: 2,
      recurs: daily,
      async perform() {
        tries += 1;
        throw new Error('no');
      },
    });
    await jobs.runDue(clock.now());
    await clock.advance(DAY);
    await jobs.runDue(clock.now());
    expect(tries).toBe(0);
    await clock.advanceTo((await jobs.nextDueAt()) ?? 0);
    await jobs.runDue(clock.now());
    await clock.advance(3_000);
    await jobs.runDue(clock.now());
    expect(tries).toBe(2);
    expect(await jobs.nextDueAt()).toBe((Math.floor(clock.now() / DAY) + 1) * DAY);
  });

  it('writes nothing while its next run is planned', async () => {
    const { db, jobs } = await setUp();
    jobs.register('daily', { missed: { kind: 'always' }, recurs: daily });
    await jobs.runDue(START);
    let transactions = 0;
    const original = db.inTransaction;
    db.inTransaction = (body) => {
      transactions += 1;
      return original.call(db, body) as ReturnType<typeof body>;
    };
    await jobs.runDue(START + 1_000);
    expect(transactions).toBe(0);
  });
});
