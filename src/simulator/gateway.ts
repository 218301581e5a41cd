import { createServer } from 'node:net';
import { PuppetServer } from 'wechaty-puppet-service';
import { type RandomBytes, secureRandom } from '../platform/ids.js';
import type { SimulatorPuppet } from './simulator-puppet.js';

export interface GatewayOptions {
  puppet: SimulatorPuppet;
  /** A free one by default. */
  port?: number;
  /** A random one by default, with a prefix that a certificate for `xinglin` matches. */
  token?: string;
  /** In clear text by default: the gateway listens on this machine only. */
  tls?: { cert: string; key: string };
  random?: RandomBytes;
}

/** The simulated WeChat behind wechaty-puppet-service, as a provider of tokens would serve it. */
export interface Gateway {
  endpoint: string;
  port: number;
  token: string;
  stop(): Promise<void>;
}

/**
 * Serves the puppet over gRPC on 127.0.0.1.
 *
 * The account stays online while no client is connected; what comes then is
 * lost to the client, as with real gateways.
 */
export async function startGateway({ puppet, tls, random = secureRandom, ...given }: GatewayOptions): Promise<Gateway> {
  const port = given.port ?? (await findFreePort());
  const token = given.token ?? `xinglin_${uuid(random)}`;
  const endpoint = `127.0.0.1:${port}`;
  const server = new PuppetServer({
    endpoint,
    puppet,
    token,
    tls: tls ? { serverCert: tls.cert, serverKey: tls.key } : { disable: true },
  });
  await server.start();
  await puppet.start();
  return {
    endpoint,
    port,
    token,
    async stop() {
      await server.stop();
      await puppet.stop();
    },
  };
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}

/** Puppet tokens hold a version 4 UUID. */
function uuid(random: RandomBytes): string {
  const hex = Buffer.from(random(16)).toString('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
