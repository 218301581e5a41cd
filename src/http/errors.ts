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
    return c.json({ error: { code, message: error.message } }, error.status);
  }
  log.error({ err: error, url: c.req.path }, 'a request failed');
  return c.json({ error: { code: 'internal', message: '服务出错了，请看日志' } }, 500);
}
