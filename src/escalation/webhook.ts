import type { Transaction } from '../platform/db/database.js';
import type { Level } from '../triage/index.js';
import type { EscalationDeps } from './deps.js';
import type { Ticket } from './types.js';

const WEBHOOK_JOB = 'webhook';
const WEBHOOK_ATTEMPTS = 8;

export type WebhookEvent = 'emergency-unacknowledged' | 'emergency-nobody-reached';

/** What leaves this machine: numbers, a level and a time. No name, no text, no value. */
interface WebhookBody {
  event: WebhookEvent;
  ticket: number;
  level: Level;
  /** UTC, ISO 8601. */
  at: string;
  community: string;
}

/** Tells the operator's alert address, again and again until it answers. */
export function createWebhook({
  clock,
  jobs,
  log,
  webhook,
  post,
}: Pick<EscalationDeps, 'clock' | 'jobs' | 'log' | 'webhook' | 'post'>) {
  return {
    register(): void {
      jobs.register(WEBHOOK_JOB, {
        missed: { kind: 'always' },
        maxAttempts: WEBHOOK_ATTEMPTS,
        async perform(job) {
          const { ticketId, ...body } = job.data;
          if (body.event === 'emergency-nobody-reached') {
            log.error({ ticketId, kind: 'emergency-nobody-reached' }, 'nobody could be told of an emergency');
          }
          if (webhook !== undefined) await post(webhook, body);
        },
      });
    },
    async tell(tx: Transaction, event: WebhookEvent, ticket: Ticket, part: string): Promise<void> {
      const body: WebhookBody = {
        event,
        ticket: ticket.number,
        level: ticket.level,
        at: new Date(clock.now()).toISOString(),
        community: ticket.communityId,
      };
      await jobs.add(tx, {
        kind: WEBHOOK_JOB,
        slot: `${event}:${ticket.id}:${part}`,
        dueAt: clock.now(),
        data: { ticketId: ticket.id, ...body },
      });
    },
  };
}

export type Webhook = ReturnType<typeof createWebhook>;
