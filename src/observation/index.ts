export { createParser, type ItemParser } from './parse.js';
export { doubtAgainstHistory, loadPlausibility, type OwnHistory, type Plausibility } from './plausibility.js';
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
export type { Doubt, Item, ItemKind, MessageReading } from './types.js';
export { coding, valueText } from './units.js';
