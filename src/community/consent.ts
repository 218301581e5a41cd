import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Ids } from '../platform/ids.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import { mention, nameOf, type Outbox } from '../platform/outbox/outbox.js';
import { CONSENT_VERSION, type Operator, community as text } from '../text/zh-CN/community.js';
import type { ChatMessage, QuestionHandler } from './chat.js';
import { findQuestionRow, insertConsent, latestConsent, updateQuestion } from './consent-store.js';
import { bareWord, CONSENT_QUESTION, consentPlace, type OpenQuestions } from './open-questions.js';
import type { Replies } from './replies.js';

export type ConsentPurpose = 'values' | 'doctor' | 'model';
export type ConsentState = 'unknown' | 'granted' | 'refused' | 'withdrawn';

const CONSENT_OPEN_MS = 24 * 3_600_000;
const REMIND_AFTER_MS = 12 * 3_600_000;

export interface Consents {
  has(reader: Reader, personId: string, purpose: ConsentPurpose): Promise<boolean>;
  stateOf(reader: Reader, personId: string, purpose: ConsentPurpose): Promise<ConsentState>;
  ask(tx: Transaction, message: ChatMessage, purpose: ConsentPurpose): Promise<void>;
  askWithin(tx: Transaction, message: ChatMessage, purpose: ConsentPurpose): Promise<string | undefined>;
  record(
    tx: Transaction,
    message: ChatMessage,
    purpose: ConsentPurpose,
    decision: Exclude<ConsentState, 'unknown'>,
  ): Promise<void>;
  /** 同意 and 不同意 to a consent that is being asked. */
  answer: QuestionHandler;
}

export function createConsents(deps: {
  clock: Clock;
  ids: Ids;
  operator: Operator;
  questions: OpenQuestions;
  replies: Replies;
  /** Lets a message that waited be handled from the start. */
  release(tx: Transaction, messageIds: string[]): Promise<void>;
  outbox: Outbox;
  jobs: Jobs;
}): Consents {
  const { clock, ids, operator, questions, replies, outbox, jobs } = deps;

  jobs.register('consent-reminder', {
    missed: { kind: 'skip-when-late', lateMs: CONSENT_OPEN_MS - REMIND_AFTER_MS },
    async apply(tx, job) {
      const { personId, place } = job.data as { personId: string; place: string };
      const open = await findQuestionRow(tx, personId, consentPlace(place));
      if (open?.kind !== CONSENT_QUESTION || open.reminded_at !== null) return;
      await updateQuestion(tx, open.id, { reminded_at: clock.now() });
      const inRoom = place !== 'private';
      await outbox.add(tx, {
        key: `consent-reminder:${job.id}`,
        to: inRoom ? { kind: 'room', roomId: place } : { kind: 'private', personId },
        kind: 'notice',
        body: { kind: 'text', text: `${inRoom ? `${mention(personId)} ` : ''}${text.consent.remind()}` },
      });
    },
  });

  async function stateOf(reader: Reader, personId: string, purpose: ConsentPurpose): Promise<ConsentState> {
    return ((await latestConsent(reader, personId, purpose)) as ConsentState | undefined) ?? 'unknown';
  }

  async function record(
    tx: Transaction,
    message: ChatMessage,
    purpose: ConsentPurpose,
    decision: ConsentState,
  ): Promise<void> {
    await insertConsent(tx, {
      id: ids.next(),
      person_id: message.personId,
      purpose,
      decision,
      version: CONSENT_VERSION,
      wording_hash: text.consent.wordingHash(purpose, operator),
      room_id: message.room?.id ?? null,
      message_id: message.id,
      created_at: clock.now(),
    });
  }

  /** Opens the question and answers its words; undefined when it is being asked already, or another one is. */
  async function askWithin(
    tx: Transaction,
    message: ChatMessage,
    purpose: ConsentPurpose,
  ): Promise<string | undefined> {
    if (message.late) return undefined;
    const place = consentPlace(message.place);
    const open = await findQuestionRow(tx, message.personId, place);
    const data = open && open.expires_at > clock.now() ? questions.dataOf(open) : undefined;
    if (open && data?.purpose === purpose) {
      await questions.setData(tx, open.id, { purpose, waiting: [...waitingOf(data), message.id] });
      return undefined;
    }
    // Two things are never asked at once. A check-in waits for its answer; anything else is asked the next time.
    if (data && purpose !== 'values') return undefined;
    const neverAnswered = (await stateOf(tx, message.personId, purpose)) === 'unknown';
    // Reminded once, never again: one slot a person and purpose for ever.
    const isFirst =
      neverAnswered &&
      (await jobs.add(tx, {
        kind: 'consent-reminder',
        slot: `${message.personId}:${purpose}`,
        dueAt: clock.now() + REMIND_AFTER_MS,
        data: { personId: message.personId, place: message.place },
      }));
    // Nothing waits for it: who has not answered once is left in peace.
    if (purpose === 'model' && neverAnswered && !isFirst) return undefined;
    await questions.open(tx, {
      personId: message.personId,
      place: message.place,
      kind: CONSENT_QUESTION,
      data: { purpose, waiting: [message.id] },
      ttlMs: CONSENT_OPEN_MS,
    });
    return text.consent.ask(purpose, nameOf(message.personId), operator);
  }

  return {
    stateOf,
    record,
    has: async (reader, personId, purpose) => (await stateOf(reader, personId, purpose)) === 'granted',
    askWithin,
    async ask(tx, message, purpose) {
      const words = await askWithin(tx, message, purpose);
      if (words === undefined) return;
      await replies.say(tx, message, words, { part: `consent-${purpose}`, plain: purpose === 'values' });
    },
    async answer(tx, message, data) {
      const word = bareWord(message);
      const granted = /^同意(?:模型|了)?$|^agreed?$/.test(word);
      if (!granted && !/^不同意了?$|^disagree$/.test(word)) return 'not-mine';
      const purpose = data.purpose as ConsentPurpose;
      await record(tx, message, purpose, granted ? 'granted' : 'refused');
      if (granted && purpose === 'values') await deps.release(tx, waitingOf(data));
      await replies.say(tx, message, granted ? text.consent.granted(purpose) : text.consent.refused(purpose));
      return 'answered';
    },
  };
}

function waitingOf(data: Record<string, unknown>): string[] {
  return Array.isArray(data.waiting) ? data.waiting.filter((id) => typeof id === 'string') : [];
}
