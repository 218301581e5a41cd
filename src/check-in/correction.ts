import { type Item, type Observation, slotOf } from '../observation/index.js';

/** A value that holds now, opened. */
export interface Recorded {
  observation: Observation;
  item: Item;
}

export type Target = { kind: 'one'; target: Recorded } | { kind: 'several'; candidates: Recorded[] } | { kind: 'none' };

/**
 * Which of a day's values a correction means (CHECKIN-AND-POINTS 2.4): the one
 * whose number it says was wrong, the one in the slot it names, or the only
 * one of that kind. Two that fit are asked about, never guessed.
 */
export function targetOf(item: Item, recorded: readonly Recorded[], replaces: number | undefined): Target {
  const ofKind = recorded.filter((r) => r.observation.kind === item.kind);
  const said = ofKind.filter(
    (r) => replaces !== undefined && (r.item.value === replaces || r.item.diastolic === replaces),
  );
  if (said.length > 0) return oneOf(said);
  const sameSlot = item.context === null ? [] : ofKind.filter((r) => r.observation.slot === slotOf(item));
  return oneOf(sameSlot.length > 0 ? sameSlot : ofKind);
}

function oneOf(candidates: Recorded[]): Target {
  const [target] = candidates;
  if (!target) return { kind: 'none' };
  return candidates.length === 1 ? { kind: 'one', target } : { kind: 'several', candidates };
}

/** What was not said again stays: the other half of a blood pressure, when it was measured, the name of the drug. */
export function merged(correction: Item, earlier: Item): Item {
  const context = correction.context ?? earlier.context;
  const what = correction.what ?? earlier.what;
  const base: Item = { ...correction, context, ...(what === undefined ? {} : { what }) };
  if (correction.kind !== 'blood-pressure') return base;
  return {
    ...base,
    value: correction.value ?? earlier.value,
    diastolic: correction.diastolic ?? earlier.diastolic ?? null,
  };
}
