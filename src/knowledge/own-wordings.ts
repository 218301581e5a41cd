import { decide } from './decision.js';
import { buildIndex, type SearchableEntry } from './search.js';

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

/**
 * Is every entry found by its own wordings, each left out when it is asked, and
 * by none of its `not_this`? `progress` is told how many of `total` are done.
 */
export function findOwnWordings(
  entries: readonly SearchableEntry[],
  progress: (done: number, total: number) => void = () => {},
): OwnWordingsReport {
  const report: OwnWordingsReport = { asked: 0, found: 0, answeredWrong: 0, misses: [], caught: [] };
  const total = entries.reduce((sum, { variants }) => sum + variants.length, 0);
  const index = buildIndex(entries);
  for (const entry of entries) {
    for (const wording of entry.variants) {
      const found = index.search(wording, { except: wording });
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
  for (const entry of entries) {
    for (const wording of entry.notThis) {
      const decision = index.decide(wording);
      if (decision.kind === 'answer' && decision.entryId === entry.id)
        report.caught.push({ entryId: entry.id, wording });
    }
  }
  return report;
}
