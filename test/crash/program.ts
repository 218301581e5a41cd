import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';

export interface ProgramSettings {
  dataDir: string;
  /** How far the program's clock is ahead of the computer's. */
  offsetMs: number;
  endpoint: string;
  token: string;
}

type Report = { kind: 'loaded' | 'settled' | 'jumped' } | { kind: 'channel'; state: string };

const running = new Set<ChildProcess>();

/** Ends what a test left behind. */
export function killPrograms(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** The program in a process of its own, over the built files; loaded, and started when it is told so. */
export class Program {
  readonly #child: ChildProcess;
  readonly #loaded: Promise<void>;
  readonly online: Promise<void>;
  /** The exit code, or undefined when it was killed. */
  readonly ended: Promise<number | undefined>;
  hasEnded = false;

  constructor() {
    this.#child = fork(resolve(import.meta.dirname, 'child.mjs'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--no-deprecation'],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, WECHATY_LOG: 'silent' },
    });
    running.add(this.#child);
    this.ended = new Promise((done) => {
      this.#child.once('exit', (code) => {
        this.hasEnded = true;
        running.delete(this.#child);
        done(code ?? undefined);
      });
    });
    this.#loaded = this.#hear((report) => report.kind === 'loaded');
    this.online = this.#hear((report) => report.kind === 'channel' && report.state === 'online');
    for (const promise of [this.#loaded, this.online]) promise.catch(() => {});
  }

  async start({ dataDir, offsetMs, endpoint, token }: ProgramSettings): Promise<void> {
    await this.#loaded;
    const settings = { XINGLIN_DATA_DIR: dataDir, XINGLIN_LOG_LEVEL: 'error', XINGLIN_ACK_WINDOW_SECONDS: '1' };
    this.#order({ order: 'start', settings, offsetMs, service: { token, endpoint, tls: { disable: true } } });
  }

  /** Resolves when the program has handled this message, and everything before it. */
  async settle(platformId: string): Promise<void> {
    const settled = this.#hear((report) => report.kind === 'settled');
    this.#order({ order: 'settle', platformId });
    await settled;
  }

  /** Moves its time on, and resolves when what came due is done. */
  async jump(ms: number): Promise<void> {
    const jumped = this.#hear((report) => report.kind === 'jumped');
    this.#order({ order: 'jump', ms });
    await jumped;
  }

  /** `kill -9`: between two instructions, wherever it is. */
  kill(): void {
    if (!this.hasEnded) this.#child.kill('SIGKILL');
  }

  async stop(): Promise<number | undefined> {
    this.#order({ order: 'stop' });
    return this.ended;
  }

  #order(order: object): void {
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  #hear(isMeant: (report: Report) => boolean): Promise<void> {
    return new Promise((heard, failed) => {
      const listen = (report: Report) => {
        if (!isMeant(report)) return;
        this.#child.off('message', listen);
        heard();
      };
      this.#child.on('message', listen);
      void this.ended.then((code) => failed(new Error(`the program ended with ${code ?? 'a kill'}`)));
    });
  }
}
