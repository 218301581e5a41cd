import type { Community } from '../community/index.js';
import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import type { Outbox } from '../platform/outbox/outbox.js';
import { knowledge as text } from '../text/zh-CN/knowledge.js';
import type { EntryLives } from './life.js';
import { nextNine } from './review-dates.js';

/** A bot that was cut off still tells it, for so long. */
const KEEPS_MS = 7 * 24 * 3_600_000;

/** Every morning at nine: entries that are due soon are reviewed again, entries past due are stopped, the doctors are told. */
export function registerEntryExpiry(deps: {
  jobs: Jobs;
  clock: Clock;
  community: Community;
  outbox: Outbox;
  lives: EntryLives;
  timeZone: string;
}): void {
  const { jobs, clock, community, outbox, lives, timeZone } = deps;
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone });

  /** Where doctors read: their groups, or the admins' where a community has none. */
  async function listRooms(tx: Transaction): Promise<string[]> {
    const rooms: string[] = [];
    for (const { id, muted } of await community.listCommunities(tx)) {
      if (muted) continue;
      const doctors = await community.listRooms(tx, id, 'doctors');
      const told = doctors.length > 0 ? doctors : await community.listRooms(tx, id, 'admins');
      rooms.push(...told.filter((room) => !room.muted).map((room) => room.id));
    }
    return rooms;
  }

  jobs.register('entry-expiry', {
    missed: { kind: 'always' },
    recurs: (after) => {
      const dueAt = nextNine(after, timeZone);
      return { dueAt, slot: String(dueAt) };
    },
    async apply(tx, job) {
      const { due, suspended } = await lives.passTime(tx);
      if (due.length === 0 && suspended.length === 0) return;
      const words = text.expiry.notice({
        due: due.map(({ record, dueAt, days }) => ({
          id: record.entry.id,
          question: record.entry.question,
          date: day.format(dueAt),
          days,
        })),
        suspended: suspended.map(({ entry }) => ({ id: entry.id, question: entry.question })),
      });
      for (const roomId of await listRooms(tx)) {
        await outbox.add(tx, {
          key: `entries-due:${job.slot}:${roomId}`,
          to: { kind: 'room', roomId },
          kind: 'notice',
          body: { kind: 'text', text: words },
          expiresAt: clock.now() + KEEPS_MS,
        });
      }
    },
  });
}
