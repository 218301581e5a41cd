/**
 * What bites when Wechaty is used as it comes, each beside our remedy. The
 * stock half shows that the test would notice if the remedy were gone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileBox } from 'file-box';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../src/platform/puppet/door.js';
import { connect, stock, stopClients, stopStockClients } from './clients.js';
import { bundleGateway, freePort, killGateways, removeBundle, startGateway, until, wait } from './gateway-control.js';

const numbers = Array.from({ length: 10 }, (_, i) => String(i));

beforeAll(async () => {
  await bundleGateway();
  return removeBundle;
});

afterEach(async () => {
  await stopClients();
  await stopStockClients();
  killGateways();
});

describe('a start that failed', () => {
  it('looks like a success to the stock client, and is told as down by the door', async () => {
    const nowhere = { endpoint: `127.0.0.1:${await freePort()}` };
    const ours = connect(nowhere);
    await until('down', () => ours.door.state.kind === 'down', 3000);
    expect(ours.door.state).toMatchObject({ kind: 'down', reason: 'the server is not reachable' });

    const theirs = stock(nowhere);
    await expect(theirs.bot.start()).resolves.toBeUndefined();
    expect(theirs.puppet.state.active()).toBe(false);
  });
});

describe('a server that does not answer', () => {
  it('holds a stock call for ever; ours ends at its deadline, and the connection is tested', async () => {
    const gateway = await startGateway();
    const { roomId } = await gateway.people(1);
    const ours = connect(gateway, { deadlines: { sendMs: 700 } });
    await ours.online();
    await gateway.call('faults', 'set', { hangSend: 1 });
    const started = performance.now();
    const sending = ours.door.sendText({ kind: 'room', externalRoomId: roomId }, '你好', []);
    await expect(sending).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect(performance.now() - started).toBeLessThan(1500);
    await ours.door.stop();

    const theirs = stock(gateway);
    await theirs.bot.start();
    await until('login', () => theirs.logins === 1);
    const outcome = await Promise.race([
      theirs.puppet.messageSendText(roomId, '你好').then(
        () => 'sent',
        () => 'failed',
      ),
      wait(2000).then(() => 'pending'),
    ]);
    expect(outcome).toBe('pending');
  });
});

describe('the only slot of a gateway', () => {
  it('stays taken after a stock close; ours is free at once', async () => {
    const gateway = await startGateway();
    const first = stock(gateway);
    await first.bot.start();
    await until('login', () => first.logins === 1);
    first.puppet.grpcManager.eventStream?.destroy(); // What the stock client does to close.
    const second = connect(gateway);
    await until('refused', () => second.door.state.kind === 'down');
    expect(second.door.state).toMatchObject({ reason: 'another program is connected with this token' });

    first.puppet.grpcManager.eventStream?.cancel();
    await second.online(5000);
    await second.door.stop();
    const third = connect(gateway);
    expect(await third.online(2000)).toBeLessThan(1500);
  });
});

describe('a second client', () => {
  it('is told so, and takes nothing from the first when it goes', async () => {
    const gateway = await startGateway();
    const { ids, botId } = await gateway.people(1);
    const [person = ''] = ids;
    const first = connect(gateway);
    await first.online();
    const second = connect(gateway, { timings: { backoffMinMs: 100, backoffMaxMs: 200 } });
    await until('refused', () => second.door.state.kind === 'down');
    expect(second.door.state).toMatchObject({ reason: 'another program is connected with this token' });
    await wait(500);
    await second.door.stop();
    await gateway.say(person, botId, '还在吗');
    await until('the message', () => first.texts().includes('还在吗'));
    expect(first.states.map((state) => state.kind)).toEqual(['starting', 'online']);
    expect(await gateway.call('gateway', 'asked')).toMatchObject({ stop: 0, logout: 0 });
  });

  it('of stock make is silent, and its stop ends the first', async () => {
    const gateway = await startGateway();
    const { ids, botId } = await gateway.people(1);
    const first = stock(gateway);
    await first.bot.start();
    await until('login', () => first.logins === 1);
    const second = stock(gateway);
    await second.bot.start();
    expect([second.puppet.state.active(), second.logins]).toEqual([true, 0]);
    await second.bot.stop();
    await gateway.say(ids[0] ?? '', botId, '还在吗');
    await wait(500);
    expect(first.texts).toEqual([]);
    expect(await gateway.call('gateway', 'asked')).toMatchObject({ stop: 1 });
  });
});

describe('names on disk', () => {
  it('are left by the stock client, and none by ours', async () => {
    const gateway = await startGateway();
    const { ids, botId } = await gateway.people(2);
    const ourHome = mkdtempSync(join(tmpdir(), 'xinglin-home-'));
    process.env.HOME = ourHome;
    const files = (home: string) =>
      readdirSync(home, { recursive: true }).filter((name) => String(name).endsWith('.log'));
    const ours = connect(gateway);
    await ours.online();
    await gateway.say(ids[0] ?? '', botId, '你好');
    await until('the message', () => ours.texts().length === 1);
    expect(await ours.door.displayName(ids[0] ?? '')).toBe('患者0');

    // A name that changed without notice is new after a reconnect.
    await gateway.call('world', 'rename', ids[0], '新名字', { told: false });
    await gateway.call('gateway', 'forgetPayloads');
    await ours.door.stop();
    ours.door.start();
    await ours.online();
    expect(await ours.door.displayName(ids[0] ?? '')).toBe('新名字');
    expect(files(ourHome)).toEqual([]);
    rmSync(ourHome, { recursive: true });
    await ours.door.stop();

    const theirs = stock(gateway);
    await theirs.bot.start();
    await until('login', () => theirs.logins === 1);
    expect(files(theirs.home).length).toBeGreaterThan(0);
  });
});

describe('the first messages of a large room', () => {
  it('come out of order from stock, and in order with one call each from ours', async () => {
    const gateway = await startGateway();
    const { ids, roomId } = await gateway.people(300);
    const burst = async () => {
      for (const text of numbers) {
        await gateway.say(ids[Number(text) * 7] ?? '', roomId, text);
        await wait(4);
      }
    };
    const ours = connect(gateway);
    await ours.online();
    const before = await gateway.call<{ payloads: number }>('gateway', 'asked');
    await burst();
    await until('all', () => ours.texts().length === 10);
    expect(ours.texts()).toEqual(numbers);
    expect(ours.incoming.map((value) => value.seq)).toEqual(numbers.map((n) => Number(n) + 1));
    const after = await gateway.call<{ payloads: number }>('gateway', 'asked');
    expect(after.payloads - before.payloads).toBe(10);
    await ours.door.stop();

    const theirs = stock(gateway);
    await theirs.bot.start();
    await until('login', () => theirs.logins === 1);
    await burst();
    await until('all', () => theirs.texts.length === 10);
    expect(theirs.texts).not.toEqual(numbers);
  });
});

describe('a logout at the gateway', () => {
  it('is answered by stock with a logout of the account; ours logs in again', async () => {
    const gateway = await startGateway();
    const ours = connect(gateway);
    await ours.online();
    for (let times = 1; times <= 5; times += 1) {
      await gateway.call('gateway', 'bounce');
      await until('in again', () => ours.gaps.length === times);
    }
    await wait(300);
    expect(ours.door.state.kind).toBe('online');
    expect(ours.states.filter((state) => state.kind === 'starting')).toHaveLength(1);
    expect(await gateway.call('gateway', 'asked')).toMatchObject({ logout: 0 });
    expect(await gateway.call('gateway', 'isLoggedIn')).toBe(true);
    await ours.door.stop();

    const theirs = stock(gateway);
    await theirs.bot.start();
    await until('login', () => theirs.logins === 1);
    // Not in again at once: two openings of its database would end the process.
    await gateway.call('puppet', 'logout', 'phone');
    await until('the request', async () => (await gateway.call<{ logout: number }>('gateway', 'asked')).logout > 0);
  });
});

describe('what ends a process with stock Wechaty', () => {
  it.each([
    ['a listener that rejects, whether or not errors are listened to', 'rejecting-listener'],
    ['two openings of the names on disk', 'locked-store'],
  ])('%s', async (_, way) => {
    const child = fork(join(import.meta.dirname, 'stock-death.mjs'), [way], { silent: true, execArgv: [] });
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(1);
  });

  it('does not end ours', async () => {
    const gateway = await startGateway();
    const { ids, botId } = await gateway.people(1);
    const ours = connect(gateway);
    ours.door.onIncoming(async () => {
      throw new Error('a listener that rejects');
    });
    ours.door.onState(() => {
      throw new Error('a listener that throws');
    });
    await ours.online();
    await gateway.say(ids[0] ?? '', botId, '一');
    await gateway.call('gateway', 'garbage');
    await gateway.say(ids[0] ?? '', botId, '二');
    await until('both', () => ours.texts().length === 2);
    expect(ours.texts()).toEqual(['一', '二']);
    expect(ours.logged.filter(({ message }) => message === 'a listener of the door failed').length).toBeGreaterThan(3);
  });
});

describe('a file whose sending fails after delivery', () => {
  it('is sent twice by stock, and once by ours', async () => {
    const gateway = await startGateway();
    const { roomId } = await gateway.people(1);
    const bytes = new Uint8Array(30_000).fill(7);
    const copies = () => gateway.call<string[]>('gateway', 'texts', roomId).then((texts) => texts.length);
    const ours = connect(gateway);
    await ours.online();
    await gateway.call('faults', 'set', { failAfterSend: 1 });
    const sending = ours.door.sendFile({ kind: 'room', externalRoomId: roomId }, { name: '报告.pdf', bytes });
    await expect(sending).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect(await copies()).toBe(1);
    await gateway.call('faults', 'clear');
    const small = await ours.door.sendFile(
      { kind: 'room', externalRoomId: roomId },
      { name: '图.png', bytes: bytes.slice(0, 900) },
    );
    expect(small.platformId).toBeTruthy();
    expect(await copies()).toBe(2);
    await ours.door.stop();

    const theirs = stock(gateway);
    await theirs.bot.start();
    await until('login', () => theirs.logins === 1);
    await gateway.call('faults', 'set', { failAfterSend: 1 });
    const box = FileBox.fromBuffer(Buffer.from(bytes), '报告.pdf');
    await theirs.puppet.messageSendFile(roomId, box).catch(() => {});
    expect(await copies()).toBe(4);
  });
});
