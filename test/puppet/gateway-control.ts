import { type ChildProcess, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../..');
// Below node_modules, so that the bundle finds the packages and git does not see it.
const folder = resolve(root, `node_modules/.cache/xinglin-puppet-${process.pid}`);

let bundled: Promise<string> | undefined;

/** The gateway as plain JavaScript: a child process cannot read TypeScript on every Node that we support. */
export function bundleGateway(): Promise<string> {
  bundled ??= build({
    configFile: false,
    root,
    logLevel: 'silent',
    build: {
      ssr: resolve(import.meta.dirname, 'gateway.ts'),
      outDir: folder,
      emptyOutDir: true,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'gateway.mjs' } },
    },
  }).then(() => resolve(folder, 'gateway.mjs'));
  return bundled;
}

export function removeBundle(): void {
  rmSync(folder, { recursive: true, force: true });
}

export const TOKEN = 'xinglin_6f1dbb3a-58ea-4c4b-9f6c-2f1a5f0a7c11';

export interface GatewayOptions {
  port?: number;
  seed?: number;
  token?: string;
  tls?: { serverCert: string; serverKey: string };
  heartbeatMs?: number;
}

const running = new Set<Gateway>();

/** Ends what a test left behind. */
export function killGateways(): void {
  for (const gateway of running) gateway.kill();
}

export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const { seed = 1, token = TOKEN, heartbeatMs = 500, tls } = options;
  const port = options.port ?? (await freePort());
  const settings = { port, token, seed, heartbeatMs, ...(tls && { tls }) };
  const child = fork(await bundleGateway(), [JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, WECHATY_LOG: 'silent' },
    execArgv: [],
  });
  await new Promise<void>((ready, failed) => {
    child.once('message', () => ready());
    child.once('exit', (code) => failed(new Error(`the gateway ended with ${code}`)));
  });
  return new Gateway(child, port, options);
}

export class Gateway {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #options: GatewayOptions;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #calls = 0;

  constructor(child: ChildProcess, port: number, options: GatewayOptions) {
    this.#child = child;
    this.port = port;
    this.#options = options;
    running.add(this);
    child.on('message', (answer: { id: number; value?: unknown; error?: string }) => {
      const call = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error !== undefined) call?.reject(new Error(answer.error));
      else call?.resolve(answer.value);
    });
  }

  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Calls a method of the world, the faults, the puppet or the gateway itself. */
  call<T>(target: 'world' | 'faults' | 'puppet' | 'gateway', method: string, ...args: unknown[]): Promise<T> {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as T), reject });
      this.#child.send({ id, target, method, args });
    });
  }

  /** Some people, and one room with them and the bot. */
  async people(count: number): Promise<{ botId: string; ids: string[]; roomId: string }> {
    const botId = await this.call<string>('gateway', 'botId');
    const people = await Promise.all(
      Array.from({ length: count }, (_, i) => this.call<{ id: string }>('world', 'addPerson', { name: `患者${i}` })),
    );
    const ids = people.map((person) => person.id);
    const room = await this.call<{ id: string }>('world', 'createRoom', {
      topic: '糖友群',
      memberIds: [botId, ...ids],
    });
    return { botId, ids, roomId: room.id };
  }

  say(fromId: string, to: string, speech: string | { text: string; mentionIds?: string[]; mentionAll?: boolean }) {
    return this.call<{ id: string }>('world', 'say', fromId, to, speech);
  }

  kill(): void {
    running.delete(this);
    this.#child.kill('SIGKILL');
  }

  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** A new process on the same address, with ids of its own. */
  async restart(): Promise<Gateway> {
    this.kill();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return startGateway({ ...this.#options, port: this.port, seed: (this.#options.seed ?? 1) + 1 });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<number> {
  const started = performance.now();
  while (!(await holds())) {
    if (performance.now() - started > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(20);
  }
  return performance.now() - started;
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
