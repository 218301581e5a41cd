import type { ChatMessage } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { mention, nameOf } from '../platform/outbox/outbox.js';
import { normaliseText } from '../platform/text-normalise.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { Level } from '../triage/index.js';
import type { Alerts } from './alerts.js';
import type { EscalationDeps } from './deps.js';
import type { Duty, ServicePromise } from './duty.js';
import { promisedBy } from './service-hours.js';
import { afterAction, OWED } from './states.js';
import type { TicketStore } from './store.js';
import { isThanks } from './talk.js';
import { isPressing, type Origin, type Ticket, type TicketKind } from './types.js';

const HOUR_MS = 3_600_000;
/** A question is owed an answer within a day (SAFETY.md 2.1, L3). */
const OVERDUE_MS = 24 * HOUR_MS;
const APPEND_WITHIN_MS = 48 * HOUR_MS;
export const OVERDUE_JOB = 'ticket-overdue';

export interface Question {
  level: Level;
  kind: TicketKind;
  relation?: string | undefined;
  /** The words as the doctor shall read them. */
  question: string;
}

export type OpenOutcome = { kind: 'opened' | 'already-open'; ticketId: string; number: number };

export type AppendOutcome = 'appended' | 'thanks' | 'too-old' | 'nothing';

export type Tickets = ReturnType<typeof createTickets>;

/** A question becomes a ticket, and what its asker says later is added to it. */
export function createTickets(
  deps: Pick<EscalationDeps, 'clock' | 'community' | 'drafting' | 'jobs' | 'outbox' | 'timeZone'> & {
    store: TicketStore;
    alerts: Alerts;
    duty: Duty;
    /** Starts the time in which a pressing ticket must be acknowledged. */
    watch(tx: Transaction, ticket: Ticket, part: string): Promise<void>;
  },
) {
  const { clock, community, drafting, jobs, outbox, store, alerts, duty, timeZone } = deps;
  const { say } = community.replies;

  async function insert(
    tx: Transaction,
    origin: Origin,
    question: Question,
  ): Promise<{ ticket: Ticket; promise: ServicePromise }> {
    const promise = await duty.promise(tx, origin.communityId);
    const ticket = await store.insert(tx, {
      ...origin,
      kind: question.kind,
      level: question.level,
      relation: question.relation,
      question: question.question,
      dueAt: dueAt(promise),
    });
    if (isPressing(ticket.level)) await deps.watch(tx, ticket, 'opened');
    else await watchOverdue(tx, ticket, 'opened');
    return { ticket, promise };
  }

  function dueAt(promise: ServicePromise): number | undefined {
    if (promise.kind === 'on-duty') return promise.by;
    return promise.kind === 'off-duty' ? promisedBy(promise.from, timeZone, duty.hours) : undefined;
  }

  async function watchOverdue(tx: Transaction, ticket: Ticket, part: string): Promise<void> {
    await jobs.add(tx, {
      kind: OVERDUE_JOB,
      slot: `${ticket.id}:${part}`,
      dueAt: clock.now() + OVERDUE_MS,
      data: { ticketId: ticket.id, since: clock.now() },
    });
  }

  async function sendCard(tx: Transaction, ticket: Ticket): Promise<void> {
    const asked = { ...(await describe(tx, ticket)), question: ticket.question };
    const notice = { communityId: ticket.communityId, ticketId: ticket.id, part: 'card', kind: 'relay' as const };
    if (ticket.kind === 'service') {
      await alerts.admins(tx, { ...notice, text: text.toAdmins.service(asked), call: 'nobody' });
      return;
    }
    const pressing = isPressing(ticket.level);
    const { level, askerId } = ticket;
    const canDraft =
      drafting !== undefined && level === 'clinical' && (await community.consents.has(tx, askerId, 'model'));
    const card = text.toDoctors.card({
      ...asked,
      canDraft,
      level: ticket.level,
      by: ticket.dueAt === undefined ? undefined : duty.momentOf(ticket.dueAt),
    });
    const reached = await alerts.doctors(
      tx,
      { ...notice, kind: pressing ? 'alert' : 'relay', text: card },
      { pressing },
    );
    if (reached === 'nobody') {
      await alerts.admins(tx, { ...notice, text: text.toAdmins.clinicalWithoutDoctors(asked) });
    }
  }

  /** What a card says about who asks, and where. */
  async function describe(tx: Transaction, ticket: Ticket) {
    const room = ticket.roomId ? await community.findRoom(tx, ticket.roomId) : undefined;
    return {
      number: ticket.number,
      who: nameOf(ticket.askerId),
      place: text.place(ticket.roomId ? 'group' : 'private', room?.topics ?? []),
      relation: ticket.relation,
      test: room?.kind === 'test',
    };
  }

  function replyTo(ticket: Ticket, promise: ServicePromise): string {
    if (ticket.kind === 'service') return text.toAsker.openedService(ticket.number);
    if (isPressing(ticket.level)) return text.toAsker.openedUrgent(ticket.number);
    if (promise.kind === 'no-doctors') return text.toAsker.openedNoDoctors(ticket.number);
    if (promise.kind === 'off-duty') {
      return text.toAsker.openedOffDuty(ticket.number, duty.momentOf(promise.from), promise.night);
    }
    const opened = ticket.roomId ? text.toAsker.opened : text.toAsker.openedInPrivate;
    return opened(ticket.number, duty.momentOf(promise.by));
  }

  async function askToShowValues(tx: Transaction, message: ChatMessage): Promise<string | undefined> {
    const { consents } = community;
    if ((await consents.stateOf(tx, message.personId, 'doctor')) !== 'unknown') return undefined;
    return consents.askWithin(tx, message, 'doctor');
  }

  /** The same question of the same person that is still owed: asked again it stays one ticket. */
  async function findSame(tx: Transaction, askerId: string, question: Question): Promise<Ticket | undefined> {
    const wanted = normaliseText(question.question);
    const tickets = await store.listOfAsker(tx, askerId, { limit: 20 });
    return tickets.find(
      (t) =>
        t.kind === question.kind &&
        OWED.includes(t.state) &&
        clock.now() - t.createdAt < APPEND_WITHIN_MS &&
        normaliseText(t.question) === wanted,
    );
  }

  /** The time of the last thing that happened to a ticket. */
  async function lastActivity(tx: Transaction, ticket: Ticket): Promise<number> {
    const events = await store.listEvents(tx, ticket.id);
    return Math.max(ticket.createdAt, ticket.answeredAt ?? 0, ...events.map((event) => event.createdAt));
  }

  return {
    describe,
    watchOverdue,

    /**
     * Opens a ticket for a message: number, card to the doctors (service: to the
     * admins), an honest answer to the asker, and at the first one the question
     * whether the doctor may see values, which the ticket does not wait for.
     */
    async open(tx: Transaction, message: ChatMessage, question: Question): Promise<OpenOutcome> {
      const known = await store.findByMessage(tx, message.id);
      if (known) return { kind: 'already-open', ticketId: known.id, number: known.number };
      const same = await findSame(tx, message.personId, question);
      if (same) {
        await say(tx, message, text.toAsker.alreadyOpen(same.number));
        return { kind: 'already-open', ticketId: same.id, number: same.number };
      }
      const { ticket, promise } = await insert(tx, originOf(message), question);
      await sendCard(tx, ticket);
      const consent = ticket.kind === 'clinical' ? await askToShowValues(tx, message) : undefined;
      await say(tx, message, [replyTo(ticket, promise), consent].filter(Boolean).join('\n\n'));
      return { kind: 'opened', ticketId: ticket.id, number: ticket.number };
    },

    /** A ticket without a word to the person: what a timed job wants a doctor to look at. */
    async openSilently(tx: Transaction, origin: Origin, question: Question): Promise<OpenOutcome> {
      const known = await store.findByMessage(tx, origin.messageId);
      if (known) return { kind: 'already-open', ticketId: known.id, number: known.number };
      const { ticket } = await insert(tx, origin, question);
      await sendCard(tx, ticket);
      return { kind: 'opened', ticketId: ticket.id, number: ticket.number };
    },

    /** The asker writes again: added within 48 hours of the last word; thanks end there. */
    async append(tx: Transaction, message: ChatMessage, ticket: Ticket, words: string): Promise<AppendOutcome> {
      if (isThanks(words)) return 'thanks';
      const state = afterAction(ticket.state, 'asker-writes');
      if (state === undefined || clock.now() - (await lastActivity(tx, ticket)) > APPEND_WITHIN_MS) {
        await say(tx, message, text.toAsker.tooOld(ticket.number));
        return 'too-old';
      }
      const isNew = await store.addEvent(tx, {
        ticketId: ticket.id,
        kind: 'asker-wrote',
        actorId: message.personId,
        messageId: message.id,
        text: words,
      });
      if (!isNew) return 'nothing';
      const reopened = ticket.state === 'closed';
      await store.update(tx, ticket.id, {
        state,
        ...(reopened ? { claimedBy: null, closedAt: null, outcome: null } : {}),
      });
      if (!isPressing(ticket.level) && !OWED.includes(ticket.state)) await watchOverdue(tx, ticket, message.id);
      await forward(tx, message, ticket, words, reopened);
      await say(tx, message, text.toAsker.appended(ticket.number, ticket.kind === 'service'));
      return 'appended';
    },

    /** Tells the asker something about their ticket where it was asked; in private where that group is silenced. */
    async tellAsker(
      tx: Transaction,
      ticket: Ticket,
      notice: { part: string; text: string; inPrivate?: boolean },
    ): Promise<void> {
      const silenced = ticket.roomId !== undefined && (await store.isSilenced(tx, ticket.roomId));
      const inRoom = ticket.roomId !== undefined && !notice.inPrivate && !silenced;
      if (!inRoom && ticket.roomId !== undefined && !(await community.isFriend(tx, ticket.askerId))) return;
      await outbox.add(tx, {
        key: `ticket:${ticket.id}:asker:${notice.part}`,
        to:
          inRoom && ticket.roomId
            ? { kind: 'room', roomId: ticket.roomId }
            : { kind: 'private', personId: ticket.askerId },
        kind: 'notice',
        body: { kind: 'text', text: inRoom ? `${mention(ticket.askerId)} ${notice.text}` : notice.text },
        ticketId: ticket.id,
        expiresAt: clock.now() + OVERDUE_MS,
      });
    },
  };

  async function forward(tx: Transaction, message: ChatMessage, ticket: Ticket, words: string, reopened: boolean) {
    const who = nameOf(ticket.askerId);
    const notice = { communityId: ticket.communityId, ticketId: ticket.id, part: `append:${message.id}` };
    if (ticket.kind === 'service') {
      await alerts.admins(tx, {
        ...notice,
        kind: 'relay',
        call: 'nobody',
        text: text.toAdmins.serviceAppended(ticket.number, who, words),
      });
      return;
    }
    const claimer = reopened ? undefined : ticket.claimedBy;
    await alerts.doctors(
      tx,
      {
        ...notice,
        kind: isPressing(ticket.level) ? 'alert' : 'relay',
        text: text.toDoctors.appended(ticket.number, who, words),
        ...(claimer ? { call: { personIds: [claimer] } } : {}),
      },
      { pressing: false },
    );
  }
}

export function originOf(message: ChatMessage): Origin {
  return {
    messageId: message.id,
    accountId: message.accountId,
    communityId: message.standing.communityId,
    askerId: message.personId,
    roomId: message.room?.id,
  };
}
