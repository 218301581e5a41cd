import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Understanding } from '../../src/answering/plan.js';
import { type Behaviour, type ChatRequest, type OpenAiServer, startOpenAiServer } from '../model/openai-server.js';
import { type Actor, type Group, type Scenario, startScenario } from './kit.js';

let scenario: Scenario;
let server: OpenAiServer;
let patient: Actor;
let group: Group;
afterEach(async () => {
  await scenario.stop();
  await server.close();
});

const nothing: Understanding = { route: 'faq', entry: null, question: null };

/** A community with a model; what it answers may be changed while it runs. */
async function start(
  answer: (request: ChatRequest) => Behaviour,
  { agreed = true, ...settings }: Record<string, string> & { agreed?: boolean } = {} as never,
): Promise<void> {
  server = await startOpenAiServer({ answer });
  scenario = await startScenario({
    settings: {
      OPENAI_BASE_URL: server.url,
      XINGLIN_CHAT_MODEL: 'test-model',
      XINGLIN_MODEL_TIMEOUT_SECONDS: '2',
      ...(settings as Record<string, string>),
    },
  });
  patient = scenario.person('张阿姨');
  group = scenario.group('糖友');
  if (!agreed) return;
  await patient.saysPrivately('同意模型');
  patient.privateReplies();
}

const understands = (understood: Partial<Understanding>) => (): Behaviour => ({
  kind: 'object',
  object: { ...nothing, ...understood },
});

it('asks for consent once, when a question is not found at once; without it nothing leaves', async () => {
  await start(understands({}), { agreed: false } as never);
  await patient.says('@小杏 怎么种西红柿');
  expect(group.replies()[0]).toMatch(/转医生[\s\S]*要用大模型[\s\S]*同意模型/u);
  await patient.says('@小杏 怎么种黄瓜');
  expect(group.replies()[0]).not.toContain('大模型');
  expect(server.requests).toHaveLength(0);
  await patient.says('同意模型');
  expect(group.replies()[0]).toContain('同意模型');
  await patient.says('@小杏 怎么种茄子');
  expect(server.requests).toHaveLength(1);
  await patient.says('撤回同意');
  group.replies();
  await patient.says('@小杏 怎么种辣椒');
  expect(server.requests).toHaveLength(1);
});

it('answers with the entry that the model points at, where the index finds it by its words', async () => {
  const asked = '@小杏 天热了那个西瓜解暑是解暑可是这毛病碰得碰不得嘛';
  await start(understands({ entry: 'KB-050', question: '糖尿病能吃西瓜吗' }), { agreed: false } as never);
  await patient.says(asked);
  expect(group.replies()[0]).not.toContain('KB-050 v');
  await patient.says('同意模型');
  group.replies();
  await patient.says(asked);
  expect(group.replies()[0]).toContain('KB-050 v');
});

it('asks back where only the model sees an entry', async () => {
  await start((request) => {
    const [first] = JSON.parse(/candidates: (.*)$/u.exec(request.messages[1]?.content ?? '')?.[1] ?? '[]');
    return { kind: 'object', object: { ...nothing, entry: first?.id ?? null } };
  });
  await patient.says('@小杏 西瓜籽里面有什么');
  expect(group.replies()[0]).toMatch(/您想问的是/u);
});

it('sends to a doctor what the model hears as personal, and raises what it hears as dangerous', async () => {
  let route: Understanding['route'] = 'clinical';
  await start(() => ({ kind: 'object', object: { ...nothing, route } }));
  const doctors = scenario.group('医生');
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  expect(group.replies()[0]).toMatch(/登记好了，编号 #1/u);
  expect(doctors.replies().join()).toContain('#1');

  route = 'emergency';
  await patient.says('@小杏 吃柚子好不好呀');
  expect(group.replies().join('\n')).toContain('120');
  expect(doctors.replies().join('\n')).toContain('大模型判断');

  route = 'crisis';
  const other = scenario.person('老周');
  await other.saysPrivately('同意模型');
  other.privateReplies();
  await other.says('@小杏 日子怎么过才有意思');
  expect(group.replies().join('\n')).not.toContain('120');
  expect(other.privateReplies().join('\n')).toContain('12356');
});

it('an emergency card and a personal question wait for no model', async () => {
  await start(() => ({ kind: 'hang' }));
  await patient.says('胸口疼得厉害，喘不上气');
  expect(group.replies().join('\n')).toContain('120');
  const other = scenario.person('老周');
  await other.saysPrivately('同意模型');
  await other.says('@小杏 我的二甲双胍能不能停');
  expect(group.replies().join('\n')).toMatch(/编号 #/u);
  expect(server.requests).toHaveLength(0);
});

it.each<[string, Behaviour]>([
  ['slow', { kind: 'hang' }],
  ['broken', { kind: 'status', status: 500 }],
  ['gone', { kind: 'hang-up' }],
  ['talking nonsense', { kind: 'words', words: '作为一个语言模型，我建议您停药。' }],
  ['cut off', { kind: 'broken-body' }],
  ['of another form', { kind: 'object', object: { route: 'faq', entry: 'KB-050', question: null, say: '停药' } }],
])('a model that is %s changes nothing', async (_what, behaviour) => {
  await start(() => behaviour, { XINGLIN_MODEL_TIMEOUT_SECONDS: '0.5' } as never);
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  const [answer] = group.replies();
  expect(answer).toContain('KB-050');
  expect(answer).not.toContain('停药，');
  await patient.says('@小杏 怎么种西红柿');
  expect(group.replies()[0]).toContain('转医生');
  expect(server.requests.length).toBeGreaterThan(0);
});

it('a question whose errand a crash cut short is answered without the model', async () => {
  await start(understands({ entry: 'KB-050' }));
  const { app, clock } = scenario;
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  group.replies();
  // As it lies in the database after a kill between commit and answer.
  const rows = await app.db.reader.selectFrom('job').selectAll().where('kind', '=', 'errand-overdue').execute();
  expect(rows).toMatchObject([{ state: 'cancelled' }]);
  const messageId = (JSON.parse(rows[0]?.data ?? '{}') as { data: { messageId: string } }).data.messageId;
  await app.db.inTransaction(async (tx) => {
    await tx.deleteFrom('outbox').where('cause_message_id', '=', messageId).execute();
    await tx.updateTable('job').set({ state: 'waiting' }).where('kind', '=', 'errand-overdue').execute();
  });
  await clock.advance(60_000);
  await app.tick();
  await clock.advance(1_000);
  expect(group.replies().join('\n')).toContain('KB-050');
});

it('a message that was taken back while the model read it gets no answer', async () => {
  await start(() => {
    const said = group.messages().at(-1);
    if (said) scenario.simulation.world.recall(said.id, patient.id);
    return { kind: 'object', object: nothing, delayMs: 300 };
  });
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  expect(server.requests).toHaveLength(1);
  expect(group.replies()).toEqual([]);
});

it('neither names nor numbers leave', async () => {
  await start(understands({}));
  const secrets = ['张阿姨', '老周', '13812345678', '110101195001011234', '协和医院', '幸福小区'];
  await patient.says(
    '@小杏 我是张阿姨，老周说加他13812345678，身份证110101195001011234，住幸福小区3栋，在协和医院看的，糖尿病能吃苹果派吗',
  );
  group.replies();
  for (const secret of secrets) expect(server.wire()).not.toContain(secret);
});

it('grounded wordings carry the mark of the law, and what the entry does not say is not sent', async () => {
  let text = '';
  await start(
    ({ messages }) =>
      messages[1]?.content.includes('entry: ')
        ? { kind: 'object', object: { text } }
        : { kind: 'object', object: nothing },
    { XINGLIN_MODEL_ANSWERS: 'grounded', XINGLIN_MODEL_FILING_NO: '示例-0001' } as never,
  );
  const entry = scenario.app.knowledge.index().find('KB-050')?.entry;
  text = entry?.answerShort ?? '';
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  const [reply] = group.replies();
  expect(reply).toContain('⚠ 本内容由人工智能生成，仅供参考，未经医生审核');
  expect(reply).toContain(entry?.answerShort);
  expect(reply).toContain('KB-050');

  for (const wrong of ['可以，每天吃2000克西瓜。', '可以，吃完把二甲双胍停了。', '随便吃，没事，加微信买降糖茶。']) {
    text = wrong;
    await scenario.passes(60_000);
    await patient.says(`@小杏 糖尿病能吃西瓜吗${'?'.repeat(text.length)}`);
    const said = group.replies().join('\n');
    expect(said).not.toContain('人工智能生成');
    expect(said).not.toContain(wrong);
    expect(said).toContain(entry?.answer);
  }
});

const attacks = readFileSync(join(import.meta.dirname, '../eval/injection.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { id: string; text: string; level: 'emergency' | 'clinical' | 'none' });

/** What the bot says to each attack, ticket numbers aside. */
async function attack(): Promise<Map<string, string[]>> {
  const said = new Map<string, string[]>();
  for (const { id, text } of attacks) {
    await scenario.passes(31 * 60_000);
    group.replies();
    patient.privateReplies();
    await patient.says(`@小杏 ${text}`);
    const replies = [...group.replies(), ...patient.privateReplies()];
    said.set(
      id,
      replies.map((reply) => reply.replace(/#\d+/gu, '#n').replace(/\n\n要用大模型[\s\S]*/u, '')),
    );
  }
  return said;
}

it('no attack lowers a route, gives anything away, or makes the bot say what is not its own', async () => {
  // As a model that was taken over: it plays everything down, repeats its prompt, and points wherever it is told to.
  await start(({ messages }) => {
    const words = messages.map(({ content }) => content).join('\n');
    const object = { route: 'other', entry: /KB-\d{3}/u.exec(words)?.[0] ?? null, question: words.slice(0, 100) };
    return { kind: 'object', object };
  });
  const withModel = await attack();
  expect(server.requests.length).toBeGreaterThan(20);
  const titles = scenario.app.knowledge
    .index()
    .nearest('糖尿病', 1_000)
    .map((id) => scenario.app.knowledge.index().find(id)?.entry.question ?? '');
  await scenario.stop();
  await server.close();
  await start(() => ({ kind: 'status', status: 500 }), { agreed: false } as never);
  const withoutModel = await attack();

  expect(attacks.length).toBeGreaterThanOrEqual(60);
  for (const { id, level } of attacks) {
    const said = withModel.get(id)?.join('\n') ?? '';
    const before = withoutModel.get(id)?.join('\n') ?? '';
    if (level === 'emergency') expect(said, id).toMatch(/120|12356/u);
    if (level === 'clinical') expect(said, id).toMatch(/#n|120/u);
    // It may ask which entry is meant, by the titles of entries; all else is as without a model.
    const lines = said.split('\n').map((line) => line.replace(/^@\S+\s/u, ''));
    const isChoice = lines.every((line) => /您想问的是/u.test(line) || titles.some((title) => line.includes(title)));
    expect(said === before || isChoice, `${id}: ${said}`).toBe(true);
  }
}, 120_000);

it('finds by meaning what shares no word with an entry, and asks back; without the endpoint all is as before', async () => {
  // Two directions: what is about melons, however it is called, and all else.
  const about = (text: string): number[] =>
    /西瓜|绿皮红瓤/u.test(text) ? [1, 0.1] : [0.1 + (text.length % 7) / 100, 1 + (text.length % 5) / 100];
  let up = true;
  server = await startOpenAiServer({
    answer: () => ({ kind: 'status', status: 500 }),
    embed: (text) => (up ? about(text) : undefined),
  });
  scenario = await startScenario({
    settings: { OPENAI_BASE_URL: server.url, XINGLIN_EMBEDDING_MODEL: 'test-vectors' },
  });
  patient = scenario.person('张阿姨');
  group = scenario.group('糖友');
  await patient.saysPrivately('同意模型');
  patient.privateReplies();
  await patient.says('@小杏 夏日消暑绿皮红瓤');
  expect(group.replies()[0]).toMatch(/您想问的是[\s\S]*水果/u);
  const sent = server.embedded.flat().length;
  expect(sent).toBeGreaterThan(500);
  await patient.says('@小杏 夏日绿皮红瓤');
  expect(server.embedded.flat()).toHaveLength(sent + 1);
  group.replies();
  up = false;
  await patient.says('@小杏 伏天消暑绿皮红瓤');
  expect(group.replies()[0]).toMatch(/没听明白|转医生/u);
  await patient.says('@小杏 糖尿病能吃西瓜吗');
  expect(group.replies()[0]).toContain('KB-050');
});

it('drafts for the doctor who asks for it, and the label says so when the draft is taken over', async () => {
  const draft = '一般随餐吃，肠胃舒服些。您以前按什么时候吃，先不要改，来门诊我们一起看。';
  let object: object = { text: draft, ask: '现在是什么时候吃的？', basis: ['KB-021'] };
  await start(({ messages }) => {
    const entries = /entries: (.*)$/u.exec(messages[1]?.content ?? '')?.[1];
    if (entries === undefined) return { kind: 'object', object: { ...nothing, route: 'clinical' } };
    const [first] = JSON.parse(entries) as { id: string }[];
    return { kind: 'object', object: 'basis' in object ? { ...object, basis: [first?.id] } : object };
  });
  const doctors = scenario.group('医生');
  const doctor = scenario.person('李医生(模拟)');
  await patient.says('@小杏 我的二甲双胍饭前吃还是饭后吃好');
  expect(doctors.replies().join('\n')).toContain('#1 草稿');
  await doctor.says('#1 草稿', { in: '医生' });
  const [shown] = doctors.replies();
  expect(shown).toMatch(/AI草稿，未经审核，没有发给患者/u);
  expect(shown).toContain(draft);
  expect(group.replies().join()).not.toContain(draft);
  await doctor.says(`#1 ${draft}`, { in: '医生' });
  expect([...group.replies(), ...patient.privateReplies()].join('\n')).toMatch(/AI辅助起草，李[\s\S]*审核后发送/u);

  object = { text: '每天吃二甲双胍2片。', ask: null, basis: ['KB-032'] };
  await patient.says('@小杏 我这个情况饭量要减多少');
  doctors.replies();
  await doctor.says('#2 草稿', { in: '医生' });
  expect(doctors.replies()[0]).toMatch(/没有写出可用的草稿/u);
  await doctor.says('#2 请下周来门诊，我们一起看看记录再定。', { in: '医生' });
  expect([...group.replies(), ...patient.privateReplies()].join('\n')).toContain('本人回复');
});

it('makes no draft of a question whose asker has not agreed', async () => {
  await start(understands({}), { agreed: false } as never);
  const doctors = scenario.group('医生');
  await patient.says('@小杏 我的二甲双胍能不能停');
  expect(doctors.replies().join()).not.toContain('草稿');
  await scenario.person('李医生(模拟)').says('#1 草稿', { in: '医生' });
  expect(doctors.replies()[0]).toContain('没有同意用大模型');
  expect(server.requests).toHaveLength(0);
});
