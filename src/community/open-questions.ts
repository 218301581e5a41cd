import type { Selectable } from 'kysely';
import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Schema } from '../platform/db/schema.js';
import type { Seal } from '../platform/db/sealed.js';
import { invariant } from '../platform/errors.js';
import type { Ids } from '../platform/ids.js';
import type { ChatMessage, QuestionHandler } from './chat.js';
import {
  deleteQuestion,
  deleteQuestionById,
  findQuestionRow,
  listQuestionRows,
  putQuestion,
  updateQuestion,
} from './consent-store.js';

export const CONSENT_QUESTION = 'consent';
const DEFAULT_TTL_MS = 10 * 60_000;

/** Where the question for consent of a place is kept. */
export const consentPlace = (place: string) => `${CONSENT_QUESTION}:${place}`;

/** The whole message as a bare word: what people put behind it out of politeness is no part of it. */
export const bareWord = (message: Pick<ChatMessage, 'normalised'>) =>
  message.normalised.replace(/[\s。.!~,、;]+$/u, '');

type Row = Selectable<Schema['pending_question']>;

export interface OpenQuestions {
  register(kind: string, handler: QuestionHandler): void;
  open(
    tx: Transaction,
    question: {
      personId: string;
      place: string;
      kind: string;
      data: Record<string, unknown>;
      ttlMs?: number;
    },
  ): Promise<void>;
  close(tx: Transaction, personId: string, place: string): Promise<void>;
  openKind(tx: Transaction, personId: string, place: string): Promise<string | undefined>;
  dataOf(row: Row): Record<string, unknown>;
  setData(tx: Transaction, id: string, data: Record<string, unknown>): Promise<void>;
  /** The first step of handling: is this message the answer to what this person was asked here? */
  step(tx: Transaction, message: ChatMessage): Promise<boolean>;
}

/**
 * At most one open question for a person in a place; the next one replaces it.
 * A bare word counts only while its question is open. A consent that is being
 * asked stands beside it: it is open for a day, and its words are no answer
 * to anything else.
 */
export function createOpenQuestions({ clock, ids, seal }: { clock: Clock; ids: Ids; seal: Seal }): OpenQuestions {
  const handlers = new Map<string, QuestionHandler>();
  const dataOf = (row: Row) => JSON.parse(seal.open(row.data_sealed)) as Record<string, unknown>;

  async function answered(tx: Transaction, message: ChatMessage, row: Row): Promise<boolean> {
    if (row.opened_at > message.receivedAt) return false;
    if (row.expires_at <= message.sentAt) {
      await deleteQuestion(tx, message.personId, row.place);
      return false;
    }
    const handler = handlers.get(row.kind);
    if (!handler) return false;
    const outcome = await handler(tx, message, dataOf(row));
    if (outcome === 'not-mine') return false;
    // The handler may have asked the next question; only its own is closed.
    await deleteQuestionById(tx, row.id);
    return true;
  }

  return {
    dataOf,
    register(kind, handler) {
      invariant(!handlers.has(kind), `two features answer the question ${kind}`);
      handlers.set(kind, handler);
    },
    async open(tx, { personId, place: where, kind, data, ttlMs = DEFAULT_TTL_MS }) {
      const now = clock.now();
      const place = kind === CONSENT_QUESTION ? consentPlace(where) : where;
      await putQuestion(tx, {
        id: ids.next(),
        person_id: personId,
        place,
        kind,
        data_sealed: seal.seal(JSON.stringify(data)),
        reminded_at: null,
        opened_at: now,
        expires_at: now + ttlMs,
        created_at: now,
      });
    },
    close: deleteQuestion,
    async openKind(tx, personId, place) {
      const row = await findQuestionRow(tx, personId, place);
      return row && row.expires_at > clock.now() ? row.kind : undefined;
    },
    async setData(tx, id, data) {
      await updateQuestion(tx, id, { data_sealed: seal.seal(JSON.stringify(data)) });
    },
    async step(tx, message) {
      const places = [message.place, consentPlace(message.place)];
      const rows = await listQuestionRows(tx, message.personId, places);
      for (const place of places) {
        const row = rows.find((one) => one.place === place);
        if (row && (await answered(tx, message, row))) return true;
      }
      return false;
    },
  };
}
