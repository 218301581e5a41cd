import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Actor, type Group, type Scenario, startScenario } from './kit.js';

let scenario: Scenario;
let patient: Actor;
let group: Group;
beforeEach(async () => {
  scenario = await startScenario();
  patient = scenario.person('张阿姨');
  group = scenario.group('糖友');
});
afterEach(() => scenario.stop());

it('answers word for word, with the mark of a sample, its source and how to rate', async () => {
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  const [answer] = group.replies();
  expect(answer).toContain('@张阿姨');
  expect(answer).toContain('KB-050');
  expect(answer).toContain('示例内容');
  expect(answer).toContain('来源');
  expect(answer).toContain('有用');
  await patient.says('有用');
  expect(group.replies()).toEqual([expect.stringContaining('谢谢')]);
  const feedback = await scenario.app.db.reader.selectFrom('feedback').select('rating').execute();
  expect(feedback).toEqual([{ rating: 'useful' }]);
});

it('a bare word counts only from the person who was asked, while the question is open', async () => {
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  group.replies();
  await scenario.person('老周').says('没用');
  expect(group.replies()).toEqual([]);
  await scenario.passes(11 * 60_000);
  await patient.says('没用');
  expect(group.replies()).toEqual([]);
});

it('offers a doctor where no entry fits, and says nothing when nobody asked it', async () => {
  await patient.says('@小杏 怎么种西红柿');
  expect(group.replies()).toEqual([expect.stringContaining('转医生')]);
  await patient.says('糖尿病能吃西瓜吗');
  expect(group.replies()).toEqual([]);
});

it('listens after being called alone, for two minutes', async () => {
  await patient.says('@小杏');
  expect(group.replies()).toEqual([expect.stringContaining('在呢')]);
  await patient.says('糖尿病能吃西瓜吗');
  expect(group.replies()).toEqual([expect.stringContaining('KB-050')]);
});

it('is called by name in front, and by a quote of its own message', async () => {
  await patient.says('小杏，糖尿病能吃西瓜吗');
  expect(group.replies()).toEqual([expect.stringContaining('KB-050')]);
  const answer = group.messages().at(-1)!;
  await patient.says('糖尿病眼底多久查一次', { quote: answer });
  expect(group.replies()[0]).toContain('KB-065');
});

it('stickers, thanks and good mornings get no answer', async () => {
  for (const words of ['@小杏 谢谢', '@小杏 早上好', '@小杏 👍', '@小杏 [玫瑰]']) await patient.says(words);
  expect(group.replies()).toEqual([]);
});

it('a voice message: kindly in private, silence in the group', async () => {
  const { world } = scenario.simulation;
  world.sendVoice(patient.id, world.botId, {
    name: 'v.sil',
    mediaType: 'audio/silk',
    base64: 'aGk=',
    durationSeconds: 3,
  });
  await scenario.passes(1_000);
  expect(patient.privateReplies()).toEqual([expect.stringContaining('转文字')]);
  world.sendVoice(patient.id, group.id, { name: 'v.sil', mediaType: 'audio/silk', base64: 'aGk=', durationSeconds: 3 });
  await scenario.passes(1_000);
  expect(group.replies()).toEqual([]);
});

it('one of several close entries is picked by its number, and it is that question that goes to a doctor', async () => {
  await patient.saysPrivately('低血糖');
  const [choices] = patient.privateReplies();
  expect(choices).toContain('请回数字');
  expect(choices).toMatch(/\n1 .+\n2 /);
  await patient.saysPrivately('1。');
  expect(patient.privateReplies()[0]).toContain('KB-0');
  await patient.saysPrivately('有用！');
  expect(patient.privateReplies()).toEqual([expect.stringContaining('谢谢')]);
  await patient.saysPrivately('转医生');
  expect(scenario.group('医生').replies()[0]).toContain('“低血糖”');
});

it('several questions in one message are answered as several, and each can be read whole by its number', async () => {
  await patient.saysPrivately('糖尿病能吃西瓜吗？能喝酒吗？痛风能吃海鲜吗？');
  const [several, ...more] = patient.privateReplies();
  expect(more).toEqual([]);
  expect(several).toMatch(/\n1 糖友能不能吃水果？\n.+\n2 糖友可以喝酒吗？\n/);
  for (const words of ['其余的我还没有', 'KB-050 v1', 'KB-055 v1']) expect(several).toContain(words);
  await patient.saysPrivately('2');
  expect(patient.privateReplies()[0]).toMatch(/^不建议喝/);
});

it('那有什么副作用呢 is understood with the question before, for ten minutes and in its own place', async () => {
  await patient.saysPrivately('二甲双胍什么时候吃');
  patient.privateReplies();
  await patient.says('@小杏 那有什么副作用呢');
  expect(group.replies().join()).not.toContain('二甲双胍');
  await patient.saysPrivately('那有什么副作用呢');
  expect(patient.privateReplies().join()).toContain('二甲双胍');
  await scenario.passes(11 * 60_000);
  await patient.saysPrivately('那有什么副作用呢');
  expect(patient.privateReplies().join()).not.toContain('二甲双胍');
});

it('那香蕉呢 after an answer in the group is meant for the bot, though it does not say so, and so is the next one', async () => {
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  expect(group.replies()).toEqual([expect.stringContaining('KB-050')]);
  await patient.says('那香蕉呢');
  expect(group.replies()).toEqual([expect.stringMatching(/@张阿姨[\s\S]*KB-050/)]);
  await scenario.passes(100_000);
  await patient.says('那喝酒呢？');
  expect(group.replies()).toEqual([expect.stringMatching(/@张阿姨[\s\S]*KB-055/)]);
  await patient.says('还有什么要注意的');
  expect(group.replies()).toEqual([expect.stringContaining('水果')]);
});

it('a follow-up about the person’s own case goes to a doctor', async () => {
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  group.replies();
  await patient.says('那我肾不好能吃吗');
  expect(group.replies()[0]).toContain('编号 #1');
});

it('after two minutes 那香蕉呢 is talk in the group again', async () => {
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  group.replies();
  await scenario.passes(121_000);
  await patient.says('那香蕉呢');
  expect(group.replies()).toEqual([]);
  await patient.says('@小杏 那香蕉呢');
  expect(group.replies()).toEqual([expect.stringContaining('KB-050')]);
});

it('what another person says is no follow-up, and ends the one of the first', async () => {
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  group.replies();
  await scenario.person('老周').says('那香蕉呢');
  expect(group.replies()).toEqual([]);
  await patient.says('那香蕉呢');
  expect(group.replies()).toEqual([]);
});

it.each(['那好吧', '香蕉呢', '那你吃饭了吗', '谢谢', '那就不吃了'])(
  'after an answer, what leans on nothing or asks nothing is left alone: %s',
  async (words) => {
    await patient.says('@小杏 糖尿病能吃西瓜吗');
    group.replies();
    await patient.says(words);
    expect(group.replies()).toEqual([]);
  },
);

it('a follow-up that names somebody, quotes somebody, or comes after an offer or in another group is not meant for the bot', async () => {
  const said = await scenario.person('老周').says('我今天吃了半个');
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  group.replies();
  await patient.says('那香蕉呢', { mention: ['老周'] });
  await patient.says('那香蕉呢', { quote: said });
  expect(group.replies()).toEqual([]);
  await patient.says('@小杏 怎么种西红柿');
  expect(group.replies()).toHaveLength(1);
  await patient.says('那香蕉呢');
  expect(group.replies()).toEqual([]);
  const both = scenario.person('王叔');
  await both.says('@小杏 糖尿病能吃西瓜吗', { in: '糖友' });
  await both.says('那香蕉呢', { in: '高血压' });
  expect(scenario.group('高血压').replies()).toEqual([]);
});

it('没用 asks for the reason, which is kept with the rating', async () => {
  await patient.saysPrivately('糖尿病能吃西瓜吗');
  patient.privateReplies();
  await patient.saysPrivately('没用');
  expect(patient.privateReplies()[0]).toContain('2 看不懂');
  await patient.saysPrivately('2');
  expect(patient.privateReplies()).toEqual([expect.stringContaining('转给编辑')]);
});

it('a personal question gets its ticket, and the general entry beside it, marked as general', async () => {
  await patient.saysPrivately('我血糖高能吃西瓜吗');
  const [ticket, general, ...more] = patient.privateReplies();
  expect(ticket).toContain('编号 #1');
  expect(general).toMatch(/^通用知识（不针对个人）\n/);
  expect(general).toContain('KB-050');
  expect(general).not.toContain('有用');
  expect(more).toEqual([]);
  await patient.saysPrivately('我肾不好还能吃二甲双胍吗');
  expect(patient.privateReplies().join('\n')).not.toContain('通用知识');
});

it('a question beside a check-in is answered; one about the value goes to a doctor', async () => {
  await patient.says('同意记录');
  group.replies();
  await patient.says('@小杏 打卡 空腹6.5，糖尿病能吃西瓜吗？');
  expect(group.replies()).toEqual([expect.stringContaining('KB-050')]);
  await patient.says('@小杏 打卡 空腹6.5 高吗');
  expect(group.replies()).toEqual([expect.stringContaining('编号 #1')]);
});

it('an everyday word that nobody asked for is silence, also in private', async () => {
  for (const words of ['1', '是', '有用', '没用', '解决了', '同意', '我', '2。']) await patient.saysPrivately(words);
  expect(patient.privateReplies()).toEqual([]);
});

it.each(['你好', '在吗？', '您好！', '小杏你好'])('a greeting in private is a knock at the door: %s', async (words) => {
  await patient.saysPrivately(words);
  expect(patient.privateReplies()).toEqual(['在呢，您说']);
  await patient.saysPrivately('糖尿病能吃西瓜吗');
  expect(patient.privateReplies()[0]).toContain('KB-050');
});

it('a photo in private: asks whether a doctor is to know, and takes the question with it', async () => {
  const { world } = scenario.simulation;
  const picture = { name: 'a.jpg', mediaType: 'image/jpeg', base64: 'aGk=' };
  world.sendPicture(patient.id, world.botId, picture);
  await scenario.passes(1_000);
  expect(patient.privateReplies()[0]).toContain('要转给医生吗？');
  await patient.saysPrivately('是');
  expect(patient.privateReplies()).toEqual([expect.stringContaining('一句话')]);
  await patient.saysPrivately('这个化验单上的肌酐高吗');
  expect(patient.privateReplies()[0]).toContain('编号 #1');
  expect(scenario.group('医生').replies()[0]).toMatch(/这个化验单上的肌酐高吗[\s\S]*一张图片/);
  world.sendPicture(patient.id, group.id, picture);
  await scenario.passes(1_000);
  expect(group.replies()).toEqual([]);
});

it.each([
  '请假 3天',
  '請假三天',
  '销假',
  '奖品',
  '兑换 血糖试纸',
  '我的兑换',
  '提醒我 每天21:00 吃药',
  '每晚九点提醒我吃药',
  '我的资料',
  '紧急联系人',
  '绑定家人 张三',
  '替妈妈打卡 空腹6.5',
])('what is not to be had yet says so in one short sentence: %s', async (words) => {
  await patient.says(words);
  const [reply, ...more] = group.replies();
  expect(reply).toContain('还没有开通');
  expect(reply?.length).toBeLessThanOrEqual(60);
  expect(reply).not.toMatch(/\d\.\d/);
  expect(more).toEqual([]);
});

it('an everyday question about the clinic is for the admins, never offered to a doctor', async () => {
  await patient.says('@小杏 门诊几点上班');
  const [reply] = group.replies();
  expect(reply).toContain('管理员');
  expect(reply).not.toContain('转医生');
});

it('help says how to ask, in at most twelve lines', async () => {
  await patient.saysPrivately('帮助');
  const [help] = patient.privateReplies();
  expect(help).toContain('问问题');
  expect(help?.split('\n').length).toBeLessThanOrEqual(12);
  await patient.saysPrivately('how to ask');
  expect(patient.privateReplies()[0]).toContain('问问题');
});

it('a question among other words is asked back, and 是 is enough', async () => {
  await patient.says(
    '@小杏 各位老师好，刚进群不太会用，先给大家拜个晚年，我想问一下，糖尿病人能不能吃西瓜啊，最近天热，邻居送来好多，放着怕坏，扔了又可惜',
  );
  expect(group.replies()).toEqual([expect.stringContaining('糖友能不能吃水果')]);
  await patient.says('是');
  expect(group.replies()).toEqual([expect.stringContaining('KB-050')]);
});

it.each(['今天天气真好', 'asdfgh', '你好笨'])('talk is not taken for a question: %s', async (words) => {
  await patient.saysPrivately(words);
  const [reply, ...more] = patient.privateReplies();
  expect(reply).toContain('没听明白');
  expect(more).toEqual([]);
  await patient.saysPrivately('转医生');
  expect(patient.privateReplies()).toEqual([expect.stringContaining('请直接说您的问题')]);
});

it.each(['糖尿病脚气', '心里难受'])('words of the body are offered a doctor, however short: %s', async (words) => {
  await patient.saysPrivately(words);
  expect(patient.privateReplies()).toEqual([expect.stringContaining('转医生')]);
});
