import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../platform/clock.js';
import { Faults } from '../simulator/faults.js';
import type { SimulatorRoutesDeps } from '../simulator/http.js';
import { SimulatedWechat } from '../simulator/world.js';
import { PortTakenError, UnprotectedHostError } from './errors.js';
import { createHttpServer, type HttpServerDeps } from './server.js';
import { describeChannel, type StatusView } from './status.js';

const online: StatusView = {
  version: '0.1.0',
  botName: '小杏',
  puppet: 'service',
  channel: { kind: 'online', since: 0 },
  knowledge: { served: 40, waiting: 3 },
  safetyFiles: [],
  queues: { intake: 0, outbox: 0, jobs: 0 },
  lastBackupAt: null,
  setupNeeded: false,
  setupCode: null,
  model: false,
  startedAt: 0,
  now: 0,
  timeZone: 'Asia/Shanghai',
};

const TOKEN = 'a-token-of-enough-letters';
const LOCAL = { host: '127.0.0.1:8080' };

function serve(deps: Partial<HttpServerDeps> = {}) {
  return createHttpServer({
    host: '127.0.0.1',
    port: 0,
    log: { error: () => {} },
    status: async () => online,
    webDir: 'no-such-folder',
    ...deps,
  });
}

function simulator(): SimulatorRoutesDeps {
  const clock = new VirtualClock(0);
  const wechat = new SimulatedWechat({ clock });
  return { wechat, clock, timeZone: 'Asia/Shanghai', jump: (ms) => clock.advance(ms), faults: new Faults() };
}

describe('who may ask', () => {
  it.each([
    ['this machine by number', { host: '127.0.0.1:8080' }, 200],
    ['this machine by name', { host: 'localhost:8080' }, 200],
    ['IPv6', { host: '[::1]:8080' }, 200],
    ['a foreign name that resolves here', { host: 'evil.example:8080' }, 421],
    ['the own origin', { ...LOCAL, origin: 'http://127.0.0.1:8080' }, 200],
    ['a foreign origin', { ...LOCAL, origin: 'http://evil.example' }, 403],
    ['another port of this machine', { ...LOCAL, origin: 'http://127.0.0.1:9999' }, 403],
    ['a sandboxed page', { ...LOCAL, origin: 'null' }, 403],
    ['a picture tag elsewhere', { ...LOCAL, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['a link elsewhere', { ...LOCAL, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
  ])('%s', async (_, headers, status) => {
    expect((await serve().app.request('/api/status', { headers })).status).toBe(status);
  });

  it('takes JSON only', async () => {
    const headers = { ...LOCAL, 'content-type': 'text/plain' };
    const answer = await serve().app.request('/api/status', { method: 'POST', headers, body: '{}' });
    expect(answer.status).toBe(415);
  });

  it('sends a policy without inline scripts, also with an error', async () => {
    const answer = await serve().app.request('/nowhere', { headers: LOCAL });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
  });

  it('opens no host but loopback without a token', () => {
    expect(() => serve({ host: '0.0.0.0' })).toThrow(UnprotectedHostError);
  });

  it('tells a person in a page and a program in JSON', async () => {
    const page = await serve().app.request('/nowhere', { headers: { ...LOCAL, accept: 'text/html,*/*' } });
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('没有这个页面');
    const json = await serve().app.request('/nowhere', { headers: LOCAL });
    expect(await json.json()).toEqual({ error: { code: 'not-found', message: '没有这个页面' } });
  });

  it.each([
    ['a foreign host', { host: 'evil.example' }, 421],
    ['a foreign origin', { ...LOCAL, origin: 'http://evil.example' }, 403],
    ['a picture tag elsewhere', { ...LOCAL, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['the own page', { ...LOCAL, origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-origin' }, 200],
  ])('opens the simulated WeChat and its live events, asked by %s', async (_, headers, status) => {
    for (const path of ['/api/sim/overview', '/api/sim/events']) {
      const answer = await serve({ simulator: simulator() }).app.request(path, { headers });
      expect(answer.status).toBe(status);
      await answer.body?.cancel();
    }
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'as=x', 415],
    ['no type', {}, '{}', 415],
    ['no JSON', { 'content-type': 'application/json' }, '{', 400],
    ['a foreign origin', { 'content-type': 'application/json', origin: 'http://evil.example' }, '{}', 403],
    ['too much', { 'content-type': 'application/json' }, 'x'.repeat(4_600_000), 413],
  ])('speaks for nobody with %s', async (_, headers, body, status) => {
    const answer = await serve({ simulator: simulator() }).app.request('/api/sim/clock', {
      method: 'POST',
      headers: { ...LOCAL, ...headers },
      body,
    });
    expect(answer.status).toBe(status);
  });

  it('hides the simulator from a real account', async () => {
    expect((await serve().app.request('/sim', { headers: LOCAL })).status).toBe(404);
    expect((await serve().app.request('/api/sim/overview', { headers: LOCAL })).status).toBe(404);
  });
});

describe('with an access token', () => {
  const open = () => serve({ host: '0.0.0.0', accessToken: TOKEN }).app;
  const headers = { host: 'bot.example.org' };

  it('lets nobody in without it', async () => {
    expect((await open().request('/api/status', { headers })).status).toBe(401);
    expect((await open().request('/api/status?token=wrong', { headers })).status).toBe(401);
    expect((await open().request('/api/status', { headers: { ...headers, cookie: 'xinglin_session=x' } })).status).toBe(
      401,
    );
  });

  it('gives a cookie once, which is not the token', async () => {
    const first = await open().request(`/?token=${TOKEN}`, { headers });
    const cookie = first.headers.get('set-cookie') ?? '';
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).not.toContain(TOKEN);
    const session = cookie.split(';')[0] ?? '';
    expect((await open().request('/api/status', { headers: { ...headers, cookie: session } })).status).toBe(200);
  });

  it('answers the health check of a machine', async () => {
    expect((await open().request('/healthz', { headers })).status).toBe(200);
  });
});

describe('/healthz', () => {
  it.each([
    [describeChannel({ kind: 'online', selfId: 'wxid_bot', since: 1 }), 200],
    [describeChannel({ kind: 'down', reason: 'stream ended', since: 1, attempt: 2 }), 503],
    [describeChannel({ kind: 'waiting-scan', qrcode: 'https://login.example/secret' }), 503],
    [describeChannel({ kind: 'stopped' }), 503],
  ])('%j', async (channel, status) => {
    const answer = await serve({ status: async () => ({ ...online, channel }) }).app.request('/healthz', {
      headers: LOCAL,
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ channel: channel.kind, reason: channel.reason ?? null });
    expect(JSON.stringify(channel)).not.toMatch(/wxid_bot|secret/);
  });
});

describe('the port', () => {
  it('names a port that is taken', async () => {
    const first = serve();
    const { url } = await first.start();
    const port = Number(new URL(url).port);
    await expect(serve({ port }).start()).rejects.toThrow(PortTakenError);
    expect((await fetch(`${url}/api/status`)).status).toBe(200);
    await first.stop();
    await expect(fetch(`${url}/api/status`)).rejects.toThrow();
  });
});

describe('when something breaks', () => {
  it('tells the person little and the log where', async () => {
    const lines: object[] = [];
    const server = serve({
      log: { error: (fields) => lines.push(fields) },
      status: async () => {
        throw new Error('the disk is full');
      },
    });
    const answer = await server.app.request('/api/status', { headers: LOCAL });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('disk');
    expect(lines).toMatchObject([{ url: '/api/status' }]);
  });
});
