import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Another program listens there already. */
export class PortTakenError extends Error {
  override name = 'PortTakenError';
  code = 'port-taken';

  constructor(
    readonly host: string,
    readonly port: number,
    cause: unknown,
  ) {
    super(`port ${port} on ${host} is taken by another program`, { cause });
  }
}

/** The pages would be open to the network without a token. */
export class UnprotectedHostError extends Error {
  override name = 'UnprotectedHostError';
  code = 'unprotected-host';

  constructor(readonly host: string) {
    super(`listening on ${host} needs an access token; without one only loopback is allowed`);
  }
}

/** A request that cannot be done, in words for the person at the page; features may throw the same. */
export function requestError(status: ContentfulStatusCode, code: string, message: string): HTTPException {
  return new HTTPException(status, { message, cause: code });
}

/** Where the server writes what went wrong. pino fits. */
export interface HttpLog {
  error(fields: object, message: string): void;
}

/** The one place where an error becomes a status and a sentence. */
export function answerError(error: unknown, c: Context, log: HttpLog): Response {
  if (error instanceof HTTPException) {
    const code = typeof error.cause === 'string' ? error.cause : 'refused';
    return inWords(c, error.status, code, error.message);
  }
  log.error({ err: error, url: c.req.path }, 'a request failed');
  return inWords(c, 500, 'internal', '服务出错了，请看日志');
}

/** A page for a person who typed the address, JSON for a program. `message` is our own text, never the request's. */
export function inWords(c: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  const isForEyes = c.req.method === 'GET' && (c.req.header('accept') ?? '').includes('text/html');
  if (!isForEyes) return c.json({ error: { code, message } }, status);
  const head =
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>杏林</title>';
  return c.html(`<!doctype html><html lang="zh-CN"><head>${head}</head><body><p>${message}</p></body></html>`, status);
}
