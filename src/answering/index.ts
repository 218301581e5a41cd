export { createAnswering } from './service.js';
