import { afterEach, expect, it } from 'vitest';
import { type Scenario, startScenario } from './kit.js';

let scenario: Scenario;
afterEach(() => scenario.stop());

it('the first start prints a code, and who sends it in private becomes owner', async () => {
  scenario = await startScenario({ setUp: false });
  const admin = scenario.person('陈管理员');
  await admin.saysPrivately('绑定管理员 111111');
  expect(admin.privateReplies()).toEqual([expect.stringContaining('不对')]);
  await admin.saysPrivately('/绑定管理员482913');
  expect(admin.privateReplies()).toEqual([expect.stringContaining('绑定好了')]);
  expect(await scenario.app.setupCode()).toBeUndefined();

  const second = scenario.person('何管理员');
  await second.saysPrivately('claim 482913');
  expect(second.privateReplies()).toEqual([expect.stringContaining('已经有所有者')]);
});

it('closes for an hour after five wrong codes of one person', async () => {
  scenario = await startScenario({ setUp: false });
  const guesser = scenario.person('张阿姨');
  for (let i = 0; i < 5; i += 1) await guesser.saysPrivately(`绑定管理员 10000${i}`);
  guesser.privateReplies();
  await guesser.saysPrivately('绑定管理员 482913');
  expect(guesser.privateReplies()).toEqual([expect.stringContaining('一小时')]);
  expect(await scenario.app.setupCode()).toBe('482913');
  await scenario.passes(61 * 60_000);
  await guesser.saysPrivately('绑定管理员 482913');
  expect(guesser.privateReplies()).toEqual([expect.stringContaining('绑定好了')]);
});

it('the owner sets groups up, names doctors and admins, and reads the settings', async () => {
  scenario = await startScenario({ setUp: false });
  const admin = scenario.person('陈管理员');
  await admin.saysPrivately('绑定管理员 482913');
  const patients = scenario.group('糖友');
  const doctors = scenario.group('医生');

  await scenario.person('张阿姨').says('@小杏 设为患者群 糖尿病');
  expect(patients.replies()).toEqual([]);

  await admin.says('@小杏 设为患者群 糖尿病', { in: '糖友' });
  const [set, introduction] = patients.replies();
  expect(set).toContain('患者群');
  expect(set).toContain('糖尿病');
  expect(introduction).toContain('大家好');
  expect(introduction).not.toContain('张阿姨');

  await admin.says('@小杏 设为患者群', { in: '高血压' });
  expect(scenario.group('高血压').replies()).toEqual([expect.stringContaining('设为患者群 糖尿病')]);

  await admin.saysPrivately('帮助');
  const [help] = admin.privateReplies().slice(-1);
  expect(help!.split('\n').length).toBeLessThanOrEqual(12);

  await admin.says('@小杏 群设置', { in: '糖友' });
  expect(patients.replies()[0]).toContain('22:00');
  await admin.says('安静时段 23:00-6:30', { in: '糖友' });
  await admin.says('@小杏 群设置', { in: '糖友' });
  expect(patients.replies().at(-1)).toContain('23:00–6:30');
  expect(doctors.replies()).toEqual([]);
});

it.each([
  ['回答风格 严格', '严格', /请回数字|您想问的是/u],
  ['回答风格 标准', '标准', /KB-\d{3} v/u],
  ['回答风格：活泼', '活跃', /KB-\d{3} v/u],
])('%s decides how sure an answer in this group must be', async (words, shown, reply) => {
  scenario = await startScenario();
  const admin = scenario.person('陈管理员');
  const patient = scenario.person('张阿姨');
  const group = scenario.group('糖友');
  await admin.says(words, { in: '糖友' });
  await admin.says('群设置', { in: '糖友' });
  expect(group.replies().at(-1)).toContain(`回答风格：${shown}。`);
  // Sure enough for 标准 and not for 严格: which wording that is changes with the weights of the search.
  const index = scenario.app.knowledge.index();
  const topics = ['t2dm'] as const;
  const asked = [...Array(120).keys()]
    .flatMap((n) => index.find(`KB-${String(n + 1).padStart(3, '0')}`)?.entry.question ?? [])
    .flatMap((question) => [
      `${question.replace('？', '')}呀请教一下`,
      `听人说的，${question.replace('？', '')}，对不对`,
    ])
    .find(
      (wording) =>
        index.decide(wording, { topics, style: 'strict' }).kind === 'clarify' &&
        index.decide(wording, { topics, style: 'standard' }).kind === 'answer',
    );
  await patient.says(`@小杏 ${asked}`);
  expect(group.replies()).toEqual([expect.stringMatching(reply)]);
});

it('回答风格 is for admins, and a style that is none is told how to say it', async () => {
  scenario = await startScenario();
  const group = scenario.group('糖友');
  await scenario.person('陈管理员').says('回答风格 随便', { in: '糖友' });
  expect(group.replies()).toEqual([expect.stringContaining('回答风格 严格')]);
  await scenario.person('张阿姨').says('回答风格 严格');
  expect(group.replies()).toEqual([]);
  await scenario.person('张阿姨').says('@小杏 群设置');
  expect(group.replies()).toEqual([expect.stringContaining('只有管理员')]);
});

it('asks which person is meant when a name fits several; the number counts once', async () => {
  scenario = await startScenario();
  const admin = scenario.person('陈管理员');
  await admin.saysPrivately('添加管理员 小');
  const [question] = admin.privateReplies();
  expect(question).toMatch(/^您说的是哪一位/);
  expect(question).toContain('1 ');
  await admin.saysPrivately('1');
  expect(admin.privateReplies()).toEqual([expect.stringContaining('管理员')]);
  // The question is answered: a bare digit is everyday talk again.
  await admin.saysPrivately('1');
  expect(admin.privateReplies()).toEqual([]);
});

it('is silent where an admin says so, but for emergencies', async () => {
  scenario = await startScenario();
  const patients = scenario.group('糖友');
  await scenario.person('陈管理员').says('停用本群', { in: '糖友' });
  patients.replies();
  await scenario.person('张阿姨').says('@小杏 糖尿病能吃西瓜吗');
  expect(patients.replies()).toEqual([]);
  await scenario.person('张阿姨').says('胸口疼得厉害，喘不上气');
  expect(patients.replies()[0]).toContain('120');
  await scenario.person('陈管理员').says('启用本群', { in: '糖友' });
  expect(patients.replies().at(-1)).toContain('启用');
});

it('a group that nobody has set up: emergencies are answered, nothing else, and no words are kept', async () => {
  scenario = await startScenario({ setUp: false });
  const patients = scenario.group('糖友');
  await scenario.person('张阿姨').says('大家早上好');
  await scenario.person('张阿姨').says('打卡 空腹6.5');
  expect(patients.replies()).toEqual([]);
  await scenario.person('老周').says('胸口疼得厉害，喘不上气');
  expect(patients.replies()[0]).toContain('120');
  const kept = await scenario.app.db.reader
    .selectFrom('message')
    .select('text_sealed')
    .where('text_sealed', 'is not', null)
    .execute();
  expect(kept).toEqual([]);
});

it.each([
  ['全部静音', '管理'],
  ['停用本群', '医生'],
])('after %s doctors still acknowledge an emergency and answer it', async (words, where) => {
  scenario = await startScenario();
  const doctors = scenario.group('医生');
  const doctor = scenario.person('李医生');
  await scenario.person('陈管理员').says(words, { in: where });
  await scenario.person('张阿姨').says('胸口疼得厉害，喘不上气');
  doctors.replies();
  await doctor.says('收到 #1', { in: '医生' });
  expect(doctors.replies()).toEqual([expect.stringContaining('#1')]);
  await doctor.says('#1 请马上打120，家人陪着，别自己走动', { in: '医生' });
  expect(doctors.replies().join('\n')).toContain('#1');
  const ticket = await scenario.app.db.reader
    .selectFrom('ticket')
    .select(['acknowledged_at', 'answered_at'])
    .executeTakeFirstOrThrow();
  expect(ticket.acknowledged_at).not.toBeNull();
  expect(ticket.answered_at).not.toBeNull();
  await scenario.person('王医生').saysPrivately('待办');
  expect(scenario.person('王医生').privateReplies().at(-1)).toContain('待办');
});

it('who names a new community becomes its owner and goes on in it', async () => {
  scenario = await startScenario({ setUp: false });
  const admin = scenario.person('陈管理员');
  await admin.saysPrivately('绑定管理员 482913');
  const patients = scenario.group('糖友');
  await admin.says('@小杏 设为患者群 糖尿病 阳光社', { in: '糖友' });
  expect(patients.replies()[0]).toContain('阳光社');
  await admin.says('@小杏 群设置', { in: '糖友' });
  expect(patients.replies()[0]).toContain('22:00');
  await admin.says('@小杏 设为患者群 糖尿病 通用', { in: '糖友' });
  expect(patients.replies()[0]).toContain('属于“阳光社”');
  const owners = await scenario.app.db.reader
    .selectFrom('role')
    .innerJoin('community', 'community.id', 'role.community_id')
    .select(['community.name'])
    .where('role', '=', 'owner')
    .where('removed_at', 'is', null)
    .execute();
  expect(owners.map(({ name }) => name)).toContain('阳光社');
  const noted = await scenario.app.db.reader.selectFrom('audit').select('action').execute();
  const actions = noted.map(({ action }) => action);
  expect(actions).toContain('community-created');
  expect(actions.filter((action) => action === 'role-added-owner')).toHaveLength(2);
});

it('nobody puts a group into a community that they do not run', async () => {
  scenario = await startScenario({ setUp: false });
  const owner = scenario.person('陈管理员');
  await owner.saysPrivately('绑定管理员 482913');
  await owner.says('@小杏 设为管理群', { in: '管理' });
  await owner.says('@小杏 设为患者群 高血压 阳光社', { in: '高血压' });
  await owner.says('添加管理员', { in: '管理', mention: ['何管理员'] });
  scenario.group('管理').replies();
  await scenario.person('何管理员').says('@小杏 设为管理群 阳光社', { in: '管理' });
  expect(scenario.group('管理').replies()).toEqual([expect.stringContaining('不是“阳光社”的管理员')]);
});

it('a group with a running campaign moves to another community only after 结束打卡', async () => {
  scenario = await startScenario();
  const admin = scenario.person('陈管理员');
  const patients = scenario.group('糖友');
  await admin.says('@小杏 设为患者群 糖尿病 阳光社', { in: '糖友' });
  expect(patients.replies()).toEqual([expect.stringContaining('结束打卡')]);
  expect(await scenario.app.db.reader.selectFrom('community').select('name').execute()).toHaveLength(1);
  await admin.says('@小杏 设为患者群 糖尿病 通用', { in: '糖友' });
  expect(patients.replies()).toEqual([expect.stringContaining('通用')]);
  await admin.says('结束打卡', { in: '糖友' });
  await admin.says('是', { in: '糖友' });
  patients.replies();
  await admin.says('@小杏 设为患者群 糖尿病 阳光社', { in: '糖友' });
  expect(patients.replies()).toEqual([expect.stringContaining('属于“阳光社”')]);
});

it.each(['绑定管理员：482913', '绑定 管理员 482913', '绑定管理员 482 913。', 'claim: 482913'])(
  'the code is understood in %s',
  async (words) => {
    scenario = await startScenario({ setUp: false });
    const admin = scenario.person('陈管理员');
    await admin.saysPrivately(words);
    expect(admin.privateReplies()).toEqual([expect.stringContaining('绑定好了')]);
  },
);

it.each(['绑定管理员', '绑定管理员 我的码', 'claim'])('%s without a code: the right form is shown', async (words) => {
  scenario = await startScenario({ setUp: false });
  const admin = scenario.person('陈管理员');
  await admin.saysPrivately(words);
  expect(admin.privateReplies()).toEqual([expect.stringContaining('绑定管理员 6位数字')]);
  expect(await scenario.app.db.reader.selectFrom('audit').select('action').execute()).toEqual([]);
});

it.each(['添加医生 赵敏 内分泌科 市一医院 110110000000001', '添加医生赵敏 内分泌科', '/添加医生：赵敏'])(
  'a doctor is named by a mention in front: %s',
  async (words) => {
    scenario = await startScenario();
    await scenario.person('陈管理员').says(words, { in: '糖友', mention: ['赵姐'] });
    expect(scenario.group('糖友').replies()).toEqual([]);
    const staff = scenario.group('管理');
    const admin = scenario.person('陈管理员');
    await admin.says(words, { in: '管理', mention: ['何管理员'] });
    expect(staff.replies()).toEqual([expect.stringContaining('添加好了：赵敏')]);
  },
);

it('who has just joined can be named at once, and so can everybody in a group that has just pulled the bot in', async () => {
  scenario = await startScenario({ setUp: false });
  const admin = scenario.person('陈管理员');
  await admin.saysPrivately('绑定管理员 482913');
  const { world } = scenario.simulation;
  const patients = scenario.group('糖友');
  await admin.says('@小杏 设为患者群 糖尿病', { in: '糖友' });
  const newcomer = world.addPerson({ name: '钱大伯' }).id;
  world.join(patients.id, [newcomer], { by: 'invitation', inviterId: admin.id });
  await scenario.passes(60_000);
  admin.privateReplies();
  await admin.saysPrivately('添加管理员 钱大伯');
  expect(admin.privateReplies()).toEqual([expect.stringContaining('添加好了')]);

  const old = world.addPerson({ name: '孙老师' }).id;
  const { id } = world.createRoom({ topic: '阳光群', memberIds: [admin.id, old] });
  world.join(id, [world.botId], { by: 'invitation', inviterId: admin.id });
  await scenario.passes(60_000);
  await admin.says('@小杏 设为患者群 通用', { in: '阳光群' });
  admin.privateReplies();
  await admin.saysPrivately('添加管理员 孙老师');
  expect(admin.privateReplies()).toEqual([expect.stringContaining('添加好了')]);
});
