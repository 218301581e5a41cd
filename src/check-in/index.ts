export { renderGathered } from './acknowledge.js';
export { createCheckInChat } from './chat.js';
export type { UnclearValue } from './deps.js';
export { createRecentValues } from './recent-values.js';
export { createCheckIn } from './service.js';
export { loadTemplates } from './templates.js';
export { registerCheckInJobs } from './unclear.js';
