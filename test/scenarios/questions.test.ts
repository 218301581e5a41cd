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
