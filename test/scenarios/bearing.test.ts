import { afterEach, expect, it } from 'vitest';
import type { Actor, Group, Scenario, ScenarioOptions } from './kit.js';
import { startPlain } from './plain.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let scenario: Scenario;
let patient: Actor;
let group: Group;
afterEach(() => scenario.stop());

async function start(options: ScenarioOptions = {}): Promise<void> {
  scenario = await startPlain(options);
  patient = scenario.person('张阿姨');
  group = scenario.group('糖友');
}

async function agrees(): Promise<void> {
  await patient.says('同意记录');
  group.replies();
}

/** Off the line for so long; what was said is handed over at the return, or lost. */
async function away(ms: number, { replay = false } = {}): Promise<void> {
  const { faults } = scenario.simulation;
  faults.set({ offline: true, replay });
  await scenario.passes(ms);
  faults.set({ offline: false });
  await scenario.passes(2 * MINUTE);
}

const count = async (table: 'observation' | 'ticket' | 'ledger_transaction' | 'question') =>
  (await scenario.app.db.reader.selectFrom(table).select('id').execute()).length;

it('one reply a message', async () => {
  await start();
  for (const words of [
    '@小杏 糖尿病能吃西瓜吗',
    '@小杏 怎么种西红柿',
    '@小杏 我吃二甲双胍总拉肚子怎么办',
    '找医生 出门旅游血糖仪能托运吗',
    '打卡 空腹6.5',
    '@小杏 帮助',
    '我的求助',
  ]) {
    await patient.says(words);
    expect(group.replies(), words).toHaveLength(1);
  }
});

it('@all is no call, and neither is talk that mentions nobody', async () => {
  await start();
  const { world } = scenario.simulation;
  world.say(scenario.person('陈管理员').id, group.id, { text: '糖尿病能吃西瓜吗', mentionAll: true });
  await patient.says('糖尿病能吃西瓜吗', { mention: ['老周'] });
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([]);
});

it('grey lines of the system and what a hand types on the bot’s own phone get no replies', async () => {
  await start();
  const { world } = scenario.simulation;
  world.systemNotice(group.id, '打卡 空腹6.5');
  world.say(world.botId, group.id, '打卡 空腹6.5');
  world.say(world.botId, group.id, '胸口疼得厉害，喘不上气');
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([]);
  expect(await count('ticket')).toBe(0);
});

it('a message older than ten minutes: recorded, a check-in counts, no reply but one line', async () => {
  await start();
  await agrees();
  const { world, faults } = scenario.simulation;
  faults.set({ delay: 1, delayMinMs: 12 * MINUTE, delayMaxMs: 12 * MINUTE });
  world.say(patient.id, group.id, '打卡 空腹6.5');
  world.say(patient.id, group.id, '打卡 走路30分钟');
  world.say(patient.id, group.id, { text: '糖尿病能吃西瓜吗', mentionIds: [world.botId] });
  await scenario.passes(30 * MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('打卡都按发的时间记上了')]);
  expect(await count('observation')).toBe(2);
  faults.clear();
  await patient.saysPrivately('我的积分');
  expect(patient.privateReplies()[0]).toContain('7分');
});

it('an answer that could not be sent within ten minutes becomes one line', async () => {
  await start();
  const { world, faults } = scenario.simulation;
  faults.set({ sendsPerMinuteMax: 0 });
  world.say(patient.id, group.id, { text: '糖尿病能吃西瓜吗', mentionIds: [world.botId] });
  world.say(patient.id, group.id, { text: '糖尿病眼底多久查一次', mentionIds: [world.botId] });
  await scenario.passes(SECOND);
  faults.clear();
  faults.set({ offline: true });
  await scenario.passes(12 * MINUTE);
  faults.set({ offline: false });
  await scenario.passes(2 * MINUTE);
  const replies = group.replies();
  expect(replies.filter((reply) => reply.includes('没来得及答'))).toHaveLength(1);
  expect(replies.join('\n')).not.toContain('KB-0');
});

it('cards, alerts and doctors’ replies never expire unsent', async () => {
  await start();
  await patient.says('找医生 出门旅游血糖仪能托运吗');
  group.replies();
  scenario.group('医生').replies();
  const { world, faults } = scenario.simulation;
  faults.set({ failSend: 1 });
  world.say(scenario.person('老周').id, group.id, '胸口疼得厉害，喘不上气');
  world.say(scenario.person('李医生').id, scenario.group('医生').id, '#1 请随身带着');
  await scenario.passes(25 * MINUTE);
  expect(group.replies()).toEqual([]);
  faults.clear();
  await scenario.passes(5 * MINUTE);
  const replies = group.replies().join('\n');
  expect(replies).toContain('@老周 请现在就打120');
  expect(replies).toContain('“请随身带着”');
  expect(scenario.group('医生').replies().join('\n')).toContain('#2 ⚠️急症');
});

it('after more than five minutes away each active group is told once', async () => {
  await start();
  await patient.says('大家早');
  group.replies();
  await away(35 * MINUTE);
  const [notice, ...more] = group.replies();
  expect(more).toEqual([]);
  expect(notice).toMatch(/小杏刚才掉线了\(9:\d\d–9:\d\d\),现在好了/);
  expect(notice).toContain('打卡请再发一遍');
  expect(notice).toContain('120');
  expect(scenario.group('高血压').replies()).toEqual([]);
  expect(scenario.group('医生').replies()).toEqual([]);
});

it('four minutes away is not worth a word', async () => {
  await start();
  await patient.says('大家早');
  await away(4 * MINUTE);
  expect(group.replies()).toEqual([]);
});

it('at night the notice waits for seven o’clock', async () => {
  await start({ at: '2026-03-02T22:30:00+08:00' });
  await patient.says('大家晚安');
  await away(40 * MINUTE);
  await scenario.passes(7 * HOUR);
  expect(group.replies()).toEqual([]);
  await scenario.passes(90 * MINUTE);
  expect(group.replies()).toEqual([expect.stringMatching(/掉线了\(22:\d\d–23:\d\d\)/)]);
});

it('at most one unasked message a group and hour: the second batch of newcomers waits', async () => {
  await start();
  const { world } = scenario.simulation;
  const joins = (name: string) =>
    world.join(group.id, [world.addPerson({ name }).id], { by: 'qr-code', inviterId: patient.id });
  joins('新一');
  await scenario.passes(MINUTE);
  joins('新二');
  await scenario.passes(10 * MINUTE);
  joins('新三');
  await scenario.passes(40 * MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('@新一')]);
  await scenario.passes(15 * MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('@新二 @新三')]);
});

it('the same message delivered twice changes nothing', async () => {
  await start();
  await agrees();
  scenario.simulation.faults.set({ duplicate: 1 });
  await patient.says('打卡 空腹6.5');
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  await patient.says('找医生 出门旅游血糖仪能托运吗');
  await patient.says('胸口疼得厉害，喘不上气');
  await scenario.passes(MINUTE);
  const replies = group.replies();
  for (const part of ['+5分', 'KB-050', '#1', '请现在就打120']) {
    expect(
      replies.filter((reply) => reply.includes(part)),
      part,
    ).toHaveLength(1);
  }
  expect(await count('observation')).toBe(1);
  expect(await count('ledger_transaction')).toBe(1);
  expect(await count('question')).toBe(1);
  expect(await count('ticket')).toBe(2);
});

it('one message that arrives under two ids is one message', async () => {
  await start();
  await agrees();
  const { world } = scenario.simulation;
  for (let i = 0; i < 2; i += 1) {
    world.say(patient.id, group.id, '打卡 空腹6.5');
    world.say(patient.id, group.id, '胸口疼得厉害，喘不上气');
  }
  await scenario.passes(MINUTE);
  expect(await count('observation')).toBe(1);
  expect(await count('ticket')).toBe(1);
  expect(group.replies().filter((reply) => reply.includes('请现在就打120'))).toHaveLength(1);
});

it('what arrives in another order gives the same record', async () => {
  await start();
  await agrees();
  const { world, faults } = scenario.simulation;
  faults.set({ delay: 1, delayMinMs: 3 * MINUTE, delayMaxMs: 3 * MINUTE });
  world.say(patient.id, group.id, '打卡 空腹6.5');
  await scenario.passes(SECOND);
  faults.clear();
  await patient.says('打卡 空腹7.1');
  await scenario.passes(5 * MINUTE);
  await patient.saysPrivately('我的打卡');
  expect(patient.privateReplies()[0]).toContain('空腹7.1');
  await patient.saysPrivately('我的积分');
  expect(patient.privateReplies()[0]).toContain('5分');
});

it('a message that cannot be handled: three tries, a short apology, and the next one is answered', async () => {
  await start({ settings: { XINGLIN_LOG_LEVEL: 'silent' } });
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  group.replies();
  // A row that was damaged on the disk: it no longer opens.
  await scenario.app.db.inTransaction((tx) =>
    tx.updateTable('pending_question').set({ data_sealed: 'damaged' }).execute(),
  );
  const { world } = scenario.simulation;
  world.say(patient.id, group.id, { text: '有用', mentionIds: [world.botId] });
  await scenario.passes(0);
  await scenario.person('老周').says('@小杏 糖尿病眼底多久查一次');
  expect(group.replies()).toEqual([expect.stringContaining('KB-065')]);
  await scenario.passes(10 * SECOND);
  expect(group.replies()).toEqual([expect.stringContaining('不好意思,刚才我这边出了点问题')]);
  const [failed] = await scenario.app.db.reader
    .selectFrom('message')
    .select(['tries', 'error_id', 'handled_at'])
    .where('tries', '>', 0)
    .execute();
  expect(failed).toMatchObject({ tries: 3, error_id: expect.any(String) });
  expect(failed?.handled_at).not.toBeNull();
  await scenario.passes(HOUR);
  expect(group.replies()).toEqual([]);
});

it('claim, help and todo in English', async () => {
  await start({ setUp: false });
  const admin = scenario.person('陈管理员');
  await admin.saysPrivately('claim 482913');
  expect(admin.privateReplies()[0]).toContain('绑定好了');
  await admin.says('@小杏 set patients diabetes', { in: '糖友' });
  expect(group.replies()[0]).toContain('患者群');
  await admin.says('@小杏 set admins', { in: '管理' });
  await admin.says('todo', { in: '管理' });
  expect(scenario.group('管理').replies().at(-1)).toContain('没有待办');
  await admin.saysPrivately('HELP');
  expect(admin.privateReplies()[0]).toContain('添加医生');
});
