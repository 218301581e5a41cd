import { groupAlike } from '../knowledge/index.js';
import type { Reader } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import { type LeftOpen, listLeftOpen } from './store.js';

/** A question in the words of one person. */
export interface Ask {
  personId: string;
  text: string;
}

/** Questions that people asked alike and that no entry answered well. */
export interface Gap {
  people: number;
  /** How often it was asked, and how often an answer to it was called useless. */
  asked: number;
  disliked: number;
  /** The entry that came nearest, most often. */
  nearest: string | undefined;
  /** The newest first. */
  asks: readonly Ask[];
}

export interface Gaps {
  gaps: Gap[];
  /** Questions of which the words are gone by now: nobody knows what they were. */
  forgotten: number;
}

/**
 * What the editors should write next: unanswered and disliked questions since
 * then, alike ones together, by how many people asked. `isMeant` leaves out
 * what another community asked.
 */
export async function listGaps(
  reader: Reader,
  {
    seal,
    since,
    isMeant = async () => true,
  }: { seal: Seal; since: number; isMeant?(row: Pick<LeftOpen, 'personId' | 'communityId'>): Promise<boolean> },
): Promise<Gaps> {
  const open: (LeftOpen & { text: string })[] = [];
  let forgotten = 0;
  for (const row of await listLeftOpen(reader, since)) {
    if (!(await isMeant(row))) continue;
    if (row.textSealed === undefined) forgotten += 1;
    else open.push({ ...row, text: seal.open(row.textSealed) });
  }
  const gaps = groupAlike(open.map(({ text }) => text))
    .map((members): Gap => {
      const rows = members.flatMap((i) => open[i] ?? []);
      return {
        people: new Set(rows.map(({ personId }) => personId)).size,
        asked: rows.length,
        disliked: rows.filter(({ disliked }) => disliked).length,
        nearest: mostFrequent(rows.flatMap(({ nearest }) => nearest ?? [])),
        asks: rows.map(({ personId, text }) => ({ personId, text })),
      };
    })
    .sort((a, b) => b.people - a.people || b.asked - a.asked);
  return { gaps, forgotten };
}

function mostFrequent(ids: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
