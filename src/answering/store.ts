import type { Reader, Transaction } from '../platform/db/database.js';

/** What became of a question. */
export type AnswerDecision = 'answer' | 'clarify' | 'offer' | 'service' | 'escalate';

export interface AskedQuestion {
  id: string;
  messageId: string;
  personId: string;
  roomId: string | undefined;
  decision: AnswerDecision;
  entry: { id: string; version: number } | undefined;
  candidates: readonly { entryId: string; probability: number }[];
  now: number;
}

/** Records a question once, whatever becomes of its message later. */
export async function insertQuestion(tx: Transaction, asked: AskedQuestion): Promise<void> {
  await tx
    .insertInto('question')
    .values({
      id: asked.id,
      message_id: asked.messageId,
      person_id: asked.personId,
      room_id: asked.roomId ?? null,
      decision: asked.decision,
      entry_id: asked.entry?.id ?? null,
      entry_version: asked.entry?.version ?? null,
      candidates: JSON.stringify(asked.candidates),
      created_at: asked.now,
    })
    .onConflict((oc) => oc.column('message_id').doNothing())
    .execute();
}

/** A question that was asked back about: this is the entry that was meant. */
export async function markAnswered(
  tx: Transaction,
  { id, entry }: { id: string; entry: { id: string; version: number } },
): Promise<void> {
  await tx
    .updateTable('question')
    .set({ decision: 'answer', entry_id: entry.id, entry_version: entry.version })
    .where('id', '=', id)
    .execute();
}

/** One rating a person and question; the last one holds. */
export async function saveRating(
  tx: Transaction,
  rated: { id: string; questionId: string; personId: string; rating: 'useful' | 'useless'; now: number },
): Promise<void> {
  const { rating } = rated;
  await tx
    .insertInto('feedback')
    .values({ id: rated.id, question_id: rated.questionId, person_id: rated.personId, rating, created_at: rated.now })
    .onConflict((oc) => oc.columns(['question_id', 'person_id']).doUpdateSet({ rating }))
    .execute();
}

/** The newest question since then that no doctor has yet and that was not taken back: its sealed words and its place. */
export async function findLastAsked(
  reader: Reader,
  { personId, since }: { personId: string; since: number },
): Promise<{ textSealed: string | null; roomId: string | undefined } | undefined> {
  const row = await reader
    .selectFrom('question')
    .innerJoin('message', 'message.id', 'question.message_id')
    .select(['message.text_sealed', 'message.room_id'])
    .where('question.person_id', '=', personId)
    .where('question.created_at', '>', since)
    .where('question.decision', 'not in', ['escalate', 'service'])
    .where('message.recalled_at', 'is', null)
    .orderBy('question.created_at', 'desc')
    .orderBy('question.id', 'desc')
    .executeTakeFirst();
  return row && { textSealed: row.text_sealed, roomId: row.room_id ?? undefined };
}
