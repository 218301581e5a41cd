export { createReviewChat } from './chat.js';
export { evaluateFaq, type FaqReport, type FaqScores } from './evaluation.js';
export { readFaqEntries, readFaqQueries } from './evaluation-files.js';
export { loadEntries } from './folder.js';
export { lintEntry } from './lint.js';
export { describeProblem } from './parse.js';
export { createKnowledge, type KnowledgeIndex } from './service.js';
export type { ServedEntry } from './store.js';
