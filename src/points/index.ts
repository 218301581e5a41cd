export { createPointsChat } from './chat.js';
export { registerPointsJobs } from './jobs.js';
export { isNickname, type Ranked, rankBoard } from './leaderboard.js';
export { createPoints, type Points } from './service.js';
export { type BookProblem, IdempotencyConflictError } from './types.js';
