import type { Reader } from '../platform/db/database.js';
import { conversationKey } from '../platform/outbox/outbox.js';

const HOUR_MS = 3_600_000;
const PREFIX = 'unasked:';

/** The outbox key of something that nobody asked for. */
export const unaskedKey = (what: string) => `${PREFIX}${what}`;

/** From when on a group may be told something that nobody asked for: at most one such message an hour. */
export async function unaskedFrom(reader: Reader, { roomId, now }: { roomId: string; now: number }): Promise<number> {
  const last = await reader
    .selectFrom('outbox')
    .select((eb) => eb.fn.max('not_before').as('at'))
    .where('conversation', '=', conversationKey({ kind: 'room', roomId }))
    .where('dedupe_key', 'like', `${PREFIX}%`)
    .where('state', 'not in', ['cancelled', 'expired', 'failed'])
    .executeTakeFirst();
  return last?.at == null ? now : Math.max(now, Number(last.at) + HOUR_MS);
}
