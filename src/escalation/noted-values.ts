import { z } from 'zod';
import type { ChatMessage } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import type { Job } from '../platform/jobs/jobs.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { Alerts } from './alerts.js';
import type { EscalationDeps } from './deps.js';
import type { Duty } from './duty.js';
import { type EmergencyFlags, isAboutValues, readFlags } from './flags.js';
import type { TicketStore } from './store.js';
import { originOf, type Tickets } from './tickets.js';
import type { Ticket } from './types.js';

const NOTE_JOB = 'value-noted';
const DIGEST_JOB = 'value-digest';
/** After the message itself was handled: a question with the value in it has a ticket of its own. */
const NOTE_AFTER_MS = 1_500;
const SAME_DAY_MS = 24 * 3_600_000;
const LINES_AT_MOST = 20;

const noted = z.object({ rows: z.array(z.string()).min(1), relation: z.string().optional(), ruleVersion: z.string() });

/**
 * A single value at level L3 (SAFETY.md 3: a sugar of 3.6, 14.5, a pulse of 45): the person has its advice in
 * private; a doctor sees it within a day, gathered with others into one message, since each alone would tire them.
 */
export function createNotedValues(
  deps: Pick<EscalationDeps, 'clock' | 'jobs' | 'loadMessage'> & {
    seal: Seal;
    store: TicketStore;
    alerts: Alerts;
    duty: Duty;
    describe: Tickets['describe'];
  },
) {
  const { clock, jobs, seal, store, alerts, duty } = deps;

  async function plan(tx: Transaction, { id, assessment }: ChatMessage): Promise<void> {
    const rows = assessment.valueRows.filter(({ level }) => level === 'clinical').map(({ row }) => row);
    if (assessment.level !== 'clinical' || rows.length === 0) return;
    const { about, ruleVersion } = assessment;
    const relation = about.kind === 'relative' ? { relation: about.relation } : {};
    await jobs.add(tx, {
      kind: NOTE_JOB,
      slot: id,
      dueAt: clock.now() + NOTE_AFTER_MS,
      data: { messageId: id, sealed: seal.seal(JSON.stringify({ rows, ...relation, ruleVersion })) },
    });
  }

  /** One ticket a person and day holds what was noted; nobody but the doctors hears of it. */
  async function apply(tx: Transaction, job: Job): Promise<void> {
    const message = await deps.loadMessage(tx, String(job.data.messageId));
    const { rows, relation, ruleVersion } = noted.parse(JSON.parse(seal.open(String(job.data.sealed))));
    // Recalled, or forgotten: then there is nothing to look at.
    if (message.text === '' || (await store.findByMessage(tx, message.id))) return;
    const flags: EmergencyFlags = {
      level: 'clinical',
      flags: [],
      rows,
      ruleVersion,
      privateOnly: false,
      alerted: false,
      at: clock.now(),
    };
    const ticket =
      (await findToday(tx, message.personId)) ??
      (await store.insert(tx, {
        ...originOf(message),
        kind: 'clinical',
        level: 'clinical',
        relation,
        question: text.toDoctors.valueNoted(rows),
        dueAt: undefined,
      }));
    await store.addEvent(tx, {
      ticketId: ticket.id,
      kind: 'flags',
      messageId: message.id,
      text: JSON.stringify(flags),
    });
    const dueAt = duty.nextDigestAt();
    await jobs.add(tx, {
      kind: DIGEST_JOB,
      slot: `${ticket.communityId}:${dueAt}`,
      dueAt,
      data: { communityId: ticket.communityId },
    });
  }

  async function findToday(tx: Transaction, askerId: string): Promise<Ticket | undefined> {
    for (const ticket of await store.listOfAsker(tx, askerId, { limit: 10 })) {
      if (ticket.state !== 'open' || ticket.level !== 'clinical' || clock.now() - ticket.createdAt > SAME_DAY_MS)
        continue;
      if (isAboutValues(await store.listEvents(tx, ticket.id))) return ticket;
    }
    return undefined;
  }

  async function digest(tx: Transaction, job: Job): Promise<void> {
    const communityId = String(job.data.communityId);
    const lines: string[] = [];
    let first: string | undefined;
    for (const ticket of await store.listOwed(tx, { communityId, kinds: ['clinical'] })) {
      if (ticket.level !== 'clinical') continue;
      const events = await store.listEvents(tx, ticket.id);
      if (!isAboutValues(events)) continue;
      const rows = events.flatMap((event) => readFlags(event)?.rows ?? []);
      first ??= ticket.id;
      const { number, who, place, relation } = await deps.describe(tx, ticket);
      lines.push(text.toDoctors.digestLine({ number, who, place, relation, rows }));
    }
    if (first === undefined) return;
    const notice = {
      communityId,
      ticketId: first,
      part: `digest:${job.slot}`,
      kind: 'relay' as const,
      call: 'nobody' as const,
      text: text.toDoctors.digest(lines.slice(0, LINES_AT_MOST), lines.length),
    };
    await alerts.doctors(tx, notice, { pressing: false });
  }

  return {
    plan,
    register(): void {
      jobs.register(NOTE_JOB, { missed: { kind: 'always' }, apply });
      jobs.register(DIGEST_JOB, { missed: { kind: 'always' }, apply: digest });
    },
  };
}
