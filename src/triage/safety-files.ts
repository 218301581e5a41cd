import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { signature } from './rule-files.js';

export interface SafetyFile {
  file: string;
  version: string;
  /** A physician has put their name and a date to this version. Unsigned files are active all the same. */
  signed: boolean;
}

/** The safety files of `knowledge/triage/` with who answers for them, for the start, the status page and the admins. */
export function listSafetyFiles(dir: string): SafetyFile[] {
  return readdirSync(dir)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const { version, signed_by, signed_on } = signature.parse(parse(readFileSync(join(dir, file), 'utf8')));
      return { file, version, signed: signed_by !== null && signed_on !== null };
    });
}
