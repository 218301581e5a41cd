import {
  currentOf,
  type Doubt,
  doubtAgainstHistory,
  type Item,
  type Observation,
  type ObservationStore,
  type OwnHistory,
  type Plausibility,
} from '../observation/index.js';
import type { Reader } from '../platform/db/database.js';

const WEEK_MS = 7 * 24 * 3_600_000;

/** Divides what was told into what can be kept and what only the person's own last seven days make doubtful (SAFETY.md 3.4). */
export function createOwnHistory(deps: { observations: ObservationStore; plausibility: Plausibility }) {
  const { observations, plausibility } = deps;
  return async (reader: Reader, told: { personId: string; items: readonly Item[]; at: number }) => {
    const history = historyOf(await observations.listOfPerson(reader, told.personId), told.at);
    const doubts: Doubt[] = [];
    const clear: Item[] = [];
    for (const item of told.items) {
      const doubt = doubtAgainstHistory(item, history, plausibility);
      if (doubt) doubts.push(doubt);
      else clear.push(item);
    }
    return { clear, doubts };
  };

  function historyOf(rows: Observation[], at: number): OwnHistory {
    const week = currentOf(rows).filter((row) => row.measuredAt > at - WEEK_MS && row.measuredAt <= at);
    const valuesOf = (kind: Item['kind']) =>
      week
        .map((row) => observations.itemOf(row))
        .filter((item) => item.kind === kind)
        .flatMap((item) => (typeof item.value === 'number' ? [item.value] : []));
    const glucose = valuesOf('glucose').sort((a, b) => a - b);
    const weight = valuesOf('weight').at(-1);
    const median = glucose[Math.floor((glucose.length - 1) / 2)];
    return {
      ...(median === undefined ? {} : { glucoseMedian7d: median }),
      ...(weight === undefined ? {} : { weightLast7d: weight }),
    };
  }
}
