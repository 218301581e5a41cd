import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresDialect,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import pg from 'pg';
import { secureRandom } from '../ids.js';

/** The only file that knows which database engine runs. */
export type EngineName = 'sqlite' | 'postgres';

/** Why the engine cannot serve, where it is the machine's fault and not the program's. */
export type EngineFailure = 'full' | 'read-only' | 'lost' | 'damaged';

export interface Engine {
  name: EngineName;
  dialect: Dialect;
  /** The script of a migration, written for SQLite, in this engine's words. */
  ddl(script: string): string;
  /** Another process holds the lock, or serialisation failed: the whole transaction may run again. */
  isRetryable(error: unknown): boolean;
  isUniqueViolation(error: unknown): boolean;
  isMissingTable(error: unknown): boolean;
  failureOf(error: unknown): EngineFailure | undefined;
  /** Waits for another process that migrates; the first statement of a migration's transaction. */
  migrationLockSql: string | undefined;
  /** Calls `listener` when another process has committed, never for commits of its own; the returned function stops it. */
  watch(listener: () => void): Promise<() => Promise<void>>;
  /** Tells other processes that something was committed, inside the transaction where the engine needs it. */
  notifySql: string | undefined;
  /** SQLite only: online copy into `file`. */
  backup?(file: string): Promise<void>;
  /** SQLite only: problems that the engine itself finds; empty when sound. */
  integrityProblems?(): string[];
}

const WATCH_EVERY_MS = 300;
const RECONNECT_MS = 1_000;
/** SQL for the channel's name: channels belong to the whole database, and what is in another schema is not ours. */
const CHANNEL = "'xinglin_' || current_schema()";
const STATEMENTS_KEPT = 500;

export function openEngine(url: string, { synchronous }: { synchronous: 'full' | 'normal' }): Engine {
  return url.startsWith('sqlite:') ? openSqlite(url.slice('sqlite:'.length), synchronous) : openPostgres(url);
}

class ImmediateSqliteDriver extends SqliteDriver {
  readonly #database: BetterSqlite.Database;
  constructor(database: BetterSqlite.Database) {
    super({ database: withStatementCache(database) });
    this.#database = database;
  }
  /** `begin immediate`: the write lock is taken first, so that a body never fails half way for want of it. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
  /** A full disk makes SQLite roll back by itself; a second roll-back would hide the error that says so. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #database: BetterSqlite.Database;
  constructor(database: BetterSqlite.Database) {
    super({ database });
    this.#database = database;
  }
  override createDriver() {
    return new ImmediateSqliteDriver(this.#database);
  }
}

/** Compiling a small statement costs as much as running it, so each text is compiled once. */
function withStatementCache(database: BetterSqlite.Database): SqliteDatabase {
  const statements = new Map<string, BetterSqlite.Statement>();
  return {
    close: () => database.close(),
    prepare(text) {
      const known = statements.get(text);
      if (known) return known;
      const statement = database.prepare(text);
      if (statements.size >= STATEMENTS_KEPT) statements.clear();
      statements.set(text, statement);
      return statement;
    },
  };
}

function openSqlite(file: string, synchronous: 'full' | 'normal'): Engine {
  const isNew = file !== ':memory:' && !existsSync(file);
  if (isNew) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new BetterSqlite(file, { timeout: 2_000 });
  // The files beside it (-wal, -shm) take their mode from this one.
  if (isNew) chmodSync(file, 0o600);
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${synchronous}`);
  database.pragma('foreign_keys = ON');
  // A long busy time-out blocks the event loop; from here on the retry is asynchronous.
  database.pragma('busy_timeout = 10');
  const dataVersion = () => database.pragma('data_version', { simple: true });
  return {
    name: 'sqlite',
    dialect: new ImmediateSqliteDialect(database),
    ddl: (script) => script,
    isRetryable: (error) => codeOf(error).startsWith('SQLITE_BUSY'),
    isUniqueViolation: (error) => /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(codeOf(error)),
    isMissingTable: (error) => error instanceof Error && /no such table/.test(error.message),
    failureOf: sqliteFailure,
    migrationLockSql: undefined,
    async watch(listener) {
      let seen = dataVersion();
      const timer = setInterval(() => {
        const now = readQuietly(dataVersion);
        if (now === undefined || now === seen) return;
        seen = now;
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

/** A closed or locked database has nothing new to tell; the next look sees it. */
function readQuietly(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

export function sqliteFailure(error: unknown): EngineFailure | undefined {
  const code = codeOf(error);
  if (code === 'SQLITE_FULL') return 'full';
  if (code.startsWith('SQLITE_READONLY')) return 'read-only';
  if (/^SQLITE_(CANTOPEN|IOERR)/.test(code)) return 'lost';
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code) ? 'damaged' : undefined;
}

function openPostgres(url: string): Engine {
  const INT8 = 20;
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    connectionTimeoutMillis: 10_000,
    // Milliseconds and counts fit a double; pg would hand them out as strings.
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) },
  });
  // A connection lost while idle is replaced at the next query; one lost in use fails that query.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const self = Buffer.from(secureRandom(8)).toString('hex');
  return {
    name: 'postgres',
    dialect: new PostgresDialect({ pool }),
    ddl: postgresDdl,
    isRetryable: (error) => ['40001', '40P01'].includes(codeOf(error)),
    isUniqueViolation: (error) => codeOf(error) === '23505',
    isMissingTable: (error) => codeOf(error) === '42P01',
    failureOf: postgresFailure,
    // A lock taken before the first query lets the transaction see what the other process did.
    migrationLockSql: 'lock table schema_version in access exclusive mode',
    watch: (listener) => listenPostgres(url, self, listener),
    // Only where something was written; with our own name, so that we do not wake ourselves for ever.
    notifySql: `select pg_notify(${CHANNEL}, '${self}') where pg_current_xact_id_if_assigned() is not null`,
  };
}

function postgresFailure(error: unknown): EngineFailure | undefined {
  const code = codeOf(error);
  if (code === '53100') return 'full';
  if (code === '25006') return 'read-only';
  if (/^(08|57P0|58)/.test(code)) return 'lost';
  if (/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)/.test(code)) return 'lost';
  if (error instanceof Error && /Connection terminated|timeout exceeded when trying to connect/.test(error.message)) {
    return 'lost';
  }
  return code.startsWith('XX00') ? 'damaged' : undefined;
}

/** Listens on a connection of its own, and on a new one when that is lost: then something may have been missed. */
async function listenPostgres(url: string, self: string, listener: () => void): Promise<() => Promise<void>> {
  let current: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  async function connect(): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => lost(client));
    client.on('end', () => lost(client));
    client.on('notification', ({ payload }) => {
      if (payload !== self) listener();
    });
    await client.connect();
    const { rows } = await client.query<{ channel: string }>(`select ${CHANNEL} as channel`);
    await client.query(`listen ${client.escapeIdentifier(rows[0]?.channel ?? '')}`);
    current = client;
  }

  function lost(client: pg.Client): void {
    if (client !== current) return;
    current = undefined;
    client.end().catch(() => {});
    again();
  }

  function again(): void {
    if (stopped) return;
    retry = setTimeout(() => {
      connect().then(listener, again);
    }, RECONNECT_MS);
    retry.unref();
  }

  await connect();
  return async () => {
    stopped = true;
    clearTimeout(retry);
    const client = current;
    current = undefined;
    await client?.end();
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
