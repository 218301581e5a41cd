import type { Jobs } from '../platform/jobs/jobs.js';
import type { Points } from './service.js';

const HOUR_MS = 3_600_000;

/** Expiry of points: every hour, and after an absence once for all that came due. */
export function registerPointsJobs({ jobs, points }: { jobs: Jobs; points: Points }): void {
  jobs.register('points-expiry', {
    missed: { kind: 'always' },
    recurs(after) {
      const dueAt = (Math.floor(after / HOUR_MS) + 1) * HOUR_MS;
      return { dueAt, slot: String(dueAt) };
    },
    async apply(tx) {
      await points.expireLots(tx);
    },
  });
}
