import type { ChatMessage, QuestionHandler } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { mention, nameOf } from '../platform/outbox/outbox.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { Alerts } from './alerts.js';
import type { EscalationDeps } from './deps.js';
import { matchDoctors } from './doctor-names.js';
import type { Drafts } from './draft.js';
import type { Duty } from './duty.js';
import { isAboutValues, isPrivateOnly } from './flags.js';
import type { Relay, RelayMode } from './relay.js';
import { afterAction } from './states.js';
import type { TicketStore } from './store.js';
import { isCard, readVerb, soundsLikeColleagues, startsAsReceipt, type Verb } from './talk.js';
import type { Tickets } from './tickets.js';
import { isPressing, type Outcome, type Ticket, type TicketKind } from './types.js';

const LIST_AT_MOST = 15;
const PREVIEW_CHARACTERS = 14;
const SEND_QUESTION = 'ticket-send';
const HAND_OVER_QUESTION = 'ticket-hand-over';

/** Typed with the number, or under a quoted card: a quote is easier to do by mistake. */
export type Source = 'command' | 'quote';

export type Desk = ReturnType<typeof createDesk>;

/** What doctors and admins do with tickets. */
export function createDesk(
  deps: Pick<EscalationDeps, 'clock' | 'community' | 'audit' | 'loadMessage' | 'recentValues'> & {
    store: TicketStore;
    alerts: Alerts;
    duty: Duty;
    tickets: Tickets;
    relay: Relay;
    drafts: Drafts;
  },
) {
  const { clock, community, audit, store, alerts, duty, tickets, relay } = deps;
  const answer = (tx: Transaction, message: ChatMessage, words: string) =>
    community.replies.say(tx, message, words, { evenLate: true });

  async function act(
    tx: Transaction,
    message: ChatMessage,
    ticket: Ticket,
    line: string,
    source: Source,
  ): Promise<void> {
    const { verb, rest } = readVerb(line);
    const { standing } = message;
    if (standing.unverifiedDoctor && !standing.doctor && !standing.admin) {
      await answer(tx, message, text.desk.unverified());
      return;
    }
    const run = verbs[verb];
    await run(tx, message, ticket, rest, source);
  }

  type Act = (tx: Transaction, message: ChatMessage, ticket: Ticket, rest: string, source: Source) => Promise<unknown>;
  const verbs: Record<Verb, Act> = {
    claim: (tx, message, ticket) => claim(tx, message, ticket),
    acknowledge: (tx, message, ticket) => acknowledge(tx, message, ticket),
    'hand-over': (tx, message, ticket, rest) => handOver(tx, message, ticket, rest),
    note: (tx, message, ticket, rest) => note(tx, message, ticket, rest),
    close: (tx, message, ticket, rest) => close(tx, message, ticket, rest),
    solved: (tx, message, ticket) => close(tx, message, ticket, isPressing(ticket.level) ? '' : text.desk.solvedReason),
    draft: (tx, message, ticket) => deps.drafts.ask(tx, message, ticket),
    suggested: (tx, message, ticket) => answer(tx, message, text.desk.noSuggestion(ticket.number)),
    reply: (tx, message, ticket, rest, source) => speak(tx, message, ticket, { mode: 'reply', words: rest, source }),
    'reply-private': (tx, message, ticket, rest) =>
      speak(tx, message, ticket, { mode: 'reply-private', words: rest, source: 'command' }),
    'ask-back': (tx, message, ticket, rest) =>
      speak(tx, message, ticket, { mode: 'ask-back', words: rest, source: 'command' }),
    correct: (tx, message, ticket, rest) =>
      speak(tx, message, ticket, { mode: 'correct', words: rest, source: 'command' }),
  };

  /** Only a doctor speaks to a patient about their health; only an admin about the service. */
  function mayNotSpeak(message: ChatMessage, ticket: Ticket): string | undefined {
    const { standing } = message;
    if (ticket.kind === 'service') return standing.admin ? undefined : text.desk.onlyAdmins(ticket.number);
    if (standing.doctor) return undefined;
    return standing.unverifiedDoctor ? text.desk.unverified() : text.desk.onlyDoctors(ticket.number);
  }

  async function speak(
    tx: Transaction,
    message: ChatMessage,
    ticket: Ticket,
    { mode, words, source }: { mode: RelayMode; words: string; source: Source },
  ): Promise<void> {
    const refusal =
      mayNotSpeak(message, ticket) ??
      (words === '' ? text.desk.nothingToSend(ticket.number) : undefined) ??
      (mode === 'correct' && ticket.answeredAt === undefined ? text.desk.nothingToCorrect(ticket.number) : undefined);
    if (refusal) {
      await answer(tx, message, refusal);
      return;
    }
    const doubt = await doubtAbout(tx, message, ticket, { mode, words, source });
    if (doubt) {
      await community.questions.open(tx, {
        personId: message.personId,
        place: message.place,
        kind: SEND_QUESTION,
        data: { ticketId: ticket.id, messageId: message.id, mode, words },
      });
      await answer(tx, message, doubt);
      return;
    }
    await relay.send(tx, message, ticket, { mode, text: words, messageId: message.id, hold: source === 'quote' });
  }

  /** Why the author is asked before it goes out: a colleague has answered, or it may not be meant for the patient. */
  async function doubtAbout(
    tx: Transaction,
    message: ChatMessage,
    ticket: Ticket,
    { mode, words, source }: { mode: RelayMode; words: string; source: Source },
  ): Promise<string | undefined> {
    const replies = mode === 'reply' || mode === 'reply-private';
    const { answeredBy, answeredAt } = ticket;
    if (replies && ticket.state === 'answered' && answeredBy && answeredAt && answeredBy !== message.personId) {
      return text.desk.collision(ticket.number, await shortName(tx, ticket, answeredBy), duty.momentOf(answeredAt));
    }
    if (mode !== 'reply') return undefined;
    if (source === 'command') return startsAsReceipt(words) ? text.desk.sendToPatient(ticket.number) : undefined;
    const clear =
      isCard(message.quoted?.text ?? '') &&
      (await isExpected(tx, message, ticket)) &&
      message.mentionedIds.length === 0 &&
      !soundsLikeColleagues(words);
    return clear ? undefined : text.desk.sendToPatient(ticket.number);
  }

  /** The claimer, or with nobody's name on it the only one who could be meant. */
  async function isExpected(tx: Transaction, message: ChatMessage, ticket: Ticket): Promise<boolean> {
    if (ticket.claimedBy) return ticket.claimedBy === message.personId;
    if (ticket.kind === 'service') return (await community.listAdmins(tx, ticket.communityId)).length === 1;
    return (await duty.onlyDoctor(tx, ticket.communityId)) === message.personId;
  }

  const sendAnswer: QuestionHandler = async (tx, message, data) => {
    const send = /^(?:1|发|是|send|yes)$/u.test(message.normalised);
    if (!send && !/^(?:2|不发|不|否|撤回?|算了|no|undo)$/u.test(message.normalised)) return 'not-mine';
    if (!send) {
      await answer(tx, message, text.desk.notSent());
      return 'answered';
    }
    const ticket = await store.find(tx, String(data.ticketId));
    if (!ticket) return 'not-mine';
    if ((await deps.loadMessage(tx, String(data.messageId))).text === '') {
      await answer(tx, message, text.desk.recalledBefore(ticket.number));
      return 'answered';
    }
    await relay.send(tx, message, ticket, {
      mode: data.mode as RelayMode,
      text: String(data.words),
      messageId: String(data.messageId),
      hold: false,
    });
    return 'answered';
  };

  async function claim(tx: Transaction, message: ChatMessage, ticket: Ticket): Promise<void> {
    if (ticket.kind === 'clinical' && !message.standing.doctor) {
      await answer(tx, message, text.desk.onlyDoctors(ticket.number));
      return;
    }
    if (ticket.claimedBy === message.personId) {
      await answer(tx, message, text.desk.claimed(ticket.number));
      return;
    }
    const state = afterAction(ticket.state, 'claim');
    if (state === undefined) {
      const taken = ticket.claimedBy
        ? text.desk.alreadyClaimed(ticket.number, await shortName(tx, ticket, ticket.claimedBy))
        : text.desk.ended(ticket.number, ticket.state);
      await answer(tx, message, taken);
      return;
    }
    await store.update(tx, ticket.id, { state, claimedBy: message.personId, ...acknowledgedNow(message, ticket) });
    await store.addEvent(tx, { ticketId: ticket.id, kind: 'claim', actorId: message.personId, messageId: message.id });
    await answer(tx, message, text.desk.claimed(ticket.number));
    await showValues(tx, message, ticket);
  }

  /** Values go to the claimer alone, and only where the patient has agreed; each look is on record. */
  async function showValues(tx: Transaction, message: ChatMessage, ticket: Ticket): Promise<void> {
    if (ticket.kind !== 'clinical' || ticket.relation || !deps.recentValues) return;
    if (!(await community.consents.has(tx, ticket.askerId, 'doctor'))) return;
    const values = await deps.recentValues(tx, ticket.askerId);
    if (!values) return;
    const reached = await alerts.person(
      tx,
      {
        communityId: ticket.communityId,
        ticketId: ticket.id,
        part: 'values',
        kind: 'relay',
        text: text.desk.values(ticket.number, nameOf(ticket.askerId), values),
      },
      message.personId,
    );
    if (reached === 'nobody') return;
    await audit.record(tx, {
      action: 'values-shown',
      actorId: message.personId,
      target: { kind: 'person', id: ticket.askerId },
      details: { ticketId: ticket.id },
    });
  }

  function acknowledgedNow(message: ChatMessage, ticket: Ticket) {
    if (ticket.acknowledgedAt !== undefined) return {};
    return { acknowledgedAt: clock.now(), acknowledgedBy: message.personId };
  }

  async function acknowledge(tx: Transaction, message: ChatMessage, ticket: Ticket): Promise<void> {
    if (!isPressing(ticket.level)) {
      await answer(tx, message, text.desk.nothingToAcknowledge(ticket.number));
      return;
    }
    const { acknowledgedAt, acknowledgedBy } = ticket;
    // A later alert of the same ticket wants its own acknowledgement; the first name stays on record in the events.
    const isNew = await store.addEvent(tx, {
      ticketId: ticket.id,
      kind: 'acknowledge',
      actorId: message.personId,
      messageId: message.id,
    });
    if (!isNew) return;
    await store.update(tx, ticket.id, { acknowledgedAt: clock.now(), acknowledgedBy: message.personId });
    const other = acknowledgedBy !== undefined && acknowledgedBy !== message.personId;
    await answer(
      tx,
      message,
      other && acknowledgedAt !== undefined
        ? text.desk.alreadyAcknowledged(
            ticket.number,
            await shortName(tx, ticket, acknowledgedBy),
            duty.momentOf(acknowledgedAt),
          )
        : text.desk.acknowledged(ticket.number),
    );
  }

  async function handOver(tx: Transaction, message: ChatMessage, ticket: Ticket, name: string): Promise<void> {
    const doctors = await community.listDoctors(tx, ticket.communityId);
    const mentioned = doctors.filter((doctor) => message.mentionedIds.includes(doctor.personId));
    const found = mentioned.length > 0 ? mentioned : matchDoctors(doctors, name);
    const [only] = found;
    if (found.length !== 1 || !only) {
      if (found.length > 1) {
        await community.questions.open(tx, {
          personId: message.personId,
          place: message.place,
          kind: HAND_OVER_QUESTION,
          data: { ticketId: ticket.id, personIds: found.map((doctor) => doctor.personId) },
        });
      }
      const names = found.map((doctor) => `${doctor.realName}(${doctor.speciality})`);
      await answer(tx, message, text.desk.handOverWhom(ticket.number, names));
      return;
    }
    await handTo(tx, message, ticket, only.personId);
  }

  const handOverAnswer: QuestionHandler = async (tx, message, data) => {
    const personIds = Array.isArray(data.personIds) ? data.personIds.map(String) : [];
    const chosen = personIds[Number(message.normalised) - 1];
    const ticket = await store.find(tx, String(data.ticketId));
    if (chosen === undefined || !ticket) return 'not-mine';
    await handTo(tx, message, ticket, chosen);
    return 'answered';
  };

  async function handTo(tx: Transaction, message: ChatMessage, ticket: Ticket, personId: string): Promise<void> {
    const state = afterAction(ticket.state, 'hand-over');
    if (state === undefined) {
      await answer(tx, message, text.desk.ended(ticket.number, ticket.state));
      return;
    }
    await store.update(tx, ticket.id, { state, claimedBy: personId });
    await store.addEvent(tx, {
      ticketId: ticket.id,
      kind: 'hand-over',
      actorId: message.personId,
      messageId: message.id,
      text: personId,
    });
    await audit.record(tx, {
      action: 'ticket-handed-over',
      actorId: message.personId,
      target: { kind: 'ticket', id: ticket.id },
      details: { to: personId },
    });
    const inRoom = message.room !== undefined;
    await answer(tx, message, text.desk.handedOver(ticket.number, inRoom ? mention(personId) : nameOf(personId)));
    const card = text.toDoctors.card({
      canDraft: false,
      ...(await tickets.describe(tx, ticket)),
      question: ticket.question,
      level: ticket.level,
      by: ticket.dueAt === undefined ? undefined : duty.momentOf(ticket.dueAt),
    });
    const part = `hand-over:${message.id}`;
    await alerts.person(
      tx,
      { communityId: ticket.communityId, ticketId: ticket.id, part, kind: 'relay', text: card },
      personId,
    );
  }

  async function note(tx: Transaction, message: ChatMessage, ticket: Ticket, words: string): Promise<void> {
    if (words === '') {
      await answer(tx, message, text.desk.nothingToSend(ticket.number));
      return;
    }
    await store.addEvent(tx, {
      ticketId: ticket.id,
      kind: 'note',
      actorId: message.personId,
      messageId: message.id,
      text: words,
    });
    await answer(tx, message, text.desk.noted(ticket.number));
  }

  async function close(tx: Transaction, message: ChatMessage, ticket: Ticket, reason: string): Promise<void> {
    const state = afterAction(ticket.state, 'close');
    const outcome = isPressing(ticket.level) ? readOutcome(reason) : reason;
    const refusal =
      (state === undefined ? text.desk.ended(ticket.number, ticket.state) : undefined) ??
      (isPressing(ticket.level) && outcome === undefined ? text.desk.needsOutcome(ticket.number) : undefined) ??
      (reason === '' ? text.desk.needsReason(ticket.number) : undefined);
    if (refusal || state === undefined) {
      await answer(tx, message, refusal ?? '');
      return;
    }
    const pressing = isPressing(ticket.level);
    await store.update(tx, ticket.id, {
      state,
      closedAt: clock.now(),
      outcome: pressing ? (outcome ?? null) : 'closed',
      ...acknowledgedNow(message, ticket),
    });
    await store.addEvent(tx, {
      ticketId: ticket.id,
      kind: 'close',
      actorId: message.personId,
      messageId: message.id,
      text: reason,
    });
    await audit.record(tx, {
      action: 'ticket-closed',
      actorId: message.personId,
      target: { kind: 'ticket', id: ticket.id },
      details: pressing && outcome ? { outcome } : {},
    });
    await answer(tx, message, text.desk.closed(ticket.number));
    const events = await store.listEvents(tx, ticket.id);
    if (isAboutValues(events) && ticket.answeredAt === undefined) return;
    const inPrivate = isPrivateOnly(events);
    await tickets.tellAsker(tx, ticket, {
      part: `closed:${message.id}`,
      text: pressing ? text.toAsker.closedPressing(ticket.number) : text.toAsker.closed(ticket.number),
      inPrivate,
    });
  }

  async function list(tx: Transaction, message: ChatMessage, { mine }: { mine: boolean }): Promise<void> {
    if (!message.standing.doctor && !message.standing.admin) {
      await answer(tx, message, text.desk.unverified());
      return;
    }
    const kinds = kindsFor(message);
    const owed = await store.listOwed(tx, {
      communityId: message.standing.communityId,
      kinds,
      ...(mine ? { claimedBy: message.personId } : {}),
    });
    if (owed.length === 0) {
      await answer(tx, message, text.desk.listEmpty(mine));
      return;
    }
    const lines: string[] = [];
    for (const ticket of owed.slice(0, LIST_AT_MOST)) {
      lines.push(
        text.desk.listLine({
          number: ticket.number,
          level: ticket.level,
          service: ticket.kind === 'service',
          who: nameOf(ticket.askerId),
          by: ticket.dueAt === undefined ? undefined : duty.momentOf(ticket.dueAt),
          late: ticket.dueAt !== undefined && ticket.dueAt < clock.now(),
          claimer: ticket.claimedBy && !mine ? await shortName(tx, ticket, ticket.claimedBy) : undefined,
          question: preview(ticket.question),
        }),
      );
    }
    if (owed.length > LIST_AT_MOST) lines.push(text.desk.listMore(owed.length - LIST_AT_MOST));
    await community.replies.say(tx, message, text.desk.list(lines, mine, owed.length), { plain: true, evenLate: true });
  }

  /** 李医生, or an admin's name of the moment. */
  async function shortName(tx: Transaction, ticket: Ticket, personId: string): Promise<string> {
    const doctor = await community.findDoctor(tx, ticket.communityId, personId);
    return doctor ? text.doctorShort(doctor.realName) : nameOf(personId);
  }

  return { act, list, questions: { [SEND_QUESTION]: sendAnswer, [HAND_OVER_QUESTION]: handOverAnswer } };
}

/** Doctors see questions about health, admins matters of the service; in private whoever is both sees both. */
function kindsFor({ room, standing }: ChatMessage): TicketKind[] {
  if (room?.kind === 'doctors') return ['clinical'];
  if (room?.kind === 'admins') return ['service'];
  return [...(standing.doctor ? (['clinical'] as const) : []), ...(standing.admin ? (['service'] as const) : [])];
}

function readOutcome(reason: string): Outcome | undefined {
  return text.outcomeWords.find(([, pattern]) => pattern.test(reason.trim().toLowerCase()))?.[0];
}

export function preview(question: string): string {
  const oneLine = question.replace(/\s+/gu, ' ').trim();
  const characters = [...oneLine];
  return characters.length <= PREVIEW_CHARACTERS ? oneLine : `${characters.slice(0, PREVIEW_CHARACTERS).join('')}…`;
}
