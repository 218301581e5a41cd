import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const line = z.object({ personId: z.string(), at: z.number() });

/** Erasures, kept beside the database as one JSON line each, so that a restored backup forgets them again. Ids only. */
export function rememberErasure(file: string, erasure: { personId: string; at: number }): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // A line that a crash cut short must not swallow the next one.
  const start = text === '' || text.endsWith('\n') ? '' : '\n';
  const handle = openSync(file, 'a', 0o600);
  try {
    writeSync(handle, `${start}${JSON.stringify(erasure)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function listErasures(file: string): { personId: string; at: number }[] {
  if (!existsSync(file)) return [];
  const erasures: { personId: string; at: number }[] = [];
  for (const text of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const parsed = safeParse(text);
    if (parsed) erasures.push(parsed);
  }
  return erasures;
}

/** A line that a crash cut short is passed over: its erasure is still in the database it was made in. */
function safeParse(text: string): { personId: string; at: number } | undefined {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
