export { PortTakenError, UnprotectedHostError } from './errors.js';
export { createHttpServer, type HttpServer, type HttpServerDeps } from './server.js';
export { type ChannelView, describeChannel, type StatusView } from './status.js';
