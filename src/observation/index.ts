export { createParser, type ItemParser } from './parse.js';
export { doubtAgainstHistory, loadPlausibility } from './plausibility.js';
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
export type { Doubt, Intent, Item, ItemKind, MessageReading } from './types.js';
export { valueText } from './units.js';
