import type { ChatMessage } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import type { Job } from '../platform/jobs/jobs.js';
import { mention } from '../platform/outbox/outbox.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import { type Assessment, cardText, MODEL_FLAG, moreUrgent } from '../triage/index.js';
import type { Alerts, Reached } from './alerts.js';
import { type CardSituation, groupWords, privateWords } from './cards.js';
import type { EscalationDeps } from './deps.js';
import type { Duty } from './duty.js';
import { type EmergencyFlags, isPrivateOnly, readFlags } from './flags.js';
import { afterAction, UNFINISHED } from './states.js';
import type { TicketStore } from './store.js';
import { originOf, type Tickets } from './tickets.js';
import { isPressing, type Ticket } from './types.js';
import type { Webhook } from './webhook.js';

const MINUTE_MS = 60_000;
/** Cards that say what to do about a value, and frighten nobody. */
const ADVICE: ReadonlySet<string> = new Set(['sugar', 'six-questions', 'low-pressure-remeasure']);
/** From here on a card is worded for somebody who may have been helped already. */
const LATE_MS = 10 * MINUTE_MS;
/** From here on a card would only confuse: people are told instead. */
const TOO_LATE_FOR_CARD_MS = 360 * MINUTE_MS;
/** Triggers of one person this close together are one event (SAFETY.md 2.1). */
const SAME_EVENT_MS = 30 * MINUTE_MS;
const ALERT_AGAIN_MS = 5 * MINUTE_MS;

/** Minutes without an acknowledgement: to the doctors again, then to the admins (SAFETY.md 2.1). */
const ACKNOWLEDGE_MINUTES = { emergency: [5, 10], urgent: [30, 60] } as const;
const ACKNOWLEDGEMENT_JOB = 'emergency-acknowledgement';

export type RaiseOutcome =
  | { kind: 'card-only' }
  | { kind: 'opened' | 'appended'; ticketId: string; number: number; reached: Reached };

type PressingLevel = keyof typeof ACKNOWLEDGE_MINUTES;

/**
 * What happens when a message shows danger: the card to the person, the ticket,
 * the alerts, and the clock that runs until somebody says that they have it.
 * Everything is written in the transaction that records the message.
 */
export function createEmergencies(
  deps: Pick<EscalationDeps, 'clock' | 'community' | 'outbox' | 'jobs' | 'rules'> & {
    store: TicketStore;
    alerts: Alerts;
    duty: Duty;
    webhook: Webhook;
    describe: Tickets['describe'];
    /** Asks the person again until somebody has it. */
    followUp(tx: Transaction, ticket: Ticket): Promise<void>;
  },
) {
  const { clock, community, outbox, jobs, rules, store, alerts, duty, webhook } = deps;

  async function raise(tx: Transaction, message: ChatMessage): Promise<RaiseOutcome> {
    const { assessment } = message;
    const age = clock.now() - message.sentAt;
    const timing = { late: age > LATE_MS, carded: age <= TOO_LATE_FOR_CARD_MS };
    if (message.room?.kind === 'unset') {
      if (timing.carded) await sendCards(tx, message, { late: timing.late, staff: 'nobody', ticketNumber: undefined });
      return { kind: 'card-only' };
    }
    const running =
      (await store.findByMessage(tx, message.id)) ??
      (await store.findPressingOf(tx, {
        askerId: message.personId,
        communityId: message.standing.communityId,
        since: clock.now() - SAME_EVENT_MS,
      }));
    const ticket = running ? await extend(tx, message, running) : await open(tx, message);
    const alert = await decideAlert(tx, ticket, assessment, running !== undefined);
    await recordFlags(tx, message, ticket, alert);
    if (timing.carded) {
      const staff = await staffFor(tx, ticket.communityId);
      await sendCards(tx, message, { late: timing.late, staff, ticketNumber: ticket.number });
    }
    if (timing.carded && ticket.level === 'emergency') await deps.followUp(tx, ticket);
    const reached = alert ? await alertStaff(tx, message, ticket, { ...timing, again: running !== undefined }) : 'room';
    return { kind: running ? 'appended' : 'opened', ticketId: ticket.id, number: ticket.number, reached };
  }

  async function open(tx: Transaction, message: ChatMessage): Promise<Ticket> {
    const { level, about } = message.assessment;
    return store.insert(tx, {
      ...originOf(message),
      kind: 'clinical',
      level,
      relation: about.kind === 'relative' ? about.relation : undefined,
      question: message.text,
      dueAt: clock.now() + ACKNOWLEDGE_MINUTES[pressing(level)][0] * MINUTE_MS,
    });
  }

  async function extend(tx: Transaction, message: ChatMessage, running: Ticket): Promise<Ticket> {
    const level = moreUrgent(running.level, message.assessment.level);
    const state = afterAction(running.state, 'asker-writes') ?? running.state;
    await store.update(tx, running.id, { level, state });
    if (running.messageId === message.id) return { ...running, level, state };
    await store.addEvent(tx, {
      ticketId: running.id,
      kind: 'asker-wrote',
      actorId: message.personId,
      messageId: message.id,
      text: message.text,
    });
    return { ...running, level, state };
  }

  /** A new ticket is alerted always; a running one for a new flag, a higher level, or when the last alert is some minutes old. */
  async function decideAlert(
    tx: Transaction,
    ticket: Ticket,
    assessment: Assessment,
    running: boolean,
  ): Promise<boolean> {
    if (!running) return true;
    const earlier = (await store.listEvents(tx, ticket.id)).flatMap((event) => readFlags(event) ?? []);
    const known = new Set(earlier.flatMap((flags) => [...flags.flags, ...flags.rows]));
    const now = reasonsOf(assessment);
    const lastAlert = Math.max(0, ...earlier.filter((flags) => flags.alerted).map((flags) => flags.at));
    const raised = earlier.every((flags) => moreUrgent(flags.level, assessment.level) !== flags.level);
    return raised || now.some((reason) => !known.has(reason)) || clock.now() - lastAlert >= ALERT_AGAIN_MS;
  }

  async function recordFlags(tx: Transaction, message: ChatMessage, ticket: Ticket, alerted: boolean): Promise<void> {
    const { assessment } = message;
    const flags: EmergencyFlags = {
      level: assessment.level,
      flags: assessment.flags.map((flag) => flag.id),
      rows: assessment.valueRows.map((value) => value.row),
      ruleVersion: assessment.ruleVersion,
      privateOnly: assessment.privateOnly,
      alerted,
      at: clock.now(),
    };
    const event = { ticketId: ticket.id, kind: 'flags', text: JSON.stringify(flags) } as const;
    const isFirst = await store.addEvent(tx, { ...event, messageId: message.id });
    if (!isFirst) await store.addEvent(tx, event);
  }

  async function staffFor(tx: Transaction, communityId: string): Promise<CardSituation['staff']> {
    if (await duty.isOnDuty(tx, communityId)) return 'on-duty';
    const doctors = await community.listDoctors(tx, communityId);
    const admins = await community.listAdmins(tx, communityId);
    return doctors.length + admins.length > 0 ? 'off-duty' : 'nobody';
  }

  /** A person in danger gets the card every time they say so: in the group, and in private where that can reach them. */
  async function sendCards(
    tx: Transaction,
    message: ChatMessage,
    circumstances: Pick<CardSituation, 'staff' | 'late' | 'ticketNumber'>,
  ): Promise<void> {
    const { room, assessment, personId } = message;
    const reachable = room === undefined || (await community.isFriend(tx, personId));
    const situation: CardSituation = {
      ...circumstances,
      assessment,
      askerId: personId,
      reachable,
      adminIds: reachable ? [] : await adminsIn(tx, message),
    };
    const inGroup = groupWords(rules, situation);
    if (room && inGroup) {
      await addCard(tx, message, { part: 'group', to: { kind: 'room', roomId: room.id }, text: inGroup });
    }
    if (!reachable) return;
    const alone = privateWords(rules, situation);
    for (const [index, card] of (alone.length > 0 || inGroup === undefined ? alone : [inGroup]).entries()) {
      await addCard(tx, message, { part: `private-${index}`, to: { kind: 'private', personId }, text: card });
    }
  }

  /**
   * A value that is no emergency and still wants a word at once (SAFETY.md 3.1 G3, G9): the advice of its row, to the
   * person alone. In a group somebody without a private chat reads the line that says nothing of their value.
   */
  async function advise(tx: Transaction, message: ChatMessage): Promise<void> {
    const { assessment, personId, room } = message;
    const ids = assessment.cardIds.filter((id) => ADVICE.has(id));
    if (assessment.level !== 'clinical' || assessment.valueRows.length === 0 || message.late) return;
    const reachable = room === undefined || (await community.isFriend(tx, personId));
    for (const id of ids) {
      if (reachable) {
        await addCard(tx, message, { part: id, to: { kind: 'private', personId }, text: cardText(rules, id) });
      } else if (room && id === 'sugar') {
        const words = `${mention(personId)} ${cardText(rules, 'unclear-glucose')}`;
        await addCard(tx, message, { part: id, to: { kind: 'room', roomId: room.id }, text: words });
      } else if (room) {
        const words = `${mention(personId)} ${text.toGroup.wordInPrivateNotAFriend()}`;
        await addCard(tx, message, { part: 'word-in-private', to: { kind: 'room', roomId: room.id }, text: words });
      }
    }
  }

  async function adminsIn(tx: Transaction, { room, standing }: ChatMessage): Promise<string[]> {
    if (!room?.communityId) return [];
    const members = new Set(await community.listMembers(tx, room.id));
    return (await community.listAdmins(tx, standing.communityId)).filter((id) => members.has(id));
  }

  async function addCard(
    tx: Transaction,
    message: ChatMessage,
    card: { part: string; to: { kind: 'room'; roomId: string } | { kind: 'private'; personId: string }; text: string },
  ): Promise<void> {
    await outbox.add(tx, {
      key: `card:${triggerOf(message)}:${card.part}`,
      to: card.to,
      kind: 'emergency',
      body: { kind: 'text', text: card.text },
      causeMessageId: message.id,
    });
  }

  /** To doctors, and for an emergency to admins: who could be told at all. */
  async function alertStaff(
    tx: Transaction,
    message: ChatMessage,
    ticket: Ticket,
    how: { late: boolean; carded: boolean; again: boolean },
  ): Promise<Reached> {
    const { assessment } = message;
    const about = {
      ...(await deps.describe(tx, ticket)),
      ...how,
      level: assessment.level,
      friend: message.room === undefined || (await community.isFriend(tx, message.personId)),
      privateOnly: assessment.privateOnly,
    };
    const notice = {
      communityId: ticket.communityId,
      ticketId: ticket.id,
      part: `alert:${triggerOf(message)}`,
      kind: 'alert',
    } as const;
    const toDoctors = text.toDoctors.pressing({
      ...about,
      question: message.text,
      reasons: text.reasons(
        assessment.flags.map(({ id }) =>
          id === MODEL_FLAG ? text.toDoctors.heardByModel : (rules.flags.find((flag) => flag.id === id)?.name ?? id),
        ),
        assessment.valueRows.filter(({ level }) => isPressing(level)).map(({ row }) => row),
      ),
      ackMinutes: ACKNOWLEDGE_MINUTES[pressing(ticket.level)][0],
    });
    const doctors = await alerts.doctors(tx, { ...notice, text: toDoctors }, { pressing: true });
    const toAdmins = doctors === 'nobody' ? toDoctors : text.toAdmins.pressing({ ...about, doctorsTold: true });
    // Admins hear of an emergency at once, of an urgent one when no doctor can, or when the person must be phoned.
    const wanted = assessment.level === 'emergency' || doctors === 'nobody' || !about.friend;
    const admins = wanted ? await alerts.admins(tx, { ...notice, text: toAdmins }) : 'nobody';
    if (doctors === 'nobody' && admins === 'nobody') {
      await webhook.tell(tx, 'emergency-nobody-reached', ticket, message.id);
    }
    await watch(tx, ticket, triggerOf(message));
    return doctors === 'nobody' ? admins : doctors;
  }

  async function watch(tx: Transaction, ticket: Ticket, part: string): Promise<void> {
    for (const [stage, minutes] of ACKNOWLEDGE_MINUTES[pressing(ticket.level)].entries()) {
      await jobs.add(tx, {
        kind: ACKNOWLEDGEMENT_JOB,
        slot: `${ticket.id}:${part}:${stage}`,
        dueAt: clock.now() + minutes * MINUTE_MS,
        data: { ticketId: ticket.id, alertedAt: clock.now(), stage, minutes, part },
      });
    }
  }

  /** Nobody has said that they have it: the doctors again, then the admins and the alert address. */
  async function remind(tx: Transaction, job: Job): Promise<void> {
    const { ticketId, alertedAt, stage, minutes, part } = job.data as {
      ticketId: string;
      alertedAt: number;
      stage: number;
      minutes: number;
      part: string;
    };
    const ticket = await store.find(tx, ticketId);
    if (!ticket || ticket.state === 'closed' || ticket.state === 'withdrawn') return;
    if (ticket.acknowledgedAt !== undefined && ticket.acknowledgedAt >= alertedAt) return;
    const notice = {
      communityId: ticket.communityId,
      ticketId,
      part: `again-${stage}:${part}`,
      kind: 'alert',
    } as const;
    const again = { ...notice, text: text.toDoctors.again(ticket.number, ticket.level, minutes) };
    const doctors = stage === 0 ? await alerts.doctors(tx, again, { pressing: true }) : 'nobody';
    if (stage === 0 && doctors !== 'nobody') return;
    await alerts.admins(tx, { ...notice, text: text.toAdmins.unacknowledged(ticket.number, ticket.level, minutes) });
    if (stage > 0 && ticket.level === 'emergency') await webhook.tell(tx, 'emergency-unacknowledged', ticket, part);
  }

  /**
   * A value was corrected (CHECKIN-AND-POINTS 2.4): the alarm that it alone had
   * raised is closed as such, and whoever was told of it hears that.
   */
  async function correct(
    tx: Transaction,
    correction: { personId: string; originalMessageId: string; messageId: string },
  ): Promise<void> {
    const ticket = await store.findByMessage(tx, correction.originalMessageId);
    if (!ticket || !isPressing(ticket.level) || !UNFINISHED.includes(ticket.state)) return;
    const raised = (await store.listEvents(tx, ticket.id)).filter((event) => readFlags(event));
    const alone = raised.every(
      (event) => event.messageId === correction.originalMessageId && readFlags(event)?.flags.length === 0,
    );
    const state = alone ? afterAction(ticket.state, 'close') : undefined;
    if (state) {
      await store.update(tx, ticket.id, { state, closedAt: clock.now(), outcome: 'corrected' });
      await store.addEvent(tx, {
        ticketId: ticket.id,
        kind: 'close',
        actorId: correction.personId,
        messageId: correction.messageId,
      });
    }
    const notice = {
      communityId: ticket.communityId,
      ticketId: ticket.id,
      part: `corrected:${correction.messageId}`,
      kind: 'alert' as const,
      call: 'nobody' as const,
      text: text.toDoctors.corrected(ticket.number, state !== undefined),
    };
    await alerts.doctors(tx, notice, { pressing: false });
    if (ticket.level === 'emergency') await alerts.admins(tx, notice);
  }

  return {
    raise,
    advise,
    watch,
    correct,
    register(): void {
      jobs.register(ACKNOWLEDGEMENT_JOB, { missed: { kind: 'always' }, apply: remind });
    },
    /** Nothing about this ticket may be said in a group. */
    async isPrivateOnly(tx: Transaction, ticket: Ticket): Promise<boolean> {
      return isPrivateOnly(await store.listEvents(tx, ticket.id));
    },
  };
}

function pressing(level: Ticket['level']): PressingLevel {
  return level === 'emergency' ? 'emergency' : 'urgent';
}

/** A message that turns out more pressing than it first looked is alarmed again; the same twice is once. */
function triggerOf({ id, assessment }: ChatMessage): string {
  return `${id}:${assessment.level}`;
}

function reasonsOf(assessment: Assessment): string[] {
  return [...new Set([...assessment.flags.map((flag) => flag.id), ...assessment.valueRows.map((value) => value.row)])];
}
