import type { QuestionHandler } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import type { Job } from '../platform/jobs/jobs.js';
import { mention, nameOf } from '../platform/outbox/outbox.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import { cardText } from '../triage/index.js';
import type { Alerts } from './alerts.js';
import type { EscalationDeps } from './deps.js';
import { isPrivateOnly } from './flags.js';
import { UNFINISHED } from './states.js';
import type { TicketStore } from './store.js';
import type { Ticket } from './types.js';

const FOLLOW_UP_JOB = 'emergency-follow-up';
const FOLLOW_UP_QUESTION = 'emergency-follow-up';
/** Minutes after the card at which the person is asked again, while no doctor or admin has it (SAFETY.md 2.1, L1). */
const ASK_AFTER_MINUTES = [5, 15, 60] as const;
const MINUTE_MS = 60_000;
const ANSWERS = [
  ['called', /^(?:1|1\s*已打|已打|打了|已经打了)$/u],
  ['not-called', /^(?:2|2\s*没打|没打|没有打|还没打)$/u],
  ['safe', /^(?:3|3\s*已脱险|已脱险|脱险了|没事了)$/u],
] as const;

/** 120打了吗? Asked until somebody has answered, or somebody of the staff has said that they have it. */
export function createFollowUps(
  deps: Pick<EscalationDeps, 'clock' | 'community' | 'outbox' | 'jobs' | 'rules'> & {
    store: TicketStore;
    alerts: Alerts;
  },
) {
  const { clock, community, outbox, jobs, rules, store, alerts } = deps;

  async function ask(tx: Transaction, job: Job): Promise<void> {
    const ticket = await store.find(tx, String(job.data.ticketId));
    if (!ticket || ticket.acknowledgedAt !== undefined || !UNFINISHED.includes(ticket.state)) return;
    if (isPrivateOnly(await store.listEvents(tx, ticket.id))) return;
    const { askerId, roomId } = ticket;
    const inRoom = roomId !== undefined && !(await community.isFriend(tx, askerId));
    await community.questions.open(tx, {
      personId: askerId,
      place: inRoom ? roomId : 'private',
      kind: FOLLOW_UP_QUESTION,
      data: { ticketId: ticket.id },
    });
    const words = cardText(rules, 'follow-up');
    await outbox.add(tx, {
      key: `follow-up:${job.slot}`,
      to: inRoom ? { kind: 'room', roomId } : { kind: 'private', personId: askerId },
      kind: 'emergency',
      body: { kind: 'text', text: inRoom ? `${mention(askerId)} ${words}` : words },
      ticketId: ticket.id,
      expiresAt: clock.now() + 10 * MINUTE_MS,
    });
  }

  const answer: QuestionHandler = async (tx, message, data) => {
    const said = ANSWERS.find(([, pattern]) => pattern.test(message.normalised))?.[0];
    const ticket = await store.find(tx, String(data.ticketId));
    if (!said || !ticket) return 'not-mine';
    const isNew = await store.addEvent(tx, {
      ticketId: ticket.id,
      kind: 'asker-wrote',
      actorId: message.personId,
      messageId: message.id,
      text: text.followUp.said[said],
    });
    if (!isNew) return 'answered';
    if (said !== 'not-called') await stop(tx, ticket);
    const notice = {
      communityId: ticket.communityId,
      ticketId: ticket.id,
      part: `follow-up:${message.id}`,
      kind: 'alert' as const,
      call: 'nobody' as const,
      text: text.followUp.toStaff(ticket.number, nameOf(ticket.askerId), text.followUp.said[said]),
    };
    await alerts.doctors(tx, notice, { pressing: false });
    await alerts.admins(tx, notice);
    await community.replies.say(tx, message, text.followUp.toAsker[said], { evenLate: true });
    return 'answered';
  };

  const slotOf = (ticket: Ticket, minutes: number) => `${ticket.id}:${minutes}`;

  async function stop(tx: Transaction, ticket: Ticket): Promise<void> {
    for (const minutes of ASK_AFTER_MINUTES) {
      await jobs.cancel(tx, { kind: FOLLOW_UP_JOB, slot: slotOf(ticket, minutes) });
    }
  }

  return {
    async plan(tx: Transaction, ticket: Ticket): Promise<void> {
      for (const minutes of ASK_AFTER_MINUTES) {
        await jobs.add(tx, {
          kind: FOLLOW_UP_JOB,
          slot: slotOf(ticket, minutes),
          dueAt: clock.now() + minutes * MINUTE_MS,
          data: { ticketId: ticket.id },
        });
      }
    },
    questions: { [FOLLOW_UP_QUESTION]: answer },
    register(): void {
      jobs.register(FOLLOW_UP_JOB, { missed: { kind: 'skip-when-late', lateMs: 10 * MINUTE_MS }, apply: ask });
    },
  };
}
