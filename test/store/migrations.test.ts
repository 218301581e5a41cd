import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/platform/clock.js';
import { type Database, openDatabase } from '../../src/platform/db/database.js';
import { DatabaseTooNewError, dumpSchema, migrate, migrationState } from '../../src/platform/db/migrate.js';
import { migrations } from '../../src/platform/db/migrations/index.js';
import { openTestDatabase } from './open-test-database.js';
import { temporaryFolder } from './temporary-folder.js';

const root = resolve(import.meta.dirname, '../..');
const clock = new VirtualClock(Date.parse('2026-03-01T08:00:00Z'), async () => {});
const opened: Database[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

async function open(): Promise<Database> {
  const db = await openTestDatabase(clock);
  opened.push(db);
  return db;
}

function openFile(file = join(temporaryFolder(), 'a.db')): Database {
  const db = openDatabase(`sqlite:${file}`, { synchronous: 'normal' });
  opened.push(db);
  return db;
}

/** Column names and types of every table, as the engine itself tells them. */
async function columnsOf(db: Database): Promise<Map<string, string[]>> {
  const tables = await db.reader.introspection.getTables();
  const own = db.engine.name === 'postgres' ? await currentSchema(db) : undefined;
  const columns = new Map<string, string[]>();
  for (const table of tables) {
    if (table.name === 'schema_version' || (own !== undefined && table.schema !== own)) continue;
    columns.set(
      table.name,
      table.columns.map((column) => {
        const type = /int/i.test(column.dataType) ? 'number' : 'string';
        return `${column.name}: ${type}${column.isNullable && !column.isAutoIncrementing ? ' | null' : ''}`;
      }),
    );
  }
  return columns;
}

async function currentSchema(db: Database): Promise<string> {
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db.reader);
  return rows[0]!.name;
}

/** The same from the one page of types that the stores are checked against. */
function columnsOfTypes(): Map<string, string[]> {
  const page = readFileSync(join(root, 'src/platform/db/schema.ts'), 'utf8');
  const columns = new Map<string, string[]>();
  for (const [, table, type] of page.matchAll(/^ {2}(\w+): (\w+Table);$/gm)) {
    const body = new RegExp(`interface ${type} \\{([^}]*)\\}`).exec(page)?.[1] ?? '';
    columns.set(
      table!,
      [...body.matchAll(/^ {2}(\w+): ([^;]+);$/gm)].map(
        ([, name, written]) => `${name}: ${written!.replace(/Generated<(.*)>/, '$1').replace(/^'.*'$/, 'string')}`,
      ),
    );
  }
  return columns;
}

const sorted = (columns: Map<string, string[]>) =>
  Object.fromEntries([...columns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, list]) => [name, [...list].sort()]));

describe('migrations', () => {
  it('make what the page of types says, column for column', async () => {
    expect(sorted(await columnsOf(await open()))).toEqual(sorted(columnsOfTypes()));
  });

  it('make what docs/schema.sql shows (npm run schema writes it)', async () => {
    const db = openFile(':memory:');
    await migrate(db, clock);
    expect(readFileSync(join(root, 'docs/schema.sql'), 'utf8')).toBe(await dumpSchema(db));
  });

  it('run once, also when two programs start at once, and change nothing the second time', async () => {
    const db = await open();
    const again = await Promise.all([migrate(db, clock), migrate(db, clock)]);
    for (const state of again) expect(state).toEqual({ applied: migrations.length, known: migrations.length });
    const { rows } = await sql`select version from schema_version`.execute(db.reader);
    expect(rows).toHaveLength(migrations.length);
  });

  it('of two programs on one new file happen once', async () => {
    const file = join(temporaryFolder(), 'a.db');
    const both = [openFile(file), openFile(file)];
    await Promise.all(both.map((db) => migrate(db, clock)));
    const { rows } = await sql`select version from schema_version`.execute(both[0]!.reader);
    expect(rows).toHaveLength(migrations.length);
  });

  it('keep the signatures of before there were rounds, and what they published', async () => {
    const at = migrations.findIndex(({ name }) => name === '0005-entry-life');
    const later = migrations.splice(at);
    const db = openFile(':memory:');
    try {
      await migrate(db, clock);
      await db.inTransaction(async (tx) => {
        for (const statement of [
          "insert into person (id, created_at) values ('a', 1)",
          "insert into entry (id, state, version, published_version, published_at, created_at) values ('KB-001', 'published', 1, 1, 5, 1)",
          "insert into entry_revision (id, entry_id, version, hash, content, author, created_at) values ('r', 'KB-001', 1, 'h', '{}', 'x', 1)",
          "insert into entry_review (id, entry_id, version, hash, reviewer_id, decision, created_at) values ('s', 'KB-001', 1, 'h', 'a', 'approved', 5)",
        ])
          await sql.raw(statement).execute(tx);
      });
    } finally {
      migrations.push(...later);
    }
    await migrate(db, clock);
    const [review] = await db.reader.selectFrom('entry_review').selectAll().execute();
    expect(review).toMatchObject({ id: 's', round: 1, checks: null, reviewer_id: 'a', created_at: 5 });
    const [entry] = await db.reader.selectFrom('entry').selectAll().execute();
    expect(entry).toMatchObject({ published_version: 1, published_round: 1, review_due_at: null });
    await expect(
      db.inTransaction((tx) => sql`update entry_revision set content = '{"a":1}'`.execute(tx)),
    ).rejects.toThrow('never changed');
  });

  it('refuse a database of a newer program, in words, and leave it alone', async () => {
    const db = await open();
    await db.inTransaction((tx) => sql`insert into schema_version (version, applied_at) values (99, 1)`.execute(tx));
    let backups = 0;
    const refused = migrate(db, clock, async () => {
      backups += 1;
    });
    await expect(refused).rejects.toBeInstanceOf(DatabaseTooNewError);
    await expect(refused).rejects.toThrow(/version 99.*start the newer program, or restore the backup/);
    expect(backups).toBe(0);
    expect(await migrationState(db)).toEqual({ applied: 99, known: migrations.length });
  });

  it('take an unreadable database for what it is, not for an empty one', async () => {
    const db = openFile();
    await migrate(db, clock);
    await db.inTransaction((tx) => sql`alter table schema_version rename column version to other`.execute(tx));
    await expect(migrationState(db)).rejects.toThrow();
    await expect(migrate(db, clock)).rejects.toThrow();
  });

  it('an empty database has version 0', async () => {
    expect(await migrationState(openFile())).toEqual({ applied: 0, known: migrations.length });
  });
});

describe('tables', () => {
  it('take no value of another type', async () => {
    const db = await open();
    const wrong = db.inTransaction((tx) =>
      sql`insert into meta (key, value, created_at) values ('a', 'b', 'yesterday')`.execute(tx),
    );
    await expect(wrong).rejects.toThrow();
  });

  it('on SQLite are all strict', async () => {
    const db = openFile();
    await migrate(db, clock);
    const { rows } = await sql<{ name: string; strict: number }>`
      select name, strict from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'`.execute(
      db.reader,
    );
    expect(rows.filter((row) => !row.strict && row.name !== 'schema_version')).toEqual([]);
  });

  it.each(['audit', 'ledger_transaction', 'ledger_entry'])('%s only grows', async (table) => {
    const db = await open();
    await db.inTransaction(async (tx) => {
      await sql`insert into community (id, name, created_at) values ('book', 'book', 1)`.execute(tx);
      await sql`insert into audit (id, action, actor_id, target_kind, target_id, details, previous_hash, hash, created_at)
        values ('a', 'x', 'system', 'x', 'x', '{}', '0', '1', 1)`.execute(tx);
      await sql`insert into ledger_transaction (id, book_id, idempotency_key, input_hash, reason, actor_id, source_id, created_at)
        values ('t', 'book', 'k', 'h', 'award', 'system', 's', 1)`.execute(tx);
      await sql`insert into ledger_entry (id, book_id, transaction_id, account, amount, previous_hash, hash, created_at)
        values ('e', 'book', 't', 'person:p', 1, '0', '1', 1)`.execute(tx);
    });
    const change = db.inTransaction((tx) => sql.raw(`update ${table} set created_at = 2`).execute(tx));
    await expect(change).rejects.toThrow('append-only');
    const removal = db.inTransaction((tx) => sql.raw(`delete from ${table}`).execute(tx));
    await expect(removal).rejects.toThrow('append-only');
  });
});
