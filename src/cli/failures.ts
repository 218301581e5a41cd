import { SettingsError } from '../platform/config.js';
import { redactTokens } from '../platform/puppet/token.js';

/** One clear line for each thing that can be wrong: what, and what to do. Never a stack or a secret. */
export function describeFailure(error: unknown): string {
  if (error instanceof SettingsError) {
    const lines = error.problems.map((p) => `  ${p.name} ${p.problem}. Example: ${p.example}`);
    return ['Cannot start, the settings need a change:', ...lines].join('\n');
  }
  if (!(error instanceof Error)) return 'Cannot go on: an unknown failure.';
  const code = 'code' in error ? String(error.code) : '';
  const known: Record<string, string> = {
    SQLITE_CANTOPEN: 'the database file cannot be opened: is the folder there, and may it be written?',
    SQLITE_NOTADB:
      'the database file is not a SQLite database, or it is damaged: restore a backup with `xinglin restore FILE`',
    SQLITE_CORRUPT: 'the database file is damaged: restore a backup with `xinglin restore FILE`',
    SQLITE_FULL: 'the disk is full: make room and start again; nothing that was recorded is lost',
    SQLITE_READONLY: 'the database file cannot be written: check who owns it',
    ECONNREFUSED: 'the database server does not answer: is it running, and is XINGLIN_DATABASE_URL right?',
    EACCES: 'a file or folder may not be read or written: check who owns the data folder',
    ENOSPC: 'the disk is full: make room and start again; nothing that was recorded is lost',
  };
  return `Cannot go on: ${redactTokens(known[code] ?? error.message)}`;
}
