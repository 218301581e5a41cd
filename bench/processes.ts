import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Driven, Load } from './drive.js';
import type { Account, Answer, Order, Role, Usage } from './worker-protocol.js';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process of the measurement, seen from its parent. */
export interface Worker {
  account: Account | undefined;
  drive(load: Load): Promise<Driven>;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

export async function startWorker(role: Role, { nodeArguments = [] as string[] } = {}): Promise<Worker> {
  // Stock Wechaty keeps files about contacts in the home folder.
  const home = mkdtempSync(join(tmpdir(), 'xinglin-bench-home-'));
  const child = fork(WORKER, [JSON.stringify(role)], {
    execArgv: ['--no-deprecation', '--enable-source-maps', ...nodeArguments],
    env: { ...process.env, HOME: home, WECHATY_LOG: 'silent' },
    serialization: 'advanced',
  });
  running.add(child);
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      running.delete(child);
      rmSync(home, { recursive: true, force: true });
      resolve();
    }),
  );
  const died = exited.then(() => {
    throw new Error(`a process of the measurement ended with ${child.exitCode ?? child.signalCode}`);
  });
  died.catch(() => {});
  const answer = <K extends Answer['kind']>(kind: K): Promise<Extract<Answer, { kind: K }>> =>
    Promise.race([
      died,
      new Promise<Extract<Answer, { kind: K }>>((resolve) => {
        child.once('message', (message) => resolve(message as Extract<Answer, { kind: K }>));
      }),
    ]).then((given) => {
      if (given.kind !== kind) throw new Error(`${given.kind} came where ${kind} was asked for`);
      return given;
    });
  const order = (what: Order) => void child.send(what);

  const { account } = await answer('ready');
  return {
    account,
    async drive(load) {
      order({ kind: 'drive', load });
      return (await answer('driven')).driven;
    },
    async usage() {
      order({ kind: 'usage' });
      return (await answer('usage')).usage;
    },
    async stop() {
      order({ kind: 'stop' });
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(late);
    },
  };
}
