import { afterEach, expect, it } from 'vitest';
import { type Actor, type Group, type Scenario, type ScenarioOptions, wordsOf } from './kit.js';
import { startPlain } from './plain.js';

const MINUTE = 60_000;
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

const observations = () => scenario.app.db.reader.selectFrom('observation').selectAll().execute();
const consents = () =>
  scenario.app.db.reader.selectFrom('consent').selectAll().orderBy('created_at').orderBy('id').execute();
/** Every word of messages that is still kept. */
async function keptWords(): Promise<string[]> {
  const rows = await scenario.app.db.reader
    .selectFrom('message')
    .select('text_sealed')
    .where('text_sealed', 'is not', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => scenario.app.seal.open(row.text_sealed ?? ''));
}

it('asks at the first check-in, and carries out what waited for the answer', async () => {
  await start();
  await patient.says('打卡 空腹6.5');
  const [question] = group.replies();
  expect(question).toMatch(/^张阿姨,您第一次打卡,要我帮您把数值记下来吗\?/);
  expect(question).toContain('同意');
  expect(question).toContain('不同意');
  expect(await observations()).toEqual([]);
  await patient.says('打卡 走路30分钟');
  expect(group.replies()).toEqual([]);
  await patient.says('同意');
  await scenario.passes(MINUTE);
  const [granted, gathered] = group.replies();
  expect(granted).toContain('好的');
  expect(gathered).toContain('@张阿姨 +7分');
  expect(await observations()).toHaveLength(2);
  const [consent] = await consents();
  expect(consent).toMatchObject({ purpose: 'values', decision: 'granted', version: expect.stringMatching(/^\d{4}/) });
  expect(consent?.wording_hash).toMatch(/^[0-9a-f]{64}$/);
  expect(consent?.room_id).not.toBeNull();
  expect(consent?.created_at).toBeGreaterThan(0);
});

it('同意 counts only from the person who was asked, where they were asked', async () => {
  await start();
  await patient.says('打卡 空腹6.5');
  group.replies();
  await scenario.person('老周').says('同意');
  await patient.saysPrivately('同意');
  expect(group.replies()).toEqual([]);
  expect(await consents()).toEqual([]);
});

it.each(['同意。', '同意！', '同意了', '同意了～', ' 同意 '])('%s is 同意', async (words) => {
  await start();
  await patient.says('打卡 空腹6.5');
  group.replies();
  await patient.says(words);
  expect(group.replies()).toEqual([expect.stringContaining('由我记下来')]);
  expect(await consents()).toEqual([expect.objectContaining({ decision: 'granted' })]);
});

it.each(['不同意。', '不同意！'])('%s is 不同意', async (words) => {
  await start();
  await patient.says('打卡 空腹6.5');
  await patient.says(words);
  expect(await consents()).toEqual([expect.objectContaining({ decision: 'refused' })]);
});

it.each(['同意你说的', '同意吗？', '我不太同意', '同意？'])('%s is talk, and no answer', async (words) => {
  await start();
  await patient.says('打卡 空腹6.5');
  group.replies();
  await patient.says(words);
  expect(group.replies()).toEqual([]);
  expect(await consents()).toEqual([]);
});

it.each(['是。', '是！', '是的'])('删除我的数据 is confirmed by %s', async (words) => {
  await start();
  await patient.saysPrivately('删除我的数据');
  patient.privateReplies();
  await patient.saysPrivately(words);
  expect(patient.privateReplies()).toEqual([expect.stringContaining('已经删好了')]);
});

it('不同意: nothing is kept, everything else works, and 同意记录 changes it later', async () => {
  await start();
  await patient.says('打卡 空腹6.5');
  group.replies();
  await patient.says('不同意');
  expect(group.replies()).toEqual([
    '@张阿姨 好的,数值不记。您照样可以提问,遇到急症我也照样提醒。以后想记,发“同意记录”就行。',
  ]);
  await scenario.passes(MINUTE);
  expect(await observations()).toEqual([]);
  await patient.says('打卡 空腹6.6');
  expect(group.replies()).toEqual([expect.stringContaining('同意记录')]);
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  expect(group.replies()[0]).toContain('KB-050');
  await patient.says('同意记录');
  await patient.says('打卡 空腹6.7');
  await scenario.passes(MINUTE);
  expect(group.replies().at(-1)).toContain('+5分');
  expect(await observations()).toHaveLength(1);
});

it('no answer: reminded once, never again; a day later the words are gone', async () => {
  await start();
  await patient.says('打卡 空腹6.5');
  await scenario.person('老周').says('今天天气不错');
  group.replies();
  await scenario.passes(12 * HOUR + MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('不回也没关系')]);
  expect(await keptWords()).toContain('打卡 空腹6.5');
  await scenario.passes(13 * HOUR);
  expect(group.replies()).toEqual([]);
  expect(await keptWords()).toEqual([]);
  const rows = await scenario.app.db.reader.selectFrom('message').select(['id', 'content_key']).execute();
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row.content_key).not.toBe('');
  await patient.says('同意');
  expect(group.replies()).toEqual([]);
  await scenario.passes(48 * HOUR);
  expect(group.replies()).toEqual([]);
});

it('with consent the words of check-ins and questions stay 180 days, other talk a day', async () => {
  await start();
  await patient.says('同意记录');
  await patient.says('打卡 空腹6.5');
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  await patient.says('今天天气不错');
  await scenario.passes(26 * HOUR);
  const kept = (await keptWords()).join('\n');
  expect(kept).toContain('打卡 空腹6.5');
  expect(kept).toContain('西瓜');
  expect(kept).not.toContain('天气');
});

it('showing values to the doctor is asked at the first ticket, in the same message, and the ticket does not wait', async () => {
  await start();
  await patient.says('找医生 我吃二甲双胍总拉肚子怎么办');
  const replies = group.replies();
  expect(replies).toHaveLength(1);
  expect(replies[0]).toContain('#1');
  expect(replies[0]?.split('\n').slice(-2).join('\n')).toContain('答复您的医生,可以看您最近的打卡数值吗');
  expect(scenario.group('医生').replies()[0]).toMatch(/^#1 /);
  await patient.says('同意');
  expect(group.replies()).toEqual([expect.stringContaining('答复您的医生能看到')]);
  await patient.says('找医生 出门旅游血糖仪能托运吗');
  expect(group.replies()).toEqual([expect.not.stringContaining('可以看您最近的打卡数值吗')]);
});

it('a question for consent that nobody answers stands in the way of nothing', async () => {
  await start();
  await patient.says('找医生 我吃二甲双胍总拉肚子怎么办');
  group.replies();
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  group.replies();
  await patient.says('有用');
  expect(group.replies()).toEqual([expect.stringContaining('谢谢')]);
  await patient.says('@小杏');
  group.replies();
  await patient.says('糖尿病眼底多久查一次');
  expect(group.replies()[0]).toContain('KB-065');
  await patient.says('打卡 空腹6.5');
  expect(group.replies()).toEqual([expect.stringContaining('要我帮您把数值记下来吗')]);
  await patient.says('同意');
  await scenario.passes(MINUTE);
  expect(group.replies().at(-1)).toContain('+5分');
});

it('撤回同意 of the model alone does not speak of values', async () => {
  await start();
  await patient.saysPrivately('同意模型');
  patient.privateReplies();
  await patient.saysPrivately('撤回同意');
  expect(patient.privateReplies()).toEqual([expect.stringMatching(/^已经撤回.+大模型。$/)]);
});

it('撤回同意 acts at once; 同意记录, 同意医生看 and 同意模型 are said at any time', async () => {
  await start();
  await patient.saysPrivately('同意记录');
  await patient.saysPrivately('同意医生看');
  await patient.saysPrivately('同意模型');
  expect(patient.privateReplies()).toHaveLength(3);
  await patient.says('打卡 空腹6.5');
  await patient.says('撤回同意');
  expect(group.replies().at(-1)).toContain('已经撤回');
  await patient.says('打卡 空腹6.6');
  await scenario.passes(MINUTE);
  expect(await observations()).toHaveLength(1);
  expect((await consents()).map(({ purpose, decision }) => `${purpose} ${decision}`)).toEqual([
    'values granted',
    'doctor granted',
    'model granted',
    'values withdrawn',
    'doctor withdrawn',
    'model withdrawn',
  ]);
  await patient.saysPrivately('撤回同意');
  expect(patient.privateReplies().at(-1)).toContain('不用撤回');
});

it('a doctor who claims sees values only of those who agreed', async () => {
  await start();
  await patient.says('同意记录');
  await patient.says('打卡 空腹6.5');
  await patient.says('找医生 我吃二甲双胍总拉肚子怎么办');
  const doctor = scenario.person('李医生');
  await doctor.says('#1 接', { in: '医生' });
  expect(doctor.privateReplies().join('\n')).not.toContain('6.5');
  await patient.says('同意医生看');
  await patient.says('找医生 出门旅游血糖仪能托运吗');
  await doctor.says('#2 接', { in: '医生' });
  expect(doctor.privateReplies().join('\n')).toContain('空腹6.5');
  expect(scenario.group('医生').replies().join('\n')).not.toContain('6.5');
  const looks = await scenario.app.db.reader
    .selectFrom('audit')
    .select('action')
    .where('action', '=', 'values-shown')
    .execute();
  expect(looks).toHaveLength(1);
});

it('隐私 gives the whole text: who, what for, how long, rights', async () => {
  await start({ settings: { XINGLIN_OPERATOR: '示例医院', XINGLIN_CONTACT: '010-12345678' } });
  await patient.saysPrivately('隐私');
  const [text] = patient.privateReplies();
  for (const part of ['示例医院', '010-12345678', '180天', '24小时', '3年', '我的数据', '删除我的数据', '撤回同意']) {
    expect(text).toContain(part);
  }
});

it('我的数据: a summary and a file that holds everything', async () => {
  await start();
  await patient.says('同意记录');
  await patient.says('打卡 空腹6.5');
  await patient.says('找医生 我吃二甲双胍总拉肚子怎么办');
  group.replies();
  await patient.says('我的数据');
  expect(group.replies()).toEqual([]);
  const [summary, file] = patient.privateReplies();
  expect(summary).toContain('张阿姨');
  expect(summary).toContain('打卡数值:1条;求助:1条;积分:5');
  expect(file).toBe('[my-data.json]');
  const { world } = scenario.simulation;
  const sent = world.history(patient.id, 100).findLast((message) => wordsOf(message) === '[my-data.json]');
  const bytes = world.findFile(sent?.id ?? '')?.base64 ?? '';
  const data = JSON.parse(Buffer.from(bytes, 'base64').toString('utf8')) as Record<string, unknown>;
  expect(JSON.stringify(data.observations)).toContain('6.5');
  expect(JSON.stringify(data.tickets)).toContain('二甲双胍');
  expect(JSON.stringify(data.consents)).toContain('granted');
  expect(JSON.stringify(data.points)).toContain('first');
});

it('删除我的数据 asks once more, then erases everywhere; the books still add up', async () => {
  await start();
  const zhou = scenario.person('老周');
  for (const person of [patient, zhou]) {
    await person.says('同意记录');
    await person.says('打卡 空腹6.5');
  }
  await patient.says('找医生 我吃二甲双胍总拉肚子怎么办');
  await scenario.passes(MINUTE);
  await patient.says('删除我的数据');
  expect(patient.privateReplies()).toEqual([expect.stringContaining('确定请回 是')]);
  await scenario.passes(11 * MINUTE);
  await patient.saysPrivately('是');
  expect(await observations()).toHaveLength(2);
  await patient.saysPrivately('删除我的数据');
  patient.privateReplies();
  await patient.saysPrivately('是');
  expect(patient.privateReplies()).toEqual([expect.stringContaining('已经删好了')]);
  const { reader } = scenario.app.db;
  const person = await reader.selectFrom('person').selectAll().where('erased_at', 'is not', null).execute();
  expect(person).toEqual([expect.objectContaining({ name_sealed: null })]);
  const left = await reader
    .selectFrom('observation')
    .selectAll()
    .where('person_id', '=', person[0]?.id ?? '')
    .execute();
  for (const row of left) expect(scenario.app.seal.open(row.value_sealed)).not.toContain('6.5');
  expect((await keptWords()).join('\n')).not.toMatch(/二甲双胍/);
  const tickets = await reader.selectFrom('ticket').select('question_sealed').execute();
  for (const { question_sealed: words } of tickets)
    expect(words && scenario.app.seal.open(words)).not.toContain('二甲');
  expect(await scenario.app.points.checkBooks(reader)).toEqual([]);
  const entries = await reader.selectFrom('ledger_entry').select('amount').execute();
  expect(entries.reduce((sum, { amount }) => sum + Number(amount), 0)).toBe(0);
  await zhou.saysPrivately('我的积分');
  expect(zhou.privateReplies().at(-1)).toContain('5分');
  await patient.says('打卡 空腹6.5');
  await scenario.passes(MINUTE);
  expect(group.replies().at(-1)).toContain('要我帮您把数值记下来吗');
});

it('更正资料 says how each thing is corrected', async () => {
  await start();
  await patient.saysPrivately('更正资料');
  const [words] = patient.privateReplies();
  expect(words).toContain('更正 空腹6.8');
  expect(words).toContain('管理员');
});

it('what came too late: nobody is told that something was kept which was not', async () => {
  await start();
  const { world, faults } = scenario.simulation;
  faults.set({ delay: 1, delayMinMs: 12 * MINUTE, delayMaxMs: 12 * MINUTE });
  world.say(patient.id, world.botId, '糖尿病能吃西瓜吗');
  world.say(patient.id, group.id, '打卡 空腹6.5');
  world.say(patient.id, group.id, { text: '糖尿病能吃西瓜吗', mentionIds: [world.botId] });
  await scenario.passes(30 * MINUTE);
  expect(await observations()).toEqual([]);
  expect(patient.privateReplies()).toEqual([expect.not.stringContaining('记上了')]);
  const inGroup = group.replies();
  expect(inGroup).toHaveLength(1);
  expect(inGroup[0]).toContain('同意过记录的,打卡都按发的时间记上了');
});

it('a check-in alone that came too late, without consent, gets the line too', async () => {
  await start();
  const { world, faults } = scenario.simulation;
  faults.set({ delay: 1, delayMinMs: 12 * MINUTE, delayMaxMs: 12 * MINUTE });
  world.say(patient.id, group.id, '打卡 空腹6.5');
  await scenario.passes(30 * MINUTE);
  expect(await observations()).toEqual([]);
  expect(group.replies()).toEqual([expect.stringContaining('同意过记录的')]);
});
