export {
  ENTRY_STATUSES,
  ENTRY_TYPES,
  type Entry,
  type EntryReviewer,
  type EntrySource,
  type EntryStatus,
  type EntryType,
  TOPICS,
  type Topic,
} from './entry.js';
export { type LoadedEntries, loadEntries } from './folder.js';
export { type LintFinding, lintEntry, readability } from './lint.js';
export { describeProblem, type EntryProblem, type ParsedEntry, parseEntry } from './parse.js';
export {
  buildIndex,
  type Candidate,
  type Decision,
  type Doubt,
  decide,
  type SearchableEntry,
  type SearchIndex,
  type SearchOptions,
  type SearchResult,
} from './search.js';
export { createReviewChat } from './chat.js';
export { createKnowledge, type Knowledge, type KnowledgeIndex } from './service.js';
export type { ServedEntry } from './store.js';
