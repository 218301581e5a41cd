import type { Clock } from '../platform/clock.js';
import type { Jobs } from '../platform/jobs/jobs.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long the words of a sent message stay, so that a reply that is asked about can be looked up. */
const SENT_TEXT_MS = 30 * DAY_MS;

/** Hourly: words whose time is over are blanked; ids and keyed hashes stay. */
export function registerRetention({ jobs, clock }: { jobs: Jobs; clock: Clock }): void {
  jobs.register('retention', {
    missed: { kind: 'always' },
    recurs: (after) => {
      const dueAt = (Math.floor(after / HOUR_MS) + 1) * HOUR_MS;
      return { dueAt, slot: String(dueAt / HOUR_MS) };
    },
    async apply(tx) {
      const now = clock.now();
      await tx
        .updateTable('message')
        .set({ text_sealed: null, quoted_sealed: null, triage: null, keep_until: null })
        .where('keep_until', '<=', now)
        .execute();
      await tx
        .deleteFrom('pending_question')
        .where('expires_at', '<=', now - HOUR_MS)
        .execute();
      await tx
        .updateTable('outbox')
        .set({ body_sealed: '' })
        .where('created_at', '<=', now - SENT_TEXT_MS)
        .where('state', 'in', ['sent', 'expired', 'cancelled', 'gathered', 'failed'])
        .where('body_sealed', '!=', '')
        .execute();
      await tx
        .deleteFrom('job')
        .where('finished_at', '<=', now - SENT_TEXT_MS)
        .execute();
    },
  });
}
