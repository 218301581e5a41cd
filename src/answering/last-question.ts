import type { Clock } from '../platform/clock.js';
import type { Reader } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';

const STILL_MEANT_MS = 10 * 60_000;

/** What this person asked last in this place and still means: the question of a bare 转医生. */
export function createLastQuestion({ clock, seal }: { clock: Clock; seal: Seal }) {
  return async (reader: Reader, asker: { personId: string; place: string }): Promise<string | undefined> => {
    const row = await reader
      .selectFrom('question')
      .innerJoin('message', 'message.id', 'question.message_id')
      .select(['message.text_sealed', 'message.room_id'])
      .where('question.person_id', '=', asker.personId)
      .where('question.created_at', '>', clock.now() - STILL_MEANT_MS)
      .where('question.decision', '!=', 'escalate')
      .where('message.recalled_at', 'is', null)
      .orderBy('question.created_at', 'desc')
      .orderBy('question.id', 'desc')
      .executeTakeFirst();
    if (!row?.text_sealed || (row.room_id ?? 'private') !== asker.place) return undefined;
    return seal.open(row.text_sealed);
  };
}
