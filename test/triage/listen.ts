import { fileURLToPath } from 'node:url';
import { assess } from '../../src/triage/index.js';
import { loadTriageRules } from '../../src/triage/load.js';
import type { Assessment, TriageInput } from '../../src/triage/types.js';

/** For tests: the rules of the repository, and a patient who says one thing. */
export const RULES_DIR = fileURLToPath(new URL('../../knowledge/triage', import.meta.url));
export const rules = loadTriageRules(RULES_DIR);

export function listen(text: string, more: Partial<TriageInput> = {}): Assessment {
  return assess(rules, { text, readings: [], recent: [], now: 0, role: 'patient', ...more });
}
