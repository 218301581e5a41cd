import { afterEach, expect, it } from 'vitest';
import type { Actor, Group, Scenario, ScenarioOptions } from './kit.js';
import { startPlain } from './plain.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let scenario: Scenario;
let patient: Actor;
let group: Group;
afterEach(() => scenario.stop());

/** A patient in a running campaign who has agreed to the record. */
async function start(options: ScenarioOptions = {}, name = '张阿姨'): Promise<void> {
  scenario = await startPlain(options);
  patient = scenario.person(name);
  group = scenario.group('糖友');
  await agrees(patient);
}

async function agrees(actor: Actor): Promise<void> {
  await actor.says('同意记录', { in: '糖友' });
  actor.privateReplies();
  group.replies();
}

/** What the store holds, in the order it was told. */
async function stored(): Promise<{ slot: string; value: unknown; day: string; status: string }[]> {
  const rows = await scenario.app.db.reader.selectFrom('observation').selectAll().orderBy('id').execute();
  return rows.map((row) => ({
    slot: row.slot,
    value: (JSON.parse(scenario.app.seal.open(row.value_sealed)) as { value: unknown }).value,
    day: row.local_day,
    status: row.status,
  }));
}

async function pointsOf(actor: Actor): Promise<string> {
  actor.privateReplies();
  await actor.saysPrivately('我的积分');
  return actor.privateReplies().at(-1)?.split('\n')[0] ?? '';
}

const lineOf = (message: string | undefined, name: string) =>
  message?.split('\n').find((line) => line.includes(`@${name}`));

it('points, streak and what is missing, 30 seconds after the first, without a mention and without the value', async () => {
  await start();
  await patient.says('打卡 空腹6.5 走路30分钟');
  await scenario.passes(28 * SECOND);
  expect(group.replies()).toEqual([]);
  await scenario.passes(2 * SECOND);
  const [gathered] = group.replies();
  expect(gathered).toContain('打卡收到');
  expect(lineOf(gathered, '张阿姨')).toBe('@张阿姨 +7分,第1天,开了个好头');
  expect(gathered).toContain('我的打卡');
  expect(gathered).not.toMatch(/6\.5|30分钟/);
  expect(await stored()).toMatchObject([
    { slot: 'glucose:fasting', value: 6.5, day: '2026-03-02' },
    { slot: 'exercise:walk', value: 30, day: '2026-03-02' },
  ]);
});

it.each(['签到 空腹6.5', '打开空腹六点五', '打卡空腹６．５', '/打卡  空腹 6.5', '空腹 6.5', 'check in 空腹6.5'])(
  'the same check-in, said as %s',
  async (words) => {
    await start();
    await patient.says(words);
    await scenario.passes(MINUTE);
    expect(group.replies()).toEqual([expect.stringContaining('+5分')]);
    expect(await stored()).toMatchObject([{ slot: 'glucose:fasting', value: 6.5 }]);
  },
);

it('several messages of one day are one set: each thing counts once', async () => {
  await start();
  await patient.says('打卡 空腹6.5');
  await scenario.passes(MINUTE);
  expect(lineOf(group.replies()[0], '张阿姨')).toContain('+5分');
  await scenario.passes(15 * MINUTE);
  await patient.says('打卡 空腹6.9');
  await scenario.passes(15 * MINUTE);
  expect(lineOf(group.replies()[0], '张阿姨')).toBe('@张阿姨 记下了,第1天,还差运动、用药');
  await patient.says('打卡 走路30分钟');
  await scenario.passes(MINUTE);
  await patient.says('打卡 吃药了');
  await scenario.passes(15 * MINUTE);
  const lines = group.replies().map((message) => lineOf(message, '张阿姨'));
  expect(lines.at(-1)).toContain('今天的都齐了');
  expect(await pointsOf(patient)).toContain('9分');
});

it('the streak grows by the day, and half past one at night is still the day before', async () => {
  await start({ at: '2026-03-02T22:30:00+08:00' });
  await patient.says('打卡 走路30分钟');
  await scenario.passes(3 * HOUR);
  group.replies();
  await patient.says('打卡 空腹6.5');
  await scenario.passes(MINUTE);
  expect(lineOf(group.replies()[0], '张阿姨')).toBe('@张阿姨 +2分,第1天,还差用药');
  expect(new Set((await stored()).map(({ day }) => day))).toEqual(new Set(['2026-03-02']));
  await scenario.passes(2 * HOUR);
  await patient.says('打卡 空腹6.2');
  await scenario.passes(MINUTE);
  expect(lineOf(group.replies()[0], '张阿姨')).toBe('@张阿姨 +5分,连续2天,还差运动、用药');
  await scenario.nextMorning();
  await patient.says('打卡 空腹6.2');
  await scenario.passes(MINUTE);
  expect(lineOf(group.replies().at(-1), '张阿姨')).toBe('@张阿姨 +5分,连续3天,还差运动、用药');
  // A day left out: welcomed back, without reproach.
  await scenario.nextMorning();
  await scenario.nextMorning();
  await patient.says('打卡 空腹6.5');
  await scenario.passes(MINUTE);
  expect(lineOf(group.replies().at(-1), '张阿姨')).toBe('@张阿姨 +5分,欢迎回来,从今天接着来');
});

it('what several people did is one message, one line each', async () => {
  await start();
  await agrees(scenario.person('老周'));
  await patient.says('打卡 空腹6.5');
  await scenario.person('老周').says('打卡 打太极40分钟');
  await patient.says('打卡 吃药了');
  await scenario.passes(MINUTE);
  const [gathered, ...more] = group.replies();
  expect(more).toEqual([]);
  expect(lineOf(gathered, '张阿姨')).toContain('+7分');
  expect(lineOf(gathered, '老周')).toContain('+5分');
});

it('200 check-ins in two hours are at most 15 messages, and nobody is left out', async () => {
  await start();
  const { world } = scenario.simulation;
  const people = Array.from({ length: 200 }, (_, i) => world.addPerson({ name: `糖友${i + 1}号` }));
  world.join(
    group.id,
    people.map(({ id }) => id),
    { by: 'qr-code', inviterId: patient.id },
  );
  await scenario.passes(MINUTE);
  for (const person of people) world.say(person.id, group.id, '同意记录');
  await scenario.passes(MINUTE);
  group.replies();
  for (const person of people) {
    world.say(person.id, group.id, '打卡 空腹6.5');
    await scenario.passes(36 * SECOND);
  }
  await scenario.passes(30 * MINUTE);
  const replies = group.replies();
  expect(replies.length).toBeLessThanOrEqual(15);
  const acknowledged = replies.flatMap((reply) => [...reply.matchAll(/@(糖友\d+号)/g)].map(([, name]) => name));
  expect(new Set(acknowledged).size).toBe(200);
  for (const reply of replies) {
    expect(reply.match(/@/g)?.length).toBeLessThanOrEqual(20);
    expect(reply).not.toContain('6.5');
  }
  expect(await stored()).toHaveLength(200);
});

it.each(['空腹血糖6.5正常吗?', '空腹6.5高不高', '我妈今天空腹6.5', '明天打算走路30分钟', '他们说空腹要低于7.0'])(
  'is no check-in: %s',
  async (words) => {
    await start();
    await patient.says(words);
    await scenario.passes(MINUTE);
    expect(group.replies()).toEqual([]);
    expect(await stored()).toEqual([]);
  },
);

it('a value of somebody else is never stored on the sender', async () => {
  await start({}, '小林');
  await patient.says('打卡 我妈空腹7.8');
  await patient.saysPrivately('我妈空腹7.8');
  await scenario.passes(MINUTE);
  expect(await stored()).toEqual([]);
});

it('打卡 alone asks; the number that follows is enough, and its context stays unknown', async () => {
  await start();
  await patient.says('打卡');
  expect(group.replies()).toEqual([expect.stringContaining('血糖几点几?空腹还是饭后?')]);
  await patient.says('6.5');
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('+5分')]);
  expect(await stored()).toMatchObject([{ slot: 'glucose:unknown', value: 6.5 }]);
});

it('a bare number is no check-in before it was asked for, from somebody else, or after ten minutes', async () => {
  await start();
  await agrees(scenario.person('老周'));
  await patient.says('6.5');
  await patient.says('打卡');
  await scenario.person('老周').says('7.5');
  await scenario.passes(11 * MINUTE);
  await patient.says('6.5');
  await scenario.passes(MINUTE);
  expect(await stored()).toEqual([]);
});

it('an implausible value in the group: asked again with the safety line, nothing stored, no number repeated', async () => {
  await start();
  await patient.says('打卡 空腹65');
  const [asked] = group.replies();
  expect(asked).toContain('@张阿姨 刚才的数我没看准');
  expect(asked).toContain('先吃糖');
  expect(asked).toContain('120');
  expect(asked).not.toContain('65');
  expect(await stored()).toEqual([]);
  await patient.says('空腹6.5');
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('+5分')]);
  expect(await stored()).toMatchObject([{ value: 6.5 }]);
  await scenario.passes(15 * MINUTE);
  expect(scenario.group('医生').replies()).toEqual([]);
});

it('an implausible value in private: both readings, numbered; only the pick records', async () => {
  await start();
  await patient.saysPrivately('打卡 空腹65');
  const [asked] = patient.privateReplies();
  expect(asked).toContain('1 空腹6.5');
  expect(asked).toMatch(/2 65 mg\/dL≈空腹3\.6/);
  expect(await stored()).toEqual([]);
  await patient.saysPrivately('1');
  expect(patient.privateReplies()).toEqual([expect.stringContaining('+5分')]);
  expect(await stored()).toMatchObject([{ slot: 'glucose:fasting', value: 6.5 }]);
});

it('nobody answers, and one reading would be dangerous: a doctor is told after ten minutes', async () => {
  await start();
  await patient.saysPrivately('打卡 空腹65');
  await scenario.passes(9 * MINUTE);
  expect(scenario.group('医生').replies()).toEqual([]);
  await scenario.passes(2 * MINUTE);
  const [card] = scenario.group('医生').replies();
  expect(card).toMatch(/^#1 /);
  expect(card).not.toContain('65');
});

it('the low reading picked: recorded, and the person is told what to do at once', async () => {
  await start();
  await patient.saysPrivately('打卡 空腹65');
  patient.privateReplies();
  await patient.saysPrivately('2');
  expect(await stored()).toMatchObject([{ value: 3.6 }]);
  const replies = patient.privateReplies().join('\n');
  expect(replies).toContain('15克糖');
  expect(replies).toContain('120');
});

it('更正 replaces the value of today; the old one stays in the history and points do not change twice', async () => {
  await start();
  await patient.says('打卡 空腹6.5');
  await scenario.passes(15 * MINUTE);
  group.replies();
  await patient.says('更正 空腹6.8');
  await scenario.passes(15 * MINUTE);
  expect(lineOf(group.replies()[0], '张阿姨')).toContain('改好了');
  expect(await stored()).toMatchObject([
    { slot: 'glucose:fasting', value: 6.5 },
    { slot: 'glucose:fasting', value: 6.8, status: 'amended' },
  ]);
  expect(await pointsOf(patient)).toContain('5分');
  await patient.saysPrivately('我的打卡');
  const [record] = patient.privateReplies();
  expect(record).toContain('空腹6.8');
  expect(record).not.toContain('6.5');
});

it.each(['打错了是6.8', '不是6.5是6.8', '更正 6.8'])('the same correction, said as %s', async (words) => {
  await start();
  await patient.says('打卡 空腹6.5');
  await scenario.passes(MINUTE);
  await patient.says(words);
  await scenario.passes(MINUTE);
  expect((await stored()).at(-1)).toMatchObject({ slot: 'glucose:fasting', value: 6.8, status: 'amended' });
});

it('a correction without a number asks for it, and one of nothing says so', async () => {
  await start();
  await patient.says('更正 空腹6.8');
  await scenario.passes(15 * MINUTE);
  group.replies();
  const zhou = scenario.person('老周');
  await agrees(zhou);
  await zhou.says('更正');
  expect(group.replies()).toEqual([expect.stringContaining('没有找到要改的那条')]);
  await patient.says('更正');
  expect(group.replies()).toEqual([expect.stringContaining('正确的血糖是多少')]);
  await patient.says('7.0');
  await scenario.passes(MINUTE);
  expect((await stored()).at(-1)).toMatchObject({ value: 7 });
});

it('my record shows values in private alone, my points the last entries', async () => {
  await start();
  await patient.says('打卡 空腹6.5 走路30分钟');
  await scenario.nextMorning();
  await patient.says('打卡 空腹6.2');
  await scenario.passes(MINUTE);
  group.replies();
  await patient.says('我的打卡');
  expect(group.replies()).toEqual([expect.stringMatching(/^@张阿姨 连续2天,一共打了2天/)]);
  await patient.saysPrivately('我的打卡');
  const [record] = patient.privateReplies();
  expect(record).toContain('3月2日');
  expect(record).toContain('空腹6.5');
  expect(record).toContain('走路30分钟');
  expect(record).toContain('空腹6.2');
  expect(record).toContain('糖友21天:连续2天');
  await patient.says('我的积分');
  expect(group.replies()).toEqual(['@张阿姨 您现在有12分。最近的明细,私聊我发“我的积分”看。']);
  await patient.saysPrivately('my points');
  const [points] = patient.privateReplies();
  expect(points).toContain('12分');
  expect(points).toContain('+5 当天打卡');
  expect(points).toContain('+2 多记一项');
});

it('the leaderboard shows those who chose it, under the name they chose; own place in private', async () => {
  await start();
  const zhou = scenario.person('老周');
  await agrees(zhou);
  await agrees(scenario.person('赵姐'));
  for (const name of ['张阿姨', '老周', '赵姐']) await scenario.person(name).says('打卡 空腹6.5');
  await scenario.nextMorning();
  await zhou.says('打卡 空腹6.5');
  await scenario.passes(MINUTE);
  group.replies();

  await patient.says('排行榜');
  expect(group.replies()[0]).toContain('还没有人');
  await scenario.passes(31 * MINUTE);
  await patient.says('上榜');
  await zhou.says('上榜');
  await zhou.says('昵称 阳光');
  await scenario.passes(MINUTE);
  group.replies();
  await scenario.person('赵姐').says('leaderboard');
  const [board] = group.replies();
  expect(board).toContain('1 阳光 2天');
  expect(board).toContain('2 张阿姨 1天');
  expect(board).not.toMatch(/老周|赵姐|6\.5/);
  await patient.says('排行榜');
  expect(group.replies()).toEqual([expect.stringContaining('请看上面')]);
  await patient.saysPrivately('排行榜');
  expect(patient.privateReplies()[0]).toContain('您排第2');

  await patient.says('下榜');
  await scenario.passes(31 * MINUTE);
  group.replies();
  await zhou.says('排行榜');
  expect(group.replies()[0]).not.toContain('张阿姨');
  await zhou.says('昵称 王主任');
  expect(group.replies()[0]).toContain('用不了');
});

it('a recalled check-in is taken back with its points; unsent words about it are dropped', async () => {
  await start();
  const said = await patient.says('打卡 空腹6.5');
  await patient.recalls(said);
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([]);
  expect(await stored()).toMatchObject([{ status: 'entered-in-error' }]);
  expect(await pointsOf(patient)).toContain('0分');
  const again = await patient.says('打卡 空腹6.6');
  await scenario.passes(MINUTE);
  await patient.recalls(again);
  expect(await pointsOf(patient)).toContain('0分');
  expect(await scenario.app.points.checkBooks(scenario.app.db.reader)).toEqual([]);
});

it('a check-in from a group without a campaign: asked whether it goes to the one other', async () => {
  await start({}, '王叔');
  const admin = scenario.person('陈管理员');
  const other = scenario.group('高血压');
  await admin.says('结束打卡', { in: '高血压' });
  await admin.says('是', { in: '高血压' });
  other.replies();
  await patient.says('打卡 空腹6.5', { in: '高血压' });
  expect(other.replies()).toEqual([expect.stringContaining('记到糖友群吗')]);
  await patient.says('是', { in: '高血压' });
  await scenario.passes(MINUTE);
  expect(await stored()).toMatchObject([{ value: 6.5 }]);
});

it('a dangerous value is recorded, and answered in private with what to do; the group sees no value', async () => {
  await start();
  await patient.says('打卡 空腹2.6');
  await scenario.passes(MINUTE);
  expect(await stored()).toMatchObject([{ slot: 'glucose:fasting', value: 2.6 }]);
  expect(group.replies().join('\n')).not.toContain('2.6');
  const alone = patient.privateReplies().join('\n');
  expect(alone).toContain('15克糖');
  expect(alone).toContain('120');
  expect(scenario.group('医生').replies()[0]).toMatch(/^#1 ⚠️/);
  expect(await pointsOf(patient)).toContain('5分');
});

it('a question beside a check-in that nobody answers does not swallow the acknowledgement', async () => {
  await start();
  await patient.says('打卡 空腹6.5 能吃西瓜吗');
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('@张阿姨 +5分')]);
});

it('in private, in two campaigns: corrections find their value, and 打卡 alone asks for one', async () => {
  await start({}, '王叔');
  await patient.saysPrivately('打卡 空腹6.5 血压130/80');
  await patient.saysPrivately('1');
  await patient.saysPrivately('打卡 吃药了');
  await patient.saysPrivately('2');
  patient.privateReplies();
  await patient.saysPrivately('打卡');
  expect(patient.privateReplies()[0]).toMatch(/打卡 空腹6.5.*打卡 血压130\/80/);
  for (const words of ['更正 空腹6.7', '更正 血压128/80', '打错了 是6.8', '不是6.8是5.8']) {
    await patient.saysPrivately(words);
    expect(patient.privateReplies()).toEqual([expect.stringContaining('改好了')]);
  }
  await patient.saysPrivately('我的打卡');
  expect(patient.privateReplies()[0]).toMatch(/血压128\/80 空腹5\.8 已用药/);
  await patient.saysPrivately('撤销打卡');
  expect(patient.privateReplies()).toEqual(['好的,刚才那条不算了。']);
});

it('in private what is all values is a check-in, also where the campaign does not ask for it', async () => {
  await start();
  await patient.saysPrivately('血压130/80');
  expect(patient.privateReplies()).toEqual(['记下了,这项不计分']);
  await patient.saysPrivately('血压80/130');
  expect(patient.privateReplies()[0]).toContain('1 血压130/80');
  await patient.saysPrivately('是');
  expect(patient.privateReplies()).toEqual(['记下了,这项不计分']);
  await patient.saysPrivately('6.5');
  expect(patient.privateReplies()[0]).toContain('打卡 空腹6.5');
  await patient.saysPrivately('昨天空腹6.5');
  expect(patient.privateReplies()[0]).toContain('补卡还没有开通');
  await patient.saysPrivately('我妈今天空腹6.5');
  expect(patient.privateReplies()[0]).toContain('没有记');
});

it('the first day is 第1天, a correction of yesterday says so, and taking medicine names no drug', async () => {
  await start();
  await patient.says('打卡 空腹6.5 走路30分钟 吃药了');
  await scenario.passes(MINUTE);
  group.replies();
  await patient.says('打卡');
  expect(group.replies()).toEqual(['@张阿姨 今天的都齐了,第1天。']);
  await patient.saysPrivately('我的打卡');
  expect(patient.privateReplies()[0]).toContain('空腹6.5 走路30分钟 已用药');
  await scenario.nextMorning();
  await patient.says('更正 昨天空腹6.6');
  await scenario.passes(10 * MINUTE);
  expect(group.replies()[0]).toContain('改好了,是昨天那条');
});

it('an empty board is no list that could be looked up above', async () => {
  await start();
  await patient.says('打卡 空腹6.5');
  await scenario.passes(MINUTE);
  group.replies();
  await patient.says('排行榜');
  expect(group.replies()[0]).toContain('还没有人');
  await patient.says('昵称 阳光');
  expect(group.replies()[0]).toContain('还没上榜');
  await patient.says('上榜');
  group.replies();
  await patient.says('排行榜');
  expect(group.replies()[0]).toContain('1 阳光 1天');
  await patient.says('排行榜');
  expect(group.replies()[0]).toContain('请看上面');
  await patient.says('昵称 晨光');
  expect(group.replies()[0]).not.toContain('还没上榜');
});

it.each(['怎么打卡', '打卡怎么打', '怎么签到？', 'how to check in'])('tells how to check in: %s', async (words) => {
  await start();
  await patient.says(words);
  expect(group.replies()[0]).toContain('打卡 空腹6.5');
});

it('where a room wants values in private, the value is kept and the next one asked for in private', async () => {
  await start();
  await scenario.person('陈管理员').says('@小杏 数值 私聊', { in: '糖友' });
  group.replies();
  await patient.says('打卡 空腹6.5');
  await scenario.passes(MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('下次请私聊我发')]);
  expect(await stored()).toMatchObject([{ slot: 'glucose:fasting', value: 6.5 }]);
  await patient.says('打卡 走路30分钟');
  await scenario.passes(10 * MINUTE);
  expect(group.replies()).toEqual([expect.stringContaining('打卡收到')]);
});
