export { renderGathered } from './acknowledge.js';
export { createCheckInChat } from './chat.js';
export type { CheckInChatDeps, UnclearValue } from './deps.js';
export { createRecentValues } from './recent-values.js';
export { type CheckIn, createCheckIn } from './service.js';
export { loadTemplates, type Template, TemplateError } from './templates.js';
export { registerCheckInJobs } from './unclear.js';
