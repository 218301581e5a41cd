import { afterEach, expect, it } from 'vitest';
import type { Actor, Scenario } from './kit.js';
import { startPlain } from './plain.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SUNDAY_NOON = '2026-03-08T12:00:00+08:00';

let scenario: Scenario;
afterEach(() => scenario.stop());

async function start(options: Parameters<typeof startPlain>[0] = { at: SUNDAY_NOON }): Promise<void> {
  scenario = await startPlain(options);
}

const admins = () => scenario.group('管理');
const digests = () =>
  admins()
    .replies()
    .filter((words) => words.includes('知识缺口'));

async function asks(name: string, ...questions: string[]): Promise<Actor> {
  const actor = scenario.person(name);
  for (const question of questions) await actor.says(`@小杏 ${question}`);
  return actor;
}

it('on Monday at nine the admins read what people asked and no entry answers, the most asked first', async () => {
  await start();
  await asks('赵姐', '痛风能吃海鲜吗');
  await asks('老周', '血糖仪选什么牌子', '痛风可以吃海鲜不');
  await asks('吴老师', '我爸张建国空腹6.8,高血压药能和丹参一起泡酒喝不');
  admins().replies();
  await scenario.passes(20 * HOUR + 59 * 60_000);
  expect(digests()).toEqual([]);
  await scenario.passes(60_000);
  const [digest, ...more] = digests();
  expect(more).toEqual([]);
  expect(digest).toMatch(/最近7天.*\n1 “痛风可以吃海鲜不”:2人问/);
  expect(digest).toMatch(/\n2 “血糖仪选什么牌子”:1人问/);
  expect(digest).not.toMatch(/张建国|6\.8|赵姐|老周|吴老师/);
  expect(digest).toContain('知识缺口 30天');
  await scenario.passes(6 * DAY + 23 * HOUR);
  expect(digests()).toEqual([]);
});

it('a week without gaps sends nothing; one with them comes again', async () => {
  await start();
  await asks('老周', '糖尿病能吃西瓜吗');
  await scenario.passes(DAY);
  expect(digests()).toEqual([]);
  await scenario.passes(6 * DAY);
  await asks('老周', '痛风能吃海鲜吗');
  await scenario.passes(DAY);
  expect(digests()).toEqual([expect.stringContaining('痛风能吃海鲜吗')]);
});

it('words that nobody agreed to keep are gone after a day, and only counted', async () => {
  await start({ at: '2026-03-05T12:00:00+08:00' });
  await scenario.person('赵姐').saysPrivately('同意记录');
  await asks('赵姐', '痛风能吃海鲜吗');
  await asks('老周', '血糖仪选什么牌子');
  await scenario.passes(4 * DAY);
  const [digest] = digests();
  expect(digest).toContain('痛风能吃海鲜吗');
  expect(digest).toContain('另有1个没答上的');
  expect(digest).not.toContain('血糖仪');
});

it('知识缺口 shows the same to admins at any time, here and in private, and to nobody else', async () => {
  await start();
  const admin = scenario.person('陈管理员');
  await admin.says('知识缺口', { in: '管理' });
  expect(admins().replies()).toEqual([expect.stringContaining('没有记下知识缺口')]);
  const zhou = await asks('老周', '痛风能吃海鲜吗');
  await zhou.says('没用');
  await admin.says('知识缺口 30天', { in: '管理' });
  expect(admins().replies()).toEqual([expect.stringMatching(/最近30天.*\n1 “痛风能吃海鲜吗”:1人问/)]);
  await admin.saysPrivately('知识缺口');
  expect(admin.privateReplies().at(-1)).toContain('痛风能吃海鲜吗');
  await admin.says('帮助', { in: '管理' });
  const help = admins().replies().at(-1);
  expect(help).toContain('停用本群');
  expect(help).toContain('知识缺口');
  expect(help?.split('\n').length).toBeLessThanOrEqual(12);
  const group = scenario.group('糖友');
  group.replies();
  await zhou.says('@小杏 知识缺口');
  expect(group.replies()).toEqual([expect.stringContaining('只有管理员')]);
});

it('of more than ten kinds the rest is counted', async () => {
  await start();
  const questions =
    '痛风能吃海鲜吗 白血病能治好吗 近视手术怎么做 牙齿矫正要多久 脱发怎么治 腰椎间盘突出能按摩吗 乙肝会传染吗 阑尾炎要开刀吗 青光眼遗传不 鼻炎怎么洗鼻子 狂犬疫苗打几针 带状疱疹会不会复发 荨麻疹要忌口吗';
  await asks('老周', ...questions.split(' '));
  await scenario.person('陈管理员').says('知识缺口', { in: '管理' });
  const lines = admins().replies().join('\n').split('\n');
  expect(lines.filter((line) => /^\d+ “/.test(line))).toHaveLength(10);
  expect(lines).toContainEqual(expect.stringMatching(/还有2类.*xinglin kb gaps --days 7/));
});

it('without an admins’ group the owner is told in private, and only of the own community', async () => {
  await start({ at: SUNDAY_NOON, setUp: false });
  const owner = scenario.person('陈管理员');
  await owner.saysPrivately('绑定管理员 482913');
  await owner.says('@小杏 设为患者群 糖尿病', { in: '糖友' });
  await owner.says('@小杏 设为患者群 高血压 阳光社', { in: '高血压' });
  await owner.says('@小杏 设为测试群', { in: '管理' });
  await asks('老周', '痛风能吃海鲜吗');
  await asks('冯姐', '广场舞放什么歌好');
  await scenario.person('何管理员').says('@小杏 白血病能治好吗', { in: '管理' });
  owner.privateReplies();
  await scenario.passes(DAY);
  const told = owner.privateReplies();
  expect(told).toHaveLength(2);
  expect(told.filter((words) => words.includes('海鲜'))).toHaveLength(1);
  expect(told.filter((words) => words.includes('广场舞'))).toHaveLength(1);
  expect(told.join()).not.toContain('白血病');
});
