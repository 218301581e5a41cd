import { afterEach, expect, it } from 'vitest';
import type { Actor, Group, Scenario, ScenarioOptions } from './kit.js';
import { startPlain } from './plain.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const VOICE = { name: 'v.sil', mediaType: 'audio/silk', base64: 'aGk=', durationSeconds: 3 };

let scenario: Scenario;
let patient: Actor;
let group: Group;
afterEach(() => scenario.stop());

async function start(options: ScenarioOptions = {}, name = '张阿姨'): Promise<void> {
  scenario = await startPlain(options);
  patient = scenario.person(name);
  group = scenario.group('糖友');
}

/** People who come into a group by invitation, in this order. */
function join(names: string[]): void {
  const { world } = scenario.simulation;
  const ids = names.map((name) => world.addPerson({ name }).id);
  world.join(group.id, ids, { by: 'invitation', inviterId: patient.id });
}

it('one welcome for a batch of newcomers', async () => {
  await start();
  join(['新一', '新二']);
  await scenario.passes(10 * SECOND);
  join(['新三']);
  await scenario.passes(MINUTE);
  const replies = group.replies();
  expect(replies).toHaveLength(1);
  expect(replies[0]).toMatch(/^欢迎 @新一 @新二 @新三 👋/);
  for (const part of ['不是医生', '@小杏', '打卡 空腹6.5', '转医生', '120', '隐私', '示例内容']) {
    expect(replies[0]).toContain(part);
  }
});

it('who was welcomed once is not welcomed again, and who leaves before is left out', async () => {
  await start();
  const { world } = scenario.simulation;
  const [first, second] = ['新一', '新二'].map((name) => world.addPerson({ name }));
  if (!first || !second) throw new Error('two newcomers');
  world.join(group.id, [first.id, second.id], { by: 'qr-code', inviterId: patient.id });
  await scenario.passes(5 * SECOND);
  world.leave(group.id, second.id);
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([expect.stringMatching(/^欢迎 @新一 👋/)]);
  await scenario.passes(10 * MINUTE);
  expect(group.replies()).toEqual([]);
});

it('a group that was there before gets one introduction without names, once', async () => {
  await start({ setUp: false });
  const admin = scenario.person('陈管理员');
  await admin.saysPrivately('绑定管理员 482913');
  await admin.says('@小杏 设为患者群 糖尿病', { in: '糖友' });
  const introduction = group.replies().at(-1);
  expect(introduction).toMatch(/^大家好/);
  for (const name of ['张阿姨', '老周', '赵姐']) expect(introduction).not.toContain(name);
  await admin.says('@小杏 设为患者群 糖尿病 高血压', { in: '糖友' });
  expect(group.replies().join('\n')).not.toContain('大家好');
});

it('转医生 after a question: a ticket with that question, the honest time, and its place in 我的求助', async () => {
  await start();
  await patient.says('@小杏 怎么种西红柿');
  expect(group.replies()).toEqual([expect.stringContaining('转医生')]);
  await patient.says('转医生');
  const [opened] = group.replies();
  expect(opened).toContain('@张阿姨 您的问题登记好了,编号 #1,预计今天17:30前有医生回复');
  expect(opened).toContain('120');
  const [card] = scenario.group('医生').replies();
  expect(card).toMatch(/^#1 新问题/);
  expect(card).toContain('“怎么种西红柿”');
  await patient.says('我的求助');
  expect(group.replies()).toEqual(['@张阿姨 您的求助:\n#1 等医生看']);
  await patient.saysPrivately('我的求助');
  expect(patient.privateReplies()).toEqual(['您的求助:\n#1 等医生看:怎么种西红柿']);
});

it('转医生 with nothing asked before waits for the next sentence; 找医生 with words needs none', async () => {
  await start();
  await patient.says('转医生');
  expect(group.replies()).toEqual([expect.stringContaining('请直接说您的问题')]);
  await patient.says('脚麻了半个月挂什么科');
  expect(group.replies()[0]).toContain('#1');
  await scenario.person('老周').says('找医生 我血糖老是忽高忽低怎么办');
  expect(group.replies()[0]).toContain('#2');
  const cards = scenario.group('医生').replies();
  expect(cards[0]).toContain('“脚麻了半个月挂什么科”');
  expect(cards[1]).toContain('“我血糖老是忽高忽低怎么办”');
});

it('asked at night, when nobody is on duty, it says so and where to go', async () => {
  await start({ at: '2026-03-02T22:10:00+08:00' });
  await patient.says('找医生 我吃二甲双胍总拉肚子怎么办');
  const [opened] = group.replies();
  expect(opened).toContain('现在没有医生值班,最早明天8:30以后');
  expect(opened).toContain('去急诊');
});

it('转人工 asks for whom: 1 the doctor, 2 the admins, who never bother a doctor', async () => {
  await start();
  await patient.says('转人工');
  const [question] = group.replies();
  expect(question).toContain('1 身体、用药的问题→医生');
  expect(question).toContain('2 挂号、报销、活动→管理员');
  await patient.says('2');
  group.replies();
  await patient.says('上周的活动奖品在哪里领');
  expect(group.replies()).toEqual([expect.stringContaining('转给管理员')]);
  expect(scenario.group('管理').replies()).toEqual([expect.stringContaining('上周的活动奖品在哪里领')]);
  expect(scenario.group('医生').replies()).toEqual([]);
  await scenario.person('老周').says('医生在吗');
  await scenario.person('老周').says('1');
  await scenario.person('老周').says('我吃药后头晕要不要停药');
  expect(scenario.group('医生').replies().at(-1)).toContain('我吃药后头晕要不要停药');
});

it('投诉 goes to the admins, and their answer comes back', async () => {
  await start();
  await patient.says('投诉 群里有人发广告');
  expect(group.replies()).toEqual([expect.stringContaining('#1')]);
  expect(scenario.group('管理').replies()[0]).toContain('群里有人发广告');
  await scenario.person('陈管理员').says('#1 已经请他出群了,谢谢您', { in: '管理' });
  expect(group.replies()).toEqual([expect.stringContaining('已经请他出群了,谢谢您')]);
});

it('a voice message in private: how to make it text; with a ticket open, an offer to tell the doctor', async () => {
  await start();
  const { world } = scenario.simulation;
  world.sendVoice(patient.id, world.botId, VOICE);
  await scenario.passes(SECOND);
  const [plain] = patient.privateReplies();
  expect(plain).toContain('转文字');
  expect(plain).toContain('120');
  expect(plain).not.toContain('医生');
  await patient.saysPrivately('找医生 我吃二甲双胍总拉肚子怎么办');
  patient.privateReplies();
  scenario.group('医生').replies();
  world.sendVoice(patient.id, world.botId, VOICE);
  await scenario.passes(SECOND);
  const [offer] = patient.privateReplies();
  expect(offer).toContain('转文字');
  expect(offer).toContain('#1');
  await patient.saysPrivately('是');
  expect(patient.privateReplies()[0]).toContain('#1');
  expect(scenario.group('医生').replies()[0]).toMatch(/^#1 .*语音/s);
});

it('a voice message in a group: silence, unless the bot waits for this person', async () => {
  await start();
  const { world } = scenario.simulation;
  world.sendVoice(patient.id, group.id, VOICE);
  await scenario.passes(SECOND);
  expect(group.replies()).toEqual([]);
  await patient.says('@小杏');
  group.replies();
  world.sendVoice(patient.id, group.id, VOICE);
  await scenario.passes(SECOND);
  expect(group.replies()).toEqual([expect.stringContaining('转文字')]);
});

it('stickers, thanks, good mornings, 接龙 and red packets: silence, also in private', async () => {
  await start();
  const { world } = scenario.simulation;
  for (const to of [group.id, world.botId]) {
    world.sendCard(patient.id, to, { kind: 'emoticon', meaning: '微笑' });
    world.sendCard(patient.id, to, { kind: 'red-packet', greeting: '恭喜发财' });
    world.sendCard(patient.id, to, { kind: 'group-note', title: '接龙 1 张阿姨 2 老周' });
    for (const words of ['谢谢', '收到', '早上好', '[玫瑰]', '👍', '谢谢医生']) world.say(patient.id, to, words);
  }
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([]);
  expect(patient.privateReplies()).toEqual([]);
  await scenario.passes(10 * MINUTE);
  expect(scenario.group('医生').replies()).toEqual([]);
});

it('not a friend: says how, and does the pending thing on acceptance', async () => {
  await start({}, '孙师傅');
  await patient.says('我的数据');
  expect(group.replies()).toEqual([expect.stringContaining('点我的头像→添加到通讯录')]);
  await patient.says('我的数据');
  expect(group.replies()).toEqual([]);
  scenario.simulation.world.requestFriendship(patient.id, '我是老孙');
  await scenario.passes(2 * SECOND);
  const replies = patient.privateReplies();
  expect(replies.filter((reply) => reply.includes('【我的数据】')).length).toBeGreaterThanOrEqual(1);
  expect(replies.join('\n')).toContain('my-data.json');
});

it('what needs no private word works in the group without friendship', async () => {
  await start({}, '孙师傅');
  await patient.says('同意记录');
  await patient.says('打卡 空腹6.5');
  await patient.says('我的积分');
  await scenario.passes(MINUTE);
  const replies = group.replies().join('\n');
  expect(replies).toContain('现在有5分');
  expect(replies).toContain('夜班老孙 +5分');
});

it('commands in English do the same', async () => {
  await start();
  await patient.says('agree to records');
  await patient.says('check in 空腹6.5');
  await patient.says('my points');
  await patient.says('join leaderboard');
  await patient.says('leaderboard');
  await scenario.passes(MINUTE);
  const replies = group.replies().join('\n');
  expect(replies).toContain('+5分');
  expect(replies).toContain('现在有5分');
  expect(replies).toContain('1 张阿姨 1天');
  await patient.saysPrivately('help');
  expect(patient.privateReplies()[0]).toContain('打卡');
  await patient.saysPrivately('my tickets');
  expect(patient.privateReplies()[0]).toContain('还没有求助过');
});

it.each(['幫助', '帮助', '/帮助', ' 帮 助 ', '@小杏 帮助', 'HELP', '帮助。'])(
  'help is what this person can do here: %s',
  async (words) => {
    await start();
    if (words.startsWith('@')) await patient.says(words);
    else await patient.saysPrivately(words);
    const [help] = words.startsWith('@') ? group.replies() : patient.privateReplies();
    expect(help).toContain('打卡 空腹6.5');
    expect(help).not.toContain('设为患者群');
    expect(help?.split('\n').length).toBeLessThanOrEqual(12);
  },
);
