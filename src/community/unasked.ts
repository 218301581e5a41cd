import type { Reader } from '../platform/db/database.js';
import { conversationKey } from '../platform/outbox/outbox.js';
import { lastNotBefore } from './store.js';

const HOUR_MS = 3_600_000;
const PREFIX = 'unasked:';

/** The outbox key of something that nobody asked for. */
export const unaskedKey = (what: string) => `${PREFIX}${what}`;

/** From when on a group may be told something that nobody asked for: at most one such message an hour. */
export async function unaskedFrom(reader: Reader, { roomId, now }: { roomId: string; now: number }): Promise<number> {
  const last = await lastNotBefore(reader, {
    conversation: conversationKey({ kind: 'room', roomId }),
    keyPrefix: PREFIX,
  });
  return last === undefined ? now : Math.max(now, last + HOUR_MS);
}
