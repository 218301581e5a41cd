/** The door over real gRPC, while the server is killed, frozen, restarted, or refuses. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NotSentError, RateLimitedError, RejectedError } from '../../src/platform/puppet/door.js';
import { selfSigned } from './certificate.js';
import { type Client, connect, stock, stopClients, stopStockClients } from './clients.js';
import {
  bundleGateway,
  type Gateway,
  killGateways,
  removeBundle,
  startGateway,
  TOKEN,
  until,
  wait,
} from './gateway-control.js';

beforeAll(async () => {
  await bundleGateway();
  return removeBundle;
});

afterEach(async () => {
  await stopClients();
  await stopStockClients();
  killGateways();
});

/** Says fifty things and expects each once and in order. */
async function hearsEverything(client: Client, gateway: Gateway): Promise<void> {
  const { ids, roomId } = await gateway.people(3);
  const said = Array.from({ length: 50 }, (_, i) => `话${i}`);
  const before = client.texts().length;
  for (const [i, text] of said.entries()) await gateway.say(ids[i % 3] ?? '', roomId, text);
  await until('all fifty', () => client.texts().length >= before + 50);
  await wait(200);
  expect(client.texts().slice(before)).toEqual(said);
}

describe('a server that is killed', () => {
  it('has the door back within ten seconds of its return, with everything said since once; stock never comes back', async () => {
    const gateway = await startGateway();
    const stockGateway = await startGateway();
    const ours = connect(gateway);
    const theirs = stock(stockGateway, { timeoutSeconds: 2 });
    await theirs.bot.start();
    await ours.online();
    await until('login', () => theirs.logins === 1);
    await hearsEverything(ours, gateway);

    gateway.kill();
    stockGateway.kill();
    await until('down', () => ours.door.state.kind === 'down', 1000);
    await expect(ours.door.sendText({ kind: 'private', contactId: 'x' }, '你好', [])).rejects.toBeInstanceOf(
      NotSentError,
    );
    // Longer than the stock client's watchdog and its one reset.
    await wait(9000);
    const [back, stockBack] = await Promise.all([gateway.restart(), stockGateway.restart()]);
    expect(await ours.online(10_000)).toBeLessThan(10_000);
    await hearsEverything(ours, back);
    expect(ours.gaps).toHaveLength(1);
    const [gap] = ours.gaps;
    expect((gap?.to ?? 0) - (gap?.from ?? 0)).toBeGreaterThan(8500);
    const { ids, botId } = await stockBack.people(1);
    await stockBack.say(ids[0] ?? '', botId, '还在吗');
    await wait(3000);
    expect([theirs.logins, theirs.texts]).toEqual([1, []]);
  });
});

describe('a server that is frozen', () => {
  it('is noticed by its silence, and used again when it thaws', async () => {
    const gateway = await startGateway({ heartbeatMs: 200 });
    const ours = connect(gateway, {
      timings: { silenceMs: 800, dongMs: 400, startMs: 1500, backoffMaxMs: 1000 },
    });
    await ours.online();
    await hearsEverything(ours, gateway);
    gateway.freeze();
    const noticed = await until('down', () => ours.door.state.kind === 'down', 5000);
    expect(noticed).toBeLessThan(3000);
    expect(ours.door.state).toMatchObject({ reason: 'the platform is silent' });
    await wait(3000);
    gateway.thaw();
    expect(await ours.online(10_000)).toBeLessThan(10_000);
    await hearsEverything(ours, gateway);
    expect(ours.gaps).toHaveLength(1);
    expect(await gateway.call('gateway', 'asked')).toMatchObject({ stop: 0, logout: 0 });
  });

  it('that only is quiet is asked for a sign of life and kept', async () => {
    const gateway = await startGateway({ heartbeatMs: 60_000 });
    const ours = connect(gateway, { timings: { silenceMs: 300, dongMs: 300 } });
    await ours.online();
    await wait(1500);
    expect(ours.states.map((state) => state.kind)).toEqual(['starting', 'online']);
  });
});

describe('a door that is stopped and started', () => {
  it('leaves the account online, and is in again at once', async () => {
    const gateway = await startGateway();
    const ours = connect(gateway);
    await ours.online();
    const started = performance.now();
    await ours.door.stop();
    expect(performance.now() - started).toBeLessThan(1000);
    expect(ours.door.state).toEqual({ kind: 'stopped' });
    expect(await gateway.call('gateway', 'isLoggedIn')).toBe(true);
    expect(await gateway.call('gateway', 'asked')).toMatchObject({ stop: 0, logout: 0 });
    ours.door.start();
    expect(await ours.online()).toBeLessThan(1000);
    await hearsEverything(ours, gateway);
  });
});

describe('a token that is refused', () => {
  it('is told as such, not tried again soon, and never logged', async () => {
    const gateway = await startGateway();
    const token = 'xinglin_00000000-0000-4000-8000-000000000000';
    const ours = connect(gateway, { token });
    await until('down', () => ours.door.state.kind === 'down', 3000);
    expect(ours.door.state).toMatchObject({ kind: 'down', reason: 'wrong token', attempt: 1 });
    await wait(1500);
    expect(ours.door.state).toMatchObject({ kind: 'down', attempt: 1 });
    expect(JSON.stringify([ours.logged, ours.states])).not.toContain(token.slice(8));
  });
});

describe('a server that stays away', () => {
  it('makes the door give up aloud, and go on', async () => {
    const ours = connect(
      { endpoint: '127.0.0.1:9' },
      { timings: { backoffMinMs: 20, backoffMaxMs: 40, giveUpFailures: 5 } },
    );
    await until('given up', () => ours.givenUp === 2, 8000);
    expect(ours.door.state).toMatchObject({ kind: 'down', reason: 'the server is not reachable' });
  });
});

describe('a bot that has to be scanned in', () => {
  it('shows the code, waits for the phone, and goes on', async () => {
    const gateway = await startGateway();
    const ours = connect(gateway, { timings: { loginMs: 500 } });
    await ours.online();
    await gateway.call('faults', 'kickOut', 'elsewhere', { mustScan: true });
    await until('logged out', () => ours.door.state.kind === 'down');
    await gateway.call('puppet', 'emit', 'scan', { qrcode: 'https://wechat.example/x', status: 2 });
    await until('a code', () => ours.states.some((state) => state.kind === 'waiting-scan'));
    await wait(1500);
    expect(ours.door.state.kind).toBe('waiting-scan');
    await gateway.call('faults', 'scan');
    await ours.online();
    expect(ours.gaps.length).toBe(1);
  });
});

describe('TLS with an authority of our own', () => {
  const own = selfSigned('xinglin');
  it('connects, and refuses a server with another certificate before the token is told', async () => {
    const tls = { serverCert: own.cert, serverKey: own.key };
    const gateway = await startGateway({ tls });
    const ours = connect(gateway, { token: TOKEN, tls: { caCert: own.cert, disable: false } });
    await ours.online();
    await hearsEverything(ours, gateway);

    const other = selfSigned('xinglin');
    const impostor = await startGateway({ tls: { serverCert: other.cert, serverKey: other.key } });
    const careful = connect(impostor, { tls: { caCert: own.cert, disable: false } });
    await until('down', () => careful.door.state.kind === 'down');
    expect(careful.door.state).toMatchObject({ reason: 'TLS does not fit the server' });
  });
});

describe('what the platform says of a send', () => {
  it.each([
    [{ sendsPerMinuteMax: 0 }, RateLimitedError],
    [{ failSend: 1 }, NotSentError],
  ])('%o', async (fault, expected) => {
    const gateway = await startGateway();
    const { roomId } = await gateway.people(1);
    const ours = connect(gateway);
    await ours.online();
    await gateway.call('faults', 'set', fault);
    const sending = ours.door.sendText({ kind: 'room', externalRoomId: roomId }, '你好', []);
    await expect(sending).rejects.toBeInstanceOf(expected);
  });

  it('refuses those who are no friends, and rooms that are not there', async () => {
    const gateway = await startGateway();
    const stranger = await gateway.call<{ id: string }>('world', 'addPerson', { name: '路人', friend: false });
    const ours = connect(gateway);
    await ours.online();
    expect(await ours.door.isFriend(stranger.id)).toBe(false);
    for (const contactId of [stranger.id, 'nobody']) {
      const sending = ours.door.sendText({ kind: 'private', contactId }, '你好', []);
      await expect(sending).rejects.toBeInstanceOf(RejectedError);
    }
  });
});
