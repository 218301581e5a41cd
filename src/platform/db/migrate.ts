import { sql } from 'kysely';
import type { Clock } from '../clock.js';
import type { Database, Reader } from './database.js';
import { migrations } from './migrations/index.js';

/** The database was written by a newer version of this program. */
export class DatabaseTooNewError extends Error {
  override name = 'DatabaseTooNewError';
  code = 'database-too-new';
}

/** The database belongs to the other kind of puppet: simulated people never mix with real ones. */
export class WrongDatabaseError extends Error {
  override name = 'WrongDatabaseError';
  code = 'wrong-database';
}

export interface MigrationState {
  applied: number;
  known: number;
}

export async function migrationState(db: Database): Promise<MigrationState> {
  return { applied: await appliedVersion(db), known: migrations.length };
}

/**
 * Brings the database to this program's version, each migration in its own
 * transaction. `beforeFirst` (the backup) runs when there is something to do
 * in a database that already holds something.
 *
 * @throws DatabaseTooNewError
 */
export async function migrate(db: Database, clock: Clock, beforeFirst?: () => Promise<void>): Promise<MigrationState> {
  const applied = await appliedVersion(db);
  if (applied > migrations.length) {
    throw new DatabaseTooNewError(
      `the database is at version ${applied}, this program knows ${migrations.length}: start the newer program, or restore the backup made before the upgrade`,
    );
  }
  if (applied === 0) await createVersionTable(db);
  if (applied > 0 && applied < migrations.length) await beforeFirst?.();
  for (let version = applied + 1; version <= migrations.length; version += 1) await apply(db, clock, version);
  return { applied: migrations.length, known: migrations.length };
}

async function createVersionTable(db: Database): Promise<void> {
  const integer = sql.raw(db.engine.ddl('integer'));
  try {
    await db.inTransaction((tx) =>
      sql`create table if not exists schema_version (version ${integer} primary key, applied_at ${integer} not null)`.execute(
        tx,
      ),
    );
  } catch (error) {
    // On PostgreSQL two that create it at once collide in spite of `if not exists`.
    if (!db.engine.isUniqueViolation(error)) throw error;
  }
}

async function apply(db: Database, clock: Clock, version: number): Promise<void> {
  const script = db.engine.ddl(migrations[version - 1]!.script);
  await db.inTransaction(async (tx) => {
    if (db.engine.migrationLockSql) await sql.raw(db.engine.migrationLockSql).execute(tx);
    if ((await readVersion(tx)) >= version) return;
    for (const statement of statementsOf(script)) await sql.raw(statement).execute(tx);
    await sql`insert into schema_version (version, applied_at) values (${version}, ${clock.now()})`.execute(tx);
  });
}

async function appliedVersion(db: Database): Promise<number> {
  try {
    return await readVersion(db.reader);
  } catch (error) {
    // Any other failure is one: taking it for an empty database would migrate a full one.
    if (db.engine.isMissingTable(error)) return 0;
    throw error;
  }
}

async function readVersion(reader: Reader): Promise<number> {
  const { rows } = await sql<{ version: number | null }>`select max(version) as version from schema_version`.execute(
    reader,
  );
  return Number(rows[0]?.version ?? 0);
}

/** Splits a script at semicolons that end a line, keeping trigger bodies whole (they stand on one line). */
function statementsOf(script: string): string[] {
  return script
    .split(/;\s*\n/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => (part.endsWith(';') ? part : `${part};`));
}

/** The database as one page of SQL, sorted by name: what `docs/schema.sql` holds. SQLite only. */
export async function dumpSchema(db: Database): Promise<string> {
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_master where sql is not null and name not like 'sqlite_%'
    order by case type when 'table' then 0 when 'index' then 1 else 2 end, name`.execute(db.reader);
  return `-- Dumped from the migrations by \`npm run schema\`; a test compares. Not edited by hand.\n\n${rows.map((row) => `${row.sql};`).join('\n\n')}\n`;
}
