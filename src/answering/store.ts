import type { Reader, Transaction } from '../platform/db/database.js';

/** What an answer that did not help was. */
export const USELESS_REASONS = ['not-my-question', 'hard-to-understand', 'doubted', 'other'] as const;
export type UselessReason = (typeof USELESS_REASONS)[number];

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

/** Why the last rating of this person says no. */
export async function saveReason(
  tx: Transaction,
  { questionId, personId, reason }: { questionId: string; personId: string; reason: UselessReason },
): Promise<void> {
  await tx
    .updateTable('feedback')
    .set({ reason })
    .where('question_id', '=', questionId)
    .where('person_id', '=', personId)
    .execute();
}

export interface LeftOpen {
  personId: string;
  /** Of the room it was asked in; undefined in private. */
  communityId: string | undefined;
  /** Undefined once the words are gone. */
  textSealed: string | undefined;
  nearest: string | undefined;
  disliked: boolean;
}

/** An entry less likely than this is not near. */
const NEAR = 0.1;

/**
 * Questions since then that got no entry, or one that was called useless, the
 * newest first; taken back ones, and what was tried in a test group, left out.
 */
export async function listLeftOpen(reader: Reader, since: number): Promise<LeftOpen[]> {
  const rows = await reader
    .selectFrom('question')
    .innerJoin('message', 'message.id', 'question.message_id')
    .leftJoin('room', 'room.id', 'question.room_id')
    .leftJoin('feedback', (join) =>
      join.onRef('feedback.question_id', '=', 'question.id').on('feedback.rating', '=', 'useless'),
    )
    .select([
      'question.person_id',
      'question.candidates',
      'message.text_sealed',
      'room.community_id',
      'feedback.id as disliked',
    ])
    .where('question.created_at', '>', since)
    .where('message.recalled_at', 'is', null)
    .where((eb) => eb.or([eb('room.kind', 'is', null), eb('room.kind', '!=', 'test')]))
    .where((eb) => eb.or([eb('question.decision', 'in', ['offer', 'clarify']), eb('feedback.id', 'is not', null)]))
    .orderBy('question.created_at', 'desc')
    .orderBy('question.id', 'desc')
    .execute();
  return rows.map((row) => {
    const [first] = JSON.parse(row.candidates) as { entryId: string; probability: number }[];
    return {
      personId: row.person_id,
      communityId: row.community_id ?? undefined,
      textSealed: row.text_sealed ?? undefined,
      nearest: first && first.probability >= NEAR ? first.entryId : undefined,
      disliked: row.disliked !== null,
    };
  });
}

/** The place of a private chat, as messages name it. */
const IN_PRIVATE = 'private';

/** The newest question since then that no doctor has yet and that was not taken back, in that place: its sealed words. */
export async function findLastAsked(
  reader: Reader,
  { personId, place, since }: { personId: string; place: string; since: number },
): Promise<string | undefined> {
  const row = await reader
    .selectFrom('question')
    .innerJoin('message', 'message.id', 'question.message_id')
    .select('message.text_sealed')
    .where('question.person_id', '=', personId)
    .where('message.room_id', place === IN_PRIVATE ? 'is' : '=', place === IN_PRIVATE ? null : place)
    .where('question.created_at', '>', since)
    .where('question.decision', 'not in', ['escalate', 'service'])
    .where('message.recalled_at', 'is', null)
    .orderBy('question.created_at', 'desc')
    .orderBy('question.id', 'desc')
    .executeTakeFirst();
  return row?.text_sealed ?? undefined;
}
