import { createHmac, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { requestError } from './errors.js';

const SESSION_COOKIE = 'xinglin_session';
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Refuses requests that another web page makes through the browser.
 *
 * The Host header must name this machine, so that a foreign name that resolves
 * to 127.0.0.1 (DNS rebinding) reaches nothing; with an access token any name
 * is right, because a foreign page does not have the cookie. The Origin, where
 * the browser sends one, must be the page's own.
 */
export function checkHostAndOrigin(anyHost: boolean): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    const name = host.replace(/:\d+$/, '').toLowerCase();
    if (!anyHost && !LOOPBACK_NAMES.has(name)) {
      throw requestError(421, 'wrong-host', '只能用 localhost 或 127.0.0.1 打开这个页面');
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && originHost(origin) !== host.toLowerCase()) {
      throw requestError(403, 'wrong-origin', '不接受来自其他网页的请求');
    }
    const site = c.req.header('sec-fetch-site');
    const isNavigation = c.req.method === 'GET' && c.req.header('sec-fetch-mode') === 'navigate';
    if ((site === 'cross-site' || site === 'same-site') && !isNavigation) {
      throw requestError(403, 'wrong-origin', '不接受来自其他网页的请求');
    }
    await next();
  };
}

/** `null`, as sandboxed pages send, has no host and so never fits. */
function originHost(origin: string): string | undefined {
  const match = /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase());
  return match?.[1];
}

/**
 * Asks for the access token once and keeps a cookie afterwards.
 *
 * The cookie is derived from the token, so it outlives a restart and dies with
 * the token. The answer to `?token=` is a small page rather than a redirect: a
 * browser that followed a link from elsewhere would not send a SameSite=Strict
 * cookie on the redirected request.
 */
export function requireToken(accessToken: string): MiddlewareHandler {
  const session = createHmac('sha256', accessToken).update('xinglin-session').digest('base64url');
  return async (c, next) => {
    const offered = c.req.query('token');
    if (offered !== undefined && c.req.method === 'GET' && sameSecret(offered, accessToken)) {
      setCookie(c, SESSION_COOKIE, session, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return c.html(continuePage(c.req.path));
    }
    if (!sameSecret(getCookie(c, SESSION_COOKIE) ?? '', session)) {
      throw requestError(
        401,
        'token-needed',
        '请用带访问口令的网址打开：在网址最后加上 ?token=口令，只需一次。口令问维护人员，它是设置 XINGLIN_ACCESS_TOKEN 的值。',
      );
    }
    await next();
  };
}

function continuePage(path: string): string {
  const target = /^\/[\w/-]*$/.test(path) && !path.startsWith('//') ? path : '/';
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${target}"><title>杏林</title><p><a href="${target}">继续</a></p></html>`;
}

function sameSecret(offered: string, expected: string): boolean {
  const digest = (value: string) => createHmac('sha256', 'compare').update(value).digest();
  return timingSafeEqual(digest(offered), digest(expected));
}
