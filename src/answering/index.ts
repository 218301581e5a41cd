export { createLastQuestion } from './last-question.js';
export { createAnswering } from './service.js';
