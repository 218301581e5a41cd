import { z } from 'zod';
import type { ChatMessage } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import type { Errands } from '../platform/model/errands.js';
import type { Model } from '../platform/model/model.js';
import type { Prompt } from '../platform/model/prompts.js';
import { normaliseText } from '../platform/text-normalise.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { EscalationDeps } from './deps.js';
import { OWED } from './states.js';
import type { TicketStore } from './store.js';
import type { Ticket, TicketEvent } from './types.js';

const ERRAND = 'ticket-draft';
const BASIS_AT_MOST = 5;

/** What a model drafts for a doctor. */
const draftSchema = z.strictObject({
  text: z.string().max(600).nullable(),
  /** What the patient would have to be asked first. */
  ask: z.string().max(300).nullable(),
  /** Ids of the entries that it rests on. */
  basis: z.array(z.string()).max(BASIS_AT_MOST),
});
type Draft = z.infer<typeof draftSchema>;

/** What drafts are made with; only where a language model is set. */
export interface Drafting {
  model: Model;
  prompt: Prompt;
  errands: Errands;
  /** Entries that come near a question, the nearest first. */
  entriesFor(question: string, limit: number): { id: string; question: string; answer: string }[];
}

export type Drafts = ReturnType<typeof createDrafts>;

/**
 * Drafts for the doctor who asks for one (`#12 草稿`), of general tickets alone: what is
 * pressing is never read from a draft (SAFETY.md H-07). No patient sees it; the doctor writes the answer.
 */
export function createDrafts({
  community,
  drafting,
  loadMessage,
  store,
}: Pick<EscalationDeps, 'community' | 'drafting' | 'loadMessage'> & { store: TicketStore }) {
  const answer = (tx: Transaction, message: ChatMessage, words: string) =>
    community.replies.say(tx, message, words, { evenLate: true });

  drafting?.errands.register(ERRAND, {
    async fetch(reader, { ticketId }) {
      const ticket = await store.find(reader, String(ticketId));
      if (!ticket) return undefined;
      const entries = drafting.entriesFor(ticket.question, BASIS_AT_MOST);
      const people = await community.findPeopleByName(reader, ticket.communityId, '');
      const read = await drafting.model.ask({
        prompt: drafting.prompt,
        values: { question: ticket.question, entries },
        answer: draftSchema,
        personId: ticket.askerId,
        names: [await community.displayName(reader, ticket.askerId), ...people.map(({ name }) => name)],
      });
      const ids = new Set(entries.map(({ id }) => id));
      return read.kind === 'answered' && isUsable(read.value, ids) ? read.value : undefined;
    },
    async apply(tx, { messageId, ticketId }, fetched) {
      const message = await loadMessage(tx, String(messageId));
      const ticket = await store.find(tx, String(ticketId));
      if (!ticket || message.text === '') return;
      const draft = fetched as Draft | undefined;
      if (!draft) {
        await answer(tx, message, text.desk.noDraft(ticket.number));
        return;
      }
      if (draft.text !== null) {
        const { personId: actorId, id } = message;
        await store.addEvent(tx, { ticketId: ticket.id, kind: 'draft', actorId, messageId: id, text: draft.text });
      }
      await answer(tx, message, text.desk.draft(ticket.number, draft));
    },
  });

  return {
    async ask(tx: Transaction, message: ChatMessage, ticket: Ticket): Promise<void> {
      const refusal = await refuse(tx, message, ticket);
      if (refusal) await answer(tx, message, refusal);
      else {
        const data = { messageId: message.id, ticketId: ticket.id };
        await drafting?.errands.add(tx, { kind: ERRAND, slot: `${ERRAND}:${message.id}`, data });
      }
    },
  };

  async function refuse(tx: Transaction, message: ChatMessage, ticket: Ticket): Promise<string | undefined> {
    const { number } = ticket;
    if (!drafting) return text.desk.draftsOff();
    if (!message.standing.doctor) return text.desk.onlyDoctors(number);
    if (ticket.kind !== 'clinical' || ticket.level !== 'clinical') return text.desk.draftNotForThis(number);
    if (!OWED.includes(ticket.state)) return text.desk.ended(number, ticket.state);
    return (await community.consents.has(tx, ticket.askerId, 'model')) ? undefined : text.desk.draftNoConsent(number);
  }
}

const DOSE =
  /\d+(?:\.\d+)?\s*(?:mg|毫克|克|g|片|粒|颗|单位|u|ml|毫升)(?![a-z])|[半一二两三四五六]\s*(?:片|粒|颗|个?单位)/iu;

/** Names no dose, and rests on nothing but the given entries. */
function isUsable({ text: words, basis }: Draft, ids: ReadonlySet<string>): boolean {
  return basis.every((id) => ids.has(id)) && (words === null || (!DOSE.test(normaliseText(words)) && basis.length > 0));
}

/** So much of a reply stands in the draft that it is one: shared pairs of characters. */
const TAKEN_OVER = 0.6;

/** Whether the doctor's words are mostly a draft that this doctor was shown: they go out with its label (SAFETY.md 6.6, class D). */
export function isFromDraft(words: string, events: readonly TicketEvent[], doctorId: string): boolean {
  const said = pairs(words);
  return events.some((event) => {
    if (event.kind !== 'draft' || event.actorId !== doctorId || !event.text || said.size === 0) return false;
    const drafted = pairs(event.text);
    return [...said].filter((pair) => drafted.has(pair)).length / said.size >= TAKEN_OVER;
  });
}

function pairs(words: string): Set<string> {
  const letters = [...normaliseText(words)].filter((letter) => /[\p{L}\p{N}]/u.test(letter));
  return new Set(letters.slice(1).map((letter, i) => `${letters[i] ?? ''}${letter}`));
}
