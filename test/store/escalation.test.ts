import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommunity, type Room } from '../../src/community/index.js';
import { ensureFirstCommunity } from '../../src/community/service.js';
import { createHandler } from '../../src/conversation/handle.js';
import { createRecords } from '../../src/conversation/records.js';
import { waitForFriend } from '../../src/conversation/store.js';
import { createEscalation } from '../../src/escalation/index.js';
import { createParser, loadPlausibility } from '../../src/observation/index.js';
import { createAudit } from '../../src/platform/audit/audit.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { packageDir } from '../../src/platform/config.js';
import type { Database } from '../../src/platform/db/database.js';
import { createSeal } from '../../src/platform/db/sealed.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { createJobs } from '../../src/platform/jobs/jobs.js';
import { createLog } from '../../src/platform/log.js';
import { createOutbox, type OutboxBody, PLACEHOLDER } from '../../src/platform/outbox/outbox.js';
import { assess, loadTriageRules } from '../../src/triage/index.js';
import { openTestDatabase } from './open-test-database.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A Monday morning in service hours. */
const MONDAY_9 = Date.parse('2026-03-02T09:00:00+08:00');
const SUNDAY_NIGHT = Date.parse('2026-03-01T21:00:00+08:00');

const rules = loadTriageRules(join(packageDir, 'knowledge', 'triage'));
const parser = createParser(loadPlausibility(join(packageDir, 'knowledge', 'triage')));
const accountId = 'account';
const communityId = () => kit.communityId;

interface Said {
  who: string;
  /** A room's name; private when left out. */
  in?: string;
  text: string;
  quote?: string;
  mention?: string[];
  minutesLate?: number;
}

type Kit = Awaited<ReturnType<typeof startKit>>;
let kit: Kit;
let db: Database;

/** Real parts on a real database: two patients, two doctors, an admin, a group of each kind. */
async function startKit(startAt = MONDAY_9) {
  const clock = new VirtualClock(startAt);
  db = await openTestDatabase(clock);
  const random = seededRandom(11);
  const ids = createIds({ clock, random });
  const seal = createSeal([randomBytes(32)]);
  const log = createLog('silent');
  const outbox = createOutbox({ clock, ids, seal, accountId: () => accountId });
  const jobs = createJobs({ db, clock, ids, log });
  const audit = createAudit({ clock, ids });
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
  const posts: { url: string; body: unknown }[] = [];
  const failing = { times: 0 };
  const escalation = createEscalation({
    clock,
    ids,
    seal,
    log,
    community,
    outbox,
    jobs,
    audit,
    rules,
    operator,
    timeZone: 'Asia/Shanghai',
    webhook: 'https://alerts.example.org/xinglin',
    async post(url, body) {
      if (failing.times > 0) {
        failing.times -= 1;
        throw new Error('the alert address did not answer');
      }
      posts.push({ url, body });
    },
    recentValues: async () => '周一 空腹 7.1',
    loadMessage: (tx, messageId) => records.load(tx, messageId),
  });
  const records = createRecords({
    clock,
    ids,
    seal,
    community,
    findTicketId: escalation.findTicketId,
    botNames: () => ['小杏'],
  });
  const handler = createHandler({
    community,
    records,
    features: [escalation.chat],
    ticketStep: escalation.chat.quoteStep,
    checkInStep: async () => false,
    questionStep: async () => false,
  });

  const people = new Map<string, string>();
  const rooms = new Map<string, string>();
  const nameOfId = (id: string) => [...people].find(([, personId]) => personId === id)?.[0] ?? id;
  let seq = 0;
  let read = 0;

  const firstCommunity = await db.inTransaction(async (tx) => {
    await ensureFirstCommunity(tx, { clock, ids });
    await tx
      .insertInto('account')
      .values({ id: accountId, provider: 'simulator', external_id: 'bot', created_at: startAt })
      .execute();
    return community.firstCommunityId(tx);
  });

  async function addPerson(name: string, { friend = true } = {}): Promise<void> {
    const id = `person-${name}`;
    await db.inTransaction(async (tx) => {
      await tx.insertInto('person').values({ id, created_at: clock.now() }).execute();
      await tx
        .insertInto('external_identity')
        .values({
          id: ids.next(),
          provider: 'simulator',
          account_id: accountId,
          kind: 'contact',
          external_id: `wxid-${name}`,
          person_id: id,
          friend: friend ? 1 : 0,
          first_seen_at: clock.now(),
          last_seen_at: clock.now(),
          created_at: clock.now(),
        })
        .execute();
    });
    people.set(name, id);
  }

  async function addRoom(name: string, kind: Room['kind'], members: string[]): Promise<void> {
    const id = `room-${name}`;
    await db.inTransaction(async (tx) => {
      await tx
        .insertInto('room')
        .values({
          id,
          account_id: accountId,
          community_id: kind === 'unset' ? null : firstCommunity,
          kind,
          topics: kind === 'patients' ? '["t2dm"]' : '[]',
          time_zone: 'Asia/Shanghai',
          created_at: clock.now(),
        })
        .execute();
      for (const member of members) {
        await tx
          .insertInto('membership')
          .values({
            id: ids.next(),
            room_id: id,
            person_id: people.get(member) ?? member,
            joined_at: clock.now(),
            created_at: clock.now(),
          })
          .execute();
      }
    });
    rooms.set(name, id);
  }

  async function join(name: string, room: string): Promise<void> {
    await db.inTransaction((tx) =>
      community.arrivals.member(tx, rooms.get(room) ?? room, people.get(name) ?? name).then(() => undefined),
    );
  }

  async function addRole(name: string, role: 'doctor' | 'admin' | 'owner', realName?: string): Promise<void> {
    await db.inTransaction(async (tx) => {
      await tx
        .insertInto('role')
        .values({
          id: ids.next(),
          community_id: firstCommunity,
          person_id: people.get(name) ?? name,
          role,
          real_name: realName ?? null,
          speciality: realName ? '内分泌科' : null,
          institution: realName ? '示例医院' : null,
          verified_at: realName ? clock.now() : null,
          created_at: clock.now(),
        })
        .execute();
    });
  }

  /** One message through intake's part (record, triage, alarm) and handling. Answers its id. */
  async function say({ who, in: where, text, quote, mention = [], minutesLate = 0 }: Said): Promise<string> {
    await clock.advance(1_000);
    const personId = people.get(who) ?? who;
    const roomId = where ? (rooms.get(where) ?? where) : undefined;
    seq += 1;
    const sentAt = clock.now() - minutesLate * MINUTE;
    const id = await db.inTransaction(async (tx) => {
      const room = roomId ? await community.findRoom(tx, roomId) : undefined;
      const standing = await community.standingOf(tx, personId, room);
      const role = standing.doctor ? 'doctor' : standing.admin ? 'admin' : 'patient';
      const assessment = assess(rules, {
        text,
        readings: parser.read(text).readings,
        recent: [],
        now: clock.now(),
        role,
      });
      const messageId = await records.insert(tx, {
        accountId,
        incoming: {
          kind: 'text',
          seq,
          platformId: `p-${seq}`,
          sentAt,
          receivedAt: clock.now(),
          talkerId: `wxid-${who}`,
          self: false,
          text,
          mentions: { self: text.includes('@小杏'), all: false, contactIds: [] },
          ...(quote ? { quoted: { name: '小杏', text: quote, bySelf: true } } : {}),
          ...(where ? { externalRoomId: where } : {}),
        },
        roomId,
        personId,
        keepText: true,
        mentionedIds: mention.map((name) => people.get(name) ?? name),
        addressed: where === undefined || quote !== undefined || text.includes('@小杏'),
        assessment,
      });
      if (messageId === undefined) throw new Error('the message was there already');
      if (assessment.level === 'emergency' || assessment.level === 'urgent') {
        const message = await records.load(tx, messageId);
        await escalation.raiseEmergency(tx, { ...message, text: message.text || text });
      }
      return messageId;
    });
    await db.inTransaction((tx) => handler.handle(tx, id));
    return id;
  }

  /** What was queued since this was last asked, with people's names put in: `room: text` or `→name: text`. */
  async function sent(): Promise<{ to: string; kind: string; text: string; notBefore: number }[]> {
    const rows = await db.reader.selectFrom('outbox').selectAll().orderBy('created_at').orderBy('id').execute();
    const fresh = rows.slice(read);
    read = rows.length;
    return fresh
      .filter((row) => row.state === 'queued')
      .map((row) => ({
        to: label(row.conversation),
        kind: row.kind,
        text: words(JSON.parse(seal.open(row.body_sealed)) as OutboxBody),
        notBefore: row.not_before,
      }));
  }

  function label(conversation: string): string {
    const [kind, id = ''] = conversation.split(/:(.*)/s);
    return kind === 'room' ? ([...rooms].find(([, roomId]) => roomId === id)?.[0] ?? id) : `→${nameOfId(id)}`;
  }

  function words(body: OutboxBody): string {
    return body.kind === 'text' ? body.text.replace(PLACEHOLDER, (_, at: string, id: string) => at + nameOfId(id)) : '';
  }

  /** What is queued for now has been taken by the platform, and who waits for that hears of it. */
  async function delivers(): Promise<void> {
    await db.inTransaction((tx) =>
      tx.updateTable('outbox').set({ state: 'sent' }).where('not_before', '<=', clock.now()).execute(),
    );
    await passes(1_000);
  }

  async function passes(ms: number): Promise<void> {
    await clock.advance(ms);
    await jobs.runDue(clock.now());
  }

  async function ticket(number = 1) {
    const row = await db.reader.selectFrom('ticket').selectAll().where('number', '=', number).executeTakeFirstOrThrow();
    return { ...row, question: seal.open(row.question_sealed) };
  }

  const events = async (number = 1) => {
    const { id } = await ticket(number);
    const rows = await db.reader
      .selectFrom('ticket_event')
      .selectAll()
      .where('ticket_id', '=', id)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map((row) => ({ kind: row.kind, text: row.text_sealed && seal.open(row.text_sealed) }));
  };

  async function consent(name: string): Promise<void> {
    await db.inTransaction(async (tx) => {
      await tx
        .insertInto('consent')
        .values({
          id: ids.next(),
          person_id: people.get(name) ?? name,
          purpose: 'doctor',
          decision: 'granted',
          version: '1',
          wording_hash: '',
          created_at: clock.now(),
        })
        .execute();
    });
  }

  return {
    clock,
    ids,
    jobs,
    community,
    escalation,
    audit,
    posts,
    failing,
    communityId: firstCommunity,
    addPerson,
    addRoom,
    addRole,
    join,
    delivers,
    say,
    sent,
    passes,
    ticket,
    events,
    consent,
    personId: (name: string) => people.get(name) ?? name,
  };
}

async function startClinic(startAt = MONDAY_9): Promise<void> {
  kit = await startKit(startAt);
  for (const name of ['张阿姨', '老周', '李明', '王芳', '管理员小赵']) await kit.addPerson(name);
  await kit.addRoom('糖友群', 'patients', ['张阿姨', '老周', '管理员小赵']);
  await kit.addRoom('医生群', 'doctors', ['李明', '王芳']);
  await kit.addRoom('管理群', 'admins', ['管理员小赵']);
  await kit.addRole('李明', 'doctor', '李明');
  await kit.addRole('王芳', 'doctor', '王芳');
  await kit.addRole('管理员小赵', 'admin');
}

const QUESTION = '我吃了药胃里不舒服，要停吗';
const textsTo = (messages: { to: string; text: string }[], to: string) =>
  messages.filter((message) => message.to === to).map((message) => message.text);

beforeEach(() => startClinic());
afterEach(() => db.close());

describe('opening a ticket', () => {
  it('numbers it, promises an honest time, shows doctors the question, and asks for consent without waiting', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    const sent = await kit.sent();
    expect(textsTo(sent, '糖友群')[0]).toContain('@张阿姨 您的问题登记好了，编号 #1，预计今天17:30前有医生回复');
    expect(textsTo(sent, '糖友群')).toEqual([expect.stringContaining('可以看您最近的打卡数值吗')]);
    expect(textsTo(sent, '医生群')).toEqual([expect.stringContaining(`#1 新问题`)]);
    expect(textsTo(sent, '医生群')[0]).toContain(QUESTION);
    expect(await kit.ticket()).toMatchObject({
      state: 'open',
      level: 'clinical',
      kind: 'clinical',
      question: QUESTION,
    });
  });

  it('says so when nobody is on duty', async () => {
    await db.close();
    await startClinic(SUNDAY_NIGHT);
    await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    expect(textsTo(await kit.sent(), '糖友群')[0]).toContain('现在没有医生值班，最早明天8:30以后才能看到');
  });

  it('counts up, and keeps the same question of the same person as one', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    await kit.say({ who: '老周', in: '糖友群', text: `转医生 ${QUESTION}` });
    await kit.passes(MINUTE);
    await kit.sent();
    await kit.say({ who: '张阿姨', in: '糖友群', text: `找医生 ${QUESTION}` });
    expect(textsTo(await kit.sent(), '糖友群')).toEqual([expect.stringContaining('已经登记了，编号 #1')]);
    const rows = await db.reader.selectFrom('ticket').select('number').orderBy('number').execute();
    expect(rows.map((row) => row.number)).toEqual([1, 2]);
  });

  it('waits for the question after a bare 转医生， and asks the vague ones whom they want', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: '转医生' });
    await kit.say({ who: '张阿姨', in: '糖友群', text: '胰岛素打完老是起包怎么弄' });
    expect((await kit.ticket()).question).toBe('胰岛素打完老是起包怎么弄');
    await kit.sent();
    await kit.say({ who: '老周', text: '转人工' });
    expect(textsTo(await kit.sent(), '→老周')[0]).toContain('1 身体、用药的问题→医生');
    await kit.say({ who: '老周', text: '2' });
    await kit.say({ who: '老周', text: '报销单子交给谁' });
    expect(await kit.ticket(2)).toMatchObject({ kind: 'service', question: '报销单子交给谁' });
    expect(textsTo(await kit.sent(), '管理群')[0]).toContain('#2 新事务');
  });

  it('a complaint goes to the admins, never to doctors; talk about doctors is not a ticket', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: '投诉 有人在群里卖药' });
    await kit.say({ who: '老周', in: '糖友群', text: '找医生看病要先挂号' });
    const sent = await kit.sent();
    expect(textsTo(sent, '管理群')[0]).toContain('投诉 有人在群里卖药');
    expect(textsTo(sent, '医生群')).toEqual([]);
    expect(await db.reader.selectFrom('ticket').select('id').execute()).toHaveLength(1);
  });

  it('goes to the admins while there is no doctors room and no doctor can be reached', async () => {
    await db.close();
    kit = await startKit();
    for (const name of ['张阿姨', '管理员小赵']) await kit.addPerson(name);
    await kit.addRoom('糖友群', 'patients', ['张阿姨']);
    await kit.addRoom('管理群', 'admins', ['管理员小赵']);
    await kit.addRole('管理员小赵', 'admin');
    await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    const sent = await kit.sent();
    expect(textsTo(sent, '糖友群')[0]).toContain('现在没有医生值班');
    expect(textsTo(sent, '管理群')[0]).toContain('还没有医生群');
  });
});

describe('the asker writes again', () => {
  beforeEach(async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    await kit.sent();
  });

  it('appends by number and by quote, within 48 hours; thanks are not forwarded', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: '#1 昨天还拉肚子' });
    await kit.say({ who: '张阿姨', in: '糖友群', text: '今天好些', quote: '@张阿姨 您的问题登记好了，编号 #1' });
    await kit.say({ who: '张阿姨', in: '糖友群', text: '谢谢医生', quote: '您问的 #1，李医生回复' });
    const sent = await kit.sent();
    expect(textsTo(sent, '医生群')).toEqual([
      expect.stringContaining('昨天还拉肚子'),
      expect.stringContaining('今天好些'),
    ]);
    expect(textsTo(sent, '糖友群')).toHaveLength(2);
    await kit.passes(49 * HOUR);
    await kit.sent();
    await kit.say({ who: '张阿姨', in: '糖友群', text: '#1 又不舒服了' });
    expect(textsTo(await kit.sent(), '糖友群')[0]).toContain('#1 已经结束了');
  });

  it('is silent about somebody else’s number in a group', async () => {
    await kit.say({ who: '老周', in: '糖友群', text: '#1 我也是' });
    expect(await kit.sent()).toEqual([]);
  });

  it('解决了 counts under a quote or soon after the reply, otherwise it is everyday talk', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: '解决了' });
    expect((await kit.ticket()).state).toBe('open');
    await kit.say({ who: '李明', in: '医生群', text: '#1 请到门诊当面看看' });
    await kit.say({ who: '老周', in: '糖友群', text: '解决了' });
    expect((await kit.ticket()).state).toBe('answered');
    await kit.say({ who: '张阿姨', in: '糖友群', text: '解决了' });
    expect(await kit.ticket()).toMatchObject({ state: 'closed', outcome: 'solved' });
  });

  it('我的求助 tells the state, and the words only in private', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: '我的求助' });
    await kit.say({ who: '张阿姨', text: '我的求助' });
    const sent = await kit.sent();
    expect(textsTo(sent, '糖友群')[0]).toMatch(/#1 等医生看$/);
    expect(textsTo(sent, '→张阿姨')[0]).toContain('#1 等医生看：我吃了药');
  });
});

describe('a doctor answers', () => {
  beforeEach(async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    await kit.sent();
  });

  it('#1 … goes word for word to where it was asked, at once and signed', async () => {
    const words = '随餐吃，观察三天\n还不舒服就来门诊~';
    await kit.say({ who: '李明', in: '医生群', text: `#1 ${words}` });
    const sent = await kit.sent();
    const [relayed] = sent.filter((message) => message.to === '糖友群');
    expect(relayed).toMatchObject({ kind: 'relay', notBefore: kit.clock.now() });
    expect(relayed?.text).toBe(
      `@张阿姨 您问的 #1，李医生回复：\n“${words}”\n——李明，内分泌科，本人回复\n群内医生只做健康教育，不诊断、不开药。急症请打120。`,
    );
    expect(textsTo(sent, '医生群')).toEqual([]);
    await kit.delivers();
    expect(textsTo(await kit.sent(), '医生群')).toEqual(['@李明 #1 已发给张阿姨（群里）。']);
    expect(await kit.ticket()).toMatchObject({ state: 'answered', answered_by: kit.personId('李明') });
  });

  it('what is personal goes in private, and the group hears only that there is a reply', async () => {
    await kit.say({ who: '李明', in: '医生群', text: '#1 二甲双胍先减到0.5克，一天两次' });
    const sent = await kit.sent();
    expect(textsTo(sent, '→张阿姨')[0]).toContain('0.5克');
    expect(textsTo(sent, '糖友群')).toEqual(['@张阿姨 #1 医生已经回复您了，请看和我的私聊。']);
    await kit.delivers();
    expect(textsTo(await kit.sent(), '医生群')[0]).toContain('里面有个人情况');
  });

  it('tells the doctor when a personal reply cannot be delivered', async () => {
    await kit.addPerson('小林', { friend: false });
    await kit.join('小林', '糖友群');
    await kit.say({ who: '小林', in: '糖友群', text: '转医生 我这药还吃吗' });
    await kit.sent();
    await kit.say({ who: '李明', in: '医生群', text: '#2 先停半片' });
    const sent = await kit.sent();
    expect(textsTo(sent, '→小林')).toEqual([]);
    expect(textsTo(sent, '医生群')[0]).toContain('#2 没有发');
    expect((await kit.ticket(2)).state).toBe('open');
    await kit.say({ who: '李明', in: '医生群', text: '#2 请到门诊当面看看' });
    expect(textsTo(await kit.sent(), '糖友群')[0]).toContain('请到门诊当面看看');
  });

  it('a quote from the claimer is held 20 seconds, and 撤 or a recall stops it', async () => {
    const card = `#1 新问题·一般\n张阿姨（糖尿病群）问：\n“${QUESTION}”`;
    await kit.say({ who: '李明', in: '医生群', text: '#1 接' });
    await kit.sent();
    await kit.say({ who: '李明', in: '医生群', text: '先观察三天', quote: card });
    let sent = await kit.sent();
    expect(sent.find((message) => message.to === '糖友群')?.notBefore).toBe(kit.clock.now() + 20_000);
    expect(textsTo(sent, '医生群')[0]).toContain('20秒后发给张阿姨');
    await kit.say({ who: '李明', in: '医生群', text: '撤' });
    expect(textsTo(await kit.sent(), '医生群')[0]).toContain('没有发给患者');
    expect(await kit.ticket()).toMatchObject({ state: 'claimed', answered_at: null });

    const recalled = await kit.say({ who: '李明', in: '医生群', text: '先观察两天', quote: card });
    await db.inTransaction((tx) => kit.escalation.onRecall(tx, recalled));
    sent = await kit.sent();
    expect(textsTo(sent, '糖友群')).toEqual([]);
    expect((await kit.ticket()).state).toBe('claimed');
    await kit.say({ who: '李明', in: '医生群', text: '撤' });
    expect(await kit.sent()).toEqual([]);
    await kit.say({ who: '李明', in: '医生群', text: '#1 先观察一天' });
    await kit.passes(1_000);
    await db.inTransaction(async (tx) => {
      await tx.updateTable('outbox').set({ state: 'sent' }).execute();
    });
    await kit.say({ who: '李明', in: '医生群', text: '撤' });
    expect(await kit.sent()).toMatchObject([{ text: expect.stringContaining('已经发出去了') }]);
  });

  it('a quote from somebody else, or that sounds like colleagues talking, is asked about first', async () => {
    const card = `#1 新问题\n“${QUESTION}”`;
    await kit.say({ who: '王芳', in: '医生群', text: '这个病人我熟', quote: card });
    expect(textsTo(await kit.sent(), '医生群')[0]).toContain('#1 发给患者吗？1 发 2 不发');
    await kit.say({ who: '王芳', in: '医生群', text: '2' });
    expect(textsTo(await kit.sent(), '糖友群')).toEqual([]);
    await kit.say({ who: '王芳', in: '医生群', text: '饭后吃会好些', quote: card });
    await kit.sent();
    await kit.say({ who: '王芳', in: '医生群', text: '1' });
    expect(textsTo(await kit.sent(), '糖友群')[0]).toContain('饭后吃会好些');
  });

  it('asks before a second doctor answers what a colleague answered', async () => {
    await kit.say({ who: '李明', in: '医生群', text: '#1 饭后吃会好些' });
    await kit.sent();
    await kit.passes(5 * MINUTE);
    await kit.say({ who: '王芳', in: '医生群', text: '#1 先观察三天' });
    let sent = await kit.sent();
    expect(textsTo(sent, '医生群')[0]).toContain('#1 李医生今天9:00已经答复过了，还要发吗？');
    expect(textsTo(sent, '糖友群')).toEqual([]);
    await kit.say({ who: '王芳', in: '医生群', text: '1' });
    sent = await kit.sent();
    expect(textsTo(sent, '糖友群')[0]).toContain('王医生回复');
  });

  it('claim, hand over, note, ask back, correct and close do what they say', async () => {
    await kit.consent('张阿姨');
    await kit.say({ who: '李明', in: '医生群', text: '#1 接' });
    let sent = await kit.sent();
    expect(textsTo(sent, '→李明')[0]).toContain('空腹 7.1');
    await kit.say({ who: '王芳', in: '医生群', text: '接 #1' });
    expect(textsTo(await kit.sent(), '医生群')[0]).toContain('李医生已经接了');
    await kit.say({ who: '李明', in: '医生群', text: '#1 转 王医生' });
    expect((await kit.ticket()).claimed_by).toBe(kit.personId('王芳'));
    await kit.say({ who: '王芳', in: '医生群', text: '#1 备注 老病号' });
    await kit.sent();
    await kit.say({ who: '王芳', in: '医生群', text: '#1 追问 吃药前吃早饭了吗？' });
    sent = await kit.sent();
    expect(textsTo(sent, '糖友群')[0]).toContain('王医生想问您：\n“吃药前吃早饭了吗？”');
    expect((await kit.ticket()).state).toBe('waiting');
    await kit.say({ who: '张阿姨', in: '糖友群', text: '没吃', quote: '关于您问的 #1，王医生想问您' });
    expect((await kit.ticket()).state).toBe('claimed');
    await kit.sent();
    await kit.say({ who: '王芳', in: '医生群', text: '#1 更正 是饭前' });
    expect(textsTo(await kit.sent(), '医生群')[0]).toContain('不用更正');
    await kit.say({ who: '王芳', in: '医生群', text: '#1 饭后再吃药' });
    await kit.say({ who: '王芳', in: '医生群', text: '#1 更正 是早饭后' });
    sent = await kit.sent();
    expect(textsTo(sent, '糖友群').at(-1)).toContain('#1 有更正，请以这条为准。王医生：\n“是早饭后”');
    await kit.say({ who: '王芳', in: '医生群', text: '#1 关闭' });
    expect(textsTo(await kit.sent(), '医生群')[0]).toContain('请写上理由');
    await kit.say({ who: '王芳', in: '医生群', text: '#1 关闭 已说清' });
    sent = await kit.sent();
    expect(textsTo(sent, '糖友群')[0]).toContain('@张阿姨 #1 先到这里');
    expect((await kit.ticket()).state).toBe('closed');
    expect((await kit.events()).map((event) => event.kind)).toEqual([
      'claim',
      'hand-over',
      'note',
      'ask-back',
      'asker-wrote',
      'reply',
      'correct',
      'close',
    ]);
    expect(await kit.audit.firstBroken(db.reader)).toBeUndefined();
  });

  it('nobody but a verified doctor speaks to a patient', async () => {
    await kit.addPerson('赵新');
    await kit.addRole('赵新', 'doctor');
    await kit.say({ who: '赵新', in: '医生群', text: '#1 先停药' });
    await kit.say({ who: '管理员小赵', in: '管理群', text: '#1 先停药' });
    await kit.say({ who: '老周', text: '#1 先停药' });
    const sent = await kit.sent();
    expect(textsTo(sent, '糖友群')).toEqual([]);
    expect(textsTo(sent, '医生群')[0]).toContain('还没有核验完');
    expect(textsTo(sent, '管理群')[0]).toContain('只有医生能答复');
    expect((await kit.ticket()).state).toBe('open');
  });

  it('待办 shows what is owed, most pressing first', async () => {
    await kit.say({ who: '老周', in: '糖友群', text: '转医生 我这个指标要不要紧' });
    await kit.say({ who: '老周', in: '糖友群', text: '我胸口疼得厉害喘不上气' });
    await kit.say({ who: '李明', in: '医生群', text: '#1 接' });
    await kit.sent();
    await kit.say({ who: '李明', in: '医生群', text: '待办' });
    await kit.say({ who: '李明', in: '医生群', text: '待办 我的' });
    const [all, mine] = textsTo(await kit.sent(), '医生群');
    expect([...(all ?? '').matchAll(/#(\d)/g)].map((found) => found[1])).toEqual(['3', '1', '2']);
    expect([...(mine ?? '').matchAll(/#(\d)/g)].map((found) => found[1])).toEqual(['1']);
  });

  it('a doctor who answers in the patients’ group is recorded, and the bot says nothing', async () => {
    await kit.say({ who: '李明', in: '糖友群', text: '饭后吃就好', quote: '您的问题登记好了，编号 #1' });
    expect(await kit.sent()).toEqual([]);
    expect((await kit.events()).at(-1)).toEqual({ kind: 'reply-own', text: '饭后吃就好' });
  });

  it('an admin answers a service ticket', async () => {
    await kit.say({ who: '老周', in: '糖友群', text: '建议 周末也开门诊' });
    await kit.say({ who: '管理员小赵', in: '管理群', text: '#2 已经在安排' });
    expect(textsTo(await kit.sent(), '糖友群').at(-1)).toBe('@老周 您问的 #2，管理员回复：\n“已经在安排”');
  });
});

describe('overdue', () => {
  it('after a day without an answer the asker, the admins and the doctors hear of it; answered, nobody does', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    await kit.say({ who: '老周', in: '糖友群', text: '转医生 我这个要不要紧' });
    await kit.say({ who: '李明', in: '医生群', text: '#2 请到门诊看看' });
    await kit.sent();
    await kit.passes(24 * HOUR + MINUTE);
    const sent = await kit.sent();
    expect(textsTo(sent, '糖友群')).toEqual([expect.stringContaining('@张阿姨 对不起，#1 让您久等了')]);
    expect(textsTo(sent, '管理群')).toEqual([expect.stringContaining('#1')]);
    expect(textsTo(sent, '医生群')).toEqual([expect.stringContaining('#1 超过24小时')]);
  });
});

describe('emergencies', () => {
  const DANGER = '我胸口疼得厉害，喘不上气';

  it('sends the card at once, and alerts doctors with the words and admins without them', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: DANGER });
    const sent = await kit.sent();
    const group = sent.filter((message) => message.to === '糖友群');
    expect(group).toHaveLength(1);
    expect(group[0]).toMatchObject({ kind: 'emergency' });
    expect(group[0]?.text).toContain('@张阿姨 请现在就打120');
    expect(group[0]?.text).not.toContain('胸口');
    expect(textsTo(sent, '→张阿姨').join()).toContain('打120');
    const [doctors] = textsTo(sent, '医生群');
    expect(doctors).toMatch(/^#1 ⚠️急症/);
    expect(doctors).toContain(DANGER);
    expect(doctors).toContain('@李明 @王芳');
    expect(textsTo(sent, '→李明')).toHaveLength(1);
    const [admins] = textsTo(sent, '管理群');
    expect(admins).toContain('#1');
    expect(admins).toContain('@管理员小赵');
    expect(admins).not.toContain('胸口');
    expect(await kit.ticket()).toMatchObject({ level: 'emergency', state: 'open', question: DANGER });
  });

  it('acknowledged within five minutes: nobody is told again', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: DANGER });
    await kit.say({ who: '李明', in: '医生群', text: '收到', quote: '#1 ⚠️急症·请5分钟内回“收到 #1”' });
    expect(await kit.ticket()).toMatchObject({ acknowledged_by: kit.personId('李明') });
    await kit.sent();
    await kit.passes(15 * MINUTE);
    expect(await kit.sent()).toEqual([]);
    expect(kit.posts).toEqual([]);
    await kit.say({ who: '管理员小赵', in: '管理群', text: '收到 #1' });
    expect(textsTo(await kit.sent(), '管理群')[0]).toContain('李医生今天9:00已经确认了');
  });

  it('not acknowledged: after 5 minutes doctors again, after 10 admins and the alert address, without words or names', async () => {
    kit.failing.times = 1;
    await kit.say({ who: '张阿姨', in: '糖友群', text: DANGER });
    await kit.sent();
    await kit.passes(5 * MINUTE);
    const first = await kit.sent();
    expect(textsTo(first, '医生群')).toEqual([expect.stringContaining('5分钟了还没有人确认')]);
    expect(textsTo(first, '管理群')).toEqual([]);
    await kit.passes(5 * MINUTE);
    expect(textsTo(await kit.sent(), '管理群')).toEqual([expect.stringContaining('10分钟了没有医生确认')]);
    await kit.passes(10_000);
    expect(kit.posts).toEqual([
      {
        url: 'https://alerts.example.org/xinglin',
        body: {
          event: 'emergency-unacknowledged',
          ticket: 1,
          level: 'emergency',
          at: '2026-03-02T01:10:01.000Z',
          community: communityId(),
        },
      },
    ]);
  });

  it('one person within 30 minutes is one ticket; the card comes every time, the alert for a new flag', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: DANGER });
    await kit.sent();
    await kit.passes(MINUTE);
    await kit.say({ who: '张阿姨', in: '糖友群', text: `${DANGER}!` });
    let sent = await kit.sent();
    expect(textsTo(sent, '糖友群')).toHaveLength(1);
    expect(textsTo(sent, '医生群')).toEqual([]);
    await kit.passes(MINUTE);
    await kit.say({ who: '张阿姨', in: '糖友群', text: '嘴歪了，一边胳膊抬不起来' });
    sent = await kit.sent();
    expect(textsTo(sent, '糖友群')).toHaveLength(1);
    expect(textsTo(sent, '医生群')).toEqual([expect.stringContaining('有新情况')]);
    expect(await db.reader.selectFrom('ticket').select('id').execute()).toHaveLength(1);
    await kit.passes(31 * MINUTE);
    await kit.say({ who: '张阿姨', in: '糖友群', text: DANGER });
    expect(await db.reader.selectFrom('ticket').select('id').execute()).toHaveLength(2);
  });

  it('twenty people in a minute get twenty cards and twenty tickets', async () => {
    for (let n = 1; n <= 20; n += 1) {
      await kit.addPerson(`群友${n}`);
      await kit.say({ who: `群友${n}`, in: '糖友群', text: DANGER });
      await kit.passes(3_000);
    }
    const cards = (await kit.sent()).filter((m) => m.to === '糖友群' && m.kind === 'emergency');
    expect(new Set(cards.map((card) => /@(群友\d+)/.exec(card.text)?.[1])).size).toBe(20);
    expect(await db.reader.selectFrom('ticket').select('id').execute()).toHaveLength(20);
  });

  it('suicidal words stay out of every patients’ group', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: '我不想活了，药都攒好了' });
    const sent = await kit.sent();
    expect(textsTo(sent, '糖友群')).toEqual(['@张阿姨 想和您说句话，请看私聊']);
    expect(textsTo(sent, '→张阿姨').join()).toContain('12356');
    expect(textsTo(sent, '管理群').join()).not.toContain('不想活');
    await kit.say({ who: '李明', in: '医生群', text: '#1 我在，您愿意和我说说吗' });
    const reply = await kit.sent();
    expect(textsTo(reply, '→张阿姨')[0]).toContain('我在，您愿意和我说说吗');
    expect(textsTo(reply, '糖友群')).toEqual([]);
  });

  it('somebody who is no friend is told how, and the admins are asked to phone', async () => {
    await kit.addPerson('小林', { friend: false });
    await kit.say({ who: '小林', in: '糖友群', text: DANGER });
    let sent = await kit.sent();
    expect(textsTo(sent, '糖友群')[0]).toContain('我没法私聊您。@管理员小赵 请管理员马上打电话联系');
    expect(textsTo(sent, '→小林')).toEqual([]);
    expect(textsTo(sent, '管理群')[0]).toContain('请管理员打电话');
    await kit.addPerson('小陈', { friend: false });
    await kit.say({ who: '小陈', in: '糖友群', text: '我不想活了，药都攒好了' });
    sent = await kit.sent();
    expect(textsTo(sent, '糖友群')).toEqual(['@小陈 想和您说句话，请点我头像→添加到通讯录']);
  });

  it('late: a late card within six hours, after that none, and the alert says so', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: DANGER, minutesLate: 60 });
    let sent = await kit.sent();
    expect(textsTo(sent, '糖友群')[0]).toContain('如果还没打120');
    expect(textsTo(sent, '医生群')[0]).toContain('消息迟到');
    await kit.say({ who: '老周', in: '糖友群', text: DANGER, minutesLate: 400 });
    sent = await kit.sent();
    expect(textsTo(sent, '糖友群')).toEqual([]);
    expect(textsTo(sent, '→老周')).toEqual([]);
    expect(textsTo(sent, '医生群')[0]).toContain('没有再发卡片');
  });

  it('a group that nobody has set up gets the card and nothing that is not true', async () => {
    await kit.addRoom('陌生群', 'unset', ['张阿姨']);
    await kit.say({ who: '张阿姨', in: '陌生群', text: DANGER });
    const sent = await kit.sent();
    expect(textsTo(sent, '陌生群')[0]).toContain('请现在就打120');
    expect(textsTo(sent, '陌生群')[0]).not.toContain('正在通知');
    expect(sent.filter((message) => message.kind === 'alert')).toEqual([]);
    expect(await db.reader.selectFrom('ticket').select('id').execute()).toEqual([]);
  });

  it('with nobody to tell, the alert address is told', async () => {
    await db.close();
    kit = await startKit();
    await kit.addPerson('张阿姨');
    await kit.addRoom('糖友群', 'patients', ['张阿姨']);
    await kit.say({ who: '张阿姨', in: '糖友群', text: DANGER });
    const sent = await kit.sent();
    expect(textsTo(sent, '糖友群')[0]).not.toContain('正在通知');
    await kit.passes(1_000);
    expect(kit.posts).toMatchObject([{ body: { event: 'emergency-nobody-reached', ticket: 1 } }]);
  });

  it('an alarm that a mistyped value alone had raised is closed as corrected, and doctors hear of it', async () => {
    const typed = await kit.say({ who: '张阿姨', in: '糖友群', text: '打卡 空腹2.6' });
    expect((await kit.ticket()).level).toBe('urgent');
    const described = await kit.say({ who: '老周', in: '糖友群', text: DANGER });
    await kit.sent();
    for (const [who, originalMessageId] of [
      ['张阿姨', typed],
      ['老周', described],
    ] as const) {
      const messageId = await kit.say({ who, in: '糖友群', text: '更正 空腹6.2' });
      await db.inTransaction((tx) =>
        kit.escalation.onCorrected(tx, { personId: kit.personId(who), originalMessageId, messageId }),
      );
    }
    expect(await kit.ticket(1)).toMatchObject({ state: 'closed', outcome: 'corrected' });
    expect((await kit.ticket(2)).state).toBe('open');
    expect(textsTo(await kit.sent(), '医生群')).toEqual([
      expect.stringContaining('#1 本人更正了数值，这次提醒结束'),
      expect.stringContaining('#2 本人更正了数值，但还有别的情况'),
    ]);
  });

  it('is closed with how it ended, by a doctor or an admin', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: DANGER });
    await kit.sent();
    await kit.say({ who: '管理员小赵', in: '管理群', text: '#1 关闭 处理完了' });
    expect(textsTo(await kit.sent(), '管理群')[0]).toContain('送医/误报/失联/已脱险');
    await kit.say({ who: '管理员小赵', in: '管理群', text: '#1 关闭 送医，家属陪着' });
    expect(await kit.ticket()).toMatchObject({ state: 'closed', outcome: 'hospital' });
    await kit.passes(20 * MINUTE);
    expect(kit.posts).toEqual([]);
  });
});

describe('recall, export and erasure', () => {
  it('a recalled question that nobody has taken is withdrawn; an emergency stays', async () => {
    const asked = await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    await db.inTransaction((tx) => kit.escalation.onRecall(tx, asked));
    expect(await kit.ticket()).toMatchObject({ state: 'withdrawn', question: '' });
    expect(textsTo(await kit.sent(), '医生群')).toEqual([]);
    const danger = await kit.say({ who: '张阿姨', in: '糖友群', text: '我胸口疼得厉害，喘不上气' });
    await db.inTransaction((tx) => kit.escalation.onRecall(tx, danger));
    expect((await kit.ticket(2)).state).toBe('open');
    const taken = await kit.say({ who: '老周', in: '糖友群', text: '转医生 我这个要紧吗' });
    await kit.say({ who: '李明', in: '医生群', text: '#3 接' });
    await db.inTransaction((tx) => kit.escalation.onRecall(tx, taken));
    expect(await kit.ticket(3)).toMatchObject({ state: 'claimed', question: '我这个要紧吗' });
  });

  it('exports the person’s tickets, and erasure leaves numbers and levels but no words', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    await kit.say({ who: '李明', in: '医生群', text: '#1 备注 老病号' });
    await kit.say({ who: '李明', in: '医生群', text: '#1 请到门诊看看' });
    const { dataHolder } = kit.escalation;
    const exported = await dataHolder.exportPerson(db.reader, kit.personId('张阿姨'));
    expect(exported).toMatchObject([
      { number: 1, question: QUESTION, events: [{ kind: 'reply', text: '请到门诊看看' }] },
    ]);
    await db.inTransaction((tx) => dataHolder.erasePerson(tx, kit.personId('张阿姨')));
    expect(await kit.ticket()).toMatchObject({ number: 1, level: 'clinical', question: '' });
    expect((await kit.events()).every((event) => event.text === null)).toBe(true);
  });
});

describe('delivered twice', () => {
  it('the same message handled again changes nothing', async () => {
    await kit.say({ who: '张阿姨', in: '糖友群', text: `转医生 ${QUESTION}` });
    const message = await db.inTransaction(async (tx) => {
      const row = await tx.selectFrom('message').select('id').executeTakeFirstOrThrow();
      return row.id;
    });
    const before = await db.reader.selectFrom('outbox').select('dedupe_key').execute();
    await db.inTransaction(async (tx) => {
      const row = await tx.selectFrom('ticket').selectAll().executeTakeFirstOrThrow();
      await kit.escalation.openSilently(tx, {
        origin: {
          messageId: message,
          accountId,
          communityId: communityId(),
          askerId: row.asker_id,
          roomId: row.room_id ?? undefined,
        },
        kind: 'clinical',
        level: 'clinical',
        question: QUESTION,
      });
    });
    expect(await db.reader.selectFrom('outbox').select('dedupe_key').execute()).toEqual(before);
    expect(await db.reader.selectFrom('ticket').select('id').execute()).toHaveLength(1);
  });
});
