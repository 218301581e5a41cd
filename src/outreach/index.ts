export { createAnnouncements } from './announcement.js';
