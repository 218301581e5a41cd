import BetterSqlite from 'better-sqlite3';

/** Due work written by another process: the bot calls the webhook when it notices. */
export function addAlertJob(database: string, slot: string): void {
  const db = new BetterSqlite(database, { timeout: 2_000 });
  db.prepare(
    `insert into job (id, kind, slot, due_at, data, state, created_at) values (?, 'channel-alert', ?, 0, '{}', 'waiting', 0)`,
  ).run(`test-${slot}`, slot);
  db.close();
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
