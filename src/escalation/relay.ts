import type { ChatMessage, DoctorParticulars } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { mention, nameOf } from '../platform/outbox/outbox.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { EscalationDeps } from './deps.js';
import { isFromDraft } from './draft.js';
import { isAboutValues, isPrivateOnly } from './flags.js';
import { holdsPersonalFinding } from './personal-finding.js';
import type { Receipts, Way } from './receipts.js';
import { afterAction, type TicketAction } from './states.js';
import type { TicketStore } from './store.js';
import type { Tickets } from './tickets.js';
import { isPressing, type Ticket, type TicketEvent, type TicketEventKind } from './types.js';

/** A quoted card is easily answered by mistake: so long it can be stopped. */
const HOLD_MS = 20_000;
/** How far back 撤 looks for what the doctor means. */
const TAKE_BACK_WITHIN_MS = 60_000;

export type RelayMode = 'reply' | 'reply-private' | 'ask-back' | 'correct';

export interface Words {
  mode: RelayMode;
  /** Word for word. */
  text: string;
  /** The message that they were written in: its recall stops them. */
  messageId: string;
  hold: boolean;
}

export type RelayOutcome = 'on-its-way' | 'not-a-friend' | 'not-possible';

const ACTIONS: Record<RelayMode, TicketAction> = {
  reply: 'answer',
  'reply-private': 'answer',
  'ask-back': 'ask-back',
  correct: 'correct',
};

const RELAYED: ReadonlySet<TicketEventKind> = new Set([
  'reply',
  'reply-private',
  'ask-back',
  'ask-back-private',
  'correct',
  'correct-private',
]);
const ANSWERS: ReadonlySet<TicketEventKind> = new Set(['reply', 'reply-private', 'reply-own']);

interface Author {
  short: string;
  signature: string;
  admin: boolean;
}

export type Relay = ReturnType<typeof createRelay>;

/** A doctor's words on their way to the person who asked. */
export function createRelay(
  deps: Pick<EscalationDeps, 'clock' | 'community' | 'outbox' | 'audit'> & {
    store: TicketStore;
    tickets: Tickets;
    receipts: Receipts;
  },
) {
  const { clock, community, outbox, audit, store, tickets, receipts } = deps;
  const { say } = community.replies;

  /**
   * Sends `words` to where the ticket was asked, or to the person alone when
   * they hold something personal, and tells the author what happened.
   */
  async function send(tx: Transaction, message: ChatMessage, ticket: Ticket, words: Words): Promise<RelayOutcome> {
    const state = afterAction(ticket.state, ACTIONS[words.mode]);
    if (state === undefined) {
      await say(tx, message, text.desk.ended(ticket.number, ticket.state), { evenLate: true });
      return 'not-possible';
    }
    const events = await store.listEvents(tx, ticket.id);
    const way = await wayOf(tx, ticket, words, events);
    const who = nameOf(ticket.askerId);
    if (way !== 'group' && ticket.roomId && !(await community.isFriend(tx, ticket.askerId))) {
      await say(tx, message, refusalOf(way, words)(ticket.number, who), { evenLate: true });
      return 'not-a-friend';
    }
    const author = await authorOf(tx, message, ticket);
    const asked = !isPressing(ticket.level) && !isAboutValues(events);
    const drafted = isFromDraft(words.text, events, message.personId);
    await queue(tx, ticket, { ...words, way, quiet: isPrivateOnly(events), asked, drafted }, author);
    await record(tx, message, ticket, words, { inPrivate: way !== 'group', state });
    await confirm(tx, message, ticket, words, { way, who });
    return 'on-its-way';
  }

  /** A group that the asker has left, or that the admins have silenced, is no place for a reply. */
  async function wayOf(tx: Transaction, ticket: Ticket, words: Words, events: readonly TicketEvent[]): Promise<Way> {
    const { roomId } = ticket;
    if (roomId === undefined || words.mode === 'reply-private') return 'private';
    const there = (await community.listMembers(tx, roomId)).includes(ticket.askerId);
    if (!there || (!isPressing(ticket.level) && (await store.isSilenced(tx, roomId)))) return 'out-of-group';
    return isPersonal(words, events) ? 'personal' : 'group';
  }

  async function authorOf(tx: Transaction, message: ChatMessage, ticket: Ticket): Promise<Author> {
    const doctor =
      ticket.kind === 'clinical' ? await community.findDoctor(tx, ticket.communityId, message.personId) : undefined;
    if (!doctor) return { short: text.anonymousAdmin, signature: text.anonymousAdmin, admin: true };
    return { short: text.doctorShort(doctor.realName), signature: signatureOf(doctor), admin: false };
  }

  async function queue(
    tx: Transaction,
    ticket: Ticket,
    words: Words & { way: Way; quiet: boolean; asked: boolean; drafted: boolean },
    author: Author,
  ): Promise<void> {
    const body = wording(ticket, words, author);
    const common = {
      kind: 'relay' as const,
      ticketId: ticket.id,
      causeMessageId: words.messageId,
      ...(words.hold ? { notBefore: clock.now() + HOLD_MS } : {}),
    };
    const toRoom = words.way === 'group';
    await outbox.add(tx, {
      ...common,
      key: relayKey(words.messageId),
      to:
        toRoom && ticket.roomId
          ? { kind: 'room', roomId: ticket.roomId }
          : { kind: 'private', personId: ticket.askerId },
      body: { kind: 'text', text: toRoom ? `${mention(ticket.askerId)} ${body}` : body },
    });
    if (ticket.roomId === undefined || toRoom || words.quiet || words.way === 'out-of-group') return;
    const note = words.mode === 'ask-back' ? text.toAsker.askedInPrivate : text.toAsker.repliedInPrivate;
    await outbox.add(tx, {
      ...common,
      key: `${relayKey(words.messageId)}:note`,
      to: { kind: 'room', roomId: ticket.roomId },
      body: { kind: 'text', text: `${mention(ticket.askerId)} ${note(ticket.number)}` },
    });
  }

  async function record(
    tx: Transaction,
    message: ChatMessage,
    ticket: Ticket,
    words: Words,
    { inPrivate, state }: { inPrivate: boolean; state: Ticket['state'] },
  ): Promise<void> {
    const now = clock.now();
    const answers = words.mode === 'reply' || words.mode === 'reply-private';
    await store.update(tx, ticket.id, {
      state,
      ...(ticket.claimedBy ? {} : { claimedBy: message.personId }),
      ...(answers ? { answeredAt: now, answeredBy: message.personId } : {}),
      ...(ticket.acknowledgedAt === undefined ? { acknowledgedAt: now, acknowledgedBy: message.personId } : {}),
    });
    await store.addEvent(tx, {
      ticketId: ticket.id,
      kind: eventKind(words.mode, inPrivate),
      actorId: message.personId,
      messageId: words.messageId,
      text: words.text,
    });
    await audit.record(tx, {
      action: `ticket-${words.mode}`,
      actorId: message.personId,
      target: { kind: 'ticket', id: ticket.id },
      details: { private: inPrivate },
    });
  }

  async function confirm(
    tx: Transaction,
    message: ChatMessage,
    ticket: Ticket,
    words: Words,
    { way, who }: { way: Way; who: string },
  ): Promise<void> {
    if (words.hold) {
      const held = way === 'personal' ? text.desk.heldPersonal : text.desk.held;
      await say(tx, message, held(ticket.number, who), { evenLate: true });
    }
    await receipts.expect(
      tx,
      {
        ticketId: ticket.id,
        key: relayKey(words.messageId),
        way,
        authorId: message.personId,
        roomId: message.room?.id,
      },
      clock.now() + (words.hold ? HOLD_MS : 0),
    );
  }

  /** Stops what is still held. False: it is on its way already. */
  async function stop(tx: Transaction, event: TicketEvent): Promise<boolean> {
    if (event.messageId === undefined) return false;
    const key = relayKey(event.messageId);
    if ((await outbox.cancel(tx, { key })) === 0) return false;
    await outbox.cancel(tx, { key: `${key}:note` });
    const isNew = await store.addEvent(tx, {
      ticketId: event.ticketId,
      kind: 'taken-back',
      actorId: event.actorId,
      messageId: event.messageId,
    });
    const ticket = await store.find(tx, event.ticketId);
    if (!isNew || !ticket) return true;
    await settle(tx, ticket);
    return true;
  }

  async function isStopped(tx: Transaction, { ticketId, messageId }: TicketEvent): Promise<boolean> {
    const events = await store.listEvents(tx, ticketId);
    return events.some((event) => event.kind === 'taken-back' && event.messageId === messageId);
  }

  /** After a reply was stopped: the ticket is as answered as the replies that did go out make it. */
  async function settle(tx: Transaction, ticket: Ticket): Promise<void> {
    const events = await store.listEvents(tx, ticket.id);
    const stopped = new Set(events.filter((e) => e.kind === 'taken-back').map((e) => e.messageId));
    const last = events.filter((e) => ANSWERS.has(e.kind) && !stopped.has(e.messageId)).at(-1);
    if (last) {
      await store.update(tx, ticket.id, { answeredAt: last.createdAt, answeredBy: last.actorId ?? null });
      return;
    }
    const state = afterAction(ticket.state, 'take-back');
    await store.update(tx, ticket.id, { answeredAt: null, answeredBy: null, ...(state ? { state } : {}) });
    await tickets.watchOverdue(tx, ticket, `taken-back:${events.length}`);
  }

  return {
    send,
    stop,

    /** 撤: the doctor's last words, while they are held. Silent when there is nothing it could mean. */
    async takeBack(tx: Transaction, message: ChatMessage): Promise<void> {
      const event = await store.findLastReplyBy(tx, message.personId, clock.now() - TAKE_BACK_WITHIN_MS);
      if (!event) return;
      const ticket = await store.find(tx, event.ticketId);
      if (!ticket || (await isStopped(tx, event))) return;
      const stopped = await stop(tx, event);
      await say(tx, message, stopped ? text.desk.takenBack(ticket.number) : text.desk.tooLateToTakeBack(ticket.number));
    },

    /** A doctor answers in the patients' group themselves: recorded as their own reply, and the bot says nothing. */
    async recordOwn(tx: Transaction, message: ChatMessage, ticket: Ticket, words: string): Promise<void> {
      const state = afterAction(ticket.state, 'answer');
      if (state === undefined) return;
      const now = clock.now();
      await store.update(tx, ticket.id, {
        state,
        answeredAt: now,
        answeredBy: message.personId,
        ...(ticket.claimedBy ? {} : { claimedBy: message.personId }),
        ...(ticket.acknowledgedAt === undefined ? { acknowledgedAt: now, acknowledgedBy: message.personId } : {}),
      });
      await store.addEvent(tx, {
        ticketId: ticket.id,
        kind: 'reply-own',
        actorId: message.personId,
        messageId: message.id,
        text: words,
      });
    },

    isRelayed: (event: TicketEvent) => RELAYED.has(event.kind),
  };
}

/** The person alone is told: what holds a finding, a correction of what they alone were told, anything about suicide. */
function isPersonal(words: Words, events: readonly TicketEvent[]): boolean {
  if (isPrivateOnly(events)) return true;
  if (words.mode === 'correct' && !events.some((event) => event.kind === 'reply')) return true;
  return holdsPersonalFinding(words.text);
}

function refusalOf(way: Way, words: Words): (n: number, who: string) => string {
  if (words.mode === 'reply-private') return text.desk.notAFriendPrivate;
  return way === 'out-of-group' ? text.desk.notInGroup : text.desk.notAFriend;
}

function wording(ticket: Ticket, words: Words & { asked: boolean; drafted: boolean }, author: Author): string {
  if (author.admin) return text.toAsker.adminReply(ticket.number, words.text);
  const filled = {
    number: ticket.number,
    doctor: author.short,
    words: words.text,
    signature: author.signature,
    asked: words.asked,
    drafted: words.drafted,
  };
  if (words.mode === 'ask-back') return text.toAsker.askBack(filled);
  return words.mode === 'correct' ? text.toAsker.correction(filled) : text.toAsker.reply(filled);
}

function eventKind(mode: RelayMode, inPrivate: boolean): TicketEventKind {
  if (!inPrivate || mode === 'reply-private') return mode;
  return `${mode}-private`;
}

function signatureOf(doctor: DoctorParticulars): string {
  return text.signature(doctor.realName, doctor.simulated, doctor.speciality);
}

function relayKey(messageId: string): string {
  return `relay:${messageId}`;
}
