import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const line = z.object({ personId: z.string(), at: z.number() });

/** Erasures, kept beside the database as one JSON line each, so that a restored backup forgets them again. Ids only. */
export function rememberErasure(file: string, erasure: { personId: string; at: number }): void {
  appendFileSync(file, `${JSON.stringify(erasure)}\n`, { mode: 0o600 });
  const handle = openSync(file, 'r');
  fsyncSync(handle);
  closeSync(handle);
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
