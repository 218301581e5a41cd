import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { log, type Puppet } from 'wechaty-puppet';
import { createServicePuppet } from '../../src/platform/puppet/index.js';
import { startGateway } from '../../src/simulator/gateway.js';
import {
  type GatewayProcess,
  type GatewayProcessOptions,
  startGatewayProcess,
} from '../../src/simulator/gateway-process.js';
import { SimulatorPuppet } from '../../src/simulator/simulator-puppet.js';
import { selfSigned } from '../puppet/certificate.js';
import { createSmallWorld, PNG } from './kit.js';

log.level('silent');

const WAIT = { timeout: 20_000, interval: 20 };

let folder: string;
const processes: GatewayProcess[] = [];
const clients: Puppet[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xinglin-gateway-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.stop();
  for (const gateway of processes.splice(0)) await gateway.kill();
});

afterAll(() => rm(folder, { recursive: true }));

async function spawnGateway(options: GatewayProcessOptions = {}): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess({ heartbeatMs: 500, ...options });
  processes.push(gateway);
  return gateway;
}

async function connect({ endpoint, token, caCert }: { endpoint: string; token: string; caCert?: string }) {
  const client = createServicePuppet({ endpoint, token, tls: caCert ? { caCert, disable: false } : { disable: true } });
  clients.push(client);
  client.on('error', () => {});
  const received: string[] = [];
  client.on('message', ({ messageId }) => {
    received.push(messageId);
  });
  await client.start();
  await expect.poll(() => client.isLoggedIn, WAIT).toBe(true);
  return { client, received };
}

describe('served over gRPC in this process', () => {
  it('in clear text with a random token, and over TLS by its own authority', async () => {
    const { cert, key } = selfSigned('xinglin');
    const tokens: string[] = [];
    for (const tls of [undefined, { cert, key }]) {
      const small = createSmallWorld();
      const puppet = new SimulatorPuppet({ ...small, heartbeatMs: 500 });
      const gateway = await startGateway({ puppet, ...(tls && { tls }) });
      const { client, received } = await connect({ ...gateway, ...(tls && { caCert: cert }) });
      const said = small.world.say(small.zhang.id, small.room.id, { text: '在吗', mentionIds: [small.world.botId] });
      await expect.poll(() => received, WAIT).toEqual([said.id]);
      expect(await client.messagePayload(said.id)).toMatchObject({
        roomId: small.room.id,
        talkerId: small.zhang.id,
        text: '@小杏\u2005在吗',
        mentionIdList: [small.world.botId],
      });
      const id = await client.messageSendText(small.room.id, '在呢');
      expect(small.world.history(small.room.id, 1)[0]).toMatchObject({ id, content: { text: '在呢' } });
      tokens.push(gateway.token);
      await client.stop();
      await gateway.stop();
    }
    expect(new Set(tokens).size).toBe(2);
    expect(tokens[0]).toMatch(/^xinglin_[0-9a-f-]{36}$/);
  });

  it('hands on small files with their name and type', async () => {
    const small = createSmallWorld();
    const gateway = await startGateway({ puppet: new SimulatorPuppet({ ...small, heartbeatMs: 500 }) });
    const { client } = await connect(gateway);
    const picture = small.world.sendPicture(small.zhang.id, small.room.id, PNG);
    const file = await client.messageFile(picture.id);
    expect([file.name, await file.toBase64(), file.metadata]).toEqual([
      PNG.name,
      PNG.base64,
      { mediaType: 'image/png' },
    ]);
    await client.stop();
    await gateway.stop();
  });
});

describe('a gateway process', () => {
  it('is spoken to by its parent, and tells it what happens', async () => {
    const gateway = await spawnGateway();
    const { client, received } = await connect(gateway);
    const room = await gateway.wechat.findRoomByTopic('糖友群');
    const zhang = await gateway.wechat.findByName('张阿姨');
    if (!room || !zhang) throw new Error('there is no sample community');
    const heard: string[] = [];
    gateway.subscribe((event) => heard.push(event.kind));
    const said = await gateway.wechat.say(zhang.id, room.id, '早上好');
    await expect.poll(() => received, WAIT).toEqual([said.id]);
    await gateway.faults.once('failSend');
    await expect(client.messageSendText(room.id, '早')).rejects.toThrow('was not sent');
    await gateway.puppet.redeliver([said.id]);
    await expect.poll(() => received, WAIT).toEqual([said.id, said.id]);
    expect(heard).toEqual(['message']);
    await expect(gateway.wechat.say('nobody', room.id, '早')).rejects.toThrow('there is no contact nobody');
  });

  it('freezes and thaws', async () => {
    const gateway = await spawnGateway();
    const { client } = await connect(gateway);
    const room = await gateway.wechat.findRoomByTopic('糖友群');
    let answered = false;
    gateway.freeze();
    const sent = client.messageSendText(room?.id ?? '', '在吗').then(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(answered).toBe(false);
    gateway.thaw();
    await sent;
    expect(answered).toBe(true);
  });

  it('goes on with its ids and history after a kill', async () => {
    const options = { snapshotFile: join(folder, 'world.json'), seed: 3 };
    const first = await spawnGateway(options);
    const room = await first.wechat.findRoomByTopic('糖友群');
    const zhang = await first.wechat.findByName('张阿姨');
    if (!room || !zhang) throw new Error('there is no sample community');
    const before = await first.wechat.say(zhang.id, room.id, '打卡');
    // The world is written a moment after a change.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await first.kill();
    await expect(first.wechat.listRooms()).rejects.toThrow('the gateway process is gone');

    const second = await spawnGateway({ ...options, port: first.port, token: first.token });
    const after = await second.wechat.say(zhang.id, room.id, '打卡了');
    expect((await second.wechat.history(room.id)).map(({ id }) => id)).toEqual([before.id, after.id]);
    expect(after.sequence).toBe(before.sequence + 1);
    await connect(second);
  });
});
