import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SimulatedMessage } from '../../src/simulator/world.js';
import { type Actor, type Group, type Scenario, wordsOf } from './kit.js';
import { startPlain } from './plain.js';

const MINUTE = 60_000;

let scenario: Scenario;
let li: Actor;
let wang: Actor;
let zhou: Actor;
let doctors: Group;
beforeEach(async () => {
  scenario = await startPlain();
  li = scenario.person('李医生');
  wang = scenario.person('王医生');
  zhou = scenario.person('周医生');
  doctors = scenario.group('医生');
});
afterEach(() => scenario.stop());

const at = { in: '医生' };

/** 通过, the six points, and the confirmation; what is said to the latter. */
async function signs(doctor: Actor, words: string, quote?: SimulatedMessage): Promise<string[]> {
  await doctor.says(words, { ...at, ...(quote ? { quote } : {}) });
  expect(doctors.replies()).toEqual([expect.stringContaining('请确认这六点')]);
  await doctor.says('都确认', at);
  return doctors.replies();
}

it('待办 lists what is owed, most pressing first, also in English and in private', async () => {
  await doctors.replies();
  await li.says('待办', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('没有待办')]);
  await scenario.person('老周').says('找医生 出门旅游血糖仪能托运吗');
  await scenario.person('张阿姨').says('胸口疼得厉害，喘不上气');
  await scenario.person('赵姐').says('投诉 群里有人发广告');
  await li.says('#1 接', at);
  doctors.replies();
  await wang.says('todo', at);
  const [list] = doctors.replies();
  const lines = list?.split('\n') ?? [];
  expect(lines[0]).toBe('待办(2):');
  expect(lines[1]).toMatch(/^#2 急症.*张阿姨/);
  expect(lines[2]).toMatch(/^#1 一般.*老周·李医生接:出门旅游血糖仪能托运吗/);
  await li.says('待办 我的', at);
  expect(doctors.replies()[0]).toContain('您接的(1)');
  await wang.saysPrivately('待办');
  expect(wang.privateReplies().at(-1)).toContain('#2 急症');
  await scenario.person('陈管理员').says('待办', { in: '管理' });
  expect(scenario.group('管理').replies().at(-1)).toMatch(/待办\(1\):\n#3 事务/);
});

it('a patient has no 待办, and no word of it in the group', async () => {
  await scenario.person('老周').says('找医生 出门旅游血糖仪能托运吗');
  scenario.group('糖友').replies();
  await scenario.person('张阿姨').says('待办');
  await scenario.person('张阿姨').says('#1 接');
  expect(scenario.group('糖友').replies()).toEqual([]);
});

it('审核 shows exactly what will be signed, 通过 by two publishes it, and the answer names the reviewer', async () => {
  await li.says('审核', at);
  const queue = doctors.replies().join('\n');
  expect(queue).toMatch(/^待审核\d+条,先看这一条/);
  expect(queue).toContain('签名码');
  expect(queue).toContain('还要2位审核');

  await scenario.person('张阿姨').says('@小杏 糖尿病能吃西瓜吗');
  const [sample] = scenario.group('糖友').replies();
  expect(sample).toContain('示例内容·未经医生审核 · KB-050 v1');

  await li.says('审核 KB-050', at);
  const shown = doctors.replies().join('\n');
  const answer =
    sample
      ?.split('\n')
      .slice(0, 2)
      .join('\n')
      .replace(/^@张阿姨 /, '') ?? '';
  expect(shown).toContain(answer.split('\n')[0]);
  await li.says('KB-050 通过', at);
  const [points] = doctors.replies();
  for (const point of ['1 准确', '2 最新', '3 安全', '4 通俗', '5 无广告', '6 有就医时机'])
    expect(points).toContain(point);
  await li.says('都确认', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('还要1位审核才发布')]);
  await li.says('KB-050 通过', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('您已经通过了')]);
  await scenario.person('老周').says('@小杏 糖尿病能吃西瓜吗');
  expect(scenario.group('糖友').replies()[0]).toContain('示例内容');
  expect(await signs(wang, 'kb-050通过')).toEqual([expect.stringContaining('KB-050 v1 已发布')]);

  await scenario.person('赵姐').says('@小杏 糖尿病能吃西瓜吗');
  const [signed] = scenario.group('糖友').replies();
  expect(signed).toContain('小杏自动发送 · KB-050 v1');
  expect(signed).toMatch(/审核:王\(模拟\),.*心内科,2026-03-02/);
  expect(signed).not.toContain('示例内容');
  const audit = await scenario.app.db.reader
    .selectFrom('audit')
    .select('action')
    .where('action', 'like', 'entry-%')
    .orderBy('sequence')
    .execute();
  expect(audit.map(({ action }) => action)).toEqual(['entry-approved', 'entry-approved', 'entry-published']);
});

it('a quote of the shown entry with 通过 signs it; all at once is refused', async () => {
  await li.says('审核 KB-050', at);
  const shown = doctors.messages().at(-1)!;
  expect(wordsOf(shown)).toContain('KB-050 v1');
  doctors.replies();
  expect(await signs(li, '通过', shown)).toEqual([expect.stringContaining('KB-050 v1 记下您的通过')]);
  await wang.says('全部通过', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('一次只能审一条')]);
  await wang.says('KB-050 KB-051 通过', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('一次只能审一条')]);
  await wang.says('通过', at);
  expect(doctors.replies()).toEqual([]);
});

it.each([
  'kb050 通过',
  'KB050 通过',
  'KB050通过',
  'kb 050 通过',
  'KB—050 通过',
  'kb50 v1 通过',
  '通过 KB-050',
  'approve kb050',
])('%s signs KB-050', async (words) => {
  expect(await signs(li, words)).toEqual([expect.stringContaining('KB-050 v1 记下您的通过')]);
});

it('an id without its hyphen is one in every command of the review', async () => {
  await li.says('审核 kb050', at);
  expect(doctors.replies().join()).toContain('KB-050 v1');
  await li.says('kb050 kb051 通过', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('一次只能审一条')]);
  await li.says('KB050 退回 分量没写清楚', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('KB-050 v1 已退回')]);
  await li.says('kb999 通过', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('KB-999')]);
});

it('退回 wants a reason, takes the entry out of the queue, and it is no longer served', async () => {
  await li.says('KB-050 退回', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('请写上理由')]);
  await li.says('KB-050 退回 分量没写清楚', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('KB-050 v1 已退回')]);
  await wang.says('KB-050 通过', at);
  expect(doctors.replies()).toEqual([expect.stringContaining('不在等审核')]);
  await scenario.person('张阿姨').says('@小杏 糖尿病能吃西瓜吗');
  expect(scenario.group('糖友').replies()[0]).not.toContain('KB-050');
});

it('nobody but a verified doctor signs', async () => {
  await scenario.person('张阿姨').saysPrivately('KB-050 通过');
  expect(scenario.person('张阿姨').privateReplies().join('\n')).not.toContain('通过(');
  const admin = scenario.person('陈管理员');
  await admin.says('添加医生 @赵姐 赵敏 内分泌科', { in: '管理', mention: [] });
  await admin.says('KB-050 通过', at);
  expect(doctors.replies().join('\n')).not.toContain('记下您的通过');
  const rows = await scenario.app.db.reader.selectFrom('entry_review').select('id').execute();
  expect(rows).toEqual([]);
});

it('help shows a doctor what a doctor does here, at most twelve lines', async () => {
  await zhou.says('帮助', at);
  const [help] = doctors.replies();
  for (const words of ['#12', '待办', '审核', '收到 #12']) expect(help).toContain(words);
  expect(help?.split('\n').length).toBeLessThanOrEqual(12);
});

it('doctors sign at the same moment: each counts once, and who comes too late is told', async () => {
  const { world } = scenario.simulation;
  for (const doctor of [li, wang, zhou]) world.say(doctor.id, doctors.id, 'KB-050 通过');
  await scenario.passes(MINUTE);
  expect(doctors.replies()).toHaveLength(3);
  for (const doctor of [li, wang, zhou]) world.say(doctor.id, doctors.id, '都确认');
  await scenario.passes(MINUTE);
  const replies = doctors.replies();
  expect(replies[0]).toContain('还要1位审核');
  expect(replies[1]).toContain('已发布');
  expect(replies[2]).toContain('不在等审核');
});
