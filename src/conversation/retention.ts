import { deleteExpiredQuestions } from '../community/index.js';
import type { Clock } from '../platform/clock.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import { ANSWERS_KEPT_MS } from '../platform/model/model.js';
import { forgetBefore } from '../platform/model/store.js';
import { forgetDone } from '../platform/queues.js';
import { forgetExpiredWords } from './store.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long the words of a sent message stay, so that a reply that is asked about can be looked up. */
const SENT_TEXT_MS = 30 * DAY_MS;
const MODEL_CALLS_MS = 365 * DAY_MS;

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
      await forgetExpiredWords(tx, now);
      await deleteExpiredQuestions(tx, now - HOUR_MS);
      await forgetDone(tx, now - SENT_TEXT_MS);
      await forgetBefore(tx, { answers: now - ANSWERS_KEPT_MS, calls: now - MODEL_CALLS_MS });
    },
  });
}
