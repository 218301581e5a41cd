import { randomBytes } from 'node:crypto';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/platform/clock.js';
import {
  assertOutsideTransaction,
  type Database,
  DatabaseBusyError,
  DatabaseUnavailableError,
  openDatabase,
  outsideTransaction,
  type Transaction,
} from '../../src/platform/db/database.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { openTestDatabase } from './open-test-database.js';
import { temporaryFolder } from './temporary-folder.js';

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

async function openFile(file: string): Promise<Database> {
  const db = openDatabase(`sqlite:${file}`, { synchronous: 'normal' });
  opened.push(db);
  await migrate(db, clock);
  return db;
}

const put = (tx: Transaction, key: string, value = 'x') =>
  tx.insertInto('meta').values({ key, value, created_at: 1 }).execute();

async function keys(db: Database): Promise<string[]> {
  const rows = await db.reader.selectFrom('meta').select('key').orderBy('key').execute();
  return rows.map((row) => row.key);
}

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, ms = 8_000): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > ms) throw new Error('it did not happen in time');
    await soon(20);
  }
}

describe('a transaction', () => {
  it('is kept whole, or not at all', async () => {
    const db = await open();
    await db.inTransaction((tx) => put(tx, 'kept'));
    const failing = db.inTransaction(async (tx) => {
      await put(tx, 'lost');
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    expect(await keys(db)).toEqual(['kept']);
  });

  it('refuses the outer database, a second transaction and the world', async () => {
    const db = await open();
    await db.inTransaction(async (tx) => {
      expect(() => db.reader).toThrow('the outer database was used inside a transaction');
      await expect(db.inTransaction(async () => 1)).rejects.toThrow('a second transaction');
      expect(() => assertOutsideTransaction('the puppet')).toThrow('the puppet was used inside');
      await put(tx, 'goes on');
    });
    expect(await keys(db)).toEqual(['goes on']);
    assertOutsideTransaction('the puppet');
  });

  it('cannot be used after its commit, nor after it failed', async () => {
    const db = await open();
    const leak: Transaction[] = [];
    await db.inTransaction(async (tx) => void leak.push(tx));
    await db
      .inTransaction(async (tx) => {
        leak.push(tx);
        throw new Error('no');
      })
      .catch(() => {});
    for (const tx of leak) await expect(put(tx, 'late')).rejects.toThrow();
    expect(await keys(db)).toEqual([]);
  });

  it('frees what it set off without waiting, once it is over', async () => {
    const db = await open();
    let later: Promise<string[]> | undefined;
    await db.inTransaction(async (tx) => {
      await put(tx, 'a');
      later = soon(20).then(() => keys(db));
    });
    expect(await later).toEqual(['a']);
  });

  it('can set off work of its own, which sees nothing half done', async () => {
    const db = await open();
    let later: Promise<string[]> | undefined;
    await db.inTransaction(async (tx) => {
      await put(tx, 'a');
      later = outsideTransaction(() => keys(db));
      await put(tx, 'b');
    });
    // PostgreSQL shows what was before, SQLite waits for what comes after.
    expect([[], ['a', 'b']]).toContainEqual(await later);
  });

  it('runs again where two read and write the same, and both count', async () => {
    const db = await open();
    await db.inTransaction((tx) => put(tx, 'counter', '0'));
    const addOne = () =>
      db.inTransaction(async (tx) => {
        const { value } = await tx
          .selectFrom('meta')
          .select('value')
          .where('key', '=', 'counter')
          .executeTakeFirstOrThrow();
        await tx
          .updateTable('meta')
          .set({ value: String(Number(value) + 1) })
          .where('key', '=', 'counter')
          .execute();
      });
    await Promise.all(Array.from({ length: 12 }, addOne));
    const row = await db.reader.selectFrom('meta').select('value').executeTakeFirstOrThrow();
    expect(row.value).toBe('12');
  });

  it('leaves room for timers and sockets, however many come one after the other', async () => {
    const db = await open();
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    for (let i = 0; i < 300; i += 1) await db.inTransaction((tx) => put(tx, `${i}`));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
  });

  it('refuses a row that points to nothing', async () => {
    const db = await open();
    const orphan = db.inTransaction((tx) =>
      tx
        .insertInto('membership')
        .values({ id: 'm', room_id: 'nowhere', person_id: 'nobody', joined_at: 1, created_at: 1 })
        .execute(),
    );
    await expect(orphan).rejects.toThrow();
  });

  it('tells a row that was there already from other errors', async () => {
    const db = await open();
    await db.inTransaction((tx) => put(tx, 'a'));
    const error = await db.inTransaction((tx) => put(tx, 'a')).catch((e: unknown) => e);
    expect(db.engine.isUniqueViolation(error)).toBe(true);
    expect(db.engine.isUniqueViolation(new Error('other'))).toBe(false);
  });
});

describe('a SQLite file that another process writes', () => {
  it('is waited for without holding up this process', async () => {
    const file = join(temporaryFolder(), 'a.db');
    const db = await openFile(file);
    const other = new BetterSqlite(file);
    other.exec('begin immediate');
    let ticks = 0;
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      ticks += 1;
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const writing = db.inTransaction((tx) => put(tx, 'mine'));
    await soon(400);
    other.exec(`insert into meta (key, value, created_at) values ('theirs', 'x', 1); commit`);
    await writing;
    clearInterval(timer);
    other.close();
    expect(await keys(db)).toEqual(['mine', 'theirs']);
    expect(ticks).toBeGreaterThan(15);
    expect(longest).toBeLessThan(150);
  });

  it('is given up with a typed error when it stays busy, and nothing was written', async () => {
    const file = join(temporaryFolder(), 'a.db');
    const db = await openFile(file);
    const other = new BetterSqlite(file);
    other.exec('begin immediate');
    await expect(db.inTransaction((tx) => put(tx, 'mine'))).rejects.toBeInstanceOf(DatabaseBusyError);
    other.exec('rollback');
    other.close();
    await db.inTransaction((tx) => put(tx, 'second try'));
    expect(await keys(db)).toEqual(['second try']);
  }, 20_000);
});

describe('a SQLite database that the machine does not let work', () => {
  it('says that the disk is full, keeps what was committed and goes on when there is room', async () => {
    const db = await openFile(join(temporaryFolder(), 'a.db'));
    await db.inTransaction((tx) => put(tx, 'before'));
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db.reader);
    await sql.raw(`pragma max_page_count = ${rows[0]!.page_count}`).execute(db.reader);
    const full = await db.inTransaction((tx) => put(tx, 'big', 'x'.repeat(200_000))).catch((e: unknown) => e);
    expect(full).toBeInstanceOf(DatabaseUnavailableError);
    expect(full).toMatchObject({ code: 'database-full' });
    expect(await keys(db)).toEqual(['before']);
    await sql`pragma max_page_count = 1000000`.execute(db.reader);
    await db.inTransaction((tx) => put(tx, 'big', 'x'.repeat(200_000)));
    expect(await keys(db)).toEqual(['before', 'big']);
  });

  it('says that it may not write', async () => {
    const db = await openFile(join(temporaryFolder(), 'a.db'));
    await sql`pragma query_only = 1`.execute(db.reader);
    await expect(db.inTransaction((tx) => put(tx, 'a'))).rejects.toMatchObject({
      name: 'DatabaseUnavailableError',
      code: 'database-read-only',
    });
  });

  it.each([
    ['a folder where the file should be', (folder: string) => folder, 'database-lost'],
    [
      'a file that is no database',
      (folder: string) => {
        writeFileSync(join(folder, 'a.db'), 'not a database at all, '.repeat(200));
        return join(folder, 'a.db');
      },
      'database-damaged',
    ],
  ])('does not open %s', (_, prepare, code) => {
    const file = prepare(temporaryFolder());
    expect(() => openDatabase(`sqlite:${file}`, { synchronous: 'full' })).toThrow(expect.objectContaining({ code }));
  });

  it('keeps its files for the owner alone', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const db = await openFile(join(folder, 'a.db'));
    await db.inTransaction((tx) => put(tx, 'a'));
    for (const name of ['a.db', 'a.db-wal', 'a.db-shm']) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  });
});

describe('a PostgreSQL server that does not answer', () => {
  it('is a typed error', async () => {
    const db = openDatabase('postgres://nobody@127.0.0.1:1/nothing', { synchronous: 'full' });
    opened.push(db);
    await expect(db.inTransaction((tx) => put(tx, 'a'))).rejects.toMatchObject({ code: 'database-lost' });
  });
});

describe('watching for the commits of others', () => {
  it('tells of theirs, and not of our own', async () => {
    const { mine, theirs } = await openTwice();
    let heard = 0;
    const stop = await mine.engine.watch(() => {
      heard += 1;
    });
    await mine.inTransaction((tx) => put(tx, 'own'));
    await soon(700);
    expect(heard).toBe(0);
    await theirs.inTransaction((tx) => put(tx, 'other'));
    await until(() => heard > 0, 1_000);
    await stop();
    const before = heard;
    await theirs.inTransaction((tx) => put(tx, 'after the end'));
    await soon(700);
    expect(heard).toBe(before);
  });

  it('hears nothing of a transaction that only read', async () => {
    const { mine, theirs } = await openTwice();
    let heard = 0;
    const stop = await mine.engine.watch(() => {
      heard += 1;
    });
    await theirs.inTransaction((tx) => tx.selectFrom('meta').selectAll().execute());
    await soon(700);
    await stop();
    expect(heard).toBe(0);
  });

  const url = process.env.XINGLIN_TEST_DATABASE_URL;
  if (url) {
    it('comes back on PostgreSQL when its connection is cut, and looks at once', async () => {
      const { mine, theirs } = await openTwice();
      let heard = 0;
      const stop = await mine.engine.watch(() => {
        heard += 1;
      });
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'`.execute(
        theirs.reader,
      );
      await until(() => heard > 0);
      const before = heard;
      await theirs.inTransaction((tx) => put(tx, 'after the cut'));
      await until(() => heard > before);
      await stop();
    });
  }

  /** The same database seen by two programs. */
  async function openTwice(): Promise<{ mine: Database; theirs: Database }> {
    if (!url) {
      const file = join(temporaryFolder(), 'a.db');
      return { mine: await openFile(file), theirs: await openFile(file) };
    }
    // Notifications reach everybody in a database, so these two have one for themselves.
    const name = `watched_${randomBytes(6).toString('hex')}`;
    await runOnce(url, `create database ${name}`);
    const own = new URL(url);
    own.pathname = `/${name}`;
    const mine = openDatabase(own.href, { synchronous: 'normal' });
    const theirs = openDatabase(own.href, { synchronous: 'normal' });
    opened.push(mine, theirs);
    await migrate(mine, clock);
    return { mine, theirs };
  }

  async function runOnce(at: string, statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: at });
    await client.connect();
    await client.query(statement);
    await client.end();
  }
});
