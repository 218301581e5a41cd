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
