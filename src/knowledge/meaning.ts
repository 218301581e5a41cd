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
  /** Of these entries from now on; vectors that are not cached are fetched in the background. */
  use(entries: readonly SearchableEntry[]): void;
  /** The nearest first; empty when the endpoint is down, or has not answered in time. */
  nearest(question: string, options: { limit: number; names: readonly string[] }): Promise<ByMeaning[]>;
}

export function createMeaningIndex(embed: Embed, { withinMs }: { withinMs: number }): MeaningIndex {
  let entries: readonly SearchableEntry[] = [];
  let vectors: Promise<Float32Array[] | undefined> | undefined;

  const wordingsOf = (of: readonly SearchableEntry[]) =>
    of.flatMap(({ question, variants }, entry) => [question, ...variants].map((text) => ({ entry, text })));

  /** Asked for once; again when it failed. */
  function vectorsOf(texts: readonly string[]): Promise<Float32Array[] | undefined> {
    const asked = vectors ?? embed(texts).catch(() => undefined);
    vectors = asked;
    void asked.then((known) => {
      if (!known && vectors === asked) vectors = undefined;
    });
    return asked;
  }

  async function find(question: string, names: readonly string[]): Promise<ByMeaning[]> {
    const of = entries;
    const wordings = wordingsOf(of);
    const [[asked] = [], known] = await Promise.all([
      embed([question], names),
      vectorsOf(wordings.map(({ text }) => text)),
    ]);
    if (!asked || !known || known.length !== wordings.length) return [];
    const best = new Map<number, number>();
    for (const [i, { entry }] of wordings.entries())
      best.set(entry, Math.max(best.get(entry) ?? -1, dot(asked, known[i])));
    return standingOut(best, of);
  }

  return {
    use(next) {
      entries = next;
      vectors = undefined;
      void vectorsOf(wordingsOf(next).map(({ text }) => text));
    },
    async nearest(question, { limit, names }) {
      const tooLate = new Promise<ByMeaning[]>((resolve) => setTimeout(resolve, withinMs, []).unref());
      return (await Promise.race([find(question, names), tooLate])).slice(0, limit);
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
