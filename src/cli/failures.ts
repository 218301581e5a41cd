import { BackupError } from '../platform/backup/backup.js';
import { SettingsError } from '../platform/config.js';
import { redactTokens } from '../platform/puppet/token.js';

const LINE_MAX = 200;

const DAMAGED =
  'the database is damaged: put a backup back with `xinglin restore FILE`; copies are in backups/ of the data folder';
const FULL = 'the disk of the database is full: make room and start again; nothing that was recorded is lost';

const KNOWN: Record<string, string> = {
  SQLITE_CANTOPEN: 'the database file cannot be opened: is the folder there, and may it be written?',
  SQLITE_CORRUPT: DAMAGED,
  SQLITE_NOTADB: DAMAGED,
  SQLITE_FULL: FULL,
  'database-damaged': DAMAGED,
  'database-full': FULL,
  ENOSPC: 'the disk is full: make room and start again; nothing that was recorded is lost',
  EISDIR: 'a folder was given where a file is needed',
  ECONNREFUSED: 'the database server does not answer: is it running, and is XINGLIN_DATABASE_URL right?',
  ENOTFOUND: 'the database server has a name that nobody knows: is XINGLIN_DATABASE_URL right?',
  '28P01': 'the database server does not take the user and password of XINGLIN_DATABASE_URL',
  '3D000': 'the database server has no database of that name: make it, or change XINGLIN_DATABASE_URL',
};

/** One clear line for each thing that can be wrong: what, and what to do. Never a stack or a secret. */
export function describeFailure(error: unknown): string {
  if (error instanceof SettingsError) {
    const lines = error.problems.map((p) => `  ${p.name} ${p.problem}. Example: ${p.example}`);
    return ['Cannot start, the settings need a change:', ...lines].join('\n');
  }
  return `Cannot go on: ${describeCause(error)}`;
}

/** The same for a line that has a name of its own in front. */
export function describeCause(error: unknown): string {
  if (error instanceof SettingsError) return onOneLine(error.message);
  if (!(error instanceof Error)) return 'an unknown failure';
  const sentence = redactTokens(sentenceFor(error));
  // Problems of several files stand on a line each; what SQLite says of damage would fill the screen.
  return error instanceof BackupError ? onOneLine(sentence) : sentence;
}

function sentenceFor(error: NodeJS.ErrnoException): string {
  const { code = '', path, syscall } = error;
  if (syscall === 'listen' || (syscall === 'getaddrinfo' && 'hostname' in error)) {
    const { address, port, hostname } = error as { address?: string; port?: number; hostname?: string };
    if (code === 'EACCES') return `port ${port} is for the system: choose an XINGLIN_PORT of 1024 or more`;
    if (code === 'EADDRNOTAVAIL') return `this machine has no address ${address}: change XINGLIN_HOST`;
    if (code === 'ENOTFOUND')
      return `nobody knows the name ${hostname}: is XINGLIN_HOST or XINGLIN_DATABASE_URL right?`;
  }
  if (path !== undefined) {
    if (code === 'ENOENT') return `${path} is not there`;
    if (code === 'EISDIR') return `${path} is a folder`;
    if (code === 'EACCES' || code === 'EPERM') return `${path} may not be read or written: check who owns it`;
  }
  return KNOWN[code.replace(/^SQLITE_(CORRUPT|NOTADB|FULL).*/, (_, kind: string) => `SQLITE_${kind}`)] ?? error.message;
}

function onOneLine(text: string): string {
  const line = text
    .replace(/\*\*\* in database \w+ \*\*\*\s*/g, '')
    .trim()
    .replace(/\s*\n\s*/g, '; ');
  return line.length <= LINE_MAX ? line : `${line.slice(0, LINE_MAX)} …`;
}
