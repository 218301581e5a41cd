import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Actor, Group, Scenario } from './kit.js';
import { startPlain } from './plain.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** KB-050 is signed on 2 March at nine; it is due a year later at nine. */
const DUE = Date.parse('2027-03-02T09:00:00+08:00');

let scenario: Scenario;
let doctors: Group;
let patients: Group;
beforeEach(async () => {
  scenario = await startPlain();
  doctors = scenario.group('医生');
  patients = scenario.group('糖友');
});
afterEach(() => scenario.stop());

const at = { in: '医生' };

async function signs(doctor: Actor, id: string): Promise<string | undefined> {
  await doctor.says(`${id} 通过`, at);
  await doctor.says('都确认', at);
  return doctors.replies().at(-1);
}

/** Two doctors sign; the entry is served from now on. */
async function publish(...ids: string[]): Promise<void> {
  for (const id of ids) {
    await signs(scenario.person('李医生'), id);
    expect(await signs(scenario.person('王医生'), id)).toContain(`${id} v1 已发布`);
  }
}

/** What the patients' group gets for the question about fruit. */
async function melon(): Promise<string> {
  patients.replies();
  await scenario.person('老周').says('@小杏 糖尿病能吃西瓜吗');
  return patients.replies().join('\n');
}

/** The morning so many days before the due day, a little before and after nine; what the doctors were told. */
async function morning(daysBefore: number): Promise<string[]> {
  await scenario.sleepsUntil(DUE - daysBefore * DAY - 5 * MINUTE);
  expect(notices(doctors.replies())).toEqual([]);
  await scenario.passes(10 * MINUTE);
  return notices(doctors.replies());
}

const notices = (replies: string[]) => replies.filter((words) => /条目(?:快到期|到期没有复核)/.test(words));

it('tells the doctors once at 60, 30 and 7 days, is served with a mark meanwhile, and stops when it is due', async () => {
  await publish('KB-050');
  expect(await melon()).toContain('小杏自动发送 · KB-050 v1\n');

  expect(await morning(61)).toEqual([]);
  expect(await melon()).toContain('小杏自动发送 · KB-050 v1\n');

  const [first, ...more] = await morning(60);
  expect(more).toEqual([]);
  expect(first).toContain('有1条条目快到期了');
  expect(first).toMatch(/· KB-050 .+ 2027-03-02 到期,还有60天/);
  expect(await melon()).toContain('小杏自动发送 · KB-050 v1 · 复核中\n');

  for (const day of [59, 45, 31]) expect(await morning(day)).toEqual([]);
  expect(await morning(30)).toEqual([expect.stringContaining('还有30天')]);
  expect(await morning(8)).toEqual([]);
  expect(await morning(7)).toEqual([expect.stringContaining('还有7天')]);
  expect(await morning(1)).toEqual([]);
  expect(await melon()).toContain('KB-050 v1 · 复核中');

  const [last, ...rest] = await morning(0);
  expect(rest).toEqual([]);
  expect(last).toMatch(/有1条条目到期没有复核,已经停用:\n· KB-050/);
  expect(last).toContain('恢复条目 KB-050');
  expect(await melon()).not.toContain('KB-050');
  const audit = await scenario.app.db.reader
    .selectFrom('audit')
    .select(['action', 'actor_id'])
    .where('target_id', '=', 'KB-050')
    .where('actor_id', '=', 'system')
    .orderBy('sequence')
    .execute();
  expect(audit.map(({ action }) => action)).toEqual(['entry-expiring', 'entry-suspended']);
});

it('one message names all that are due', async () => {
  await publish('KB-050', 'KB-049', 'KB-048');
  const told = await morning(60);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('有3条条目快到期了');
  for (const id of ['KB-048', 'KB-049', 'KB-050']) expect(told[0]).toContain(`· ${id} `);
});

it('通过 of an expiring entry renews it: another day, the same version, the date of the renewal under the answer', async () => {
  await publish('KB-050');
  await morning(60);
  const zhou = scenario.person('周医生');
  await zhou.says('审核', at);
  const shown = doctors.replies().join('\n');
  expect(shown).toContain('KB-050 v1');
  expect(shown).toContain('这一条在用,2027-03-02 到期,现在复核');
  expect(await signs(zhou, 'KB-050')).toMatch(/KB-050 v1 复核完了.*下次复核在 2028-01-01 前/);
  expect(await melon()).toMatch(/小杏自动发送 · KB-050 v1\n审核:周\(模拟\),.*2027-01-01/);
  expect(await signs(zhou, 'KB-050')).toContain('不在等审核');
  for (const day of [30, 7, 0]) expect(await morning(day)).toEqual([]);
  expect(await melon()).toContain('小杏自动发送 · KB-050 v1\n');
});

it('a doctor who finds it no longer right returns it, and it is sent to nobody', async () => {
  await publish('KB-050');
  await morning(60);
  const zhou = scenario.person('周医生');
  await zhou.says('KB-050 通过', at);
  doctors.replies();
  await zhou.says('2', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('已退回(最新),马上不再发给任何人')]);
  expect(await melon()).not.toContain('KB-050');
});

it('what comes due while the program is down is not served when it is back, and told once', async () => {
  await publish('KB-050');
  await scenario.sleepsUntil(DUE + 10 * DAY);
  expect(notices(doctors.replies())).toEqual([expect.stringContaining('有1条条目到期没有复核')]);
  expect(await melon()).not.toContain('KB-050');
  await scenario.passes(2 * DAY);
  expect(notices(doctors.replies())).toEqual([]);
  await scenario.person('周医生').says('恢复条目 KB-050', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('从头签起')]);
  expect(await melon()).not.toContain('KB-050');
  await signs(scenario.person('周医生'), 'KB-050');
  await signs(scenario.person('王医生'), 'KB-050');
  expect(await melon()).toContain('小杏自动发送 · KB-050 v1\n');
});

it('samples never expire', async () => {
  await scenario.sleepsUntil(DUE + 400 * DAY);
  expect(notices(doctors.replies())).toEqual([]);
  expect(await melon()).toContain('示例内容·未经医生审核 · KB-050 v1');
});

it('a new edition of a guideline sends what cites it back to the doctors, within sixty days', async () => {
  await publish('KB-050', 'KB-048', 'KB-071');
  const li = scenario.person('李医生');
  await li.says('指南更新 CDS24', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('再写新版本')]);
  await li.says('指南更新 某某指南 2026版', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('没有条目引用“某某指南”')]);
  await li.says('指南更新 cds24 2026版', at);
  const [told] = doctors.replies();
  expect(told).toContain('中国糖尿病防治指南 有了2026版');
  expect(told).toMatch(/引用旧版的\d条.*2026-05-01 还没有复核完/);
  expect(told).toContain('KB-050');
  expect(told).not.toContain('KB-071');
  expect(await melon()).toContain('KB-050 v1 · 复核中');
  await li.says('指南更新 中国糖尿病防治指南 2026版', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('已经登记过了')]);
  await scenario.person('周医生').says('审核 KB-050', at);
  expect(doctors.replies().join('\n')).toContain('已经有2026版,请核对');

  await scenario.passes(DAY);
  expect(notices(doctors.replies())).toEqual([expect.stringContaining('2026-05-01 到期')]);
  expect(await signs(scenario.person('周医生'), 'KB-050')).toContain('复核完了');
  await scenario.sleepsUntil(Date.parse('2026-05-01T09:01:00+08:00'));
  const [stopped] = notices(doctors.replies());
  expect(stopped).toContain('KB-048');
  expect(stopped).not.toContain('KB-050');
  expect(await melon()).toContain('小杏自动发送 · KB-050 v1\n');
});

it('an admin ends an entry for good; a patient cannot', async () => {
  await publish('KB-050');
  await scenario.person('老周').saysPrivately('KB-050 作废 不喜欢');
  expect(await melon()).toContain('KB-050 v1');
  const admin = scenario.person('陈管理员');
  await admin.says('KB-050 作废', { in: '管理' });
  expect(scenario.group('管理').replies().at(-1)).toContain('请写上理由');
  await admin.says('KB-050 作废 和 KB-051 重复', { in: '管理' });
  expect(scenario.group('管理').replies().at(-1)).toContain('KB-050 已作废');
  expect(await melon()).not.toContain('KB-050 v');
});
