import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError, backupName, backupTo, restoreFile } from '../platform/backup/backup.js';
import { SystemClock } from '../platform/clock.js';
import { type Config, prepareDataDir, readConfig, readEnvironment } from '../platform/config.js';
import { openDatabase } from '../platform/db/database.js';
import { dumpSchema, migrate } from '../platform/db/migrate.js';
import { rotateKey } from '../platform/db/sealed.js';
import { createLog } from '../platform/log.js';
import { assemble } from './assemble.js';

/** `xinglin backup FILE`: a whole copy of the database, also while the bot runs. */
export async function backup(file: string): Promise<void> {
  const config = readConfig(readEnvironment());
  sqliteFile(config);
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

/** `xinglin restore FILE`: puts a backup back and forgets again who has asked to be erased since. */
export async function restore(file: string): Promise<void> {
  const config = readConfig(readEnvironment());
  prepareDataDir(config.dataDir);
  restoreFile(file, sqliteFile(config));
  const { app } = await assemble(config, createLog('silent'));
  const erased = await app.replayErasures();
  await app.stop();
  process.stdout.write(
    `restored ${file}; ${erased} erasures carried out again. The database of before is beside it, ending in .before-restore.\n`,
  );
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
