import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChatMessage, createCommunity } from '../../src/community/index.js';
import { ensureFirstCommunity } from '../../src/community/service.js';
import { waitForFriend } from '../../src/conversation/store.js';
import { createReviewChat } from '../../src/knowledge/chat.js';
import type { Entry } from '../../src/knowledge/entry.js';
import { loadEntries } from '../../src/knowledge/folder.js';
import { loadGuidelines } from '../../src/knowledge/guidelines.js';
import { createEntryLives } from '../../src/knowledge/life.js';
import { createKnowledge } from '../../src/knowledge/service.js';
import { createEntryStore } from '../../src/knowledge/store.js';
import { createAudit } from '../../src/platform/audit/audit.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { packageDir } from '../../src/platform/config.js';
import type { Database } from '../../src/platform/db/database.js';
import { createSeal } from '../../src/platform/db/sealed.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { createJobs } from '../../src/platform/jobs/jobs.js';
import { createLog } from '../../src/platform/log.js';
import { createOutbox } from '../../src/platform/outbox/outbox.js';
import { normaliseText } from '../../src/platform/text-normalise.js';
import { openTestDatabase } from './open-test-database.js';

const START = Date.parse('2026-03-02T09:00:00+08:00');
const guidelines = await loadGuidelines(join(packageDir, 'knowledge', 'guidelines.yaml'));
const samples = (await loadEntries(join(packageDir, 'knowledge'))).entries;

function pick(wanted: (entry: Entry) => boolean): Entry {
  const found = samples.find(wanted);
  if (!found) throw new Error('the sample entries hold none of this kind');
  return found;
}

const plain = pick((entry) => entry.drugMentions.length === 0);
const withDrug = pick((entry) => entry.drugMentions.length > 0);

let db: Database;
let kit: Awaited<ReturnType<typeof startKit>>;

async function startKit() {
  const clock = new VirtualClock(START);
  db = await openTestDatabase(clock);
  const ids = createIds({ clock, random: seededRandom(5) });
  const seal = createSeal([randomBytes(32)]);
  const outbox = createOutbox({ clock, ids, seal, accountId: () => 'account' });
  const audit = createAudit({ clock, ids });
  const community = createCommunity({
    clock,
    ids,
    seal,
    outbox,
    jobs: createJobs({ db, clock, ids, log: createLog('silent') }),
    operator: { botName: '小杏', operator: '示例医院', department: '慢病中心', contact: '群管理员' },
    timeZone: 'Asia/Shanghai',
    release: async () => {},
    waitForFriend,
  });
  const store = createEntryStore({ clock, ids });
  const timeZone = 'Asia/Shanghai';
  const lives = createEntryLives({ clock, store, audit, timeZone });
  const chat = createReviewChat({ community, store, lives, guidelines, timeZone });
  for (const [kind, handler] of Object.entries(chat.questions ?? {})) community.questions.register(kind, handler);
  const communityId = await db.inTransaction(async (tx) => {
    await ensureFirstCommunity(tx, { clock, ids });
    await tx
      .insertInto('account')
      .values({ id: 'account', provider: 'simulator', external_id: 'bot', created_at: START })
      .execute();
    return community.firstCommunityId(tx);
  });

  async function addDoctor(name: string, { verified = true, speciality = '内分泌科' } = {}): Promise<void> {
    await db.inTransaction(async (tx) => {
      await tx.insertInto('person').values({ id: name, created_at: clock.now() }).execute();
      await tx
        .insertInto('role')
        .values({
          id: ids.next(),
          community_id: communityId,
          person_id: name,
          role: 'doctor',
          real_name: name,
          speciality,
          institution: '示例医院',
          verified_at: verified ? clock.now() : null,
          created_at: clock.now(),
        })
        .execute();
    });
  }

  let count = 0;
  /** What the bot answers this doctor in private; undefined where it is silent. */
  async function says(name: string, text: string, quoted?: string): Promise<string | undefined> {
    await clock.advance(1_000);
    count += 1;
    const id = `message-${count}`;
    await db.inTransaction(async (tx) => {
      const message: ChatMessage = {
        id,
        accountId: 'account',
        kind: 'text',
        personId: name,
        room: undefined,
        place: 'private',
        text,
        normalised: normaliseText(text),
        quoted: quoted === undefined ? undefined : { text: quoted, bySelf: true, ticketId: undefined },
        addressed: true,
        mentionedIds: [],
        sentAt: clock.now(),
        receivedAt: clock.now(),
        late: false,
        assessment: {
          level: 'information',
          privateOnly: false,
          flags: [],
          valueRows: [],
          suppressed: [],
          about: { kind: 'self' },
          cardIds: [],
          ruleVersion: '',
        },
        standing: await community.standingOf(tx, name, undefined),
      };
      if (await community.questions.step(tx, message)) return;
      for (const command of chat.commands) {
        const match = command.pattern.exec(message.normalised);
        if (!match) continue;
        await command.run(tx, message, match);
        return;
      }
    });
    // A long text goes out in parts.
    const parts = await db.reader
      .selectFrom('outbox')
      .select('body_sealed')
      .where('cause_message_id', '=', id)
      .orderBy('id')
      .execute();
    const texts = parts.map((part) => (JSON.parse(seal.open(part.body_sealed)) as { text: string }).text);
    return texts.length > 0 ? texts.join('\n') : undefined;
  }

  /** 通过, and the confirmation of the six points; the answer to the latter. */
  async function signs(name: string, text: string, quoted?: string): Promise<string | undefined> {
    const asked = await says(name, text, quoted);
    return asked?.includes('请确认这六点') ? says(name, '都确认') : asked;
  }

  const importAll = (entries: readonly Entry[], options: { typo?: boolean } = {}) =>
    db.inTransaction((tx) => store.importEntries(tx, entries, options));
  const served = async (withSamples: boolean) =>
    (await store.listServed(db.reader, { samples: withSamples })).map(
      ({ entry, sample }) => `${entry.id} v${entry.version}${sample ? ' sample' : ''}`,
    );
  const actions = async () =>
    (await db.reader.selectFrom('audit').select('action').orderBy('sequence').execute()).map((row) => row.action);

  const passTime = () => db.inTransaction((tx) => lives.passTime(tx));

  return { clock, store, audit, addDoctor, says, signs, importAll, served, actions, passTime };
}

beforeEach(async () => {
  kit = await startKit();
});
afterEach(() => db.close());

/** The same entry with other words, and with them another hash. */
function reworded(entry: Entry): Entry {
  return { ...entry, answerShort: `${entry.answerShort}（新）`, hash: `${entry.hash.slice(0, -4)}ffff` };
}

describe('importing', () => {
  it('brings every sample in once; the same files again change nothing', async () => {
    expect(await kit.importAll(samples)).toEqual({ added: samples.length, changed: 0, unchanged: 0 });
    const stamp = await kit.store.servedStamp(db.reader);
    expect(await kit.importAll(samples)).toEqual({ added: 0, changed: 0, unchanged: samples.length });
    expect(await kit.store.servedStamp(db.reader)).toBe(stamp);
    expect(await kit.store.countEntries(db.reader, { samples: true })).toEqual({
      served: samples.length,
      waiting: samples.length,
    });
  });

  it('unsigned samples are served in the simulator alone', async () => {
    await kit.importAll([plain]);
    expect(await kit.served(true)).toEqual([`${plain.id} v1 sample`]);
    expect(await kit.served(false)).toEqual([]);
  });
});

describe('reviewing in the chat', () => {
  beforeEach(async () => {
    await kit.addDoctor('李明');
    await kit.addDoctor('王芳');
    await kit.importAll([plain]);
  });

  it('审核 shows exactly what is signed', async () => {
    const shown = (await kit.says('李明', '审核')) ?? '';
    for (const part of [plain.id, plain.question, plain.answer, ...plain.seeDoctorWhen, plain.hash.slice(0, 8)]) {
      expect(shown).toContain(part);
    }
    expect(shown).toContain('还要1位审核');
  });

  it('one doctor is enough in a small community, and what was signed is served', async () => {
    const stamp = await kit.store.servedStamp(db.reader);
    expect(await kit.signs('李明', `${plain.id} 通过`)).toContain('已发布');
    expect(await kit.served(false)).toEqual([`${plain.id} v1`]);
    expect(await kit.store.servedStamp(db.reader)).not.toBe(stamp);
    expect(await kit.says('王芳', '审核')).toContain('没有等您审核的条目');
    expect(await kit.actions()).toEqual(['entry-approved', 'entry-published']);
    expect(await kit.audit.firstBroken(db.reader)).toBeUndefined();
  });

  it('three doctors, or a drug, need two of them; nobody counts twice', async () => {
    await kit.importAll([withDrug]);
    expect(await kit.signs('李明', `approve ${withDrug.id}`)).toContain('还要1位审核才发布');
    expect(await kit.signs('李明', `${withDrug.id}通过`)).toContain('您已经通过了');
    expect(await kit.served(false)).toEqual([]);
    expect(await kit.signs('王芳', `${withDrug.id.toLowerCase()} 通过`)).toContain('已发布');
    await kit.addDoctor('赵新');
    expect(await kit.signs('李明', `${plain.id} 通过`)).toContain('还要1位审核才发布');
  });

  it('returns with a reason, and a new version starts from the beginning', async () => {
    expect(await kit.says('李明', `${plain.id} 退回`)).toContain('请写上理由');
    expect(await kit.says('李明', `${plain.id} 退回 第二句太长`)).toContain('已退回');
    expect(await kit.signs('王芳', `${plain.id} 通过`)).toContain('不在等审核');
    expect(await kit.served(true)).toEqual([]);
    expect(await kit.importAll([reworded(plain)])).toMatchObject({ changed: 1 });
    expect(await kit.signs('王芳', `${plain.id} 通过`)).toContain('v2 已发布');
  });

  it('serves the published words while new ones are reviewed', async () => {
    await kit.signs('李明', `${plain.id} 通过`);
    await kit.importAll([reworded(plain)]);
    expect(await kit.served(true)).toEqual([`${plain.id} v1`]);
    expect(await kit.signs('王芳', '通过', `${plain.id} v1·常见问答`)).toContain('内容改过了');
    expect(await kit.signs('王芳', '通过', `${plain.id} v2·常见问答`)).toContain('v2 已发布');
    expect(await kit.served(false)).toEqual([`${plain.id} v2`]);
  });

  it('a quote signs the one entry in it; bare words and batches sign nothing', async () => {
    expect(await kit.signs('李明', '通过')).toBeUndefined();
    expect(await kit.signs('李明', '通过', '待审核 KB-001 KB-002')).toBeUndefined();
    expect(await kit.signs('李明', `${plain.id} KB-999 通过`)).toContain('一次只能审一条');
    expect(await kit.signs('李明', '全部通过')).toContain('一次只能审一条');
    expect(await kit.says('李明', '退回 看不懂', `${plain.id} v1·常见问答`)).toContain('已退回');
    expect(await kit.served(false)).toEqual([]);
  });

  it('names who got the entry in the last 30 days when it is stopped', async () => {
    const got = (personId: string) => db.inTransaction((tx) => kit.store.recordSent(tx, { entry: plain, personId }));
    await got('李明');
    await kit.clock.advance(31 * 24 * 3_600_000);
    await got('王芳');
    await got('王芳');
    const reply = await kit.says('王芳', `停用条目 ${plain.id} 指南改了`);
    expect(reply).toContain('近30天有1人收到过');
    expect(await kit.store.listRecipients(db.reader, plain.id)).toEqual(['王芳']);
  });

  it('any doctor stops an entry at once, with a reason', async () => {
    await kit.signs('李明', `${plain.id} 通过`);
    expect(await kit.says('王芳', `停用条目 ${plain.id}`)).toContain('请写上理由');
    expect(await kit.says('王芳', `停用条目 ${plain.id} 指南改了`)).toContain('已停用');
    expect(await kit.served(true)).toEqual([]);
    expect(await kit.says('王芳', `停用条目 ${plain.id} 指南改了`)).toContain('本来就没有在用');
  });

  it('a doctor whose particulars are missing signs nothing, and is told why', async () => {
    await kit.addDoctor('赵新', { verified: false });
    expect(await kit.signs('赵新', `${plain.id} 通过`)).toContain('还没有核验完');
    expect(await kit.served(false)).toEqual([]);
  });
});

it('what was published before there were dates gets one, sixty days ahead at the soonest', async () => {
  await kit.addDoctor('李明');
  await kit.importAll([plain]);
  await kit.signs('李明', `${plain.id} 通过`);
  const forget = () =>
    db.inTransaction((tx) => tx.updateTable('entry').set({ review_due_at: null }).where('id', '=', plain.id).execute());
  const start = () =>
    createKnowledge({
      db,
      clock: kit.clock,
      ids: createIds({ clock: kit.clock, random: seededRandom(6) }),
      log: createLog('silent'),
      dir: join(packageDir, 'knowledge'),
      samples: false,
      timeZone: 'Asia/Shanghai',
    });
  const due = async () => (await kit.store.find(db.reader, plain.id))?.life.served?.dueAt ?? 0;
  const signedUntil = await due();
  await forget();
  const knowledge = await start();
  expect(await due()).toBe(signedUntil);
  expect(knowledge.index().find(plain.id)).toMatchObject({ expiring: false });
  await kit.clock.advance(signedUntil - kit.clock.now());
  expect(knowledge.index().find(plain.id)).toBeUndefined();
  await forget();
  await start();
  expect(await due()).toBe(kit.clock.now() + 60 * 24 * 3_600_000);
});

describe('the six points', () => {
  beforeEach(async () => {
    await kit.addDoctor('李明');
    await kit.addDoctor('王芳');
    await kit.importAll([plain]);
  });
  const checks = async () =>
    (await kit.store.listReviews(db.reader, plain.id)).map(({ decision, checks, reason }) => ({
      decision,
      checks,
      reason,
    }));

  it('are asked before a signature counts, and stand with it', async () => {
    const asked = await kit.says('李明', `${plain.id} 通过`);
    for (const point of ['1 准确', '2 最新', '3 安全', '4 通俗', '5 无广告', '6 有就医时机'])
      expect(asked).toContain(point);
    expect(await kit.served(false)).toEqual([]);
    expect(await kit.says('李明', '都确认。')).toContain('已发布');
    const [signed] = await checks();
    expect(Object.values(signed?.checks ?? {})).toEqual([true, true, true, true, true, true]);
  });

  it.each(['3 5', '3、5', '35', '3和5'])('%s returns the entry for what is not fulfilled', async (words) => {
    await kit.says('李明', `${plain.id} 通过`);
    expect(await kit.says('李明', words)).toContain('已退回(安全、无广告)');
    expect(await checks()).toEqual([
      {
        decision: 'returned',
        reason: '安全、无广告',
        checks: {
          accurate: true,
          current: true,
          safe: false,
          plain: true,
          'no-ads': false,
          'when-to-see-a-doctor': true,
        },
      },
    ]);
  });

  it('sign nothing when they are put off, forgotten, or meant for other words', async () => {
    await kit.says('李明', `${plain.id} 通过`);
    expect(await kit.says('李明', '算了')).toContain('没有签');
    expect(await kit.says('李明', '都确认')).toBeUndefined();
    await kit.says('李明', `${plain.id} 通过`);
    await kit.clock.advance(11 * 60_000);
    expect(await kit.says('李明', '都确认')).toBeUndefined();
    await kit.says('李明', `${plain.id} 通过`);
    await kit.importAll([reworded(plain)]);
    expect(await kit.says('李明', '都确认')).toContain('内容改过了');
    await kit.says('李明', `${plain.id} 通过`);
    expect(await kit.says('王芳', '都确认')).toBeUndefined();
    expect(await kit.says('李明', '7')).toBeUndefined();
    expect(await checks()).toEqual([]);
  });
});

describe('a drug', () => {
  beforeEach(async () => {
    await kit.addDoctor('李明');
    await kit.addDoctor('王芳');
    await kit.importAll([withDrug]);
  });

  it('is for two doctors where there is no pharmacist, and the text says so', async () => {
    expect(await kit.says('李明', `审核 ${withDrug.id}`)).toContain('还没有药学专科的医生，由两位医生审核');
    await kit.signs('李明', `${withDrug.id} 通过`);
    expect(await kit.signs('王芳', `${withDrug.id} 通过`)).toContain('已发布');
  });

  it('wants a pharmacist among them where there is one', async () => {
    await kit.addDoctor('钱药', { speciality: '临床药学' });
    expect(await kit.says('李明', `审核 ${withDrug.id}`)).toContain('还要2位审核(其中要有药师)');
    await kit.signs('李明', `${withDrug.id} 通过`);
    expect(await kit.signs('王芳', `${withDrug.id} 通过`)).toContain('还要1位审核(要药师)');
    expect(await kit.served(false)).toEqual([]);
    expect(await kit.signs('钱药', `${withDrug.id} 通过`)).toContain('已发布');
  });
});

describe('stopping, bringing back, ending', () => {
  beforeEach(async () => {
    await kit.addDoctor('李明');
    await kit.addDoctor('王芳');
    await kit.importAll([plain]);
  });

  it('what was stopped is signed again from the beginning, and is no sample any more', async () => {
    await kit.says('李明', `停用条目 ${plain.id} 指南改了`);
    expect(await kit.signs('李明', `${plain.id} 通过`)).toContain(`恢复条目 ${plain.id}`);
    expect(await kit.says('李明', `恢复条目 ${plain.id}`)).toContain('从头签起');
    expect(await kit.served(true)).toEqual([]);
    expect(await kit.says('李明', `恢复条目 ${plain.id}`)).toContain('用不着恢复');
    expect(await kit.signs('王芳', `${plain.id} 通过`)).toContain('已发布');
    await kit.says('李明', `停用条目 ${plain.id} 又改了`);
    await kit.says('李明', `恢复条目 ${plain.id}`);
    expect(await kit.signs('王芳', `${plain.id} 通过`)).toContain('已发布');
    expect((await kit.store.listReviews(db.reader, plain.id)).map(({ round }) => round)).toEqual([2, 3]);
  });

  it('作废 wants a reason, is for good, and other words do not bring it back', async () => {
    await kit.signs('李明', `${plain.id} 通过`);
    expect(await kit.says('王芳', `${plain.id} 作废`)).toContain('请写上理由');
    expect(await kit.says('王芳', `${plain.id} 作废 和 KB-051 重复`)).toContain('已作废');
    expect(await kit.served(true)).toEqual([]);
    expect(await kit.says('王芳', `${plain.id} 作废 再来`)).toContain('已经作废了');
    expect(await kit.says('王芳', `恢复条目 ${plain.id}`)).toContain('用不着恢复');
    expect(await kit.importAll([reworded(plain)])).toMatchObject({ changed: 0, unchanged: 1 });
    expect(await kit.actions()).toEqual(['entry-approved', 'entry-published', 'entry-retired']);
    const history = (await kit.store.listEvents(db.reader, plain.id)).map(({ event, state }) => `${event} ${state}`);
    expect(history).toEqual(['approve published', 'retire retired']);
  });

  it('a typo wants one reviewer; what is more than that wants all', async () => {
    await kit.addDoctor('赵新');
    await kit.signs('李明', `${plain.id} 通过`);
    await kit.signs('王芳', `${plain.id} 通过`);
    const mended = { ...plain, answer: plain.answer.replace('。', '！'), hash: 'mended'.padEnd(64, '0') };
    expect(await kit.importAll([mended], { typo: true })).toMatchObject({ changed: 1, mended: 1 });
    expect(await kit.says('赵新', `审核 ${plain.id}`)).toContain('只改了错字');
    expect(await kit.signs('赵新', `${plain.id} 通过`)).toContain('v2 已发布');
    expect(
      await kit.importAll([{ ...mended, answer: '都能吃。', hash: 'other'.padEnd(64, '0') }], { typo: true }),
    ).toMatchObject({
      changed: 1,
      mended: 0,
    });
    expect(await kit.signs('赵新', `${plain.id} 通过`)).toContain('还要1位审核');
  });
});
