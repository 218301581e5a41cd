/**
 * A puppet-service gateway as a process of its own: the simulated WeChat behind
 * Wechaty's PuppetServer on loopback. The test that forks it speaks through the
 * world and reads the counters by messages; it may kill or freeze the process.
 */
import { PuppetServer } from 'wechaty-puppet-service';
import { SystemClock } from '../../src/platform/clock.js';
import { Faults } from '../../src/simulator/faults.js';
import { SimulatorPuppet } from '../../src/simulator/simulator-puppet.js';
import { SimulatedWechat } from '../../src/simulator/world.js';

interface Settings {
  port: number;
  token: string;
  seed: number;
  tls?: { serverCert: string; serverKey: string };
  heartbeatMs: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as Settings;
const clock = new SystemClock();
const faults = new Faults({ seed: settings.seed });
const world = new SimulatedWechat({ clock, seed: settings.seed });

/** What clients asked of the gateway. */
const asked = { stop: 0, logout: 0, payloads: 0 };

class GatewayPuppet extends SimulatorPuppet {
  override async onStop(): Promise<void> {
    if (this.isLoggedIn) asked.stop += 1;
    await super.onStop();
  }

  override async logout(reason?: string): Promise<void> {
    // PuppetServer passes a client's request on without a reason.
    if (reason === undefined) asked.logout += 1;
    await super.logout(reason);
  }

  override async messageRawPayload(messageId: string) {
    asked.payloads += 1;
    return super.messageRawPayload(messageId);
  }
}

const puppet = new GatewayPuppet({ world, clock, faults, heartbeatMs: settings.heartbeatMs });
const server = new PuppetServer({
  endpoint: `127.0.0.1:${settings.port}`,
  puppet,
  token: settings.token,
  tls: settings.tls ?? { disable: true },
});

const targets: Record<string, object> = {
  world,
  faults,
  puppet,
  gateway: {
    asked: () => ({ ...asked }),
    isLoggedIn: () => puppet.isLoggedIn,
    /** The gateway has a cache of its own. */
    forgetPayloads: () => puppet.cache.clear(),
    botId: () => world.botId,
    /** The provider's own session drops and is there again at once. */
    bounce: async () => {
      await puppet.logout('phone');
      puppet.login(world.botId);
    },
    /** Events that no client can make sense of. */
    garbage: () => {
      puppet.emit('message', { messageId: '' });
      puppet.emit('message', { messageId: 'there-is-none' });
      puppet.emit('room-join', null as never);
      try {
        puppet.emit('dirty', { payloadType: 99, payloadId: 'x' });
      } catch {
        // Told to the client first; then the gateway's own cache does not know the type either.
      }
    },
    texts: (conversationId: string) =>
      world.history(conversationId, 1000).map(({ content }) => ('text' in content ? content.text : content.kind)),
  },
};

process.on('message', async ({ id, target, method, args }: Record<string, unknown>) => {
  try {
    const object = targets[String(target)] as Record<string, (...args: unknown[]) => unknown>;
    const value = await object[String(method)]?.(...(args as unknown[]));
    process.send?.({ id, value: value === undefined ? null : value });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit(0));

await server.start();
process.send?.({ ready: true });
