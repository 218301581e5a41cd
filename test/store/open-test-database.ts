import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Clock } from '../../src/platform/clock.js';
import { type Database, openDatabase } from '../../src/platform/db/database.js';
import { migrate } from '../../src/platform/db/migrate.js';

/**
 * A fresh, migrated database for one test: SQLite in memory, or where
 * `XINGLIN_TEST_DATABASE_URL` names a PostgreSQL, a schema of its own there.
 * `close` takes it away again.
 */
export async function openTestDatabase(clock: Clock): Promise<Database> {
  const url = process.env.XINGLIN_TEST_DATABASE_URL;
  const db = url ? await openSchema(url) : openDatabase('sqlite::memory:', { synchronous: 'normal' });
  await migrate(db, clock);
  return db;
}

/** The address of a fresh, empty database for a whole program: in memory, or a schema of its own. `drop` takes it away. */
export async function freshDatabaseUrl(): Promise<{ url: string; drop(): Promise<void> }> {
  const url = process.env.XINGLIN_TEST_DATABASE_URL;
  return url ? createSchema(url) : { url: 'sqlite::memory:', drop: async () => {} };
}

async function createSchema(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const schema = `test_${randomBytes(8).toString('hex')}`;
  await runOnce(url, `create schema ${schema}`);
  const joint = url.includes('?') ? '&' : '?';
  return {
    url: `${url}${joint}options=-csearch_path%3D${schema}`,
    drop: () => runOnce(url, `drop schema ${schema} cascade`),
  };
}

async function openSchema(url: string): Promise<Database> {
  const schema = await createSchema(url);
  const db = openDatabase(schema.url, { synchronous: 'normal' });
  return {
    engine: db.engine,
    get reader() {
      return db.reader;
    },
    inTransaction: (body) => db.inTransaction(body),
    async close() {
      await db.close();
      await schema.drop();
    },
  };
}

async function runOnce(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
