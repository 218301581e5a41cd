export { createHttpServer } from './server.js';
