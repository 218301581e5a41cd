import type { Transaction } from '../db/database.js';
import type { Seal } from '../db/sealed.js';
import { type Conversation, conversationKey } from './outbox.js';

/** So long a message without an id can still be told from somebody typing the same on the account's phone. */
const SAME_TEXT_MS = 60_000;

/** One of our own messages as the platform sent it back. */
export interface Echo {
  platformId: string;
  to: Conversation;
  text: string | undefined;
}

/** What a sent text is found again by; platforms trim and change white space. */
export function echoHash(seal: Seal, text: string): string {
  return seal.hash(text.replace(/\s+/g, ' ').trim());
}

/**
 * Finds the row that an echo belongs to: by its id, else the oldest send of the
 * same text that has no id yet. Whatever the call answers or answered, that row
 * has arrived: it is never repeated.
 */
export async function confirmEcho(
  tx: Transaction,
  { seal, accountId, now }: { seal: Seal; accountId: string; now: number },
  { platformId, to, text }: Echo,
): Promise<boolean> {
  const known = await tx
    .selectFrom('outbox')
    .select('id')
    .where('platform_id', '=', platformId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (known) return true;
  if (text === undefined) return false;
  const row = await tx
    .selectFrom('outbox')
    .select(['id', 'state'])
    .where('rendered_hash', '=', echoHash(seal, text))
    .where('platform_id', 'is', null)
    .where('account_id', '=', accountId)
    .where('conversation', '=', conversationKey(to))
    .where((eb) =>
      eb.or([eb('state', 'in', ['sending', 'unknown', 'queued']), eb('attempted_at', '>', now - SAME_TEXT_MS)]),
    )
    .orderBy('attempted_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (!row) return false;
  // While the call is still running, its end marks the row.
  const arrived = row.state === 'sending' ? {} : { state: 'sent', sent_at: now };
  await tx
    .updateTable('outbox')
    .set({ ...arrived, platform_id: platformId })
    .where('id', '=', row.id)
    .execute();
  return true;
}
