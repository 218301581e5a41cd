import type { ChatMessage, Community } from '../community/index.js';
import type { KnowledgeIndex, MeaningIndex } from '../knowledge/index.js';
import { startStopwatch } from '../platform/clock.js';
import type { Database, Reader, Transaction } from '../platform/db/database.js';
import type { Errands } from '../platform/model/errands.js';
import type { Model } from '../platform/model/model.js';
import { type Prompt, promptNamed } from '../platform/model/prompts.js';
import { searchOptionsOf } from './asked.js';
import { groundedSchema, isGrounded } from './grounded.js';
import { type Plan, planAnswer, type Read, type Understanding, understandingSchema } from './plan.js';

const UNDERSTAND = 'understand';
const CANDIDATES = 10;

/** What was learnt while the message waited. */
export interface Learnt extends Read {
  /** The entry worded for this question, where that is allowed and it says nothing else. */
  worded: { entryId: string; text: string } | undefined;
}

export interface UnderstandingDeps {
  db: Database;
  /** Reads; a chat model, where one is set. */
  model: Model | undefined;
  /** Finds by meaning, where an embedding model is set. */
  meaning: MeaningIndex | undefined;
  prompts: ReadonlyMap<string, Prompt>;
  errands: Errands;
  community: Community;
  index(): KnowledgeIndex;
  loadMessage(tx: Transaction, messageId: string): Promise<ChatMessage>;
  lastQuestion(reader: Reader, asker: { personId: string; place: string }): Promise<string | undefined>;
  /** Wordings of a model may be sent. */
  grounded: boolean;
}

export interface QuestionReader {
  /** Asks a model about a message, if its sender has agreed; the message then goes on by `onRead`. */
  begin(tx: Transaction, message: ChatMessage): Promise<boolean>;
  onRead(goOn: (tx: Transaction, message: ChatMessage, learnt: Learnt | undefined) => Promise<void>): void;
}

/** Has a language model read the questions of those who have agreed to it, before they are answered. */
export function createQuestionReader(deps: UnderstandingDeps): QuestionReader {
  const { db, model, meaning, errands, community, index } = deps;
  let goOn: Parameters<QuestionReader['onRead']>[0] = async () => {};

  async function namesAround(reader: Reader, message: ChatMessage, known: string): Promise<string[]> {
    const { communityId } = message.standing;
    const people = await community.findPeopleByName(reader, communityId, '');
    const doctors = await community.listDoctors(reader, communityId);
    const own = await community.displayName(reader, message.personId, message.room?.id);
    const names = [own, ...people.map(({ name }) => name), ...doctors.map(({ realName }) => realName)];
    // Somebody who calls himself 西瓜 does not take the melon out of everybody's questions.
    return names.filter((name) => name !== '' && !known.includes(name));
  }

  async function learn(message: ChatMessage): Promise<Learnt | undefined> {
    const elapsed = startStopwatch();
    const decide = (words: string) => index().decide(words, searchOptionsOf(message));
    const byWords = index().nearest(message.text, CANDIDATES);
    const names = await namesAround(db.reader, message, byWords.map(titleOf).join('\n'));
    const byMeaning = (await meaning?.nearest(message.text, { limit: CANDIDATES, names })) ?? [];
    const ids = inTurns(
      byWords,
      byMeaning.map(({ entryId }) => entryId),
    );
    const about = { personId: message.personId, names };
    const understood = await understand(message, ids, { ...about, spentMs: elapsed() });
    const learnt = { understood, candidates: ids, alike: byMeaning.filter(isAlike).map(({ entryId }) => entryId) };
    const plan = planAnswer(decide(message.text), learnt, decide);
    return { ...learnt, worded: await wordFor(message, plan, { ...about, spentMs: elapsed() }) };
  }

  function titleOf(entryId: string): string {
    return index().find(entryId)?.entry.question ?? '';
  }

  async function understand(
    message: ChatMessage,
    ids: readonly string[],
    about: { personId: string; names: string[]; spentMs: number },
  ): Promise<Understanding | undefined> {
    const candidates = ids.map((id) => ({ id, question: titleOf(id) }));
    const before = (await deps.lastQuestion(db.reader, message)) ?? null;
    const read = await model?.ask({
      ...about,
      prompt: promptNamed(deps.prompts, UNDERSTAND),
      values: { message: message.text, before, candidates },
      answer: understandingSchema,
    });
    return read?.kind === 'answered' ? read.value : undefined;
  }

  async function wordFor(
    message: ChatMessage,
    plan: Plan,
    about: { personId: string; names: string[]; spentMs: number },
  ): Promise<Learnt['worded']> {
    const served = deps.grounded && plan.kind === 'answer' ? index().find(plan.entryId) : undefined;
    // A card for an emergency is read as it was signed.
    if (!served || served.entry.type === 'emergency_card') return undefined;
    const { question, answer, seeDoctorWhen } = served.entry;
    const read = await model?.ask({
      ...about,
      prompt: promptNamed(deps.prompts, 'grounded'),
      values: { message: message.text, entry: { question, answer, seeDoctorWhen } },
      answer: groundedSchema,
    });
    const text = read?.kind === 'answered' ? read.value.text : null;
    if (text === null || !isGrounded(text, served, message.text)) return undefined;
    return { entryId: served.entry.id, text };
  }

  errands.register(UNDERSTAND, {
    async fetch(_reader, { messageId }) {
      const message = await db.inTransaction((tx) => deps.loadMessage(tx, String(messageId)));
      return message.text === '' ? undefined : learn(message);
    },
    async apply(tx, { messageId }, fetched) {
      const message = await deps.loadMessage(tx, String(messageId));
      // Taken back while it was being read.
      if (message.text === '') return;
      await goOn(tx, message, fetched as Learnt | undefined);
    },
  });

  return {
    async begin(tx, message) {
      if (message.late || !(await community.consents.has(tx, message.personId, 'model'))) return false;
      await errands.add(tx, { kind: UNDERSTAND, slot: `${UNDERSTAND}:${message.id}`, data: { messageId: message.id } });
      return true;
    },
    onRead(next) {
      goOn = next;
    },
  };
}

/** So far out that it is no chance: 1 in 30,000 of a normal distribution. */
const STANDS_OUT = 4;

function isAlike({ standsOut }: { standsOut: number }): boolean {
  return standsOut >= STANDS_OUT;
}

/** The first of one, the first of the other, and so on, each once. */
function inTurns(a: readonly string[], b: readonly string[]): string[] {
  const longest = Math.max(a.length, b.length);
  const both = Array.from({ length: longest }, (_none, i) => [a[i], b[i]]).flat();
  return [...new Set(both)].filter((id) => id !== undefined).slice(0, CANDIDATES);
}
