import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import {
  BackupError,
  backupName,
  backupTo,
  lastBackupAt,
  pruneBackups,
  restoreFile,
} from '../../src/platform/backup/backup.js';
import { listErasures, rememberErasure } from '../../src/platform/backup/erasures.js';
import { VirtualClock } from '../../src/platform/clock.js';
import { type Database, openDatabase } from '../../src/platform/db/database.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { temporaryFolder } from './temporary-folder.js';

const clock = new VirtualClock(Date.parse('2026-03-01T08:00:00Z'), async () => {});
const DAY = 24 * 3_600_000;
const opened: Database[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

async function openFile(file: string): Promise<Database> {
  const db = openDatabase(`sqlite:${file}`, { synchronous: 'normal' });
  opened.push(db);
  await migrate(db, clock);
  return db;
}

const put = (db: Database, key: string) =>
  db.inTransaction((tx) => tx.insertInto('meta').values({ key, value: 'x', created_at: 1 }).execute());

function keysIn(file: string): string[] {
  const database = new BetterSqlite(file, { readonly: true });
  try {
    return database.prepare('select key from meta order by key').pluck().all() as string[];
  } finally {
    database.close();
  }
}

async function closeAll(): Promise<void> {
  for (const db of opened.splice(0)) await db.close();
}

describe('a backup', () => {
  it('is whole while the bot writes, one file, for the owner alone', async () => {
    const folder = temporaryFolder();
    const db = await openFile(join(folder, 'a.db'));
    await put(db, 'before');
    let writing = true;
    const writer = (async () => {
      for (let i = 0; writing; i += 1) await put(db, `row ${i}`);
    })();
    const target = join(folder, 'backups', 'one.db');
    await backupTo(db, target);
    writing = false;
    await writer;
    expect(readdirSync(join(folder, 'backups'))).toEqual(['one.db']);
    expect(statSync(target).mode & 0o077).toBe(0);
    expect(keysIn(target)).toContain('before');
  });

  it('never replaces a file', async () => {
    const folder = temporaryFolder();
    const db = await openFile(join(folder, 'a.db'));
    writeFileSync(join(folder, 'there.db'), 'mine');
    await expect(backupTo(db, join(folder, 'there.db'))).rejects.toBeInstanceOf(BackupError);
    expect(readFileSync(join(folder, 'there.db'), 'utf8')).toBe('mine');
  });

  it('of PostgreSQL is pg_dump, in words', async () => {
    const db = openDatabase('postgres://nobody@127.0.0.1:1/x', { synchronous: 'full' });
    opened.push(db);
    await expect(backupTo(db, '/nowhere')).rejects.toThrow('pg_dump');
  });

  it('is known by the time in its name; old ones of ours go, the newest and what is not ours stay', () => {
    const folder = temporaryFolder();
    const now = Date.parse('2026-03-01T08:00:00Z');
    const names = [0, 10, 29, 31, 60].map((days) => backupName('/data/xinglin.db', now - days * DAY, 'daily'));
    for (const name of [...names, 'my own.db', 'notes.txt']) {
      writeFileSync(join(folder, name), '');
      utimesSync(join(folder, name), new Date(0), new Date(0));
    }
    expect(lastBackupAt(folder)).toBe(now);
    pruneBackups(folder, now, 30);
    expect(readdirSync(folder).sort()).toEqual([...names.slice(0, 3), 'my own.db', 'notes.txt'].sort());
    pruneBackups(folder, now + 100 * DAY, 30);
    expect(readdirSync(folder).sort()).toEqual([names[0], 'my own.db', 'notes.txt'].sort());
    expect(lastBackupAt(join(folder, 'nowhere'))).toBeNull();
  });
});

describe('a restore', () => {
  async function prepare() {
    const folder = temporaryFolder();
    const file = join(folder, 'a.db');
    const backup = join(folder, 'backup.db');
    const db = await openFile(file);
    await put(db, 'in the backup');
    await backupTo(db, backup);
    await put(db, 'later');
    return { folder, file, backup };
  }

  it('puts the backup in place and keeps what was there', async () => {
    const { file, backup } = await prepare();
    await closeAll();
    restoreFile(backup, file);
    expect(keysIn(file)).toEqual(['in the backup']);
    expect(keysIn(`${file}.before-restore`)).toEqual(['in the backup', 'later']);
    const again = await openFile(file);
    await put(again, 'goes on');
    await closeAll();
    restoreFile(backup, file);
    expect(keysIn(`${file}.before-restore`)).toEqual(['goes on', 'in the backup']);
  });

  it('does not play the old write-ahead log into the restored database', async () => {
    const { folder, file, backup } = await prepare();
    // As a killed process leaves it: what was written last stands in the log alone.
    const dead = join(folder, 'dead.db');
    for (const tail of ['', '-wal', '-shm']) if (existsSync(file + tail)) copyFileSync(file + tail, dead + tail);
    expect(statSync(`${dead}-wal`).size).toBeGreaterThan(0);
    restoreFile(backup, dead);
    expect(keysIn(dead)).toEqual(['in the backup']);
    expect(keysIn(`${dead}.before-restore`)).toEqual(['in the backup', 'later']);
  });

  it('works where there is no database yet', async () => {
    const { folder, backup } = await prepare();
    const fresh = join(folder, 'new', 'b.db');
    restoreFile(backup, fresh);
    expect(keysIn(fresh)).toEqual(['in the backup']);
    expect(statSync(fresh).mode & 0o077).toBe(0);
  });

  it('replaces a damaged database, and keeps it', async () => {
    const { file, backup } = await prepare();
    await closeAll();
    writeFileSync(file, 'this is no database any more. '.repeat(300));
    restoreFile(backup, file);
    expect(keysIn(file)).toEqual(['in the backup']);
    expect(readFileSync(`${file}.before-restore`, 'utf8')).toContain('no database any more');
  });

  it('refuses a running database, of this process and of another', async () => {
    const { file, backup } = await prepare();
    expect(() => restoreFile(backup, file)).toThrow('in use: stop the running bot first');
    await closeAll();
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import Database from 'better-sqlite3'; const db = new Database(${JSON.stringify(file)}); db.pragma('journal_mode = WAL'); db.prepare('select * from meta').all(); console.log('open'); setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    expect(() => restoreFile(backup, file)).toThrow(BackupError);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(keysIn(file)).toEqual(['in the backup', 'later']);
    expect(existsSync(`${file}.before-restore`)).toBe(false);
    restoreFile(backup, file);
    expect(keysIn(file)).toEqual(['in the backup']);
  });

  it.each<[string, (folder: string, backup: string) => string]>([
    ['a file that is not there', (folder) => join(folder, 'missing.db')],
    [
      'a text',
      (folder) => {
        writeFileSync(join(folder, 'text.db'), 'hello '.repeat(500));
        return join(folder, 'text.db');
      },
    ],
    [
      'a backup with bytes overwritten',
      (folder, backup) => {
        const bytes = readFileSync(backup);
        bytes.fill(0xff, 4_096, 40_000);
        writeFileSync(join(folder, 'damaged.db'), bytes);
        return join(folder, 'damaged.db');
      },
    ],
    [
      'a backup that was cut off',
      (folder, backup) => {
        writeFileSync(join(folder, 'cut.db'), readFileSync(backup).subarray(0, 20_000));
        return join(folder, 'cut.db');
      },
    ],
    [
      'a database of another program',
      (folder) => {
        const other = new BetterSqlite(join(folder, 'other.db'));
        other.exec('create table t (a)');
        other.close();
        return join(folder, 'other.db');
      },
    ],
    ['the database itself', (folder) => join(folder, 'a.db')],
  ])('refuses %s, and changes nothing', async (_, make) => {
    const { folder, file, backup } = await prepare();
    await closeAll();
    const wrong = make(folder, backup);
    const before = readdirSync(folder).sort();
    expect(() => restoreFile(wrong, file)).toThrow(BackupError);
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(keysIn(file)).toEqual(['in the backup', 'later']);
  });
});

describe('erasures', () => {
  it('are remembered beside the database, in order', () => {
    const file = join(temporaryFolder(), 'data', 'erasures.jsonl');
    expect(listErasures(file)).toEqual([]);
    rememberErasure(file, { personId: 'a', at: 1 });
    rememberErasure(file, { personId: 'b', at: 2 });
    expect(listErasures(file)).toEqual([
      { personId: 'a', at: 1 },
      { personId: 'b', at: 2 },
    ]);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('after one that a crash cut short are not lost', () => {
    const file = join(temporaryFolder(), 'erasures.jsonl');
    rememberErasure(file, { personId: 'a', at: 1 });
    appendFileSync(file, '{"personId":"cut');
    rememberErasure(file, { personId: 'b', at: 2 });
    expect(listErasures(file).map((erasure) => erasure.personId)).toEqual(['a', 'b']);
  });
});
