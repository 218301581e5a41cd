import type { Insertable } from 'kysely';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Schema } from '../platform/db/schema.js';

/** `waits_for` of a message whose reply is private, from somebody who is no friend yet. */
const FRIEND = 'friend';
/** `waits_for` of a message that waited, was let go, and is answered although it is old. */
export const RELEASED = 'released';

/** False when this message, under its id or another, is there already. */
export async function insertMessage(tx: Transaction, message: Insertable<Schema['message']>): Promise<boolean> {
  const result = await tx
    .insertInto('message')
    .values(message)
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
}

/** Whether this message, under its id or another, is there already: one look into two unique indexes. */
export async function isRecorded(
  reader: Reader,
  message: { accountId: string; platformId: string; contentKey: string },
): Promise<boolean> {
  const row = await reader
    .selectFrom('message')
    .select('id')
    .where('account_id', '=', message.accountId)
    .where((eb) => eb.or([eb('platform_id', '=', message.platformId), eb('content_key', '=', message.contentKey)]))
    .executeTakeFirst();
  return row !== undefined;
}

export async function findMessage(reader: Reader, messageId: string) {
  return reader.selectFrom('message').selectAll().where('id', '=', messageId).executeTakeFirst();
}

/** Ids of messages that wait to be handled, oldest first. */
export async function listUnhandled(reader: Reader, accountId: string, now: number): Promise<string[]> {
  const rows = await reader
    .selectFrom('message')
    .select('id')
    .where('account_id', '=', accountId)
    .where('handled_at', 'is', null)
    .where('next_try_at', '<=', now)
    .orderBy('received_at')
    .orderBy('seq')
    .orderBy('id')
    .limit(500)
    .execute();
  return rows.map((row) => row.id);
}

/** What this person last wrote after `from`, newest first; at most ten messages. */
export async function listRecentTexts(reader: Reader, said: { personId: string; from: number; until: number }) {
  return reader
    .selectFrom('message')
    .select(['text_sealed', 'sent_at'])
    .where('person_id', '=', said.personId)
    .where('sent_at', '>', said.from)
    .where('sent_at', '<=', said.until)
    .where('text_sealed', 'is not', null)
    .where('recalled_at', 'is', null)
    .orderBy('sent_at', 'desc')
    .limit(10)
    .execute();
}

export async function markHandled(tx: Transaction, messageId: string, at: number): Promise<void> {
  await tx.updateTable('message').set({ handled_at: at }).where('id', '=', messageId).execute();
}

/** Handling failed. Answers how often by now. */
export async function countFailure(tx: Transaction, messageId: string, errorId: string): Promise<number> {
  const row = await tx
    .updateTable('message')
    .set((eb) => ({ tries: eb('tries', '+', 1), error_id: errorId }))
    .where('id', '=', messageId)
    .returning('tries')
    .executeTakeFirstOrThrow();
  return row.tries;
}

export async function tryAgainAt(tx: Transaction, messageId: string, at: number): Promise<void> {
  await tx.updateTable('message').set({ next_try_at: at }).where('id', '=', messageId).execute();
}

/** Taken back by who said it: its words go, and it is not handled any more. Undefined when it is not known, or was taken back before. */
export async function recallMessage(
  tx: Transaction,
  recalled: { accountId: string; platformId: string; at: number },
): Promise<string | undefined> {
  const row = await tx
    .updateTable('message')
    .set({ recalled_at: recalled.at, handled_at: recalled.at, text_sealed: null, quoted_sealed: null })
    .where('account_id', '=', recalled.accountId)
    .where('platform_id', '=', recalled.platformId)
    .where('recalled_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** It is answered when its talker has become a friend of the bot. */
export async function waitForFriend(tx: Transaction, messageId: string): Promise<void> {
  await tx.updateTable('message').set({ waits_for: FRIEND }).where('id', '=', messageId).execute();
}

export async function listWaitingForFriend(reader: Reader, personId: string, since: number): Promise<string[]> {
  const rows = await reader
    .selectFrom('message')
    .select('id')
    .where('person_id', '=', personId)
    .where('waits_for', '=', FRIEND)
    .where('received_at', '>', since)
    .execute();
  return rows.map((row) => row.id);
}

/** They are handled again from the start. */
export async function releaseMessages(tx: Transaction, messageIds: readonly string[]): Promise<void> {
  if (messageIds.length === 0) return;
  await tx
    .updateTable('message')
    .set({ handled_at: null, waits_for: RELEASED, tries: 0, next_try_at: 0 })
    .where('id', 'in', messageIds)
    .where('recalled_at', 'is', null)
    .execute();
}

/** The words of a message stay until then, if they are still there. */
export async function keepWordsUntil(tx: Transaction, messageId: string, until: number): Promise<void> {
  await tx
    .updateTable('message')
    .set({ keep_until: until })
    .where('id', '=', messageId)
    .where('keep_until', 'is not', null)
    .execute();
}

export async function forgetWords(tx: Transaction, messageId: string): Promise<void> {
  await tx
    .updateTable('message')
    .set({ text_sealed: null, quoted_sealed: null, keep_until: null })
    .where('id', '=', messageId)
    .execute();
}

export async function forgetWordsOfPerson(tx: Transaction, personId: string): Promise<void> {
  await tx
    .updateTable('message')
    .set({ text_sealed: null, quoted_sealed: null })
    .where('person_id', '=', personId)
    .execute();
}

/** Words, and what triage found in them, whose time is over. */
export async function forgetExpiredWords(tx: Transaction, now: number): Promise<void> {
  await tx
    .updateTable('message')
    .set({ text_sealed: null, quoted_sealed: null, triage: null, keep_until: null })
    .where('keep_until', '<=', now)
    .execute();
}
