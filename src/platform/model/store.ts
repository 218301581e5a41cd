import type { Insertable } from 'kysely';
import type { Reader, Transaction } from '../db/database.js';
import type { Schema } from '../db/schema.js';

export async function insertCall(tx: Transaction, call: Insertable<Schema['model_call']>): Promise<void> {
  await tx.insertInto('model_call').values(call).execute();
}

/** Tokens that were used since then, of one person or of everybody. */
export async function tokensSince(
  reader: Reader,
  { since, personId }: { since: number; personId?: string },
): Promise<number> {
  const row = await reader
    .selectFrom('model_call')
    .select(({ fn }) => [fn.sum<number>('input_tokens').as('input'), fn.sum<number>('output_tokens').as('output')])
    .where('created_at', '>', since)
    .$if(personId !== undefined, (query) => query.where('person_id', '=', personId ?? ''))
    .executeTakeFirst();
  return Number(row?.input ?? 0) + Number(row?.output ?? 0);
}

export async function findAnswer(reader: Reader, key: string, since: number): Promise<string | undefined> {
  const row = await reader
    .selectFrom('model_answer')
    .select('answer_sealed')
    .where('key', '=', key)
    .where('created_at', '>', since)
    .executeTakeFirst();
  return row?.answer_sealed;
}

export async function saveAnswer(tx: Transaction, answer: Insertable<Schema['model_answer']>): Promise<void> {
  const { answer_sealed, created_at } = answer;
  await tx
    .insertInto('model_answer')
    .values(answer)
    .onConflict((oc) => oc.column('key').doUpdateSet({ answer_sealed, created_at }))
    .execute();
}

/** Forgets answers and calls of before. */
export async function forgetBefore(tx: Transaction, before: { answers: number; calls: number }): Promise<void> {
  await tx.deleteFrom('model_answer').where('created_at', '<', before.answers).execute();
  await tx.deleteFrom('model_call').where('created_at', '<', before.calls).execute();
}

export async function findVectors(
  reader: Reader,
  model: string,
  hashes: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const AT_ONCE = 500;
  for (let i = 0; i < hashes.length; i += AT_ONCE) {
    const rows = await reader
      .selectFrom('embedding')
      .select(['text_hash', 'vector'])
      .where('model', '=', model)
      .where('text_hash', 'in', hashes.slice(i, i + AT_ONCE))
      .execute();
    for (const row of rows) found.set(row.text_hash, row.vector);
  }
  return found;
}

export async function saveVectors(tx: Transaction, vectors: Insertable<Schema['embedding']>[]): Promise<void> {
  for (const vector of vectors)
    await tx
      .insertInto('embedding')
      .values(vector)
      .onConflict((oc) => oc.columns(['model', 'text_hash']).doNothing())
      .execute();
}
