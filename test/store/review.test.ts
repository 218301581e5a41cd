import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChatMessage, createCommunity } from '../../src/community/index.js';
import { ensureFirstCommunity } from '../../src/community/service.js';
import { waitForFriend } from '../../src/conversation/store.js';
import { createReviewChat } from '../../src/knowledge/chat.js';
import type { Entry } from '../../src/knowledge/entry.js';
import { loadEntries } from '../../src/knowledge/folder.js';
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
  const chat = createReviewChat({ community, audit, store });
  const communityId = await db.inTransaction(async (tx) => {
    await ensureFirstCommunity(tx, { clock, ids });
    await tx
      .insertInto('account')
      .values({ id: 'account', provider: 'simulator', external_id: 'bot', created_at: START })
      .execute();
    return community.firstCommunityId(tx);
  });

  async function addDoctor(name: string, { verified = true } = {}): Promise<void> {
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
          speciality: '内分泌科',
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

  const importAll = (entries: readonly Entry[]) => db.inTransaction((tx) => store.importEntries(tx, entries));
  const served = async (withSamples: boolean) =>
    (await store.listServed(db.reader, { samples: withSamples })).map(
      ({ entry, sample }) => `${entry.id} v${entry.version}${sample ? ' sample' : ''}`,
    );
  const actions = async () =>
    (await db.reader.selectFrom('audit').select('action').orderBy('sequence').execute()).map((row) => row.action);

  return { clock, store, audit, addDoctor, says, importAll, served, actions };
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
    expect(await kit.says('李明', `${plain.id} 通过`)).toContain('已发布');
    expect(await kit.served(false)).toEqual([`${plain.id} v1`]);
    expect(await kit.store.servedStamp(db.reader)).not.toBe(stamp);
    expect(await kit.says('王芳', '审核')).toContain('没有等您审核的条目');
    expect(await kit.actions()).toEqual(['entry-approved', 'entry-published']);
    expect(await kit.audit.firstBroken(db.reader)).toBeUndefined();
  });

  it('three doctors, or a drug, need two of them; nobody counts twice', async () => {
    await kit.importAll([withDrug]);
    expect(await kit.says('李明', `approve ${withDrug.id}`)).toContain('还要1位审核才发布');
    expect(await kit.says('李明', `${withDrug.id}通过`)).toContain('您已经通过了');
    expect(await kit.served(false)).toEqual([]);
    expect(await kit.says('王芳', `${withDrug.id.toLowerCase()} 通过`)).toContain('已发布');
    await kit.addDoctor('赵新');
    expect(await kit.says('李明', `${plain.id} 通过`)).toContain('还要1位审核才发布');
  });

  it('returns with a reason, and a new version starts from the beginning', async () => {
    expect(await kit.says('李明', `${plain.id} 退回`)).toContain('请写上理由');
    expect(await kit.says('李明', `${plain.id} 退回 第二句太长`)).toContain('已退回');
    expect(await kit.says('王芳', `${plain.id} 通过`)).toContain('不在等审核');
    expect(await kit.served(true)).toEqual([]);
    expect(await kit.importAll([reworded(plain)])).toMatchObject({ changed: 1 });
    expect(await kit.says('王芳', `${plain.id} 通过`)).toContain('v2 已发布');
  });

  it('serves the published words while new ones are reviewed', async () => {
    await kit.says('李明', `${plain.id} 通过`);
    await kit.importAll([reworded(plain)]);
    expect(await kit.served(true)).toEqual([`${plain.id} v1`]);
    expect(await kit.says('王芳', '通过', `${plain.id} v1·常见问答`)).toContain('内容改过了');
    expect(await kit.says('王芳', '通过', `${plain.id} v2·常见问答`)).toContain('v2 已发布');
    expect(await kit.served(false)).toEqual([`${plain.id} v2`]);
  });

  it('a quote signs the one entry in it; bare words and batches sign nothing', async () => {
    expect(await kit.says('李明', '通过')).toBeUndefined();
    expect(await kit.says('李明', '通过', '待审核 KB-001 KB-002')).toBeUndefined();
    expect(await kit.says('李明', `${plain.id} KB-999 通过`)).toContain('一次只能审一条');
    expect(await kit.says('李明', '全部通过')).toContain('一次只能审一条');
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
    await kit.says('李明', `${plain.id} 通过`);
    expect(await kit.says('王芳', `停用条目 ${plain.id}`)).toContain('请写上理由');
    expect(await kit.says('王芳', `停用条目 ${plain.id} 指南改了`)).toContain('已停用');
    expect(await kit.served(true)).toEqual([]);
    expect(await kit.says('王芳', `停用条目 ${plain.id} 指南改了`)).toContain('本来就没有在用');
  });

  it('a doctor whose particulars are missing signs nothing, and is told why', async () => {
    await kit.addDoctor('赵新', { verified: false });
    expect(await kit.says('赵新', `${plain.id} 通过`)).toContain('还没有核验完');
    expect(await kit.served(false)).toEqual([]);
  });
});
