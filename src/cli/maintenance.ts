import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BackupError, backupName, backupTo, restoreFile } from '../platform/backup/backup.js';
import { SystemClock } from '../platform/clock.js';
import { type Config, prepareDataDir, readConfig, readEnvironment, SettingsError } from '../platform/config.js';
import { openDatabase } from '../platform/db/database.js';
import { dumpSchema, migrate } from '../platform/db/migrate.js';
import { rotateKey } from '../platform/db/sealed.js';
import { createLog } from '../platform/log.js';
import { assemble } from './assemble.js';
import { describeCause } from './failures.js';

/** `xinglin backup FILE`: a whole copy of the database, also while the bot runs. */
export async function backup(file: string): Promise<void> {
  const config = readConfig(readEnvironment());
  const source = sqliteFile(config);
  if (!existsSync(source)) throw new BackupError(`there is no database yet: the first start makes ${source}`);
  const db = openDatabase(config.databaseUrl, { synchronous: config.synchronous });
  try {
    await backupTo(db, file);
    process.stdout.write(
      `backed up to ${file}. The key file ${config.dataKeyFile} is not in it: keep a copy of it in another place.\n`,
    );
  } finally {
    await db.close();
  }
}

/**
 * `xinglin restore FILE`: puts a backup back and forgets again who has asked to
 * be erased since. Everything happens on a copy, which takes the place of the
 * database last: a backup that this program cannot use changes nothing, and
 * nobody erased is back for a moment.
 */
export async function restore(file: string): Promise<void> {
  const config = readConfig(readEnvironment());
  prepareDataDir(config.dataDir);
  const target = sqliteFile(config);
  const folder = join(config.dataDir, 'restoring');
  const copy = join(folder, basename(target));
  rmSync(folder, { recursive: true, force: true });
  try {
    restoreFile(file, copy);
    const erased = await eraseAgain({ ...config, databaseUrl: `sqlite:${copy}` }, file);
    const replaced = existsSync(target);
    restoreFile(copy, target);
    process.stdout.write(
      `restored ${file}; ${erased} erasures carried out again.${replaced ? ` The database of before is ${target}.before-restore.` : ''}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens the copy as a start would, which also proves that this program, puppet and key go with it. */
async function eraseAgain(config: Config, file: string): Promise<number> {
  try {
    const { app } = await assemble(config, createLog('silent'));
    try {
      return await app.replayErasures();
    } finally {
      await app.stop();
    }
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    throw new BackupError(`${file} cannot be restored: ${describeCause(error)}`, { cause: error });
  }
}

/** `xinglin rotate-key`: what is sealed from the next start on uses a new key. */
export async function rotateKeyCommand(): Promise<void> {
  const { dataKeyFile } = readConfig(readEnvironment());
  if (!existsSync(dataKeyFile)) {
    process.stdout.write(`there is no key yet: the first start makes ${dataKeyFile}.\n`);
    return;
  }
  rotateKey(dataKeyFile);
  process.stdout.write(
    `a new key stands on top of ${dataKeyFile}. Restart the bot to use it, and copy the file again to where you keep it.\n`,
  );
}

/** `xinglin migrate`: brings the database to this program's version. `--dump FILE` writes the schema of an empty database. */
export async function migrateCommand(options: { dump?: string }): Promise<void> {
  const clock = new SystemClock();
  if (options.dump) {
    const empty = openDatabase('sqlite::memory:', { synchronous: 'normal' });
    await migrate(empty, clock);
    writeFileSync(options.dump, await dumpSchema(empty));
    await empty.close();
    return;
  }
  const config = readConfig(readEnvironment());
  prepareDataDir(config.dataDir);
  const db = openDatabase(config.databaseUrl, { synchronous: config.synchronous });
  try {
    const state = await migrate(db, clock, async () => {
      if (!config.databaseUrl.startsWith('sqlite:')) return;
      const target = join(config.dataDir, 'backups', backupName(sqliteFile(config), clock.now(), 'before-migration'));
      if (!existsSync(target)) await backupTo(db, target);
    });
    process.stdout.write(`the database is at version ${state.applied} of ${state.known}.\n`);
  } finally {
    await db.close();
  }
}

function sqliteFile(config: Config): string {
  if (!config.databaseUrl.startsWith('sqlite:'))
    throw new BackupError('this database is PostgreSQL: use pg_dump and pg_restore');
  return config.databaseUrl.slice('sqlite:'.length);
}
