import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { settleEventLoop, VirtualClock } from '../../src/platform/clock.js';
import { createSeal } from '../../src/platform/db/sealed.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { createLog } from '../../src/platform/log.js';
import { echoHash } from '../../src/platform/outbox/echo.js';
import type { GatheredItem, Gatherer } from '../../src/platform/outbox/gather.js';
import {
  type Conversation,
  createOutbox,
  mention,
  nameOf,
  type OutboxEntry,
  type OutboxKind,
} from '../../src/platform/outbox/outbox.js';
import { createPace, noPace, type Pace, wechatPace } from '../../src/platform/outbox/pace.js';
import { createSender, type Sender } from '../../src/platform/outbox/sender.js';
import { NotSentError, RateLimitedError, RejectedError, UnknownOutcomeError } from '../../src/platform/puppet/door.js';
import { FakeDoor } from './fake-door.js';
import { openTestDatabase } from './open-test-database.js';

const START = Date.parse('2026-03-01T02:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const seal = createSeal([Buffer.alloc(32, 7)]);
const ROOM: Conversation = { kind: 'room', roomId: 'room' };
const OTHER: Conversation = { kind: 'room', roomId: 'other' };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Setting {
  pace?: Pace;
  gatherers?: Map<string, Gatherer>;
  quietUntil?: (now: number) => number | undefined;
}

async function setUp(setting: Setting = {}) {
  let sender: Sender | undefined;
  const clock = new VirtualClock(START, async () => {
    await settleEventLoop();
    await sender?.quiet();
  });
  const db = await openTestDatabase(clock);
  closing.push(() => db.close());
  await db.inTransaction((tx) =>
    tx.insertInto('account').values({ id: 'a', provider: 'test', external_id: 'self', created_at: START }).execute(),
  );
  const ids = createIds({ clock, random: seededRandom(1) });
  const outbox = createOutbox({ clock, ids, seal, accountId: () => 'a' });
  const door = new FakeDoor(clock);
  const alerts: string[] = [];
  const newSender = (pace: Pace) =>
    createSender({
      db,
      clock,
      ids,
      seal,
      log: createLog('silent'),
      door,
      pace,
      accountId: () => 'a',
      gatherers: setting.gatherers ?? new Map(),
      resolve: async (to) => {
        if (to.kind === 'room') return to.roomId === 'gone' ? undefined : { kind: 'room', externalRoomId: to.roomId };
        return { kind: 'private', contactId: to.personId };
      },
      contactOf: async (personId) => (personId === 'stranger' ? undefined : personId),
      quietUntil: async (_, now) => setting.quietUntil?.(now),
      staleLine: 'too late',
      alert: (event) => void alerts.push(event),
    });
  sender = newSender(setting.pace ?? noPace());
  await sender.start();
  await sender.quiet();
  closing.push(async () => sender?.stop());

  const say = async (text: string, entry: Partial<OutboxEntry> = {}) => {
    await db.inTransaction((tx) =>
      outbox.add(tx, { key: text, to: ROOM, kind: 'answer', body: { kind: 'text', text }, ...entry }),
    );
    sender?.wake();
    await sender?.quiet();
  };
  const states = async () => {
    const rows = await db.reader.selectFrom('outbox').select(['dedupe_key', 'state']).orderBy('id').execute();
    return Object.fromEntries(rows.map((row) => [row.dedupe_key, row.state]));
  };
  const echo = (platformId: string, text: string | undefined, to: Conversation = ROOM) =>
    db.inTransaction((tx) => (sender as Sender).confirmEcho(tx, { platformId, to, text }));
  /** A crash is a sender that is thrown away; a new one finds the same database. */
  const restart = async () => {
    await sender?.stop();
    sender = newSender(setting.pace ?? noPace());
    await sender.start();
    await sender.quiet();
  };
  return { db, clock, outbox, door, alerts, say, states, echo, restart, sender: () => sender as Sender };
}

const timesOf = (door: FakeDoor) => door.arrived.map((sent) => sent.at - START);
/** What fails until it is allowed. */
function failing(error: () => Error, texts: readonly string[]) {
  const bad = new Set(texts);
  return {
    bad,
    behave: (text: string) => {
      if (bad.has(text)) throw error();
    },
  };
}

describe('the sender', () => {
  it('sends in the order of adding, what is more urgent first', async () => {
    const { door, say, sender } = await setUp();
    door.state = { kind: 'down', reason: 'x', since: 0, attempt: 1 };
    await say('notice', { kind: 'notice' });
    await say('answer 1');
    await say('answer 2');
    await say('card', { kind: 'emergency' });
    expect(door.texts).toEqual([]);
    door.state = { kind: 'online', selfId: 'self', since: 0 };
    sender().wake();
    await sender().quiet();
    expect(door.texts).toEqual(['card', 'answer 1', 'answer 2', 'notice']);
  });

  it('sends a key once, however often it is added', async () => {
    const { door, say } = await setUp();
    await say('a', { key: 'one' });
    await say('b', { key: 'one' });
    expect(door.texts).toEqual(['a']);
  });

  it('may be woken inside the transaction that adds', async () => {
    const { db, door, outbox, sender } = await setUp();
    await db.inTransaction(async (tx) => {
      await outbox.add(tx, { key: 'a', to: ROOM, kind: 'answer', body: { kind: 'text', text: 'a' } });
      sender().wake();
    });
    await sender().quiet();
    expect(door.texts).toEqual(['a']);
  });

  it('puts in the names of the moment, and calls people in a room only', async () => {
    const { door, say } = await setUp();
    const text = `${mention('ann')} hello, ${nameOf('bob')} and ${nameOf('stranger')} too`;
    await say(text);
    await say(text, { key: 'private', to: { kind: 'private', personId: 'ann' } });
    expect(door.arrived).toMatchObject([
      { text: '@name of ann\u2005hello, name of bob and 群友 too', mentionIds: ['ann'] },
      { text: 'name of ann hello, name of bob and 群友 too', mentionIds: [] },
    ]);
  });

  it('does not send what is taken back, and says whether that was in time', async () => {
    const { db, clock, door, outbox, say, states } = await setUp();
    await say('held', { notBefore: START + 20 * SECOND });
    await say('caused', { notBefore: START + 20 * SECOND, causeMessageId: 'm' });
    await say('relay', { kind: 'relay', notBefore: START + 20 * SECOND, causeMessageId: 'm' });
    expect(await db.inTransaction((tx) => outbox.cancel(tx, { key: 'held' }))).toBe(1);
    expect(await db.inTransaction((tx) => outbox.cancel(tx, { causeMessageId: 'm' }))).toBe(1);
    await clock.advance(MINUTE);
    expect(door.texts).toEqual(['relay']);
    expect(await db.inTransaction((tx) => outbox.cancel(tx, { key: 'relay' }))).toBe(0);
    expect(await states()).toEqual({ held: 'cancelled', caused: 'cancelled', relay: 'sent' });
  });

  it('sends a file, and finds what became of a message by its id', async () => {
    const { db, door, outbox, say } = await setUp();
    await say('f', { body: { kind: 'file', name: 'a.txt', base64: 'aGk=' }, ticketId: 't1' });
    expect(door.arrived).toMatchObject([{ text: 'a.txt', file: true }]);
    const found = await db.inTransaction((tx) => outbox.findByPlatformId(tx, 'a', 'm1'));
    expect(found).toMatchObject({ ticketId: 't1' });
    expect(await db.inTransaction((tx) => outbox.findByPlatformId(tx, 'b', 'm1'))).toBeUndefined();
  });

  it('sends a long text in parts, each of them known', async () => {
    const { db, door, outbox, say } = await setUp();
    const paragraph = `${'很长的一句话。'.repeat(40)}\n\n`;
    await say(paragraph.repeat(4), { key: 'long', ticketId: 't' });
    expect(door.texts).toHaveLength(2);
    expect(door.texts[0]).toMatch(/\(1\/2\)$/);
    expect(await db.inTransaction((tx) => outbox.findByPlatformId(tx, 'a', 'm2'))).toMatchObject({ ticketId: 't' });
    await say(paragraph.repeat(4), { key: 'long' });
    expect(door.texts).toHaveLength(2);
    await say(paragraph.repeat(4), { key: 'later', notBefore: START + MINUTE });
    expect(await db.inTransaction((tx) => outbox.cancel(tx, { key: 'later' }))).toBe(2);
  });

  it('carries on after a row that cannot be read or has no place to go', async () => {
    const { db, door, alerts, say, states } = await setUp();
    await say('damaged', { kind: 'alert', notBefore: START });
    door.state = { kind: 'stopped' };
    await say('broken', { kind: 'relay' });
    await db.inTransaction((tx) =>
      tx.updateTable('outbox').set({ body_sealed: 'v1.x.y' }).where('dedupe_key', '=', 'broken').execute(),
    );
    door.state = { kind: 'online', selfId: 'self', since: 0 };
    await say('nowhere', { to: { kind: 'room', roomId: 'gone' } });
    await say('good');
    expect(await states()).toMatchObject({ broken: 'failed', nowhere: 'failed', good: 'sent' });
    expect(alerts).toEqual(['must-deliver-failed']);
  });
});

describe('a send that fails', () => {
  it('surely not sent: is tried after 2, 8, 30 and 120 s, five times in all, and keeps its place', async () => {
    const { clock, door, say, states } = await setUp();
    door.behave = failing(() => new NotSentError(), ['first']).behave;
    await say('first', { expiresAt: START + HOUR });
    await say('second', { expiresAt: START + HOUR });
    await say('elsewhere', { to: OTHER });
    expect(door.texts).toEqual(['elsewhere']);
    const triedAt: number[] = [0];
    for (let second = 1; second <= 200; second += 1) {
      const before = door.tried.length;
      await clock.advance(SECOND);
      if (door.tried.slice(before).includes('first')) triedAt.push(second);
    }
    expect(triedAt).toEqual([0, 2, 10, 40, 160]);
    expect(door.texts).toEqual(['elsewhere', 'second']);
    expect(await states()).toMatchObject({ first: 'failed', second: 'sent' });
  });

  it('keeps the order when it goes through in the end', async () => {
    const { clock, door, say } = await setUp();
    const { bad, behave } = failing(() => new NotSentError(), ['1']);
    door.behave = behave;
    for (const text of ['1', '2', '3']) await say(text);
    bad.clear();
    await clock.advance(3 * SECOND);
    expect(door.texts).toEqual(['1', '2', '3']);
  });

  it('what must arrive is tried without end, but holds up the others only for a while', async () => {
    const { clock, door, say, states } = await setUp();
    const { bad, behave } = failing(() => new NotSentError(), ['card', 'alert']);
    door.behave = behave;
    await say('alert', { kind: 'alert' });
    await say('answer', { expiresAt: START + 2 * HOUR });
    await clock.advance(HOUR);
    expect(door.texts).toEqual(['answer']);
    expect(door.tried.filter((text) => text === 'alert').length).toBeGreaterThan(20);
    bad.clear();
    await clock.advance(3 * MINUTE);
    expect(await states()).toEqual({ alert: 'sent', answer: 'sent' });
  });

  it('an emergency waits for nobody', async () => {
    const { door, say } = await setUp();
    door.behave = failing(() => new NotSentError(), ['stuck', 'stuck card']).behave;
    await say('stuck', { kind: 'relay' });
    await say('stuck card', { kind: 'emergency' });
    await say('card', { kind: 'emergency' });
    expect(door.texts).toEqual(['card']);
  });

  it('an emergency does not wait for a call that hangs', async () => {
    const { door, db, outbox, sender } = await setUp({ pace: createPace(wechatPace, () => 0) });
    let release = () => {};
    door.behave = (text) => {
      if (text !== 'hangs') return;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    const add = (text: string, kind: OutboxKind) =>
      db.inTransaction((tx) => outbox.add(tx, { key: text, to: ROOM, kind, body: { kind: 'text', text } }));
    await add('hangs', 'answer');
    sender().wake();
    await settleEventLoop();
    await add('card', 'emergency');
    sender().wake();
    while (door.texts.length === 0) await settleEventLoop();
    expect(door.texts).toEqual(['card']);
    release();
    await sender().quiet();
    expect(door.texts).toEqual(['card', 'hangs']);
  });

  it('refused for good: is given up, and told when it had to arrive', async () => {
    const { clock, door, alerts, say, states } = await setUp();
    door.behave = failing(() => new RejectedError(), ['a', 'b']).behave;
    await say('a');
    await say('b', { kind: 'relay' });
    await say('c');
    await clock.advance(HOUR);
    expect(door.tried).toEqual(['a', 'b', 'c']);
    expect(await states()).toEqual({ a: 'failed', b: 'failed', c: 'sent' });
    expect(alerts).toEqual(['must-deliver-failed']);
  });

  it('too fast for the platform: everything slows down, broadcasts wait an hour', async () => {
    const { clock, door, alerts, say } = await setUp({ pace: createPace(wechatPace, () => 0) });
    const { bad, behave } = failing(() => new RateLimitedError(), ['fast']);
    door.behave = behave;
    await say('fast', { expiresAt: START + HOUR });
    bad.clear();
    await say('news', { kind: 'broadcast', to: OTHER, expiresAt: START + 3 * HOUR });
    for (let i = 0; i < 30; i += 1) await say(`${i}`, { to: OTHER, expiresAt: START + HOUR });
    await clock.advance(5 * MINUTE - SECOND);
    expect(alerts).toEqual(['rate-limited']);
    expect(door.texts).toContain('fast');
    expect(door.texts).not.toContain('news');
    // Half of six a minute in a room.
    expect(door.arrived.filter((sent) => sent.to === 'other').length).toBeLessThanOrEqual(15);
    await clock.advance(HOUR);
    expect(door.texts).toContain('news');
  });
});

describe('a send whose effect is unknown', () => {
  const unknown = () => new UnknownOutcomeError();

  it.each<[OutboxKind, number]>([
    ['emergency', 3],
    ['alert', 3],
    ['relay', 3],
    ['answer', 2],
    ['notice', 2],
    ['broadcast', 1],
  ])('%s without an echo: tried %d times within two minutes', async (kind, times) => {
    const { clock, door, say } = await setUp();
    door.behave = failing(unknown, ['x']).behave;
    await say('x', { kind, expiresAt: START + HOUR });
    await clock.advance(19 * SECOND);
    expect(door.tried).toHaveLength(1);
    await clock.advance(101 * SECOND);
    expect(door.tried).toHaveLength(times);
  });

  it('is not repeated when its text is seen again, white space aside', async () => {
    const { clock, door, say, states, echo } = await setUp();
    door.behave = failing(unknown, ['x y']).behave;
    await say('x y', { kind: 'relay' });
    await say('behind', { kind: 'relay' });
    expect(door.texts).toEqual([]);
    expect(await echo('from the platform', ' x\u2005 y ')).toBe(true);
    await clock.advance(HOUR);
    expect(door.tried).toEqual(['x y', 'behind']);
    expect(await states()).toEqual({ 'x y': 'sent', behind: 'sent' });
  });

  it('holds up its conversation for as long as it waits, and no other', async () => {
    const { clock, door, say } = await setUp();
    door.behave = failing(unknown, ['x']).behave;
    await say('x', { kind: 'broadcast' });
    await say('same room', { kind: 'broadcast', expiresAt: START + HOUR });
    await say('urgent', { kind: 'relay' });
    await say('other room', { to: OTHER });
    expect(door.texts).toEqual(['urgent', 'other room']);
    await clock.advance(21 * SECOND);
    expect(door.texts).toEqual(['urgent', 'other room', 'same room']);
  });

  it('is known to have arrived when the echo came before the call failed', async () => {
    const { clock, door, db, outbox, sender, echo, states } = await setUp();
    let fail = () => {};
    door.behave = () =>
      new Promise<void>((_, reject) => {
        fail = () => reject(unknown());
      });
    await db.inTransaction((tx) =>
      outbox.add(tx, { key: 'x', to: ROOM, kind: 'alert', body: { kind: 'text', text: 'x' } }),
    );
    sender().wake();
    while (door.tried.length === 0) await settleEventLoop();
    expect(await echo('from the platform', 'x')).toBe(true);
    fail();
    await sender().quiet();
    expect(await states()).toEqual({ x: 'sent' });
    expect(await db.inTransaction((tx) => outbox.findByPlatformId(tx, 'a', 'from the platform'))).toBeDefined();
    await clock.advance(HOUR);
    expect(door.tried).toHaveLength(1);
  });

  it('is not repeated once somebody has acted on it', async () => {
    const { clock, db, door, outbox, say, states } = await setUp();
    door.behave = failing(unknown, ['card']).behave;
    await say('card', { kind: 'alert' });
    expect(await db.inTransaction((tx) => outbox.cancel(tx, { key: 'card' }))).toBe(0);
    await clock.advance(HOUR);
    expect(door.tried).toHaveLength(1);
    expect(await states()).toEqual({ card: 'cancelled' });
  });
});

describe('an echo', () => {
  it('gives the id of a send that answered without one, to the oldest of the same text', async () => {
    const { db, door, outbox, say, echo } = await setUp();
    door.givesIds = false;
    await say('same', { key: '1', ticketId: 't1' });
    await say('same', { key: '2', ticketId: 't2' });
    expect(await echo('e1', 'same')).toBe(true);
    expect(await echo('e2', 'same')).toBe(true);
    expect(await echo('e2', 'same')).toBe(true);
    expect(await echo('e3', 'same')).toBe(false);
    const found = (id: string) => db.inTransaction((tx) => outbox.findByPlatformId(tx, 'a', id));
    expect([await found('e1'), await found('e2')]).toMatchObject([{ ticketId: 't1' }, { ticketId: 't2' }]);
  });

  it('is recognised by its id, and what a person types on the phone is not', async () => {
    const { clock, door, say, echo } = await setUp();
    await say('x');
    expect(await echo('m1', undefined)).toBe(true);
    expect(await echo('m1', 'x')).toBe(true);
    expect(await echo('typed', 'x')).toBe(false);
    expect(await echo('typed', undefined)).toBe(false);
    door.givesIds = false;
    await say('y');
    expect(await echo('elsewhere', 'y', OTHER)).toBe(false);
    await clock.advance(2 * MINUTE);
    expect(await echo('much later', 'y')).toBe(false);
  });
});

describe('a restart', () => {
  it('takes what was being sent for unknown, waits for the echo and then repeats', async () => {
    const { clock, db, door, say, states, echo, restart } = await setUp();
    door.behave = failing(() => new NotSentError(), ['seen', 'lost', 'news']).behave;
    await say('seen', { kind: 'alert' });
    await say('lost', { kind: 'alert', to: OTHER });
    await say('news', { kind: 'broadcast', to: { kind: 'private', personId: 'p' } });
    // As a crash between the claim and the answer of the platform leaves them.
    await db.inTransaction((tx) => tx.updateTable('outbox').set({ state: 'sending' }).execute());
    for (const text of ['seen', 'lost', 'news']) {
      await db.inTransaction((tx) =>
        tx
          .updateTable('outbox')
          .set({ rendered_hash: echoHash(seal, text), attempted_at: clock.now() })
          .where('dedupe_key', '=', text)
          .execute(),
      );
    }
    door.behave = () => {};
    door.tried.length = 0;
    await restart();
    expect(await states()).toEqual({ seen: 'unknown', lost: 'unknown', news: 'unknown' });
    expect(await echo('e', 'seen')).toBe(true);
    await clock.advance(21 * SECOND);
    expect(door.tried).toEqual(['lost']);
    expect(await states()).toEqual({ seen: 'sent', lost: 'sent', news: 'failed' });
  });

  it('remembers how much was said before', async () => {
    const pace = () => createPace(wechatPace, () => 0);
    const setting = { pace: pace() };
    const { door, say, restart } = await setUp(setting);
    for (const text of ['1', '2', '3', '4']) await say(text, { to: { kind: 'private', personId: text } });
    expect(door.texts).toEqual(['1', '2', '3']);
    setting.pace = pace();
    await restart();
    expect(door.texts).toEqual(['1', '2', '3']);
  });
});

describe('time', () => {
  it('one line stands for all answers that came too late; what must arrive never expires', async () => {
    const { clock, door, say, states, sender } = await setUp();
    door.state = { kind: 'down', reason: 'x', since: 0, attempt: 1 };
    for (const text of ['a1', 'a2', 'a3']) await say(text);
    await say('thanks', { kind: 'acknowledgement' });
    await say('elsewhere', { to: OTHER });
    await say('card', { kind: 'emergency' });
    await say('words of a doctor', { kind: 'relay' });
    await clock.advance(11 * MINUTE);
    await say('fresh');
    door.state = { kind: 'online', selfId: 'self', since: 0 };
    sender().wake();
    await sender().quiet();
    expect(door.arrived.filter((sent) => sent.to === 'room').map((sent) => sent.text)).toEqual([
      'card',
      'words of a doctor',
      'too late',
      'fresh',
    ]);
    expect(door.arrived.filter((sent) => sent.to === 'other').map((sent) => sent.text)).toEqual(['too late']);
    expect(await states()).toMatchObject({ a2: 'expired', a3: 'expired', thanks: 'expired' });
  });

  it('the line for late answers is said again when it did not get out', async () => {
    const { clock, door, say, sender } = await setUp();
    door.state = { kind: 'down', reason: 'x', since: 0, attempt: 1 };
    await say('a1');
    await clock.advance(11 * MINUTE);
    const { bad, behave } = failing(() => new NotSentError(), ['too late']);
    door.behave = behave;
    door.state = { kind: 'online', selfId: 'self', since: 0 };
    sender().wake();
    await sender().quiet();
    bad.clear();
    await clock.advance(MINUTE);
    expect(door.texts).toEqual(['too late']);
  });

  it('at night nobody is disturbed by what nobody asked for', async () => {
    const morning = START + 8 * HOUR;
    const { clock, door, say } = await setUp({ quietUntil: (now) => (now < morning ? morning : undefined) });
    for (let i = 0; i < 100; i += 1) await say(`notice ${i}`, { kind: 'notice' });
    await say('broadcast', { kind: 'broadcast' });
    await say('answer');
    await say('alert', { kind: 'alert' });
    expect(door.texts).toEqual(['answer', 'alert']);
    await clock.advance(8 * HOUR - SECOND);
    expect(door.texts).toHaveLength(2);
    await clock.advance(2 * SECOND);
    expect(door.texts).toHaveLength(103);
    expect(door.texts[2]).toBe('notice 0');
    expect(door.texts.at(-1)).toBe('broadcast');
  });
});

describe('the pace of a real account', () => {
  it('is kept whatever waits, and no room starves behind another', async () => {
    const { clock, door, say } = await setUp({ pace: createPace(wechatPace, () => 0.5) });
    for (let i = 0; i < 100; i += 1) await say(`busy ${i}`, { expiresAt: START + 5 * HOUR });
    for (let i = 0; i < 20; i += 1) await say(`quiet ${i}`, { to: OTHER, expiresAt: START + 5 * HOUR });
    await say('private', { to: { kind: 'private', personId: 'p' }, expiresAt: START + 5 * HOUR });
    await clock.advance(5 * MINUTE);
    expect(door.texts).toContain('private');
    expect(door.arrived.filter((sent) => sent.to === 'other')).toHaveLength(20);
    const busy = door.arrived.filter((sent) => sent.to === 'room').map((sent) => sent.text);
    expect(busy.length).toBeGreaterThanOrEqual(25);
    expect(busy).toEqual(Array.from({ length: busy.length }, (_, i) => `busy ${i}`));
    const all = timesOf(door);
    for (const at of all) expect(all.filter((t) => t > at - MINUTE && t <= at).length).toBeLessThanOrEqual(15);
  });

  it('leaves at least two seconds between the parts of a long private answer', async () => {
    const { clock, door, say } = await setUp({ pace: createPace(wechatPace, () => 0) });
    await say('长'.repeat(1500), { to: { kind: 'private', personId: 'p' } });
    await clock.advance(MINUTE);
    expect(timesOf(door)).toHaveLength(3);
    const [a = 0, b = 0, c = 0] = timesOf(door);
    expect(Math.min(b - a, c - b)).toBeGreaterThanOrEqual(2_000);
  });

  it('does not spend its allowance on what is too late', async () => {
    const { clock, door, say, sender } = await setUp({ pace: createPace(wechatPace, () => 0) });
    door.state = { kind: 'down', reason: 'x', since: 0, attempt: 1 };
    for (let i = 0; i < 50; i += 1) await say(`ack ${i}`, { kind: 'acknowledgement' });
    await clock.advance(11 * MINUTE);
    await say('now');
    door.state = { kind: 'online', selfId: 'self', since: 0 };
    sender().wake();
    await sender().quiet();
    expect(door.texts).toEqual(['now']);
  });
});

describe('gathered acknowledgements', () => {
  const gatherer: Gatherer = {
    windowMs: 30 * SECOND,
    spacingMs: 10 * MINUTE,
    peopleMax: 20,
    timeZone: 'Asia/Shanghai',
    join(items: GatheredItem[], { firstOfDay }) {
      const latest = new Map(items.map((item) => [item.personId, item.line]));
      return [firstOfDay ? 'first' : 'next', ...[...latest].map(([id, line]) => `${id}=${line}`)].join('|');
    },
  };
  const gatherers = new Map([['checkin', gatherer]]);
  let count = 0;
  const line = (personId: string, text: string, to: Conversation = ROOM): Partial<OutboxEntry> => {
    count += 1;
    return {
      key: `line ${count}`,
      to,
      kind: 'acknowledgement',
      body: { kind: 'gathered', personId, line: text, data: {} },
      gatherKey: 'checkin:campaign',
    };
  };

  it('200 check-ins in two hours are at most 15 messages of at most 20 people, the first after 30 s', async () => {
    const { clock, door, say } = await setUp({ gatherers, pace: createPace(wechatPace, () => 0) });
    for (let i = 0; i < 200; i += 1) {
      await say('', line(`p${i}`, 'done'));
      await clock.advance(36 * SECOND);
    }
    await clock.advance(HOUR);
    const people = door.texts.map((text) => text.split('|').length - 1);
    expect(timesOf(door)[0]).toBe(30 * SECOND);
    expect(door.texts.length).toBeLessThanOrEqual(15);
    expect(Math.max(...people)).toBeLessThanOrEqual(20);
    expect(people.reduce((a, b) => a + b, 0)).toBe(200);
    expect(new Set(door.texts.flatMap((text) => text.split('|').slice(1))).size).toBe(200);
  });

  it('200 at once are ten messages, ten minutes apart', async () => {
    const { clock, door, say } = await setUp({ gatherers });
    for (let i = 0; i < 200; i += 1) await say('', line(`p${i}`, 'done'));
    await clock.advance(3 * HOUR);
    expect(door.texts).toHaveLength(10);
    expect(timesOf(door).map((at) => at / MINUTE)).toEqual([0.5, 10.5, 20.5, 30.5, 40.5, 50.5, 60.5, 70.5, 80.5, 90.5]);
  });

  it("a person's latest line wins, in the place of the first one", async () => {
    const { clock, door, say } = await setUp({ gatherers });
    await say('', line('ann', '1'));
    await say('', line('bob', '1'));
    await say('', line('ann', '2'));
    await clock.advance(MINUTE);
    expect(door.texts).toEqual(['first|ann=2|bob=1']);
  });

  it('keeps conversations apart, and says once a local day that it is the first', async () => {
    const { clock, door, say } = await setUp({ gatherers });
    await say('', line('ann', '1'));
    await say('', line('bob', '1', OTHER));
    await clock.advance(11 * MINUTE);
    await say('', line('ann', '2'));
    await clock.advance(MINUTE);
    await clock.advanceTo(Date.parse('2026-03-01T16:00:00Z'));
    await say('', line('ann', '3'));
    await clock.advance(MINUTE);
    const saidIn = (place: string) => door.arrived.filter((sent) => sent.to === place).map((sent) => sent.text);
    expect(saidIn('room')).toEqual(['first|ann=1', 'next|ann=2', 'first|ann=3']);
    expect(saidIn('other')).toEqual(['first|bob=1']);
  });

  it('leaves out what was taken back', async () => {
    const { clock, db, door, outbox, say } = await setUp({ gatherers });
    await say('', { ...line('ann', '1'), key: 'taken back' });
    await say('', line('bob', '1'));
    await db.inTransaction((tx) => outbox.cancel(tx, { key: 'taken back' }));
    await clock.advance(MINUTE);
    expect(door.texts).toEqual(['first|bob=1']);
  });
});

describe('a database that fails', () => {
  it('while a send is on its way: what was sent is written down later and not sent again', async () => {
    const { db, clock, door, say, states, sender } = await setUp();
    if (db.engine.name !== 'sqlite') return;
    door.behave = async () => {
      await sql`pragma query_only = 1`.execute(db.reader);
    };
    await db.inTransaction((tx) =>
      tx
        .insertInto('outbox')
        .values({
          id: '1',
          account_id: 'a',
          dedupe_key: 'x',
          conversation: 'room:room',
          kind: 'answer',
          body_sealed: seal.seal(JSON.stringify({ kind: 'text', text: 'x' })),
          priority: 3,
          not_before: START,
          state: 'queued',
          created_at: START,
        })
        .execute(),
    );
    sender().wake();
    while (door.texts.length === 0) await settleEventLoop();
    for (let i = 0; i < 20; i += 1) await settleEventLoop();
    expect(await states()).toEqual({ x: 'sending' });
    await sql`pragma query_only = 0`.execute(db.reader);
    door.behave = () => {};
    const written = sender().quiet();
    clock.settle = settleEventLoop;
    await clock.advance(2 * SECOND);
    await written;
    expect(await states()).toEqual({ x: 'sent' });
    await say('y');
    expect(door.texts).toEqual(['x', 'y']);
  });

  it('before a send: nothing is sent, and it goes out when the database is back', async () => {
    const { db, clock, door, say, states, sender } = await setUp();
    if (db.engine.name !== 'sqlite') return;
    door.state = { kind: 'stopped' };
    await say('x', { expiresAt: START + HOUR });
    door.state = { kind: 'online', selfId: 'self', since: 0 };
    await sql`pragma query_only = 1`.execute(db.reader);
    sender().wake();
    await sender().quiet();
    expect(door.texts).toEqual([]);
    await sql`pragma query_only = 0`.execute(db.reader);
    await clock.advance(2 * SECOND);
    expect(await states()).toEqual({ x: 'sent' });
  });
});
