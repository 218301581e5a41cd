import { groupAlike } from '../knowledge/index.js';
import type { Reader } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import { listLeftOpen } from './store.js';

/** Questions that people asked alike and that no entry answered well. */
export interface Gap {
  people: number;
  /** How often it was asked, and how often an answer to it was called useless. */
  asked: number;
  disliked: number;
  /** The entry that came nearest, most often. */
  nearest: string | undefined;
  /** Some of the wordings, the newest first. */
  wordings: readonly string[];
}

const WORDINGS_SHOWN = 3;

/** What the editors should write next: unanswered and disliked questions since then, alike ones together, by how many people asked. */
export async function listGaps(reader: Reader, { seal, since }: { seal: Seal; since: number }): Promise<Gap[]> {
  const open = (await listLeftOpen(reader, since)).map((row) => ({ ...row, text: seal.open(row.textSealed) }));
  return groupAlike(open.map(({ text }) => text))
    .map((members): Gap => {
      const rows = members.flatMap((i) => open[i] ?? []);
      return {
        people: new Set(rows.map(({ personId }) => personId)).size,
        asked: rows.length,
        disliked: rows.filter(({ disliked }) => disliked).length,
        nearest: mostFrequent(rows.flatMap(({ nearest }) => nearest ?? [])),
        wordings: [...new Set(rows.map(({ text }) => text))].slice(0, WORDINGS_SHOWN),
      };
    })
    .sort((a, b) => b.people - a.people || b.asked - a.asked);
}

function mostFrequent(ids: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
