import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createCheckIn, loadTemplates } from '../../src/check-in/index.js';
import type { Room } from '../../src/community/index.js';
import { createObservationStore, currentOf, type Item, type Observation } from '../../src/observation/index.js';
import { createAudit } from '../../src/platform/audit/audit.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { packageDir } from '../../src/platform/config.js';
import type { Database } from '../../src/platform/db/database.js';
import { createSeal } from '../../src/platform/db/sealed.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { createPoints } from '../../src/points/index.js';
import { openTestDatabase } from './open-test-database.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.parse('2026-03-01T09:00:00+08:00');
const [BOOK, ROOM, ACCOUNT, ANN, ADMIN] = ['book', 'room', 'account', 'ann', 'admin'];

const room: Room = {
  id: ROOM,
  communityId: BOOK,
  kind: 'patients',
  topics: ['t2dm'],
  timeZone: 'Asia/Shanghai',
  dayStartMinutes: 180,
  answerStyle: 'standard',
  valuesMode: 'group',
  quietFromMinutes: 1320,
  quietToMinutes: 420,
  muted: false,
};
const templates = loadTemplates(join(packageDir, 'data/samples/campaigns'));
const [hypertension, diabetes] = ['高血压28天', '糖友21天'].map((name) => {
  const template = templates.find((t) => t.definition.name === name);
  if (!template) throw new Error(`no template ${name}`);
  return template;
}) as [(typeof templates)[0], (typeof templates)[0]];

const item = (kind: Item['kind'], value: number | null = null, context: string | null = null): Item => ({
  kind,
  value,
  context,
  original: '',
  span: [0, 0],
});
const glucose = (value: number, context: string | null = 'fasting') => item('glucose', value, context);

interface Message {
  id: string;
  sentAt: number;
  receivedAt?: number;
  items: Item[];
  /** The message whose first item this corrects. */
  corrects?: string;
}

const opened: Database[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

async function openWorld({ campaigns = [diabetes] } = {}) {
  const clock = new VirtualClock(START, async () => {});
  const db = await openTestDatabase(clock);
  opened.push(db);
  const ids = createIds({ clock, random: seededRandom(1) });
  const seal = createSeal([Buffer.alloc(32, 7)]);
  const observations = createObservationStore({ ids, seal });
  const points = createPoints({ clock, ids, seal });
  const checkIn = createCheckIn({ clock, ids, audit: createAudit({ clock, ids }), observations, points });
  const created_at = START;
  await db.inTransaction(async (tx) => {
    await tx.insertInto('community').values({ id: BOOK, name: BOOK, created_at }).execute();
    await tx
      .insertInto('account')
      .values({ id: ACCOUNT, provider: 'simulator', external_id: 'bot', created_at })
      .execute();
    await tx
      .insertInto('room')
      .values({
        id: ROOM,
        account_id: ACCOUNT,
        community_id: BOOK,
        kind: 'patients',
        time_zone: room.timeZone,
        created_at,
      })
      .execute();
    for (const id of [ANN, ADMIN]) await tx.insertInto('person').values({ id, created_at }).execute();
    for (const template of campaigns) await checkIn.start(tx, { template, room, communityId: BOOK, by: ADMIN });
  });

  async function say({ id, sentAt, receivedAt = sentAt + 1000, items, corrects }: Message) {
    return db.inTransaction(async (tx) => {
      await tx
        .insertInto('message')
        .values({
          id,
          account_id: ACCOUNT,
          platform_id: id,
          content_key: id,
          kind: 'text',
          sent_at: sentAt,
          received_at: receivedAt,
          seq: 1,
          created_at: receivedAt,
        })
        .onConflict((oc) => oc.doNothing())
        .execute();
      const [target] = corrects ? await observations.listOfMessage(tx, corrects) : [];
      return checkIn.record(tx, {
        personId: ANN,
        talkerId: ANN,
        messageId: id,
        sentAt,
        receivedAt,
        roomId: ROOM,
        items: items.map((one) => (target ? { item: one, supersedes: target } : { item: one })),
      });
    });
  }
  const recall = (id: string) => db.inTransaction((tx) => checkIn.retractMessage(tx, id));
  const available = async () => (await points.balanceOf(db.reader, BOOK, ANN)).available;
  const running = () => db.inTransaction((tx) => checkIn.listRunning(tx, [ROOM], clock.now()));
  async function state() {
    const rows = await observations.listOfPerson(db.reader, ANN);
    const awards = await db.reader
      .selectFrom('checkin_award')
      .select(['campaign_id', 'local_day', 'rule', 'slot', 'points'])
      .where('reversed_by', 'is', null)
      .orderBy('local_day')
      .orderBy('rule')
      .orderBy('slot')
      .execute();
    const values = currentOf(rows)
      .map((o: Observation) => `${o.localDay} ${o.slot} ${observations.itemOf(o).value} ${o.messageId}`)
      .sort();
    return { values, awards: awards.map((a) => ({ ...a, campaign_id: '' })), points: await available() };
  }
  return { db, clock, checkIn, observations, points, say, recall, available, running, state };
}

const day = (n: number, hour = 8, minute = 0) => START - HOUR_MS + (n * 24 + hour - 8) * HOUR_MS + minute * MINUTE_MS;

describe('a check-in', () => {
  it('gives points for the act, and says what is missing', async () => {
    const world = await openWorld();
    const [first] = await world.say({ id: 'm1', sentAt: day(0), items: [glucose(6.5)] });
    expect(first).toMatchObject({
      points: 5,
      missing: ['exercise', 'medication'],
      openedDay: true,
      streak: { current: 1 },
    });
    const [more] = await world.say({
      id: 'm2',
      sentAt: day(0, 20),
      items: [item('exercise', 30, 'walk'), item('medication')],
    });
    expect(more).toMatchObject({ points: 4, missing: [], openedDay: false, streak: { current: 1 } });
    const [next] = await world.say({ id: 'm3', sentAt: day(1), items: [glucose(6.2)] });
    expect(next).toMatchObject({ points: 5, streak: { current: 2 } });
    expect(await world.available()).toBe(14);
    expect(await world.points.checkBooks(world.db.reader)).toEqual([]);
  });

  it('counts 01:30 for the day before', async () => {
    const world = await openWorld();
    await world.say({ id: 'm1', sentAt: day(1, 1, 30), items: [glucose(6.5)] });
    const [row] = await world.observations.listOfPerson(world.db.reader, ANN);
    expect(row).toMatchObject({ localDay: '2026-03-01', status: 'final' });
  });

  it('keeps the value sealed', async () => {
    const world = await openWorld();
    await world.say({ id: 'm1', sentAt: day(0), items: [glucose(6.5)] });
    const rows = await world.db.reader.selectFrom('observation').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain('6.5');
  });

  it('counts however late it arrives, up to 72 hours', async () => {
    const world = await openWorld();
    await world.say({ id: 'm1', sentAt: day(0), receivedAt: day(0) + 72 * HOUR_MS, items: [glucose(6.5)] });
    expect(await world.available()).toBe(5);
    await world.say({ id: 'm2', sentAt: day(1), receivedAt: day(1) + 73 * HOUR_MS, items: [glucose(6.5)] });
    expect(await world.available()).toBe(5);
    expect((await world.state()).values).toHaveLength(2);
  });

  it('does not believe a clock that is ahead', async () => {
    const world = await openWorld();
    await world.say({ id: 'm1', sentAt: day(3), receivedAt: day(0), items: [glucose(6.5)] });
    const [row] = await world.observations.listOfPerson(world.db.reader, ANN);
    expect(row?.localDay).toBe('2026-03-01');
  });

  it('pays a milestone when a late message closes the gap, and takes nothing for the gap before', async () => {
    const world = await openWorld();
    for (const n of [0, 1, 2, 4, 5, 6]) await world.say({ id: `m${n}`, sentAt: day(n), items: [glucose(6.5)] });
    expect(await world.available()).toBe(30);
    await world.say({ id: 'm3', sentAt: day(3), receivedAt: day(6), items: [glucose(6.5)] });
    expect(await world.available()).toBe(45);
  });

  it('is awarded by one campaign where two ask for it, and counts in both', async () => {
    const world = await openWorld({ campaigns: [diabetes, hypertension] });
    const standings = await world.say({ id: 'm1', sentAt: day(0), items: [item('exercise', 30)] });
    expect(standings.map((s) => [s.points, s.streak.current])).toEqual([
      [5, 1],
      [0, 1],
    ]);
  });
});

describe('a campaign', () => {
  it('that is paused gives no points and breaks no streak', async () => {
    const world = await openWorld();
    await world.say({ id: 'm0', sentAt: day(0), items: [glucose(6.5)] });
    await world.clock.advanceTo(day(1));
    const [campaign] = await world.running();
    if (!campaign) throw new Error('not running');
    await world.db.inTransaction((tx) => world.checkIn.pause(tx, campaign, ADMIN));
    const [paused] = await world.say({ id: 'm1', sentAt: day(1, 9), items: [glucose(6.5)] });
    expect(paused).toMatchObject({ points: 0, campaign: { state: 'paused' } });
    await world.clock.advanceTo(day(4));
    await world.db.inTransaction((tx) => world.checkIn.resume(tx, campaign, ADMIN));
    const [again] = await world.say({ id: 'm5', sentAt: day(5), items: [glucose(6.5)] });
    expect(again).toMatchObject({ points: 5, streak: { current: 2 } });
  });

  it('that is closed gives no more, and still counts what was sent before', async () => {
    const world = await openWorld();
    const [campaign] = await world.running();
    if (!campaign) throw new Error('not running');
    await world.clock.advanceTo(day(0, 12));
    await world.db.inTransaction((tx) => world.checkIn.close(tx, campaign, ADMIN));
    await world.say({ id: 'after', sentAt: day(0, 13), items: [item('exercise', 20)] });
    expect(await world.available()).toBe(0);
    await world.say({ id: 'before', sentAt: day(0), receivedAt: day(0, 14), items: [glucose(6.5)] });
    expect(await world.available()).toBe(5);
    expect(await world.running()).toEqual([]);
  });

  it('keeps its time zone and day start when those of the room change', async () => {
    const world = await openWorld();
    await world.db.inTransaction((tx) =>
      tx.updateTable('room').set({ day_start_minutes: 0, time_zone: 'UTC' }).where('id', '=', ROOM).execute(),
    );
    await world.say({ id: 'm1', sentAt: day(1, 1, 30), items: [glucose(6.5)] });
    const [row] = await world.observations.listOfPerson(world.db.reader, ANN);
    expect(row?.localDay).toBe('2026-03-01');
  });
});

describe('a correction', () => {
  it('replaces the value, keeps the old one, and changes no points', async () => {
    const world = await openWorld();
    await world.say({ id: 'm1', sentAt: day(0), items: [glucose(6.5)] });
    await world.say({ id: 'm2', sentAt: day(0, 10), items: [glucose(6.8)], corrects: 'm1' });
    const { values, points } = await world.state();
    expect(values).toEqual(['2026-03-01 glucose:fasting 6.8 m2']);
    expect(points).toBe(5);
    const rows = await world.observations.listOfPerson(world.db.reader, ANN);
    expect(rows.map((row) => row.status).sort()).toEqual(['amended', 'final']);
    expect(await world.db.reader.selectFrom('ledger_transaction').select('id').execute()).toHaveLength(1);
  });

  it('into another kind ends where the right message would have', async () => {
    const wrong = await openWorld();
    await wrong.say({ id: 'm1', sentAt: day(0), items: [item('weight', 65)] });
    await wrong.say({ id: 'm2', sentAt: day(0, 9), items: [glucose(6.5)], corrects: 'm1' });
    expect(await wrong.available()).toBe(5);
    await wrong.recall('m2');
    expect(await wrong.available()).toBe(0);
    expect((await wrong.state()).values).toEqual(['2026-03-01 weight 65 m1']);
  });
});

describe('a recall', () => {
  it('takes value, points and the milestone back; sent again they come again', async () => {
    const world = await openWorld();
    for (const n of [0, 1, 2, 3, 4, 5, 6]) await world.say({ id: `m${n}`, sentAt: day(n), items: [glucose(6.5)] });
    expect(await world.available()).toBe(45);
    await world.recall('m6');
    await world.recall('m6');
    expect(await world.available()).toBe(30);
    await world.say({ id: 'again', sentAt: day(6, 9), items: [glucose(6.5)] });
    expect(await world.available()).toBe(45);
    expect(await world.points.checkBooks(world.db.reader)).toEqual([]);
  });
});

describe('a person', () => {
  it('can take everything along, and be forgotten while the books stay whole', async () => {
    const world = await openWorld();
    await world.say({ id: 'm1', sentAt: day(0), items: [glucose(6.5)] });
    await world.say({ id: 'm2', sentAt: day(0, 10), items: [glucose(6.8)], corrects: 'm1' });
    expect(await world.checkIn.exportPerson(world.db.reader, ANN)).toMatchObject([
      { kind: 'glucose', value: 6.5, day: '2026-03-01', status: 'final' },
      { kind: 'glucose', value: 6.8, day: '2026-03-01', status: 'amended' },
    ]);
    for (const _ of [1, 2]) {
      await world.db.inTransaction(async (tx) => {
        await world.checkIn.erasePerson(tx, ANN);
        await world.points.erasePerson(tx, ANN);
      });
    }
    expect(await world.state()).toEqual({ values: [], awards: [], points: 0 });
    await world.say({ id: 'm3', sentAt: day(1), items: [glucose(6.5)] });
    expect(await world.available()).toBe(5);
    expect(await world.points.checkBooks(world.db.reader)).toEqual([]);
  });
});

describe('any set of messages', () => {
  const anyItem = fc.oneof(
    fc
      .record({ value: fc.integer({ min: 40, max: 200 }), context: fc.constantFrom('fasting', 'after-dinner', null) })
      .map(({ value, context }) => glucose(value / 10, context)),
    fc.nat(120).map((minutes) => item('exercise', minutes, 'walk')),
    fc.constant(item('medication')),
    fc.constant(item('weight', 70)),
  );
  const messages = fc
    .array(
      fc.record({
        day: fc.nat(9),
        minute: fc.integer({ min: 0, max: 23 * 60 }),
        lateHours: fc.integer({ min: 0, max: 80 }),
        items: fc.array(anyItem, { minLength: 1, maxLength: 3 }),
        recalled: fc.nat(5).map((n) => n === 0),
        corrected: fc.nat(4).map((n) => n === 0),
      }),
      { minLength: 1, maxLength: 10 },
    )
    .map((all) =>
      all.map((m, i) => {
        const sentAt = day(m.day, 3, m.minute) + i;
        return { ...m, id: `m${i}`, sentAt, receivedAt: sentAt + m.lateHours * HOUR_MS };
      }),
    );
  type Told = { id: string; sentAt: number; receivedAt: number; items: Item[]; recalled: boolean; corrected: boolean };
  const runs = process.env.XINGLIN_TEST_DATABASE_URL ? 4 : 25;

  async function tell(world: Awaited<ReturnType<typeof openWorld>>, told: readonly Told[]) {
    for (const message of told) await world.say(message);
    for (const { id, recalled } of told) if (recalled) await world.recall(id);
  }

  it('ends the same in any order and with any repetition', async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.infiniteStream(fc.nat()), async (told, order) => {
        const one = await openWorld();
        const other = await openWorld();
        await tell(one, told);
        const shuffled = [...told, ...told]
          .map((m) => ({ m, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ m }) => m);
        await tell(other, shuffled);
        expect(await other.state()).toEqual(await one.state());
        const before = await one.db.reader.selectFrom('ledger_entry').select('id').execute();
        await tell(one, told);
        expect(await one.db.reader.selectFrom('ledger_entry').select('id').execute()).toEqual(before);
        expect(await one.points.checkBooks(one.db.reader)).toEqual([]);
        expect(await other.points.checkBooks(other.db.reader)).toEqual([]);
        for (const world of [one, other]) await world.db.close();
        opened.length = 0;
      }),
      { numRuns: runs },
    );
  });

  it('gives a corrected day what the right message would have earned, whatever the value', async () => {
    await fc.assert(
      fc.asyncProperty(messages, anyItem, async (told, right) => {
        const corrected = await openWorld();
        const correct = await openWorld();
        for (const message of told) {
          await corrected.say(message);
          if (message.corrected) {
            const correction = { id: `${message.id}-c`, sentAt: message.sentAt + HOUR_MS, items: [right] };
            await corrected.say({ ...correction, receivedAt: message.receivedAt + HOUR_MS, corrects: message.id });
          }
          await correct.say({
            ...message,
            items: message.corrected ? [{ ...right, value: 1 }, ...message.items.slice(1)] : message.items,
          });
        }
        const [one, other] = [await corrected.state(), await correct.state()];
        expect(one.points).toBe(other.points);
        expect(one.awards).toEqual(other.awards);
        for (const world of [corrected, correct]) await world.db.close();
        opened.length = 0;
      }),
      { numRuns: runs },
    );
  });
});
