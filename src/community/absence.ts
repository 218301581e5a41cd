import type { Transaction } from '../platform/db/database.js';
import type { Outbox } from '../platform/outbox/outbox.js';
import { type Operator, community as text } from '../text/zh-CN/community.js';
import { listActiveRooms } from './store.js';
import { unaskedFrom, unaskedKey } from './unasked.js';

const WORTH_TELLING_MS = 5 * 60_000;
const ACTIVE_MS = 24 * 3_600_000;

/** After more than five minutes away, each group that talked in the last day is told once; at night it waits until morning. */
export async function announceAbsence(
  tx: Transaction,
  deps: { outbox: Outbox; operator: Operator; accountId: string },
  gap: { from: number; to: number },
): Promise<void> {
  if (gap.to - gap.from <= WORTH_TELLING_MS) return;
  const rooms = await listActiveRooms(tx, { accountId: deps.accountId, since: gap.from - ACTIVE_MS });
  for (const room of rooms) {
    const notBefore = await unaskedFrom(tx, { roomId: room.id, now: gap.to });
    await deps.outbox.add(tx, {
      key: unaskedKey(`absence:${room.id}:${gap.from}`),
      to: { kind: 'room', roomId: room.id },
      kind: 'notice',
      body: {
        kind: 'text',
        text: text.absence(clockTime(gap.from, room.time_zone), clockTime(gap.to, room.time_zone), deps.operator),
      },
      notBefore,
      expiresAt: gap.to + ACTIVE_MS,
    });
  }
}

function clockTime(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('zh-CN', { timeZone, hour: 'numeric', minute: '2-digit', hour12: false }).format(at);
}
