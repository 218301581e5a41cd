import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import { mention, type Outbox } from '../platform/outbox/outbox.js';
import { type Operator, community as text } from '../text/zh-CN/community.js';
import { listNewcomers, markWelcomed } from './people-store.js';
import { findRoomRow, updateRoom } from './store.js';
import { unaskedFrom, unaskedKey } from './unasked.js';

/** Newcomers within this time share one welcome. */
const BATCH_MS = 30_000;
/** A welcome that is this late is only a disturbance. */
const TOO_LATE_MS = 2 * 3_600_000;
const NAMED_AT_MOST = 10;

/** One welcome for a batch of newcomers; one introduction, without names, for a group that was there before. */
export function createWelcome(deps: {
  clock: Clock;
  jobs: Jobs;
  outbox: Outbox;
  operator: Operator;
  servesSamples: boolean;
}) {
  const { clock, jobs, outbox, operator, servesSamples } = deps;

  jobs.register('welcome', {
    missed: { kind: 'skip-when-late', lateMs: TOO_LATE_MS },
    async apply(tx, job) {
      const roomId = String(job.data.roomId);
      const room = await findRoomRow(tx, roomId);
      if (room?.kind !== 'patients' || room.muted === 1 || room.left_at !== null) return;
      const newcomers = await listNewcomers(tx, roomId);
      if (newcomers.length === 0) return;
      const from = await unaskedFrom(tx, { roomId, now: clock.now() });
      if (from > clock.now()) {
        await jobs.add(tx, { kind: 'welcome', slot: `${roomId}:from:${from}`, dueAt: from, data: { roomId } });
        return;
      }
      await markWelcomed(tx, { membershipIds: newcomers.map((n) => n.id) }, clock.now());
      const names = newcomers.slice(0, NAMED_AT_MOST).map((n) => mention(n.person_id));
      await outbox.add(tx, {
        key: unaskedKey(`welcome:${job.id}`),
        to: { kind: 'room', roomId },
        kind: 'notice',
        body: { kind: 'text', text: text.welcome(names, operator, servesSamples) },
      });
    },
  });

  return {
    /** Somebody joined: they are welcomed with whoever else comes within half a minute. */
    async onJoin(tx: Transaction, roomId: string): Promise<void> {
      const slot = `${roomId}:${Math.floor(clock.now() / BATCH_MS)}`;
      await jobs.add(tx, { kind: 'welcome', slot, dueAt: clock.now() + BATCH_MS, data: { roomId } });
    },
    /** A patients' group was set up: everybody who is there already counts as greeted by one introduction. */
    async introduce(tx: Transaction, roomId: string): Promise<void> {
      const room = await findRoomRow(tx, roomId);
      if (!room || room.introduced_at !== null) return;
      await updateRoom(tx, roomId, { introduced_at: clock.now() });
      await markWelcomed(tx, { roomId }, clock.now());
      await outbox.add(tx, {
        key: `introduction:${roomId}`,
        to: { kind: 'room', roomId },
        kind: 'notice',
        body: { kind: 'text', text: text.introduction(operator, servesSamples) },
      });
    },
  };
}

export type Welcome = ReturnType<typeof createWelcome>;
