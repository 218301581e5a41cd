import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Actor, type Group, type Scenario, wordsOf } from './kit.js';
import { startPlain } from './plain.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let scenario: Scenario;
let patient: Actor;
let li: Actor;
let group: Group;
let doctors: Group;
beforeEach(async () => {
  scenario = await startPlain();
  patient = scenario.person('张阿姨');
  li = scenario.person('李医生');
  group = scenario.group('糖友');
  doctors = scenario.group('医生');
  await patient.saysPrivately('同意医生看');
  patient.privateReplies();
});
afterEach(() => scenario.stop());

/** A question for the doctors; answers the card as it stands in their group. */
async function ask(actor: Actor, words: string) {
  await actor.says(`找医生 ${words}`);
  const card = doctors.messages().findLast((message) => wordsOf(message).startsWith('#'));
  if (!card) throw new Error('there is no card');
  doctors.replies();
  group.replies();
  return card;
}

const stateOf = async (number: number) =>
  (
    await scenario.app.db.reader
      .selectFrom('ticket')
      .select('state')
      .where('number', '=', number)
      .executeTakeFirstOrThrow()
  ).state;

it('the card says who, where, how pressing, by when, and the question as it was asked', async () => {
  await patient.says('找医生 我吃二甲双胍总拉肚子，怎么办？');
  const [card] = doctors.replies();
  expect(card).toMatch(/^#1 新问题·一般·请在今天17:30前回复\n张阿姨\(糖尿病群\)问:/);
  expect(wordsOf(doctors.messages().at(-1)!)).toContain('“我吃二甲双胍总拉肚子，怎么办？”');
  expect(card).toContain('#1 接');
});

it('#1 … goes word for word and at once to where it was asked, signed, and the doctor sees that', async () => {
  await ask(patient, '我吃二甲双胍总拉肚子怎么办');
  await li.says('#1 饭中或饭后吃会好一些，先观察三天。', { in: '医生' });
  const answer = group.messages().at(-1)!;
  expect(wordsOf(answer)).toContain('“饭中或饭后吃会好一些，先观察三天。”');
  const [words] = group.replies();
  expect(words).toMatch(/^@张阿姨 您问的 #1,李医生回复:/);
  expect(words).toContain('——李(模拟),内分泌科,本人回复');
  expect(words).toContain('不诊断、不开药');
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 已发给张阿姨(群里)')]);
  expect(await stateOf(1)).toBe('answered');
});

it.each(['#1 每次吃0.5克，一天两次', '#1 您的血糖7.8偏高', '#1 考虑是糖尿病神经病变'])(
  'a personal finding goes in private, and the group hears only that there is a reply: %s',
  async (words) => {
    await ask(patient, '我吃二甲双胍总拉肚子怎么办');
    await li.says(words, { in: '医生' });
    expect(patient.privateReplies()[0]).toContain(words.slice(3).normalize('NFKC'));
    expect(group.replies()).toEqual(['@张阿姨 #1 医生已经回复您了,请看和我的私聊。']);
    expect(doctors.replies()[0]).toContain('已私聊发给张阿姨');
  },
);

it('a personal reply to somebody who is no friend is not sent; the doctor can reword', async () => {
  await ask(scenario.person('孙师傅'), '我开夜班怎么吃药');
  await li.says('#1 晚上那次吃0.5克', { in: '医生' });
  expect(group.replies()).toEqual([]);
  expect(doctors.replies()[0]).toContain('还不是我的好友');
  expect(await stateOf(1)).toBe('open');
  await li.says('#1 请跟着吃饭的时间走，不跟钟点走', { in: '医生' });
  expect(group.replies()[0]).toContain('请跟着吃饭的时间走');
});

it('a quote by the claimer is held 20 seconds, then relayed', async () => {
  const card = await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('#1 接', { in: '医生' });
  doctors.replies();
  await li.says('随身带着就好，别放托运的行李里', { in: '医生', quote: card });
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 20秒后发给张阿姨')]);
  await scenario.passes(18 * SECOND);
  expect(group.replies()).toEqual([]);
  await scenario.passes(2 * SECOND);
  expect(group.replies()[0]).toContain('随身带着就好');
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 已发给张阿姨')]);
});

it.each([
  { how: '撤', stop: (doctor: Actor) => doctor.says('撤', { in: '医生' }) },
  { how: 'undo', stop: (doctor: Actor) => doctor.says('undo', { in: '医生' }) },
])('$how stops what is held', async ({ stop }) => {
  const card = await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('#1 接', { in: '医生' });
  await li.says('可以托运', { in: '医生', quote: card });
  doctors.replies();
  await stop(li);
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 那条没有发给患者')]);
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([]);
  expect(await stateOf(1)).toBe('claimed');
});

it('so does a recall', async () => {
  const card = await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('#1 接', { in: '医生' });
  const said = await li.says('可以托运', { in: '医生', quote: card });
  await li.recalls(said);
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([]);
  await li.says('#1 请随身带', { in: '医生' });
  expect(group.replies()[0]).toContain('请随身带');
});

it('after the 20 seconds 撤 says that it is too late', async () => {
  const card = await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('#1 接', { in: '医生' });
  await li.says('可以托运', { in: '医生', quote: card });
  await scenario.passes(25 * SECOND);
  doctors.replies();
  await li.says('撤', { in: '医生' });
  expect(doctors.replies()).toEqual([expect.stringContaining('已经发出去了')]);
});

it.each([
  { who: '王医生', words: '随身带着就好', why: 'from somebody else' },
  { who: '李医生', words: '这位患者我上周见过，谁来回一下', why: 'talk among colleagues' },
])('a quote $why is asked about: 1 sends, 2 does not', async ({ who, words }) => {
  const card = await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('#1 接', { in: '医生' });
  doctors.replies();
  const doctor = scenario.person(who);
  await doctor.says(words, { in: '医生', quote: card });
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 发给患者吗?1 发 2 不发')]);
  await doctor.says('2', { in: '医生' });
  expect(doctors.replies()).toEqual([expect.stringContaining('没有发')]);
  await doctor.says(words, { in: '医生', quote: card });
  await doctor.says('1', { in: '医生' });
  expect(group.replies()[0]).toContain(words.normalize('NFKC'));
});

it('a reply to what a colleague has answered: who and when, and whether to send it anyway', async () => {
  await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('#1 随身带着', { in: '医生' });
  doctors.replies();
  group.replies();
  const wang = scenario.person('王医生');
  await wang.says('#1 可以托运', { in: '医生' });
  expect(doctors.replies()[0]).toMatch(/#1 李医生今天9:\d\d已经答复过了,还要发吗\?1 发 2 不发/);
  expect(group.replies()).toEqual([]);
  await wang.says('1', { in: '医生' });
  expect(group.replies()[0]).toMatch(/王医生回复:\n“可以托运”/);
});

it('接 claims; a second one hears who has it', async () => {
  await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('接 #1', { in: '医生' });
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 归您了')]);
  await scenario.person('王医生').says('#1 接', { in: '医生' });
  expect(doctors.replies()).toEqual([expect.stringContaining('李医生已经接了')]);
  await patient.saysPrivately('我的求助');
  expect(patient.privateReplies()[0]).toContain('#1 医生正在看');
});

it('what the asker adds within 48 hours comes to the same ticket; thanks do not', async () => {
  await ask(patient, '我吃二甲双胍总拉肚子怎么办');
  const opened = group.messages().findLast((message) => wordsOf(message).includes('登记好了'))!;
  await patient.says('已经一周了', { quote: opened });
  expect(group.replies()).toEqual([expect.stringContaining('已经补充到 #1')]);
  await patient.says('#1 晚上更厉害');
  const added = doctors.replies();
  expect(added[0]).toContain('已经一周了');
  expect(added[1]).toContain('晚上更厉害');
  await li.says('#1 饭后吃试试', { in: '医生' });
  doctors.replies();
  const answer = group.messages().at(-1)!;
  group.replies();
  await patient.says('谢谢李医生', { quote: answer });
  expect(doctors.replies()).toEqual([]);
  await scenario.passes(47 * HOUR);
  group.replies();
  await patient.says('还是不行', { quote: answer });
  expect(doctors.replies()[0]).toContain('还是不行');
  expect(await stateOf(1)).toBe('claimed');
});

it('解决了 closes it', async () => {
  await ask(patient, '我吃二甲双胍总拉肚子怎么办');
  await li.says('#1 饭后吃试试', { in: '医生' });
  group.replies();
  await patient.says('解决了');
  expect(group.replies()).toEqual([expect.stringContaining('#1 结束了')]);
  expect(await stateOf(1)).toBe('closed');
});

it('a question recalled before anybody took it is withdrawn', async () => {
  const said = await patient.says('找医生 我吃二甲双胍总拉肚子怎么办');
  await patient.recalls(said);
  expect(await stateOf(1)).toBe('withdrawn');
  expect(doctors.replies().at(-1)).toContain('#1 提问的人撤回了');
});

it('an unanswered question: after a day the asker and the admins hear of it', async () => {
  await ask(patient, '我吃二甲双胍总拉肚子怎么办');
  await scenario.passes(24 * HOUR + MINUTE);
  expect(group.replies().join('\n')).toContain('#1 让您久等了');
  expect(scenario.group('管理').replies().join('\n')).toContain('#1');
  expect(doctors.replies().join('\n')).toContain('#1 超过24小时');
});

it('a question about a relative is marked so', async () => {
  await scenario.person('小林').says('找医生 我妈吃药后头晕要不要减量');
  expect(doctors.replies()[0]).toContain('替家人问(母亲)');
});

it('the doctor reads 已发给 only when it has been sent; what WeChat does not take is reported', async () => {
  await ask(patient, '出门旅游血糖仪能托运吗');
  const { faults, world } = scenario.simulation;
  faults.set({ failSend: 1 });
  await li.says('#1 随身带着就好', { in: '医生' });
  await scenario.passes(10 * SECOND);
  faults.set({ failSend: 0 });
  expect([...group.replies(), ...doctors.replies()]).toEqual([]);
  await scenario.passes(3 * MINUTE);
  expect(group.replies()[0]).toContain('随身带着就好');
  expect(doctors.replies().at(-1)).toContain('#1 已发给张阿姨(群里)');

  await patient.saysPrivately('找医生 我吃二甲双胍总拉肚子怎么办');
  doctors.replies();
  world.endFriendship(patient.id);
  await li.says('#2 饭后吃试试', { in: '医生' });
  await scenario.passes(10 * SECOND);
  expect(doctors.replies()).toEqual([expect.stringContaining('#2 没有发出去')]);
});

it('whoever has left the group is answered in private; who cannot be reached there either, the doctor hears', async () => {
  const { world } = scenario.simulation;
  await ask(patient, '出门旅游血糖仪能托运吗');
  await ask(scenario.person('孙师傅'), '我开夜班怎么吃饭');
  world.leave(group.id, patient.id);
  world.leave(group.id, scenario.person('孙师傅').id);
  await scenario.passes(SECOND);
  patient.privateReplies();
  await li.says('#1 随身带着就好', { in: '医生' });
  expect(patient.privateReplies()[0]).toContain('随身带着就好');
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 群里发不了')]);
  await li.says('#2 少吃多餐', { in: '医生' });
  expect(doctors.replies()).toEqual([expect.stringContaining('#2 没有发:孙师傅不在群里了')]);
  expect(group.replies()).toEqual([]);
  expect(await stateOf(2)).toBe('open');
});

it('a group that was silenced hears no reply: it goes in private', async () => {
  await ask(patient, '出门旅游血糖仪能托运吗');
  await scenario.person('陈管理员').says('停用本群', { in: '糖友' });
  group.replies();
  await li.says('#1 随身带着就好', { in: '医生' });
  expect(patient.privateReplies()[0]).toContain('随身带着就好');
  await li.says('#1 关闭 说明白了', { in: '医生' });
  expect(patient.privateReplies()[0]).toContain('#1 先到这里');
  expect(group.replies()).toEqual([]);
});

it('while the bot asks whether it is for the patient, 撤 and a recall stop it', async () => {
  const card = await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('随身带着', { in: '医生', quote: card });
  await li.says('撤', { in: '医生' });
  await li.says('1', { in: '医生' });
  expect(doctors.replies().at(-1)).toContain('没有发');
  const said = await li.says('随身带着', { in: '医生', quote: card });
  await li.recalls(said);
  doctors.replies();
  await li.says('1', { in: '医生' });
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 那条已经撤回,没有发给患者')]);
  expect(group.replies()).toEqual([]);
});

it('words under another message of the bot than the card are asked about first', async () => {
  await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('#1 接', { in: '医生' });
  const claimed = doctors.messages().at(-1)!;
  doctors.replies();
  await li.says('晚上再说', { in: '医生', quote: claimed });
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 发给患者吗')]);
  await li.says('#1 收到，我马上打电话', { in: '医生' });
  expect(doctors.replies()).toEqual([expect.stringContaining('#1 发给患者吗')]);
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([]);
});

it.each([
  { typed: '#1转 王', reply: '#1 已转给@王医生' },
  { typed: '＃１　转给王医生', reply: '#1 已转给@王医生' },
  { typed: '#1 转', reply: '没找到这位医生' },
  { typed: '#1 转 赵', reply: '没找到这位医生' },
  { typed: '#1 关闭，已说明', reply: '#1 已关闭' },
])('what is meant for the bot is never sent to the patient: $typed', async ({ typed, reply }) => {
  await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says(typed, { in: '医生' });
  expect(doctors.replies()[0]).toContain(reply);
  expect(group.replies().join('')).not.toContain('李医生回复');
});

it('转氨酶… is an answer, not a hand-over', async () => {
  await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('#1 转氨酶要空腹查', { in: '医生' });
  expect(group.replies()[0]).toContain('“转氨酶要空腹查”');
});

it('a held quote and a colleague who answers meanwhile: the colleague is asked', async () => {
  const card = await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('#1 接', { in: '医生' });
  await li.says('随身带着就好', { in: '医生', quote: card });
  doctors.replies();
  await scenario.person('王医生').says('#1 可以托运', { in: '医生' });
  expect(doctors.replies()).toEqual([expect.stringContaining('李医生今天9:00已经答复过了,还要发吗')]);
  await scenario.passes(30 * SECOND);
  expect(group.replies()).toHaveLength(1);
});

it('in a group of another community the number means nothing', async () => {
  await ask(patient, '出门旅游血糖仪能托运吗');
  const admin = scenario.person('陈管理员');
  await admin.says('结束打卡', { in: '高血压' });
  await admin.says('是', { in: '高血压' });
  await admin.says('@小杏 设为医生群 第二社群', { in: '高血压' });
  expect(scenario.group('高血压').replies().at(-1)).toContain('第二社群');
  await scenario.person('王医生').says('#1 随身带着', { in: '高血压' });
  expect([...group.replies(), ...scenario.group('高血压').replies()]).toEqual([]);
  expect(await stateOf(1)).toBe('open');
});

it('who asks to be forgotten: their words leave the outbox, sent or not; a due alert goes out', async () => {
  const { faults } = scenario.simulation;
  const { db, seal } = scenario.app;
  const said = async () =>
    (await db.reader.selectFrom('outbox').select(['state', 'kind', 'body_sealed']).execute()).map((row) => ({
      ...row,
      words: row.body_sealed === '' ? '' : seal.open(row.body_sealed),
    }));
  await ask(patient, '我吃二甲双胍总拉肚子怎么办');
  await patient.saysPrivately('我的数据');
  expect((await said()).some(({ words }) => words.includes('my-data.json'))).toBe(true);
  faults.set({ failSend: 1 });
  await li.says('#1 随餐吃就好', { in: '医生' });
  await patient.says('胸口疼得厉害，喘不上气');
  await patient.saysPrivately('删除我的数据');
  await patient.saysPrivately('是');
  const after = await said();
  expect(after.filter(({ words }) => /二甲双胍|随餐吃|my-data/.test(words))).toEqual([]);
  expect(after.filter(({ words }) => words.includes('胸口疼得厉害')).map(({ kind }) => kind)).toContain('alert');
  faults.set({ failSend: 0 });
  doctors.replies();
  await scenario.passes(4 * MINUTE);
  expect(doctors.replies().join('\n')).toContain('胸口疼得厉害');
  expect(group.replies().join('\n')).not.toContain('随餐吃');
  await li.says('#2 关闭 送医', { in: '医生' });
  await scenario.passes(MINUTE);
});

it('回复#1 … is as good as #1 …', async () => {
  await ask(patient, '出门旅游血糖仪能托运吗');
  await li.says('回复＃1 随身带着就好', { in: '医生' });
  expect(group.replies()[0]).toContain('“随身带着就好”');
});

it('解决了 counts in private after a reply that came in private', async () => {
  await ask(patient, '我吃二甲双胍总拉肚子怎么办');
  await li.says('#1 先吃0.5克', { in: '医生' });
  patient.privateReplies();
  await patient.saysPrivately('解决了');
  expect(patient.privateReplies()).toEqual([expect.stringContaining('#1 结束了')]);
});
