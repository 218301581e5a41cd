import { afterEach, expect, it } from 'vitest';
import type { Actor, Group, Scenario, ScenarioOptions } from './kit.js';
import { startPlain } from './plain.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const CHEST_PAIN = '胸口疼得厉害，喘不上气';

let scenario: Scenario;
let patient: Actor;
let group: Group;
let posts: { url: string; body: unknown }[];
afterEach(() => scenario.stop());

async function start(options: ScenarioOptions = {}, name = '张阿姨'): Promise<void> {
  posts = [];
  scenario = await startPlain({
    post: async (url, body) => void posts.push({ url, body }),
    ...options,
    settings: { XINGLIN_ALERT_WEBHOOK: 'https://alerts.example/xinglin', ...options.settings },
  });
  patient = scenario.person(name);
  group = scenario.group('糖友');
}

const doctors = () => scenario.group('医生').replies();
const admins = () => scenario.group('管理').replies();

it('a card with 120 at once, without a mention; doctors and admins are alerted; no symptom in the group', async () => {
  await start();
  const { world } = scenario.simulation;
  world.say(patient.id, group.id, CHEST_PAIN);
  await scenario.passes(0);
  const [card, ...more] = group.replies();
  expect(more).toEqual([]);
  expect(card).toMatch(/^⚠️ @张阿姨 请现在就打120/);
  expect(card).toContain('别等群里回复');
  expect(card).toContain('我正在通知值班医生和管理员');
  expect(card).not.toMatch(/胸|喘|疼得/);
  expect(patient.privateReplies().join('\n')).toContain('停下一切活动');
  const [alert] = doctors();
  expect(alert).toMatch(/^#1 ⚠️急症/);
  expect(alert).toContain(CHEST_PAIN.normalize('NFKC'));
  expect(alert).toContain('依据:胸痛、呼吸困难或咯血');
  expect(alert).toContain('收到 #1');
  expect(alert).toContain('@李医生(模拟)');
  const [notice] = admins();
  expect(notice).toMatch(/^#1 ⚠️急症/);
  expect(notice).toContain('@陈管理员(模拟)');
  expect(notice).not.toMatch(/胸|喘/);
  expect(scenario.person('周医生').privateReplies()[0]).toMatch(/^#1 ⚠️急症/);
});

it('收到 #1 says who has it, and nobody is told again', async () => {
  await start();
  await patient.says(CHEST_PAIN);
  doctors();
  await scenario.person('李医生').says('收到 #1', { in: '医生' });
  expect(doctors()).toEqual([expect.stringContaining('收到,#1 记下是您在跟进')]);
  await scenario.person('周医生').says('收到 #1', { in: '医生' });
  expect(doctors()).toEqual([expect.stringMatching(/#1 李医生今天9:0\d已经确认了/)]);
  admins();
  await scenario.passes(20 * MINUTE);
  expect([...doctors(), ...admins()]).toEqual([]);
  expect(posts).toEqual([]);
});

it('an admin may acknowledge too', async () => {
  await start();
  await patient.says(CHEST_PAIN);
  await scenario.person('陈管理员').says('收到 #1', { in: '管理' });
  expect(admins().at(-1)).toContain('记下是您在跟进');
  doctors();
  await scenario.passes(20 * MINUTE);
  expect(doctors()).toEqual([]);
});

it('unacknowledged: the doctors again after 5 minutes, the admins and the alert address after 10', async () => {
  await start();
  await patient.says(CHEST_PAIN);
  doctors();
  admins();
  await scenario.passes(4 * MINUTE + 50 * SECOND);
  expect([...doctors(), ...admins()]).toEqual([]);
  await scenario.passes(10 * SECOND);
  expect(doctors()).toEqual([expect.stringContaining('#1 ⚠️急症·5分钟了还没有人确认')]);
  expect(admins()).toEqual([]);
  await scenario.passes(5 * MINUTE);
  expect(admins()).toEqual([expect.stringContaining('10分钟了没有医生确认')]);
  expect(posts).toEqual([
    {
      url: 'https://alerts.example/xinglin',
      body: expect.objectContaining({ event: 'emergency-unacknowledged', ticket: 1, level: 'emergency' }),
    },
  ]);
  expect(JSON.stringify(posts)).not.toMatch(/张阿姨|胸/);
});

it('20 emergencies of 20 people within 60 seconds are 20 cards and 20 alerts', async () => {
  await start();
  const { world } = scenario.simulation;
  const people = Array.from({ length: 20 }, (_, i) => world.addPerson({ name: `急症${i + 1}号` }));
  world.join(
    group.id,
    people.map(({ id }) => id),
    { by: 'qr-code', inviterId: patient.id },
  );
  await scenario.passes(MINUTE);
  group.replies();
  for (const person of people) {
    world.say(person.id, group.id, CHEST_PAIN);
    await scenario.passes(3 * SECOND);
  }
  const cards = group.replies();
  expect(new Set(cards.map((card) => /@(急症\d+号)/.exec(card)?.[1])).size).toBe(20);
  expect(cards).toHaveLength(20);
  for (const card of cards) expect(card).toContain('120');
  expect(doctors()).toHaveLength(20);
});

it('20 emergencies reach the group within seconds at the pace of a real account too', async () => {
  await start({ settings: { XINGLIN_PACE: 'wechat' } });
  const { world } = scenario.simulation;
  const people = Array.from({ length: 20 }, (_, i) => world.addPerson({ name: `急症${i + 1}号` }));
  world.join(
    group.id,
    people.map(({ id }) => id),
    { by: 'qr-code', inviterId: patient.id },
  );
  await scenario.passes(5 * MINUTE);
  group.replies();
  for (const person of people) {
    world.say(person.id, group.id, CHEST_PAIN);
    await scenario.passes(3 * SECOND);
  }
  expect(group.replies().filter((card) => card.includes('请现在就打120'))).toHaveLength(20);
  expect(doctors().filter((alert) => alert.includes('⚠️急症'))).toHaveLength(20);
  expect(admins().filter((alert) => alert.includes('⚠️急症'))).toHaveLength(20);
});

it('for a relative the words are for the relative', async () => {
  await start({}, '小林');
  await patient.says('我妈现在叫不醒，怎么办');
  expect(group.replies()[0]).toMatch(/^⚠️ @小林\(替妈妈\) 请现在就替您母亲打120!/);
  expect(doctors()[0]).toContain('替家人问(母亲)');
});

it('in the evening, with nobody on duty, the card promises no doctor', async () => {
  await start({ at: '2026-03-02T22:30:00+08:00' });
  await patient.says(CHEST_PAIN);
  const [card] = group.replies();
  expect(card).toContain('现在没有值班医生,我正在通知管理员。请只相信120,不要等。');
  expect(doctors()[0]).toMatch(/^#1 ⚠️急症/);
});

it('hours late: a late card within 6 hours; older: no card, the alert is marked late', async () => {
  await start();
  const { faults, world } = scenario.simulation;
  faults.set({ delay: 1, delayMinMs: 2 * HOUR, delayMaxMs: 2 * HOUR, onlyFrom: [patient.id] });
  world.say(patient.id, group.id, CHEST_PAIN);
  await scenario.passes(2 * HOUR + SECOND);
  expect(group.replies()).toEqual([expect.stringContaining('如果还没打120')]);
  expect(patient.privateReplies()[0]).toContain('如果还没打120');
  expect(doctors()[0]).toContain('消息迟到');
  expect(admins()[0]).toContain('消息迟到');

  const zhou = scenario.person('老周');
  faults.set({ delay: 1, delayMinMs: 7 * HOUR, delayMaxMs: 7 * HOUR, onlyFrom: [zhou.id] });
  world.say(zhou.id, group.id, '我突然半边身子没劲，嘴也歪了');
  await scenario.passes(7 * HOUR + SECOND);
  expect(group.replies().filter((reply) => reply.includes('老周'))).toEqual([]);
  expect(zhou.privateReplies()).toEqual([]);
  const alert = doctors().find((words) => words.startsWith('#2'));
  expect(alert).toContain('消息迟到');
  expect(alert).toContain('没有再发卡片');
  expect(admins().find((words) => words.startsWith('#2'))).toContain('消息迟到');
});

it('suicidal words: the card in private alone, and in the group only the wish to talk', async () => {
  await start();
  await patient.says('我不想活了，药都攒好了，今晚就走');
  expect(group.replies()).toEqual(['@张阿姨 想和您说句话,请看私聊']);
  const [card] = patient.privateReplies();
  expect(card).toContain('听到您这么说,我很在意');
  expect(card).toContain('12356');
  expect(card).toContain('120');
  expect(doctors()[0]).toContain('卡片只私聊发');
  await scenario.person('李医生').says('#1 我是李医生，我现在给您打电话好吗', { in: '医生' });
  expect(group.replies()).toEqual([]);
  expect(patient.privateReplies()[0]).toContain('我现在给您打电话好吗');
});

it('suicidal words of somebody who is no friend: how to become one, and an admin is asked to phone', async () => {
  await start({}, '孙师傅');
  await patient.says('我不想活了，药都攒好了，今晚就走');
  const [said] = group.replies();
  expect(said).toContain('想和您说句话');
  expect(said).toContain('添加到通讯录');
  expect(said).not.toMatch(/120|活|药/);
  expect(admins()[0]).toContain('打电话');
});

it('an emergency of somebody who is no friend: the card in the group, and an admin is asked to phone', async () => {
  await start({}, '孙师傅');
  await patient.says(CHEST_PAIN);
  const [card] = group.replies();
  expect(card).toContain('请现在就打120');
  expect(card).toContain('我没法私聊您');
  expect(admins()[0]).toContain('打电话');
});

it('the same danger again within half an hour is the same ticket; each message gets its card', async () => {
  await start();
  await patient.says(CHEST_PAIN);
  await patient.says('胸口还是疼得厉害，出了一身冷汗');
  expect(group.replies().filter((reply) => reply.includes('120'))).toHaveLength(2);
  const tickets = await scenario.app.db.reader.selectFrom('ticket').select('number').execute();
  expect(tickets).toHaveLength(1);
});

it('minimising does not lower it; negation, history and a question of knowledge are no emergency', async () => {
  await start();
  await patient.says('胸口疼得厉害，没事，老毛病了');
  expect(group.replies()).toHaveLength(1);
  const zhou = scenario.person('老周');
  for (const words of ['我没有胸痛', '我前年胸痛住过院', '胸痛怎么预防']) await zhou.says(words);
  expect(group.replies()).toEqual([]);
});

it('stays when its words are recalled', async () => {
  await start();
  const said = await patient.says(CHEST_PAIN);
  await patient.recalls(said);
  const [ticket] = await scenario.app.db.reader.selectFrom('ticket').selectAll().execute();
  expect(ticket?.state).toBe('open');
  doctors();
  await scenario.passes(6 * MINUTE);
  expect(doctors()).toEqual([expect.stringContaining('5分钟了还没有人确认')]);
});

it('a message with a check-in in it: the card, and the value is kept without praise', async () => {
  await start();
  await patient.says('同意记录');
  group.replies();
  await patient.says('打卡 空腹6.5 胸口疼得厉害喘不上气');
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('请现在就打120')]);
  const rows = await scenario.app.db.reader.selectFrom('observation').select('slot').execute();
  expect(rows).toEqual([{ slot: 'glucose:fasting' }]);
});

it.each([
  { said: '打卡 空腹2.6', ticket: '紧急', advice: '15克糖' },
  { said: '空腹血糖2.6怎么办', ticket: '紧急', advice: '15克糖' },
  { said: '打卡 血糖HI', ticket: '急症', advice: '酮症' },
])('a dangerous value, $said: what to do in private, no value in the group', async ({ said, ticket, advice }) => {
  await start();
  await patient.says('同意记录');
  group.replies();
  await patient.says(said);
  await scenario.passes(MINUTE);
  const shown = group.replies().join('\n');
  expect(shown).toContain('120');
  expect(shown).not.toMatch(/2\.6|HI|血糖|低/);
  expect(patient.privateReplies().join('\n')).toContain(advice);
  expect(doctors()[0]).toMatch(new RegExp(`^#1 ⚠️${ticket}`));
});

it('3.0 to 3.9 in private: the sugar card, whether it is a check-in or a question', async () => {
  await start();
  await patient.says('同意记录');
  patient.privateReplies();
  await patient.says('打卡 空腹3.6');
  expect(patient.privateReplies().join('\n')).toContain('15克糖');
  expect(doctors()).toEqual([]);
  await scenario.passes(MINUTE);
  expect(group.replies().at(-1)).toContain('+5分');
});

const ticketsNow = () =>
  scenario.app.db.reader.selectFrom('ticket').select(['number', 'level', 'state']).orderBy('number').execute();

it('what may be over is asked about in private: 1 raises the alarm, 2 ends it', async () => {
  await start();
  await patient.says('我前几天胸口疼得厉害');
  expect(group.replies()).toEqual([]);
  await scenario.passes(2 * SECOND);
  expect(patient.privateReplies().at(-1)).toBe('您或身边人现在有这种情况吗?\n1 有 2 没有,只是问问');
  expect(doctors()).toEqual([]);
  await patient.saysPrivately('１');
  expect(group.replies()[0]).toContain('请现在就打120');
  expect(patient.privateReplies().join('\n')).toContain('停下一切活动');
  expect(doctors()[0]).toMatch(/^#1 ⚠️急症/);
  await scenario.passes(4 * MINUTE);
  expect(await ticketsNow()).toHaveLength(1);

  const zhou = scenario.person('老周');
  await zhou.says('我前几天胸口疼得厉害');
  await scenario.passes(2 * SECOND);
  await zhou.saysPrivately('2');
  expect(zhou.privateReplies().at(-1)).toContain('没有就好');
  await scenario.passes(20 * MINUTE);
  expect((await ticketsNow()).filter(({ number }) => number > 1)).toEqual([]);
  await zhou.saysPrivately('1');
  expect((await ticketsNow()).filter(({ number }) => number > 1)).toEqual([]);
});

it('nobody answers the question for five minutes: a doctor is told, as urgent', async () => {
  await start();
  await patient.says('我前几天突然晕倒');
  await scenario.passes(5 * MINUTE + 2 * SECOND);
  const alert = doctors().at(-1);
  expect(alert).toContain('紧急');
  expect(alert).toContain('待核实');
  expect(await ticketsNow()).toEqual([{ number: 1, level: 'urgent', state: 'open' }]);
  expect(group.replies().join('')).not.toMatch(/晕/);
});

it('somebody who is no friend is asked in the group, without a symptom', async () => {
  await start({}, '孙师傅');
  await patient.says('我前几天胸口疼得厉害');
  await scenario.passes(2 * SECOND);
  expect(group.replies()).toEqual(['@夜班老孙 您或身边人现在有这种情况吗?\n1 有 2 没有,只是问问']);
  await scenario.person('张阿姨').says('1');
  expect(group.replies()).toEqual([]);
  await patient.says('1');
  expect(group.replies()[0]).toContain('请现在就打120');
});

it('the question goes before a numbered choice that was open; a recall takes it back', async () => {
  await start();
  await patient.saysPrivately('转人工');
  await patient.saysPrivately('前几天晕倒过一次');
  await scenario.passes(2 * SECOND);
  await patient.saysPrivately('1');
  expect(doctors()[0]).toMatch(/⚠️急症/);
  const zhou = scenario.person('老周');
  const said = await zhou.says('前几天晕倒过一次');
  await zhou.recalls(said);
  await scenario.passes(10 * MINUTE);
  expect(zhou.privateReplies()).toEqual([]);
});

it('a manner of speaking about death: one line in private, nothing in the group, no doctor', async () => {
  await start();
  await patient.says('作业多得想死');
  await scenario.passes(10 * MINUTE);
  expect(group.replies()).toEqual([]);
  expect(patient.privateReplies().length).toBeLessThanOrEqual(1);
  expect(doctors()).toEqual([]);
});

it('single values at level L3: advice in private, and one line a person in the gathered message to the doctors', async () => {
  await start();
  await patient.says('同意记录');
  await patient.saysPrivately('同意医生看');
  group.replies();
  patient.privateReplies();
  await patient.says('打卡 空腹3.6');
  await patient.says('刚量血压85/55');
  const zhou = scenario.person('老周');
  await zhou.saysPrivately('空腹血糖14.5');
  await scenario.passes(HOUR);
  expect(patient.privateReplies().join('\n')).toMatch(/15克糖[\s\S]*再量两次/);
  expect(doctors()).toEqual([]);
  await scenario.passes(2 * HOUR + 10 * MINUTE);
  const [digest, ...more] = doctors();
  expect(more).toEqual([]);
  expect(digest).toMatch(/要留意的数值\(2人/);
  expect(digest).toContain('#1 张阿姨(糖尿病群):血糖偏低、血压偏低');
  expect(digest).toContain('#2 老周(私聊):血糖偏高');
  expect(digest).not.toMatch(/3\.6|85|14\.5/);
  await scenario.person('李医生').says('#1 接', { in: '医生' });
  expect(scenario.person('李医生').privateReplies().join('\n')).toContain('3.6');
  await scenario.person('李医生').says('#1 最近有没有少吃一顿', { in: '医生' });
  expect(group.replies().join('\n')).toContain('#1 李医生有话对您说');
  zhou.privateReplies();
  await scenario.person('李医生').says('#2 关闭 已知', { in: '医生' });
  await scenario.passes(30 * HOUR);
  expect(zhou.privateReplies().join('')).not.toContain('#2');
});

it('a question with such a value in it is one ticket', async () => {
  await start();
  await patient.says('找医生 我空腹血糖3.6要紧吗');
  await scenario.passes(MINUTE);
  expect(await ticketsNow()).toHaveLength(1);
});

it('while nobody has it, the person is asked after 5, 15 and 60 minutes whether 120 was called; the answer reaches the staff', async () => {
  await start();
  await patient.says(CHEST_PAIN);
  patient.privateReplies();
  await scenario.passes(5 * MINUTE);
  expect(patient.privateReplies()).toEqual(['120打了吗?\n1 已打 2 没打 3 已脱险']);
  doctors();
  await patient.saysPrivately('2');
  expect(patient.privateReplies()).toEqual([expect.stringContaining('请现在就打120')]);
  expect(doctors()).toEqual([expect.stringContaining('#1 张阿姨说:120还没打')]);
  await scenario.passes(10 * MINUTE);
  expect(patient.privateReplies()).toEqual([expect.stringContaining('120打了吗')]);
  await patient.saysPrivately('1');
  expect(patient.privateReplies()[0]).toContain('打了就好');
  await scenario.passes(2 * HOUR);
  expect(patient.privateReplies()).toEqual([]);
});

it('nobody is asked again once somebody has it', async () => {
  await start();
  await patient.says(CHEST_PAIN);
  await scenario.person('李医生').says('收到 #1', { in: '医生' });
  patient.privateReplies();
  await scenario.passes(2 * HOUR);
  expect(patient.privateReplies()).toEqual([]);
});

it('what somebody in danger writes next reaches the doctors without a quote', async () => {
  await start();
  await patient.says(CHEST_PAIN);
  doctors();
  patient.privateReplies();
  group.replies();
  await patient.saysPrivately('车还没来，手心全是汗');
  expect(doctors()[0]).toContain('手心全是汗');
  await patient.says('打了120了');
  expect(doctors()[0]).toContain('打了120了');
  group.replies();
  await patient.says('大家早上好');
  await patient.says('谢谢');
  expect([...group.replies(), ...doctors()]).toEqual([]);
  await patient.saysPrivately('我的求助');
  expect(patient.privateReplies().at(-1)).toContain('您的求助');
});

it('low sugar: what to eat now comes before the rest', async () => {
  await start();
  await patient.saysPrivately('空腹血糖2.6');
  expect(patient.privateReplies()[0]).toContain('15克糖');
});
