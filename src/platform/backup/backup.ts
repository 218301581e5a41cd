import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import type { Database } from '../db/database.js';

/** A backup cannot be made or used; the message says what to do. */
export class BackupError extends Error {
  override name = 'BackupError';
  code = 'backup';
}

const DAY_MS = 24 * 3_600_000;
/** A SQLite database is up to three files. */
const TAILS = ['', '-wal', '-shm'];

/**
 * Copies the running database into `file`, whole as of one instant, and checks
 * the copy. The key file is not part of it: without the key a backup is unreadable.
 *
 * @throws BackupError for PostgreSQL (use pg_dump), or when the file exists.
 */
export async function backupTo(db: Database, file: string): Promise<void> {
  if (!db.engine.backup) throw new BackupError('this database is PostgreSQL: back it up with pg_dump');
  const target = resolve(file);
  if (existsSync(target)) throw new BackupError(`${target} exists: choose another name`);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const half = `${target}.part`;
  removeDatabase(half);
  await db.engine.backup(half);
  chmodSync(half, 0o600);
  const problem = problemOf(half);
  if (problem) {
    removeDatabase(half);
    throw new BackupError(`the copy is not sound: ${problem}`);
  }
  renameSync(half, target);
}

/**
 * Puts a backup in the place of a database that nobody uses. What was there is
 * kept beside it as `….before-restore`, also when it is damaged.
 *
 * @throws BackupError when the backup is damaged or the database is in use; nothing is changed then.
 */
export function restoreFile(file: string, databaseFile: string): void {
  if (!existsSync(file)) throw new BackupError(`${file} does not exist`);
  if (resolve(file) === resolve(databaseFile)) throw new BackupError(`${file} is the database itself`);
  const problem = problemOf(file);
  if (problem) throw new BackupError(`${file} cannot be restored: ${problem}`);
  mkdirSync(dirname(databaseFile), { recursive: true, mode: 0o700 });
  const fresh = `${databaseFile}.restoring`;
  removeDatabase(fresh);
  copyDatabase(file, fresh);
  try {
    if (existsSync(databaseFile)) setAside(databaseFile);
    renameSync(fresh, databaseFile);
  } catch (error) {
    removeDatabase(fresh);
    throw error;
  }
}

/** A backup that somebody copied with its `-wal` is taken with it: `vacuum` reads the database as it stands. */
function copyDatabase(from: string, to: string): void {
  const source = new BetterSqlite(from, { readonly: true });
  try {
    source.prepare('vacuum into ?').run(to);
  } finally {
    source.close();
  }
  chmodSync(to, 0o600);
  const handle = openSync(to, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

/** The old database under its other name; its `-wal`, which would be played into the new one, goes with it. */
function setAside(databaseFile: string): void {
  refuseIfInUse(databaseFile);
  const aside = `${databaseFile}.before-restore`;
  removeDatabase(aside);
  for (const tail of TAILS) if (existsSync(databaseFile + tail)) renameSync(databaseFile + tail, aside + tail);
}

function removeDatabase(file: string): void {
  for (const tail of TAILS) rmSync(file + tail, { force: true });
}

/** The newest backup of a folder, as UTC ms, or null. */
export function lastBackupAt(folder: string): number | null {
  const times = listBackups(folder).map((backup) => backup.at);
  return times.length === 0 ? null : Math.max(...times);
}

/** Removes our own backups that are older than `days`, but never the newest one. */
export function pruneBackups(folder: string, now: number, days: number): void {
  const newestFirst = listBackups(folder).sort((a, b) => b.at - a.at);
  for (const backup of newestFirst.slice(1)) if (backup.at < now - days * DAY_MS) unlinkSync(backup.path);
}

/** Holds the instant by the program's clock, which a file's own time does not. */
export function backupName(databaseFile: string, at: number, why: 'daily' | 'before-migration'): string {
  const stamp = new Date(at).toISOString().replace(/[:.]/g, '-');
  return `${basename(databaseFile, '.db')}-${stamp}-${why}.db`;
}

const NAME = /-(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3}Z)-(?:daily|before-migration)\.db$/;

function listBackups(folder: string): { path: string; at: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const [, hour, minute, second, rest] = NAME.exec(name) ?? [];
    if (hour === undefined) return [];
    return [{ path: join(folder, name), at: Date.parse(`${hour}:${minute}:${second}.${rest}`) }];
  });
}

/** What is wrong with a database file, or undefined when it is sound. Leaves nothing beside it. */
function problemOf(file: string): string | undefined {
  const hadTails = new Set(TAILS.filter((tail) => existsSync(file + tail)));
  let database: BetterSqlite.Database | undefined;
  try {
    database = new BetterSqlite(file, { readonly: true, fileMustExist: true });
    const result = database.pragma('integrity_check', { simple: true });
    if (result !== 'ok') return String(result);
    const version = database.prepare("select 1 from sqlite_master where name = 'schema_version'").get();
    return version ? undefined : 'it is not a database of this program';
  } catch {
    return 'it is not a database, or it is damaged';
  } finally {
    database?.close();
    for (const tail of TAILS) if (!hadTails.has(tail)) rmSync(file + tail, { force: true });
  }
}

function refuseIfInUse(databaseFile: string): void {
  let database: BetterSqlite.Database | undefined;
  try {
    database = new BetterSqlite(databaseFile, { timeout: 200 });
    // An exclusive lock is refused while any other process has the file open in WAL mode.
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('begin exclusive; commit');
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    const code = error instanceof BetterSqlite.SqliteError ? error.code : '';
    // A damaged database is just what a restore is for.
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return;
    throw new BackupError('the database is in use: stop the running bot first', { cause: error });
  } finally {
    database?.close();
  }
}
