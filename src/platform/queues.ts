import type { Reader, Transaction } from './db/database.js';

/** How much waits to be said, and to be done. */
export async function countWaiting(reader: Reader): Promise<{ outbox: number; jobs: number }> {
  const count = async (table: 'outbox' | 'job', states: string[]) => {
    const row = await reader
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('state', 'in', states)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  };
  return { outbox: await count('outbox', ['queued', 'sending', 'unknown']), jobs: await count('job', ['waiting']) };
}

/** The words of what was said before `until`, and jobs that ended before it, go. */
export async function forgetDone(tx: Transaction, until: number): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({ body_sealed: '' })
    .where('created_at', '<=', until)
    .where('state', 'in', ['sent', 'expired', 'cancelled', 'gathered', 'failed'])
    .where('body_sealed', '!=', '')
    .execute();
  await tx.deleteFrom('job').where('finished_at', '<=', until).execute();
}
