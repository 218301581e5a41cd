import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createCheckIn,
  createCheckInChat,
  loadTemplates,
  registerCheckInJobs,
  renderGathered,
  type UnclearValue,
} from '../../src/check-in/index.js';
import { type ChatMessage, createCommunity } from '../../src/community/index.js';
import { waitForFriend } from '../../src/conversation/store.js';
import { createObservationStore, createParser, type Item, loadPlausibility } from '../../src/observation/index.js';
import { createAudit } from '../../src/platform/audit/audit.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { packageDir } from '../../src/platform/config.js';
import type { Database } from '../../src/platform/db/database.js';
import { createSeal } from '../../src/platform/db/sealed.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { createJobs } from '../../src/platform/jobs/jobs.js';
import { createLog } from '../../src/platform/log.js';
import { createOutbox, type OutboxBody } from '../../src/platform/outbox/outbox.js';
import { normaliseText } from '../../src/platform/text-normalise.js';
import { createPoints, createPointsChat } from '../../src/points/index.js';
import { openTestDatabase } from './open-test-database.js';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-03-01T09:00:00+08:00');
const [BOOK, ACCOUNT, ROOM, OTHER_ROOM, ANN, BOB, ADMIN] = ['book', 'account', 'room', 'other', 'ann', 'bob', 'admin'];

const opened: Database[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

type Place = 'private' | 'room' | 'other';

async function openChat() {
  const clock = new VirtualClock(START, async () => {});
  const db = await openTestDatabase(clock);
  opened.push(db);
  const ids = createIds({ clock, random: seededRandom(1) });
  const seal = createSeal([Buffer.alloc(32, 7)]);
  const outbox = createOutbox({ clock, ids, seal, accountId: () => ACCOUNT });
  const jobs = createJobs({ db, clock, ids, log: createLog('silent') });
  const observations = createObservationStore({ ids, seal });
  const points = createPoints({ clock, ids, seal });
  const checkIn = createCheckIn({ clock, ids, audit: createAudit({ clock, ids }), observations, points });
  const released: string[] = [];
  const community = createCommunity({
    clock,
    ids,
    seal,
    outbox,
    jobs,
    operator: { botName: '小杏', operator: '医院', department: '科室', contact: '电话' },
    timeZone: 'Asia/Shanghai',
    async release(_tx, messageIds) {
      released.push(...messageIds);
    },
    waitForFriend,
  });
  const told: UnclearValue[] = [];
  const triaged: Item[] = [];
  const tellDoctors = async (_: unknown, value: UnclearValue) => void told.push(value);
  const isDangerous = (item: Item) => item.kind === 'glucose' && typeof item.value === 'number' && item.value < 3.9;
  const plausibility = loadPlausibility(join(packageDir, 'knowledge/triage'));
  const chat = createCheckInChat({
    clock,
    community,
    outbox,
    jobs,
    observations,
    points,
    checkIn,
    parser: createParser(plausibility),
    plausibility,
    templates: loadTemplates(join(packageDir, 'data/samples/campaigns')),
    roomName: community.names.roomName,
    isDangerous,
    tellDoctors,
    async triageAnswer(_tx, _message, items) {
      triaged.push(...items);
      return items.some(isDangerous);
    },
  });
  registerCheckInJobs({ jobs, observations, tellDoctors });
  for (const [kind, handler] of Object.entries(chat.questions ?? {})) community.questions.register(kind, handler);
  const commands = [...chat.commands, ...createPointsChat({ community, points }).commands];

  const created_at = START;
  await db.inTransaction(async (tx) => {
    await tx.insertInto('community').values({ id: BOOK, name: BOOK, created_at }).execute();
    await tx
      .insertInto('account')
      .values({ id: ACCOUNT, provider: 'simulator', external_id: 'bot', created_at })
      .execute();
    for (const id of [ANN, BOB, ADMIN]) await tx.insertInto('person').values({ id, created_at }).execute();
    await tx
      .insertInto('role')
      .values({ id: 'role', community_id: BOOK, person_id: ADMIN, role: 'admin', created_at })
      .execute();
    for (const [id, name] of [
      [ROOM, '糖友一群'],
      [OTHER_ROOM, '聊天群'],
    ] as const) {
      await tx
        .insertInto('room')
        .values({
          id,
          account_id: ACCOUNT,
          community_id: BOOK,
          kind: 'patients',
          name_sealed: seal.seal(name),
          time_zone: 'Asia/Shanghai',
          created_at: created_at + (id === ROOM ? 0 : 1),
        })
        .execute();
      for (const person_id of [ANN, BOB, ADMIN]) {
        await tx
          .insertInto('membership')
          .values({ id: `${id}-${person_id}`, room_id: id, person_id, joined_at: created_at, created_at })
          .execute();
      }
    }
  });

  /** Says it as the conversation would hand it on; answers what new messages the bot has ready. */
  async function says(personId: string, text: string, where: Place = 'room', sentAt = clock.now()): Promise<string[]> {
    await clock.advance(1000);
    const id = ids.next();
    const seen = new Set((await outboxRows()).map((row) => row.id));
    await db.inTransaction(async (tx) => {
      const roomId = where === 'private' ? null : where;
      await tx
        .insertInto('message')
        .values({
          id,
          account_id: ACCOUNT,
          platform_id: id,
          content_key: id,
          kind: 'text',
          room_id: roomId,
          person_id: personId,
          sent_at: sentAt,
          received_at: clock.now(),
          seq: 1,
          created_at: clock.now(),
        })
        .execute();
      const room = roomId ? await community.findRoom(tx, roomId) : undefined;
      const message: ChatMessage = {
        id,
        accountId: ACCOUNT,
        kind: 'text',
        personId,
        room,
        place: roomId ?? 'private',
        text,
        normalised: normaliseText(text),
        quoted: undefined,
        addressed: where === 'private',
        mentionedIds: [],
        sentAt,
        receivedAt: clock.now(),
        late: clock.now() - sentAt > 10 * MINUTE_MS,
        assessment: {
          level: 'information',
          privateOnly: false,
          flags: [],
          valueRows: [],
          suppressed: [],
          about: { kind: 'self' },
          cardIds: [],
          ruleVersion: '',
        },
        standing: await community.standingOf(tx, personId, room),
      };
      if (await community.questions.step(tx, message)) return;
      for (const command of commands) {
        const match = command.pattern.exec(message.normalised);
        if (!match || (command.who === 'admin' && !message.standing.admin)) continue;
        return void (await command.run(tx, message, match));
      }
      await chat.step(tx, message);
    });
    return (await outboxRows()).filter((row) => !seen.has(row.id)).map((row) => row.text);
  }

  async function outboxRows() {
    const rows = await db.reader.selectFrom('outbox').select(['id', 'body_sealed']).orderBy('id').execute();
    return rows.map((row) => {
      const body = JSON.parse(seal.open(row.body_sealed)) as OutboxBody;
      if (body.kind === 'gathered') return { id: row.id, text: renderGathered([body], { firstOfDay: false }) };
      return { id: row.id, text: body.kind === 'text' ? body.text : '' };
    });
  }

  const agree = async (personId: string) => {
    await db.inTransaction((tx) =>
      tx
        .insertInto('consent')
        .values({
          id: ids.next(),
          person_id: personId,
          purpose: 'values',
          decision: 'granted',
          version: '1',
          wording_hash: '',
          created_at: clock.now(),
        })
        .execute(),
    );
  };
  const values = async () => (await db.reader.selectFrom('observation').select('id').execute()).length;
  return { clock, jobs, says, agree, values, told, triaged, released };
}

async function openRunning() {
  const chat = await openChat();
  await chat.agree(ANN);
  await chat.agree(BOB);
  await chat.says(ADMIN, '开始打卡 糖友21天');
  return chat;
}

describe('a patient', () => {
  it('checks in and hears points, streak and what is missing; never the value', async () => {
    const { says } = await openRunning();
    expect(await says(ANN, '打卡 空腹6.5 走路30分钟')).toEqual(['打卡收到 ✅\n⟦@ann⟧ +7分，第1天，开了个好头']);
    expect(await says(ANN, '吃药了')).toEqual(['打卡收到 ✅\n⟦@ann⟧ +2分，第1天，今天的都齐了']);
    expect(await says(ANN, '早上好')).toEqual([]);
    expect(await says(BOB, '空腹 6.5')).toEqual(['打卡收到 ✅\n⟦@bob⟧ +5分，第1天，开了个好头']);
    expect(await says(BOB, '空腹血糖6.5正常吗？')).toEqual([]);
  });

  it('is asked for consent before anything is kept', async () => {
    const { says, values, released } = await openChat();
    await says(ADMIN, '开始打卡 糖友21天');
    const [asked] = await says(ANN, '打卡 空腹6.5');
    expect(asked).toContain('要我帮您把数值记下来吗');
    expect(await values()).toBe(0);
    await says(ANN, '同意');
    expect(released).toHaveLength(1);
  });

  it('who said no hears it in one line when checking in outright, and nothing otherwise', async () => {
    const { says, values } = await openChat();
    await says(ADMIN, '开始打卡 糖友21天');
    await says(ANN, '打卡 空腹6.5');
    await says(ANN, '不同意');
    expect(await says(ANN, '打卡 空腹6.5')).toEqual([expect.stringContaining('所以这次没有记')]);
    expect(await says(ANN, '空腹 6.5')).toEqual([]);
    expect(await values()).toBe(0);
  });

  it('says 打卡, is asked, and answers within ten minutes', async () => {
    const { says, triaged } = await openRunning();
    expect(await says(ANN, '打卡')).toEqual(['⟦@ann⟧ 血糖几点几？空腹还是饭后？']);
    expect(await says(ANN, '6.5')).toEqual(['打卡收到 ✅\n⟦@ann⟧ +5分，第1天，开了个好头']);
    expect(triaged).toMatchObject([{ kind: 'glucose', value: 6.5 }]);
  });

  it('who answers with a low value is triaged, and not praised', async () => {
    const { says, values } = await openRunning();
    await says(ANN, '打卡');
    expect(await says(ANN, '2.6')).toEqual([]);
    expect(await values()).toBe(1);
  });

  it('corrects, also by the number that was wrong', async () => {
    const { says } = await openRunning();
    await says(ANN, '打卡 空腹6.5');
    expect(await says(ANN, '更正 空腹6.8')).toEqual(['打卡收到 ✅\n⟦@ann⟧ 改好了，第1天，还差运动、用药']);
    await says(ANN, '晚餐后9.1');
    await says(ANN, '不是9.1是8.1');
    const [record] = await says(ANN, '我的打卡', 'private');
    expect(record).toContain('3月1日 空腹6.8 晚餐后8.1');
    const [balance] = await says(ANN, '我的积分', 'private');
    expect(balance).toContain('您现在有5分');
  });

  it('is asked which one, without numbers in a group', async () => {
    const { says } = await openRunning();
    await says(ANN, '打卡 空腹6.5');
    await says(ANN, '晚餐后9.1');
    expect(await says(ANN, '更正 血糖7.0')).toEqual(['⟦@ann⟧ 改哪一条？请回数字：\n1 空腹\n2 晚餐后']);
    await says(ANN, '2');
    const [record] = await says(ANN, '我的打卡', 'private');
    expect(record).toContain('空腹6.5 晚餐后7.0');
  });

  it('sends an unclear value: in the group no number is repeated and nothing is kept', async () => {
    const { says, values, clock, jobs, told } = await openRunning();
    const [asked] = await says(ANN, '打卡 空腹65');
    expect(asked).toContain('刚才的数我没看准');
    expect(asked).not.toMatch(/6\.?5/);
    expect(await values()).toBe(0);
    await says(ANN, '空腹6.5');
    expect(await values()).toBe(1);
    await clock.advance(11 * MINUTE_MS);
    await jobs.runDue(clock.now());
    expect(told).toEqual([]);
  });

  it('who leaves a dangerous doubt open is made known to a doctor after ten minutes', async () => {
    const { says, clock, jobs, told } = await openRunning();
    await says(ANN, '打卡 空腹65');
    await clock.advance(9 * MINUTE_MS);
    await jobs.runDue(clock.now());
    expect(told).toEqual([]);
    await clock.advance(2 * MINUTE_MS);
    await jobs.runDue(clock.now());
    expect(told).toMatchObject([{ personId: ANN, roomId: ROOM, reason: 'unclear-value' }]);
  });

  it('picks in private which reading was meant', async () => {
    const { says, values } = await openRunning();
    const [offered] = await says(ANN, '打卡 空腹65', 'private');
    expect(offered).toContain('1 空腹6.5\n2 65 mg/dL≈空腹3.6');
    expect(await values()).toBe(0);
    expect(await says(ANN, '1', 'private')).toEqual(['+5分，第1天，开了个好头']);
    const [record] = await says(ANN, '我的打卡', 'private');
    expect(record).toContain('空腹6.5');
  });

  it('is asked where to keep it when the group has no campaign', async () => {
    const { says, values } = await openRunning();
    expect(await says(ANN, '打卡 空腹6.5', 'other')).toEqual([expect.stringContaining('记到糖友一群吗？')]);
    expect(await values()).toBe(0);
    await says(ANN, '是', 'other');
    expect(await values()).toBe(1);
    expect(await says(ANN, '空腹 6.5', 'other')).toEqual([]);
  });

  it('is late: it counts for its day, and one line stands for all that came late', async () => {
    const { says, clock } = await openRunning();
    const sentAt = clock.now();
    await clock.advance(11 * MINUTE_MS);
    expect(await says(ANN, '打卡 空腹6.5', 'room', sentAt)).toEqual([expect.stringContaining('补收到')]);
    expect(await says(ANN, '我的积分')).toEqual([expect.stringContaining('5分')]);
  });

  it("'s mother's value is never kept as the patient's own", async () => {
    const { says, values } = await openRunning();
    await says(ANN, '我妈空腹12.6要紧吗');
    await says(ANN, '替妈妈打卡 空腹6.5');
    expect(await values()).toBe(0);
  });

  it('takes the last check-in back', async () => {
    const { says } = await openRunning();
    await says(ANN, '打卡 空腹6.5');
    expect(await says(ANN, '撤回打卡')).toEqual([expect.stringContaining('不算了')]);
    expect(await says(ANN, '我的积分')).toEqual([expect.stringContaining('0分')]);
  });

  it('chooses to be on the board, which is not shown twice in half an hour', async () => {
    const { says, clock } = await openRunning();
    await says(ANN, '打卡 空腹6.5');
    await says(BOB, '打卡 空腹6.5');
    expect(await says(BOB, '排行榜')).toEqual([expect.stringContaining('还没有人')]);
    await says(ANN, '上榜');
    await says(ANN, '昵称 阳光');
    await clock.advance(31 * MINUTE_MS);
    expect(await says(BOB, '排行榜')).toEqual([expect.stringContaining('1 阳光 1天')]);
    expect(await says(BOB, '排行榜')).toEqual([expect.stringContaining('请看上面')]);
    expect(await says(ANN, '排行榜', 'private')).toEqual(['糖友21天：您排第1，打了1天，榜上共1人。']);
    await says(ANN, '下榜');
    expect(await says(ANN, '排行榜', 'private')).toEqual([expect.stringContaining('不在榜上')]);
  });
});

describe('an admin', () => {
  it('starts a campaign in the group, or picks the group in private', async () => {
    const { says } = await openChat();
    expect(await says(ANN, '开始打卡 糖友21天')).toEqual([]);
    expect(await says(ADMIN, '开始打卡')).toEqual([expect.stringContaining('糖友21天')]);
    const [announced] = await says(ADMIN, '开始打卡糖友21天');
    expect(announced).toContain('每天记：血糖、运动、用药');
    expect(await says(ADMIN, '开始打卡 糖友21天')).toEqual([expect.stringContaining('已经在这个群里了')]);
    const [which] = await says(ADMIN, '开始打卡 高血压28天', 'private');
    expect(which).toContain('1 糖友一群\n2 聊天群');
    const [notice, reply] = await says(ADMIN, '2', 'private');
    expect(notice).toContain('每天记：血压、运动、用药');
    expect(reply).toContain('聊天群');
  });

  it('sees how today goes, pauses, goes on and ends', async () => {
    const { says } = await openRunning();
    await says(ANN, '打卡 空腹2.6');
    expect(await says(ADMIN, '今日打卡', 'private')).toEqual([
      '糖友一群 · 糖友21天：今天打了1人，还没打1人，数值要留意1人，共发5分',
    ]);
    expect((await says(ADMIN, '今日打卡'))[0]).not.toContain('留意');
    await says(ADMIN, '暂停打卡');
    expect(await says(BOB, '打卡 空腹6.5')).toEqual([expect.stringContaining('活动暂停中')]);
    expect(await says(ADMIN, '继续打卡')).toEqual([expect.stringContaining('继续了')]);
    expect(await says(ADMIN, '结束打卡')).toEqual([expect.stringContaining('确定请回 是')]);
    expect(await says(ADMIN, '是')).toEqual([expect.stringContaining('结束了')]);
    expect(await says(BOB, '打卡 空腹6.5')).toEqual([expect.stringContaining('没有打卡活动')]);
  });
});
