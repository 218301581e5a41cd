import type { Insertable, Updateable } from 'kysely';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Schema } from '../platform/db/schema.js';

export async function latestConsent(reader: Reader, personId: string, purpose: string): Promise<string | undefined> {
  const row = await reader
    .selectFrom('consent')
    .innerJoin('person', 'person.id', 'consent.person_id')
    .select('consent.decision')
    .where('consent.person_id', '=', personId)
    .where('consent.purpose', '=', purpose)
    // What was agreed to before an erasure stays on record, and holds no longer.
    .where((eb) =>
      eb.or([eb('person.erased_at', 'is', null), eb('consent.created_at', '>', eb.ref('person.erased_at'))]),
    )
    .orderBy('consent.created_at', 'desc')
    .orderBy('consent.id', 'desc')
    .executeTakeFirst();
  return row?.decision;
}

export async function insertConsent(tx: Transaction, consent: Insertable<Schema['consent']>): Promise<void> {
  await tx.insertInto('consent').values(consent).execute();
}

/** Every decision of this person, oldest first: for the export of their data. */
export async function listConsents(reader: Reader, personId: string) {
  return reader
    .selectFrom('consent')
    .select(['purpose', 'decision', 'version', 'wording_hash', 'created_at'])
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .execute();
}

export async function findQuestionRow(reader: Reader, personId: string, place: string) {
  return reader
    .selectFrom('pending_question')
    .selectAll()
    .where('person_id', '=', personId)
    .where('place', '=', place)
    .executeTakeFirst();
}

export async function listQuestionRows(reader: Reader, personId: string, places: readonly string[]) {
  return reader
    .selectFrom('pending_question')
    .selectAll()
    .where('person_id', '=', personId)
    .where('place', 'in', places)
    .execute();
}

/** Instead of the question that is open for this person in this place, if any. */
export async function putQuestion(tx: Transaction, question: Insertable<Schema['pending_question']>): Promise<void> {
  await tx
    .insertInto('pending_question')
    .values(question)
    .onConflict((oc) => oc.columns(['person_id', 'place']).doUpdateSet(question))
    .execute();
}

export async function updateQuestion(
  tx: Transaction,
  id: string,
  changes: Pick<Updateable<Schema['pending_question']>, 'data_sealed' | 'reminded_at'>,
): Promise<void> {
  await tx.updateTable('pending_question').set(changes).where('id', '=', id).execute();
}

export async function deleteQuestion(tx: Transaction, personId: string, place: string): Promise<void> {
  await tx.deleteFrom('pending_question').where('person_id', '=', personId).where('place', '=', place).execute();
}

/** The question itself, and not what was asked in its place since. */
export async function deleteQuestionById(tx: Transaction, id: string): Promise<void> {
  await tx.deleteFrom('pending_question').where('id', '=', id).execute();
}

export async function deleteQuestionsOf(tx: Transaction, personId: string): Promise<void> {
  await tx.deleteFrom('pending_question').where('person_id', '=', personId).execute();
}

export async function deleteExpiredQuestions(tx: Transaction, until: number): Promise<void> {
  await tx.deleteFrom('pending_question').where('expires_at', '<=', until).execute();
}
