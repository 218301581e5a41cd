import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import type { Database } from '../db/database.js';

/** A backup cannot be made or used; the message says what to do. */
export class BackupError extends Error {
  override name = 'BackupError';
  code = 'backup';
}

const DAY_MS = 24 * 3_600_000;

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
  rmSync(half, { force: true });
  await db.engine.backup(half);
  const problem = problemOf(half);
  if (problem) {
    unlinkSync(half);
    throw new BackupError(`the copy is not sound: ${problem}`);
  }
  renameSync(half, target);
}

/**
 * Puts a backup in the place of a database that nobody uses. What was there is
 * kept beside it as `….before-restore`.
 *
 * @throws BackupError when the backup is damaged or the database is in use.
 */
export function restoreFile(file: string, databaseFile: string): void {
  if (!existsSync(file)) throw new BackupError(`${file} does not exist`);
  const problem = problemOf(file);
  if (problem) throw new BackupError(`${file} cannot be restored: ${problem}`);
  if (existsSync(databaseFile)) {
    refuseIfInUse(databaseFile);
    for (const tail of ['', '-wal', '-shm']) {
      if (existsSync(databaseFile + tail)) renameSync(databaseFile + tail, `${databaseFile}.before-restore${tail}`);
    }
  }
  mkdirSync(dirname(databaseFile), { recursive: true, mode: 0o700 });
  const source = new BetterSqlite(file, { readonly: true });
  try {
    source.prepare('vacuum into ?').run(databaseFile);
  } finally {
    source.close();
  }
}

/** The newest backup of a folder, as UTC ms, or null. */
export function lastBackupAt(folder: string): number | null {
  const times = listBackups(folder).map((name) => statSync(join(folder, name)).mtimeMs);
  return times.length === 0 ? null : Math.max(...times);
}

/** Removes backups that are older than `days`, but never the newest one. */
export function pruneBackups(folder: string, now: number, days: number): void {
  const aged = listBackups(folder)
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const backup of aged.slice(1)) if (backup.at < now - days * DAY_MS) unlinkSync(backup.path);
}

export function backupName(databaseFile: string, at: number, why: 'daily' | 'before-migration'): string {
  const stamp = new Date(at).toISOString().replace(/[:.]/g, '-');
  return `${basename(databaseFile, '.db')}-${stamp}-${why}.db`;
}

function listBackups(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.db')) : [];
}

/** What is wrong with a database file, or undefined when it is sound. */
function problemOf(file: string): string | undefined {
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
  }
}

function refuseIfInUse(databaseFile: string): void {
  const database = new BetterSqlite(databaseFile, { timeout: 200 });
  try {
    // An exclusive lock is refused while any other process has the file open in WAL mode.
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('begin exclusive; commit');
  } catch {
    throw new BackupError('the database is in use: stop the running bot first');
  } finally {
    database.close();
  }
}
