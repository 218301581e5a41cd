export { createParser, type ItemParser, type ReadOptions } from './parse.js';
export {
  doubtAgainstHistory,
  loadPlausibility,
  type OwnHistory,
  type Plausibility,
  PlausibilityFileError,
} from './plausibility.js';
export { readableText } from './readable.js';
export {
  createObservationStore,
  currentOf,
  firstVersionOf,
  itemKindSchema,
  itemSchema,
  latestBySlot,
  type Observation,
  type ObservationStore,
  slotOf,
} from './store.js';
export type { Context, Doubt, Intent, Item, ItemKind, MessageReading } from './types.js';
export { type Coding, coding, pressureParts, valueText } from './units.js';
