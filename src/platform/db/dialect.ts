import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresDialect,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import pg from 'pg';

/** The only file that knows which database engine runs. */
export type EngineName = 'sqlite' | 'postgres';

export interface Engine {
  name: EngineName;
  dialect: Dialect;
  /** The script of a migration, written for SQLite, in this engine's words. */
  ddl(script: string): string;
  /** Another process holds the lock, or serialisation failed: the whole transaction may run again. */
  isRetryable(error: unknown): boolean;
  isUniqueViolation(error: unknown): boolean;
  /** Calls `listener` when another process has committed; the returned function stops it. */
  watch(listener: () => void): Promise<() => Promise<void>>;
  /** Tells other processes that something was committed, inside the transaction where the engine needs it. */
  notifySql: string | undefined;
  /** SQLite only: online copy into `file`. */
  backup?(file: string): Promise<void>;
  /** SQLite only: problems that the engine itself finds; empty when sound. */
  integrityProblems?(): string[];
}

const WATCH_EVERY_MS = 300;
const CHANNEL = 'xinglin_changed';

export function openEngine(url: string, { synchronous }: { synchronous: 'full' | 'normal' }): Engine {
  return url.startsWith('sqlite:') ? openSqlite(url.slice('sqlite:'.length), synchronous) : openPostgres(url);
}

/** `begin immediate`: the write lock is taken first, so that a body never fails half way for want of it. */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #database: BetterSqlite.Database;
  constructor(database: BetterSqlite.Database) {
    super({ database });
    this.#database = database;
  }
  override createDriver() {
    return new ImmediateSqliteDriver({ database: this.#database });
  }
}

function openSqlite(file: string, synchronous: 'full' | 'normal'): Engine {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // A long busy time-out blocks the event loop; a short one with an asynchronous retry does not.
  const database = new BetterSqlite(file, { timeout: 100 });
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${synchronous}`);
  database.pragma('foreign_keys = ON');
  const dataVersion = () => database.pragma('data_version', { simple: true });
  return {
    name: 'sqlite',
    dialect: new ImmediateSqliteDialect(database),
    ddl: (script) => script,
    isRetryable: (error) => codeOf(error).startsWith('SQLITE_BUSY'),
    isUniqueViolation: (error) => /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(codeOf(error)),
    async watch(listener) {
      let seen = dataVersion();
      const timer = setInterval(() => {
        if (!database.open || seen === dataVersion()) return;
        seen = dataVersion();
        listener();
      }, WATCH_EVERY_MS);
      timer.unref();
      return async () => clearInterval(timer);
    },
    notifySql: undefined,
    async backup(target) {
      await database.backup(target);
    },
    integrityProblems() {
      const rows = database.pragma('integrity_check') as { integrity_check: string }[];
      const broken = database.pragma('foreign_key_check') as { table: string }[];
      return [
        ...rows.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
        ...broken.map((row) => `a row of ${row.table} points to nothing`),
      ];
    },
  };
}

function openPostgres(url: string): Engine {
  const INT8 = 20;
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    // Milliseconds and counts fit a double; pg would hand them out as strings.
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) },
  });
  pool.on('error', () => {
    // A connection lost while idle is replaced by the pool at the next query.
  });
  return {
    name: 'postgres',
    dialect: new PostgresDialect({ pool }),
    ddl: postgresDdl,
    isRetryable: (error) => ['40001', '40P01'].includes(codeOf(error)),
    isUniqueViolation: (error) => codeOf(error) === '23505',
    async watch(listener) {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => {
        // The poll of due work still finds what a lost notification would have told.
      });
      await client.connect();
      client.on('notification', listener);
      await client.query(`listen ${CHANNEL}`);
      return () => client.end();
    },
    notifySql: `notify ${CHANNEL}`,
  };
}

/**
 * SQLite's words into PostgreSQL's: integers hold milliseconds and need 64 bits,
 * tables are strict anyway, and an append-only table is kept by a trigger function.
 */
function postgresDdl(script: string): string {
  return script
    .replace(/\binteger primary key autoincrement\b/gi, 'bigint generated by default as identity primary key')
    .replace(/\binteger\b/gi, 'bigint')
    .replace(/\)\s*strict;/gi, ');')
    .replace(
      /create trigger (\w+) before (update|delete) on (\w+) begin select raise\(abort, '([^']+)'\); end;/gi,
      (_, name, event, table, message) =>
        `create function ${name}() returns trigger language plpgsql as $$ begin raise exception '${message}'; end $$; create trigger ${name} before ${event} on ${table} for each row execute function ${name}();`,
    );
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
