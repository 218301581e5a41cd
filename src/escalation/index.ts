import type { ChatMessage, PersonalDataHolder } from '../community/index.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Job } from '../platform/jobs/jobs.js';
import { nameOf } from '../platform/outbox/outbox.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { Level } from '../triage/index.js';
import { createAlerts } from './alerts.js';
import { createAsking } from './asking.js';
import { createEscalationChat, type EscalationChat } from './chat.js';
import { createChecks } from './check.js';
import type { EscalationDeps } from './deps.js';
import { createDesk } from './desk.js';
import { createDrafts } from './draft.js';
import { createDuty } from './duty.js';
import { createEmergencies, type RaiseOutcome } from './emergency.js';
import { createFollowUps } from './follow-up.js';
import { createNotedValues } from './noted-values.js';
import { createTicketPrivacy } from './privacy.js';
import { createReceipts } from './receipts.js';
import { createRelay } from './relay.js';
import { OWED } from './states.js';
import { createTicketStore } from './store.js';
import { createTickets, type OpenOutcome, OVERDUE_JOB, type Question } from './tickets.js';
import type { Origin, Ticket } from './types.js';
import { createWebhook } from './webhook.js';

/** Questions that need a human: tickets, emergencies, and the doctors' words back to whoever asked. */
export interface Escalation {
  /** Opens a ticket for a message and answers the asker. The same message twice is one ticket. */
  openTicket(tx: Transaction, ticket: { message: ChatMessage } & Question): Promise<OpenOutcome>;
  /** A message that is about the asker's own body, drugs or results: a ticket with its words. */
  escalate(tx: Transaction, message: ChatMessage): Promise<OpenOutcome>;
  /** A ticket without a word to the asker: what a timed job wants a doctor to look at. */
  openSilently(tx: Transaction, ticket: { origin: Origin } & Question): Promise<OpenOutcome>;
  /** Cards, ticket and alerts of an emergency or urgent message; called by intake in its own transaction. */
  raiseEmergency(tx: Transaction, message: ChatMessage): Promise<RaiseOutcome>;
  /** Below the urgent level: what to do about a value, the check of what was held back in doubt; called by intake as well. */
  adviseOn(tx: Transaction, message: ChatMessage): Promise<void>;
  /** A voice message cannot be read: while a ticket is open, the words that offer to tell the doctor. */
  offerVoice(tx: Transaction, message: ChatMessage): Promise<string | undefined>;
  /** A value that may have raised an alarm was corrected. */
  onCorrected(
    tx: Transaction,
    correction: { personId: string; originalMessageId: string; messageId: string },
  ): Promise<void>;
  chat: EscalationChat;
  onRecall(tx: Transaction, messageId: string): Promise<void>;
  /** The ticket of this number, for a message that quotes one of its cards. */
  findTicketId(reader: Reader, ticket: { communityId: string; number: number }): Promise<string | undefined>;
  /** Export and erasure of a person's tickets. */
  dataHolder: PersonalDataHolder;
  /** Unfinished tickets by level, for the status page. */
  countOwed(reader: Reader): Promise<{ level: Level; count: number }[]>;
  /** Whether a doctor may be expected to look now. */
  isOnDuty(reader: Reader, communityId: string): Promise<boolean>;
}

export function createEscalation(deps: EscalationDeps): Escalation {
  const { clock, community, jobs, operator } = deps;
  const store = createTicketStore(deps);
  const alerts = createAlerts(deps);
  const duty = createDuty({ clock, community, timeZone: deps.timeZone, hours: deps.serviceHours });
  const webhook = createWebhook(deps);
  const tickets = createTickets({
    ...deps,
    store,
    alerts,
    duty,
    watch: (tx, ticket, part) => emergencies.watch(tx, ticket, part),
  });
  const followUps = createFollowUps({ ...deps, store, alerts });
  const emergencies = createEmergencies({
    ...deps,
    store,
    alerts,
    duty,
    webhook,
    describe: tickets.describe,
    followUp: followUps.plan,
  });
  const checks = createChecks({
    ...deps,
    store,
    alerts,
    raise: emergencies.raise,
    openSilently: tickets.openSilently,
    watch: emergencies.watch,
  });
  const notedValues = createNotedValues({ ...deps, store, alerts, duty, describe: tickets.describe });
  const receipts = createReceipts({ ...deps, store });
  const relay = createRelay({ ...deps, store, tickets, receipts });
  const drafts = createDrafts({ ...deps, store });
  const desk = createDesk({ ...deps, store, alerts, duty, tickets, relay, drafts });
  const asking = createAsking({ ...deps, store, tickets });
  const privacy = createTicketPrivacy({ ...deps, store, alerts, relay });

  /** Nobody has answered for a day: the asker hears it, and doctors and admins are told again (SAFETY.md 2.1, L3). */
  async function remindOverdue(tx: Transaction, job: Job): Promise<void> {
    const ticket = await store.find(tx, String(job.data.ticketId));
    if (!ticket || !OWED.includes(ticket.state) || (ticket.answeredAt ?? 0) > Number(job.data.since)) return;
    const part = `overdue:${job.slot}`;
    const notice = { communityId: ticket.communityId, ticketId: ticket.id, part, kind: 'relay' as const };
    await alerts.admins(tx, { ...notice, text: text.toAdmins.overdue(ticket.number, nameOf(ticket.askerId)) });
    if (ticket.kind === 'clinical') {
      const call = ticket.claimedBy ? { call: { personIds: [ticket.claimedBy] } } : {};
      await alerts.doctors(
        tx,
        { ...notice, ...call, text: text.toDoctors.overdue(ticket.number) },
        { pressing: false },
      );
    }
    await tickets.tellAsker(tx, ticket, { part, text: overdueWords(ticket) });
  }

  function overdueWords(ticket: Ticket): string {
    if (ticket.kind === 'service') return text.toAsker.overdueService(ticket.number);
    return text.toAsker.overdue(ticket.number, `${operator.operator}${operator.department}`);
  }

  webhook.register();
  receipts.register();
  checks.register();
  followUps.register();
  notedValues.register();
  emergencies.register();
  jobs.register(OVERDUE_JOB, { missed: { kind: 'always' }, apply: remindOverdue });

  return {
    openTicket: (tx, { message, ...question }) => tickets.open(tx, message, question),
    openSilently: (tx, { origin, ...question }) => tickets.openSilently(tx, origin, question),
    escalate: (tx, message) => asking.open(tx, message, 'clinical', message.text),
    raiseEmergency: emergencies.raise,
    async adviseOn(tx, message) {
      await emergencies.advise(tx, message);
      await checks.plan(tx, message);
      await notedValues.plan(tx, message);
    },
    offerVoice: asking.offerVoice,
    onCorrected: emergencies.correct,
    chat: createEscalationChat({ community, store, desk, relay, asking, others: [checks, followUps] }),
    onRecall: privacy.onRecall,
    findTicketId: async (reader, { communityId, number }) =>
      (await store.findByNumber(reader, communityId, number))?.id,
    dataHolder: { name: 'tickets', exportPerson: privacy.exportPerson, erasePerson: privacy.erasePerson },
    countOwed: store.countOwed,
    isOnDuty: duty.isOnDuty,
  };
}
