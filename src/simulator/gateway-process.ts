import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Faults } from './faults.js';
import type { FAULT_CALLS, GatewayReport, PUPPET_CALLS, WORLD_CALLS } from './gateway-protocol.js';
import type { SimulatorPuppet } from './simulator-puppet.js';
import type { SimulatedWechat, WorldEvent } from './world.js';

// Always the built file: a child process of a test runs without the test's loader.
const GATEWAY_FILE = fileURLToPath(new URL('../../dist/simulator/gateway-main.js', import.meta.url));

type Remote<T, K extends keyof T> = {
  [M in K]: T[M] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

/** A gateway in a child process, seen from its parent. Its methods are those of the world, called over IPC. */
export interface GatewayProcess {
  endpoint: string;
  port: number;
  token: string;
  botId: string;
  pid: number;
  wechat: Remote<SimulatedWechat, (typeof WORLD_CALLS)[number]>;
  faults: Remote<Faults, (typeof FAULT_CALLS)[number]>;
  puppet: Remote<SimulatorPuppet, (typeof PUPPET_CALLS)[number]>;
  subscribe(listener: (event: WorldEvent) => void): () => void;
  /** Stops the process as a hanging machine does; `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** At once, without a word to its clients. */
  kill(): Promise<void>;
}

export interface GatewayProcessOptions {
  port?: number;
  token?: string;
  seed?: number;
  heartbeatMs?: number;
  /** PEM files. */
  tls?: { certFile: string; keyFile: string };
  /** Where the world is kept, so that the next gateway goes on with it. */
  snapshotFile?: string;
  /** Without the sample community. */
  empty?: boolean;
}

/** Starts a gateway process and resolves when it serves. */
export async function startGatewayProcess(options: GatewayProcessOptions = {}): Promise<GatewayProcess> {
  const child = spawn(process.execPath, ['--no-deprecation', GATEWAY_FILE, ...argumentsOf(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, WECHATY_LOG: 'silent' },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const listeners = new Set<(event: WorldEvent) => void>();
  const calls = new PendingCalls(child);
  const ready = await new Promise<Extract<GatewayReport, { kind: 'ready' }>>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gateway process ended with ${code} before it was ready`)));
    child.on('message', (message) => {
      const report = message as GatewayReport;
      if (report.kind === 'ready') resolve(report);
      else if (report.kind === 'event') for (const listener of [...listeners]) listener(report.event);
      else calls.settle(report);
    });
  });
  void exited.then(() => calls.fail());
  return {
    endpoint: `127.0.0.1:${ready.port}`,
    port: ready.port,
    token: ready.token,
    botId: ready.botId,
    pid: child.pid ?? 0,
    wechat: calls.remote('world'),
    faults: calls.remote('faults'),
    puppet: calls.remote('puppet'),
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Calls on their way to the child, by number. */
class PendingCalls {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #last = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** An object whose every method is a call; which ones there are is known by its type. */
  remote<T extends object>(of: string): T {
    return new Proxy({} as T, {
      get: (_, call) => {
        // `then`: so that awaiting the object itself is no call.
        if (typeof call !== 'string' || call === 'then') return undefined;
        return (...args: unknown[]) => this.#call(of, call, args);
      },
    });
  }

  settle(report: Extract<GatewayReport, { kind: 'result' | 'refused' }>): void {
    const call = this.#pending.get(report.id);
    this.#pending.delete(report.id);
    if (report.kind === 'result') call?.resolve(report.result);
    else call?.reject(new Error(report.message));
  }

  fail(): void {
    for (const { reject } of this.#pending.values()) reject(new Error('the gateway process is gone'));
    this.#pending.clear();
  }

  #call(of: string, call: string, args: unknown[]): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      if (!this.#child.connected) this.fail();
      else this.#child.send({ id, of, call, args });
    });
  }
}

function argumentsOf(options: GatewayProcessOptions): string[] {
  const values = {
    port: options.port,
    token: options.token,
    seed: options.seed,
    'heartbeat-ms': options.heartbeatMs,
    'tls-cert': options.tls?.certFile,
    'tls-key': options.tls?.keyFile,
    snapshot: options.snapshotFile,
  };
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  return options.empty ? [...given, '--empty'] : given;
}
