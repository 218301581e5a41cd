export { createPointsChat } from './chat.js';
export { registerPointsJobs } from './jobs.js';
export { rankBoard } from './leaderboard.js';
export { createPoints, type Points } from './service.js';
export { IdempotencyConflictError } from './types.js';
