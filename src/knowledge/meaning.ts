import type { SearchableEntry } from './search.js';

/** Vectors of unit length for texts, in their order; undefined when there are none to be had now. */
type Embed = (texts: readonly string[], names?: readonly string[]) => Promise<Float32Array[] | undefined>;

export interface ByMeaning {
  entryId: string;
  /** Cosine of the nearest wording, -1 to 1. */
  likeness: number;
  /** By how many standard deviations it is nearer than entries are as a rule: the scale of a model is its own. */
  standsOut: number;
}

/** Entries by the meaning of a question, where an embedding model is set: finds what shares no word with them. */
export interface MeaningIndex {
  /** Of these entries from now on; vectors that are not cached are fetched when they are first needed. */
  use(entries: readonly SearchableEntry[]): void;
  /** The nearest first; empty when the endpoint is down. */
  nearest(question: string, options: { limit: number; names: readonly string[] }): Promise<ByMeaning[]>;
}

export function createMeaningIndex(embed: Embed): MeaningIndex {
  let entries: readonly SearchableEntry[] = [];
  let vectors: Promise<Float32Array[] | undefined> | undefined;

  return {
    use(next) {
      entries = next;
      vectors = undefined;
    },
    async nearest(question, { limit, names }) {
      const [asked] = (await embed([question], names)) ?? [];
      const of = entries;
      const wordings = of.flatMap(({ question: title, variants }, entry) =>
        [title, ...variants].map((text) => ({ entry, text })),
      );
      vectors ??= embed(wordings.map(({ text }) => text));
      const known = await vectors;
      if (!known) vectors = undefined;
      if (!asked || !known || known.length !== wordings.length) return [];
      const best = new Map<number, number>();
      for (const [i, { entry }] of wordings.entries())
        best.set(entry, Math.max(best.get(entry) ?? -1, dot(asked, known[i])));
      return standingOut(best, of).slice(0, limit);
    },
  };
}

function standingOut(best: ReadonlyMap<number, number>, entries: readonly SearchableEntry[]): ByMeaning[] {
  const all = [...best.values()];
  const mean = all.reduce((sum, one) => sum + one, 0) / (all.length || 1);
  const spread = Math.sqrt(all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (all.length || 1)) || 1;
  return [...best]
    .map(([entry, likeness]) => ({
      entryId: entries[entry]?.id ?? '',
      likeness,
      standsOut: (likeness - mean) / spread,
    }))
    .sort((a, b) => b.likeness - a.likeness || (a.entryId < b.entryId ? -1 : 1));
}

function dot(a: Float32Array, b: Float32Array | undefined): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b?.[i] ?? 0);
  return sum;
}
