import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createCommunity, createWelcome } from '../../src/community/index.js';
import { ensureFirstCommunity } from '../../src/community/service.js';
import { createIntake } from '../../src/conversation/intake.js';
import { createRecords } from '../../src/conversation/records.js';
import { waitForFriend } from '../../src/conversation/store.js';
import { createParser, loadPlausibility } from '../../src/observation/index.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { packageDir } from '../../src/platform/config.js';
import type { Database } from '../../src/platform/db/database.js';
import { createSeal } from '../../src/platform/db/sealed.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { createJobs } from '../../src/platform/jobs/jobs.js';
import { createLog } from '../../src/platform/log.js';
import { createOutbox } from '../../src/platform/outbox/outbox.js';
import type { Incoming, IncomingMessage } from '../../src/platform/puppet/incoming.js';
import { assess, loadTriageRules } from '../../src/triage/index.js';
import { openTestDatabase } from './open-test-database.js';

const START = Date.parse('2026-03-02T09:00:00+08:00');
const TRIAGE = join(packageDir, 'knowledge', 'triage');
const ROOM = 'R-1';
const rules = loadTriageRules(TRIAGE);
const parser = createParser(loadPlausibility(TRIAGE));

let db: Database;
afterEach(() => db.close());

/** Intake with its real parts on a real database; counts what triage had to read. */
async function startIntake() {
  const clock = new VirtualClock(START);
  db = await openTestDatabase(clock);
  const ids = createIds({ clock, random: seededRandom(5) });
  const seal = createSeal([Buffer.alloc(32, 1)]);
  const outbox = createOutbox({ clock, ids, seal, accountId: () => account.id });
  const jobs = createJobs({ db, clock, ids, log: createLog('silent') });
  const operator = { botName: '小杏', operator: '示例医院', department: '慢病中心', contact: '群管理员' };
  const community = createCommunity({
    clock,
    ids,
    seal,
    outbox,
    jobs,
    operator,
    timeZone: 'Asia/Shanghai',
    release: async () => {},
    waitForFriend,
  });
  let triaged = 0;
  const noted: unknown[] = [];
  const nothing = async () => {};
  const intake = createIntake({
    clock,
    community,
    records: createRecords({
      clock,
      ids,
      seal,
      community,
      findTicketId: async () => undefined,
      botNames: () => [operator.botName],
    }),
    outbox,
    sender: { confirmEcho: async () => false },
    welcome: createWelcome({ clock, jobs, outbox, operator, servesSamples: true }),
    newcomers: { note: (seen) => void noted.push(seen) },
    parser,
    assess(input) {
      triaged += 1;
      return assess(rules, input);
    },
    raise: nothing,
    advise: nothing,
    onRecall: [],
    onInvited: nothing,
    onFriend: nothing,
    onFriendRequest: nothing,
    onInvitation: nothing,
    botNames: () => [operator.botName],
    selfId: () => 'bot',
  });
  const account = await db.inTransaction(async (tx) => {
    await ensureFirstCommunity(tx, { clock, ids });
    return community.arrivals.account(tx, 'simulator', 'bot');
  });
  return {
    takes: (...batch: Incoming[]) => db.inTransaction((tx) => intake.take(tx, account, batch)),
    triaged: () => triaged,
    /** Whose names are to be asked for since this was last asked. */
    noted: () => noted.splice(0),
    async membersOf(externalRoomId: string) {
      return db.inTransaction(async (tx) => {
        const { roomId } = await community.arrivals.room(tx, account, externalRoomId);
        return community.listMembers(tx, roomId);
      });
    },
  };
}

let seq = 0;
function arrival(platformId: string) {
  seq += 1;
  return { seq, platformId, sentAt: START - 5_000, receivedAt: START };
}

function words(platformId: string, text: string): IncomingMessage {
  const mentions = { self: true, all: false, contactIds: [] };
  return { ...arrival(platformId), kind: 'text', text, mentions, externalRoomId: ROOM, talkerId: 'zhang', self: false };
}

it('what is delivered again is known before it is read: under its own id and under another', async () => {
  const { takes, triaged } = await startIntake();
  expect(await takes(words('p1', '打卡 空腹6.5'))).toHaveLength(1);
  expect(await takes(words('p1', '打卡 空腹6.5'), words('p2', '打卡 空腹6.5'))).toEqual([]);
  expect(triaged()).toBe(1);
  expect(await takes(words('p3', '打卡 空腹6.6'))).toHaveLength(1);
  expect(triaged()).toBe(2);
});

it('twice in one delivery is once', async () => {
  const { takes, triaged } = await startIntake();
  expect(await takes(words('p1', '你好'), words('p1', '你好'))).toHaveLength(1);
  expect(triaged()).toBe(1);
});

it('old words that come again do not bring back who has left', async () => {
  const { takes, membersOf } = await startIntake();
  await takes(words('p1', '你好'));
  expect(await membersOf(ROOM)).toHaveLength(1);
  await takes({ ...arrival('p2'), kind: 'room-leave', externalRoomId: ROOM, contactIds: ['zhang'] });
  await takes(words('p1', '你好'));
  expect(await membersOf(ROOM)).toEqual([]);
});

it('whoever is seen for the first time is noted down, so that their name is asked for: once', async () => {
  const { takes, noted } = await startIntake();
  const joined = { kind: 'room-join' as const, externalRoomId: ROOM };
  await takes({ ...arrival('p1'), ...joined, contactIds: ['bot', 'wu'] });
  expect(noted()).toContainEqual({ kind: 'room', externalRoomId: ROOM });
  await takes({ ...arrival('p2'), ...joined, contactIds: ['li'] }, { ...arrival('p2'), ...joined, contactIds: ['li'] });
  expect(noted()).toEqual([{ kind: 'person', contactId: 'li', externalRoomId: ROOM }]);
  await takes(words('p3', '你好'), words('p4', '都好吗'));
  expect(noted()).toEqual([{ kind: 'person', contactId: 'zhang', externalRoomId: ROOM }]);
  const { externalRoomId: _, ...inPrivate } = words('p5', '在吗');
  await takes({ ...inPrivate, talkerId: 'qian' });
  expect(noted()).toEqual([{ kind: 'person', contactId: 'qian', externalRoomId: undefined }]);
});
