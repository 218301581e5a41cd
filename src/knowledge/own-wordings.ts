import type { Entry } from './entry.js';
import { buildIndex, decide } from './search.js';

export interface OwnWordingsReport {
  /** Wordings that were left out, one at a time, and asked. */
  asked: number;
  /** Those of them whose own entry came first all the same. */
  found: number;
  /** Those that were answered with another entry. */
  answeredWrong: number;
  misses: { entryId: string; wording: string; got: string | undefined; answered: boolean }[];
  /** Near misses that the entry itself answers. */
  caught: { entryId: string; wording: string }[];
}

type Findable = Pick<Entry, 'id' | 'topics' | 'question' | 'variants' | 'notThis'>;

/**
 * Is every entry found by its own wordings, each left out of the index when it
 * is asked, and by none of its `not_this`? An index for each wording: minutes
 * for hundreds of entries, so `progress` is told how many of `total` are done.
 */
export function findOwnWordings(
  entries: readonly Findable[],
  progress: (done: number, total: number) => void = () => {},
): OwnWordingsReport {
  const report: OwnWordingsReport = { asked: 0, found: 0, answeredWrong: 0, misses: [], caught: [] };
  const total = entries.reduce((sum, { variants }) => sum + variants.length, 0);
  for (const [number, entry] of entries.entries()) {
    for (const wording of entry.variants) {
      const without = { ...entry, variants: entry.variants.filter((other) => other !== wording) };
      const found = buildIndex(entries.with(number, without)).search(wording);
      const got = found.results[0]?.entryId;
      report.asked += 1;
      progress(report.asked, total);
      if (got === entry.id) {
        report.found += 1;
        continue;
      }
      const answered = decide(found).kind === 'answer';
      report.answeredWrong += Number(answered);
      report.misses.push({ entryId: entry.id, wording, got, answered });
    }
  }
  const whole = buildIndex(entries);
  for (const entry of entries) {
    for (const wording of entry.notThis) {
      const decision = whole.decide(wording);
      if (decision.kind === 'answer' && decision.entryId === entry.id)
        report.caught.push({ entryId: entry.id, wording });
    }
  }
  return report;
}
