import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Actor, Group, Scenario } from './kit.js';
import { startPlain } from './plain.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let scenario: Scenario;
let admin: Actor;
let patient: Actor;
let group: Group;
let admins: Group;
beforeEach(async () => {
  scenario = await startPlain();
  admin = scenario.person('陈管理员');
  patient = scenario.person('张阿姨');
  group = scenario.group('糖友');
  admins = scenario.group('管理');
  await patient.saysPrivately('同意记录');
  patient.privateReplies();
});
afterEach(() => scenario.stop());

async function endsCampaign(where: string): Promise<void> {
  await admin.says('结束打卡', { in: where });
  await admin.says('是', { in: where });
}

const campaigns = () =>
  scenario.app.db.reader
    .selectFrom('campaign')
    .select(['name', 'state', 'starts_on', 'ends_on'])
    .orderBy('id')
    .execute();

it.each([
  { template: '糖友21天', last: '2026-03-22', where: '糖友' },
  { template: '高血压28天', last: '2026-03-29', where: '高血压' },
])('开始打卡 $template starts it for this group in one command', async ({ template, last, where }) => {
  await endsCampaign(where);
  const here = scenario.group(where);
  here.replies();
  await admin.says(`开始打卡 ${template}`, { in: where });
  const [announcement] = here.replies();
  expect(announcement).toContain(template);
  expect(announcement).toContain('打卡');
  expect((await campaigns()).at(-1)).toEqual({
    name: template,
    state: 'active',
    starts_on: '2026-03-02',
    ends_on: last,
  });
  await admin.says(`开始打卡 ${template}`, { in: where });
  expect(here.replies()).toEqual([expect.stringContaining('已经在这个群里了')]);
});

it('开始打卡 from the admins’ group asks which group, and tells it', async () => {
  await endsCampaign('糖友');
  group.replies();
  await admin.says('开始打卡', { in: '管理' });
  expect(admins.replies()[0]).toContain('糖友21天');
  await admin.says('开始打卡 糖友 21 天', { in: '管理' });
  const [question] = admins.replies();
  expect(question).toContain('1 糖友群');
  expect(question).toContain('2 高血压群');
  await admin.says('1', { in: '管理' });
  expect(admins.replies()[0]).toContain('糖友群');
  expect(group.replies()[0]).toContain('糖友21天今天开始');
  await admin.says('开始打卡 减肥30天', { in: '管理' });
  expect(admins.replies()[0]).toContain('没有“减肥30天”');
});

it('暂停打卡, 继续打卡: days in between break no streak and give no points', async () => {
  await patient.says('打卡 空腹6.5');
  await scenario.nextMorning();
  await scenario.passes(HOUR);
  group.replies();
  await admin.says('暂停打卡', { in: '糖友' });
  expect(group.replies()).toEqual([expect.stringContaining('暂停了')]);
  await patient.says('打卡 空腹6.6');
  await scenario.passes(11 * MINUTE);
  expect(group.replies()[0]).toContain('暂停中');
  await scenario.nextMorning();
  await scenario.passes(HOUR);
  await admin.says('继续打卡', { in: '糖友' });
  group.replies();
  await patient.says('打卡 空腹6.4');
  await scenario.passes(11 * MINUTE);
  expect(group.replies()[0]).toContain('@张阿姨 +5分,连续2天');
  await admin.says('继续打卡', { in: '糖友' });
  expect(group.replies()[0]).toContain('没有暂停中');
});

it('结束打卡 asks once more; points stay', async () => {
  await patient.says('打卡 空腹6.5');
  await admin.says('结束打卡', { in: '管理' });
  expect(admins.replies()[0]).toContain('1 糖友群·糖友21天');
  await admin.says('1', { in: '管理' });
  expect(admins.replies()[0]).toContain('真的要结束');
  await admin.says('再想想', { in: '管理' });
  expect((await campaigns()).map(({ state }) => state)).toEqual(['active', 'active']);
  await admin.says('是', { in: '管理' });
  expect(admins.replies()[0]).toContain('结束了');
  expect(group.replies().at(-1)).toContain('结束了');
  expect((await campaigns()).map(({ state }) => state).sort()).toEqual(['active', 'closed']);
  await patient.says('打卡 空腹6.6');
  expect(group.replies().at(-1)).toContain('没有打卡活动');
  await patient.saysPrivately('我的积分');
  expect(patient.privateReplies().at(-1)).toContain('5分');
});

it('今日打卡: done, not yet, to look at, points; over all groups for the admins, without numbers of values among patients', async () => {
  await patient.says('打卡 空腹6.5 走路30分钟');
  const zhou = scenario.person('老周');
  await zhou.saysPrivately('同意记录');
  await zhou.says('打卡 空腹2.6');
  await scenario.passes(MINUTE);
  admins.replies();
  group.replies();
  await admin.says('今日打卡', { in: '管理' });
  const [all] = admins.replies();
  const [first, second] = all?.split('\n') ?? [];
  expect(first).toMatch(/糖友群 · 糖友21天:今天打了2人,还没打\d+人,数值要留意1人,共发12分/);
  expect(second).toMatch(/高血压群 · 高血压28天:今天打了0人/);
  expect(all).not.toMatch(/2\.6|老周/);
  await admin.says('今日打卡', { in: '糖友' });
  const [here] = group.replies();
  expect(here).toContain('今天打了2人');
  expect(here).not.toContain('留意');
});

it.each(['今日打卡 糖友群', '今日打卡 糖友', '今日打卡：高血压群', '/今日打卡 高血压'])(
  '%s: of one group only',
  async (words) => {
    admins.replies();
    await admin.says(words, { in: '管理' });
    const [reply, more] = admins.replies();
    expect(reply).toMatch(
      words.includes('糖友') ? /^糖友群 · 糖友21天:今天打了0人/ : /^高血压群 · 高血压28天:今天打了0人/,
    );
    expect(reply?.split('\n')).toHaveLength(1);
    expect(more).toBeUndefined();
  },
);

it('今日打卡 of a group that is not there names the groups; among patients another group’s day is not told', async () => {
  admins.replies();
  await admin.says('今日打卡 痛风群', { in: '管理' });
  expect(admins.replies()).toEqual([expect.stringMatching(/没有“痛风群”.*糖友群.*高血压群/)]);
  group.replies();
  await admin.says('今日打卡 高血压群', { in: '糖友' });
  expect(group.replies()).toEqual([expect.stringContaining('管理群或私聊')]);
});

it('今日打卡 with a value is no name of a group: nothing of it is repeated', async () => {
  group.replies();
  await admin.says('今日打卡 空腹6.5', { in: '糖友' });
  expect(group.replies().join()).not.toMatch(/6\.5|患者群/);
});

it('暂停打卡 twice: it says that it is paused and how to go on', async () => {
  await admin.says('暂停打卡', { in: '糖友' });
  group.replies();
  await admin.says('暂停打卡', { in: '糖友' });
  expect(group.replies()).toEqual([expect.stringMatching(/糖友21天已经暂停.*继续打卡/)]);
  await admin.says('暂停打卡', { in: '管理' });
  await admin.says('暂停打卡', { in: '管理' });
  expect(admins.replies().at(-1)).toMatch(/已经暂停.*继续打卡/);
});

it('继续打卡 while it runs says so', async () => {
  await admin.says('继续打卡', { in: '糖友' });
  expect(group.replies().at(-1)).toContain('没有暂停中的打卡活动');
});

it('a patient starts and ends nothing', async () => {
  await patient.says('结束打卡');
  await patient.says('公告 大家好');
  expect(group.replies()).toEqual([]);
  await patient.says('@小杏 结束打卡');
  expect(group.replies()).toEqual([expect.stringContaining('只有管理员')]);
  expect((await campaigns()).every(({ state }) => state === 'active')).toBe(true);
});

it('公告: a preview with groups and people, then to every group', async () => {
  await admin.says('公告 全部 周三下午社区有义诊，地点在一楼大厅', { in: '管理' });
  const [preview] = admins.replies();
  expect(preview).toMatch(/将发到2个群、约\d+人/);
  expect(preview).toContain('周三下午社区有义诊');
  expect(group.replies()).toEqual([]);
  await admin.says('是', { in: '管理' });
  for (const name of ['糖友', '高血压']) {
    expect(scenario.group(name).replies()).toEqual([
      expect.stringContaining('📢 公告\n周三下午社区有义诊,地点在一楼大厅'),
    ]);
  }
  const people = Number(/约(\d+)人/.exec(preview ?? '')?.[1]);
  // 王叔 is in both groups and counts once.
  const { world } = scenario.simulation;
  const ids = ['糖友', '高血压'].flatMap((name) => world.listMembers(scenario.group(name).id).map((m) => m.contactId));
  expect(people).toBe(new Set(ids.filter((id) => id !== world.botId)).size);
});

it('公告 is not sent without 是, and at night it waits for the morning', async () => {
  await admin.says('公告 全部 明天停诊', { in: '管理' });
  await admin.says('算了', { in: '管理' });
  expect(admins.replies().at(-1)).toContain('公告没有发');
  await admin.says('是', { in: '管理' });
  await admin.says('公告 全部 明天停诊', { in: '管理' });
  await scenario.passes(11 * MINUTE);
  await admin.says('是', { in: '管理' });
  expect(group.replies()).toEqual([]);
  await scenario.passes(14 * HOUR);
  await admin.says('公告 全部 明天停诊', { in: '管理' });
  await admin.says('是', { in: '管理' });
  expect(admins.replies().at(-1)).toContain('安静时段,过了时段再发');
  expect(group.replies()).toEqual([]);
  await scenario.nextMorning();
  expect(group.replies()).toEqual([expect.stringContaining('明天停诊')]);
});

it.each([
  { typed: '公告明天停诊', where: '管理', rooms: 2 },
  { typed: '公告：全部，明天停诊', where: '糖友', rooms: 2 },
  { typed: '公告 全部\n明天停诊', where: '糖友', rooms: 2 },
  { typed: '公告 明天停诊', where: '糖友', rooms: 1 },
  { typed: 'announce all 明天停诊', where: '糖友', rooms: 2 },
])('公告 is understood as people type it: $typed', async ({ typed, where, rooms }) => {
  await admin.says(typed, { in: where });
  const preview = scenario.group(where).replies().at(-1);
  expect(preview).toContain(`将发到${rooms}个群`);
  expect(preview).toContain('\n明天停诊\n');
});

it('公告 leaves a stopped group alone, and the words 全部门诊 are no command', async () => {
  await admin.says('停用本群', { in: '高血压' });
  await admin.says('公告 全部门诊明天停诊', { in: '管理' });
  const preview = admins.replies().at(-1);
  expect(preview).toContain('将发到1个群');
  expect(preview).toContain('\n全部门诊明天停诊\n');
  await admin.says('是', { in: '管理' });
  expect(
    scenario
      .group('高血压')
      .replies()
      .filter((one) => one.includes('公告')),
  ).toEqual([]);
});
