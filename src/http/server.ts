import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { createSimulatorRoutes, type SimulatorRoutesDeps } from '../simulator/http.js';
import { checkHostAndOrigin, isLoopback, requireToken } from './access.js';
import { answerError, type HttpLog, inWords, PortTakenError, requestError, UnprotectedHostError } from './errors.js';
import type { StatusView } from './status.js';

export interface HttpServerDeps {
  host: string;
  /** 0 takes any free port. */
  port: number;
  log: HttpLog;
  /** Needed to listen on anything but loopback; asked of every browser once. */
  accessToken?: string;
  status: () => Promise<StatusView>;
  /** Only with the simulated WeChat: without it `/sim` does not exist. */
  simulator?: SimulatorRoutesDeps;
  /** The built pages, `web/dist`. */
  webDir: string;
}

export interface HttpServer {
  /** Throws PortTakenError. The url holds no token. */
  start(): Promise<{ url: string }>;
  /** Ends live streams too. */
  stop(): Promise<void>;
  /** For tests without a port. */
  app: Hono;
}

/** A picture of 3 MB as base64, and some room. */
const BODY_BYTES_MAX = 4_500_000;

/** The pages and the JSON under them. Throws UnprotectedHostError for an open host without a token. */
export function createHttpServer(deps: HttpServerDeps): HttpServer {
  if (!isLoopback(deps.host) && deps.accessToken === undefined) throw new UnprotectedHostError(deps.host);
  const app = createApp(deps);
  let server: Server | undefined;

  return {
    app,
    async start() {
      // The listener of @hono/node-server would otherwise replace the global Response for everybody.
      server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
      const address = await listen(server, deps.host, deps.port);
      const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      return { url: `http://${host}:${address.port}` };
    },
    async stop() {
      const closing = server;
      server = undefined;
      if (!closing) return;
      await new Promise<void>((resolve) => {
        closing.close(() => resolve());
        closing.closeAllConnections();
      });
    },
  };
}

function createApp(deps: HttpServerDeps): Hono {
  const app = new Hono();
  app.onError((error, c) => answerError(error, c, deps.log));
  app.notFound((c) => inWords(c, 404, 'not-found', '没有这个页面'));

  app.use(pageHeaders());
  app.use(checkHostAndOrigin(deps.accessToken !== undefined));
  app.get('/healthz', async (c) => {
    const { channel } = await deps.status();
    return c.json({ channel: channel.kind, reason: channel.reason ?? null }, channel.kind === 'online' ? 200 : 503);
  });
  if (deps.accessToken !== undefined) app.use(requireToken(deps.accessToken));
  app.use(jsonOnly);
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: tooLarge }));

  app.get('/api/status', async (c) => c.json(await deps.status(), 200, { 'cache-control': 'no-store' }));
  app.get('/', page(deps.webDir, 'index.html'));
  if (deps.simulator) {
    app.route('/api/sim', createSimulatorRoutes(deps.simulator));
    app.get('/sim', page(deps.webDir, 'sim.html'));
    app.get('/sim/', (c) => c.redirect('/sim'));
  }
  // Asset names hold a hash of their content, so they never change.
  if (existsSync(deps.webDir)) {
    app.use('/assets/*', async (c, next) => {
      await next();
      if (c.res.status === 200) c.res.headers.set('cache-control', 'public, max-age=31536000, immutable');
    });
    app.get('/assets/*', serveStatic({ root: deps.webDir }));
  }
  return app;
}

/** Nothing from elsewhere, nothing inline, nobody frames us. */
function pageHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    // The pages are served over plain HTTP on loopback.
    strictTransportSecurity: false,
  });
}

/** A form or a simple cross-site request cannot carry this content type. */
const jsonOnly: MiddlewareHandler = async (c, next) => {
  const changes = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method);
  if (changes && !/^application\/json(\s*;|$)/i.test(c.req.header('content-type') ?? '')) {
    throw requestError(415, 'json-only', '只接受 JSON');
  }
  await next();
};

function tooLarge(): never {
  throw requestError(413, 'too-large', '内容太大了，图片请不超过 3 MB');
}

function page(webDir: string, file: string): MiddlewareHandler {
  return async (c) => {
    const path = join(webDir, file);
    if (!existsSync(path)) throw requestError(503, 'not-built', '网页还没有构建，请先运行 npm run build');
    return c.html(await readFile(path, 'utf8'), 200, { 'cache-control': 'no-cache' });
  };
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(host, port, error) : error);
    });
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server has no address'));
      else resolve(address);
    });
  });
}
