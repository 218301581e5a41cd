import { type Wechaty, WechatyBuilder } from 'wechaty';
import { type Puppet, types } from 'wechaty-puppet';
import { type Clock, SystemClock, sleep, type Timer } from '../clock.js';
import { RAW_EVENTS } from './ingest.js';
import { describeError, safely } from './safely.js';
import { errorText, grpcCode } from './send-errors.js';
import { ServicePuppet, type StreamEnd } from './service-puppet.js';
import type { DoorTimings } from './timings.js';
import type { DoorLog } from './wechaty-log.js';

/** Why a connection is over, in words for the log and the status page; holds no secret. */
export interface Ended {
  reason: string;
  wrongToken: boolean;
}

export interface ConnectionListeners {
  onLogin(selfId: string): void;
  onLogout(): void;
  onScan(qrcode: string): void;
  /** A sign of life after a doubt. */
  onAlive(): void;
  /** Called before the bot starts, when Wechaty's own handlers are off. */
  onWired(): void;
}

export interface ConnectionOptions {
  puppet: Puppet;
  clock: Clock;
  log: DoorLog;
  timings: DoorTimings;
  listeners: ConnectionListeners;
}

const STOP_MS = 2000;

type PuppetEvent = Parameters<Puppet['listeners']>[0];

/**
 * One bot with one puppet, from its start to its end. It is never started
 * again: Wechaty's own reconnect gives up for good after a longer outage and
 * leaks listeners, so every attempt gets a new one.
 */
export class Connection {
  readonly puppet: Puppet;
  readonly #bot: Wechaty;
  readonly #clock: Clock;
  readonly #log: DoorLog;
  readonly #timings: DoorTimings;
  readonly #listeners: ConnectionListeners;
  readonly #over: Promise<Ended>;
  #stopping: Promise<void> | undefined;
  #tellOver: (ended: Ended) => void = () => {};
  #ended = false;
  #started = false;
  #loggedInAs: string | undefined;
  #announced = false;
  #scanning = false;
  #signs = 0;
  #lastSignAt: number;
  #lastErrorCode: number | undefined;
  #loginTimer: Timer | undefined;
  #silenceTimer: Timer | undefined;
  #probeTimer: Timer | undefined;

  constructor({ puppet, clock, log, timings, listeners }: ConnectionOptions) {
    this.puppet = puppet;
    this.#bot = WechatyBuilder.build({ puppet });
    this.#clock = clock;
    this.#log = log;
    this.#timings = timings;
    this.#listeners = listeners;
    this.#lastSignAt = clock.now();
    this.#over = new Promise((resolve) => {
      this.#tellOver = resolve;
    });
  }

  /** When something last came from the platform. */
  get lastSignAt(): number {
    return this.#lastSignAt;
  }

  /** Connects and stays; resolves when it is over, and never rejects. */
  async run(): Promise<Ended> {
    try {
      await this.#wire();
      if (!this.#ended) await this.#start();
    } catch (error) {
      this.#finish(this.#whyNotStarted(error));
    }
    return this.#over;
  }

  /** No new events; what was announced can still be fetched. */
  async hush(): Promise<void> {
    this.#finish({ reason: 'stopped', wrongToken: false });
    if (this.puppet instanceof ServicePuppet) this.puppet.closeStream();
    else await this.#stopBot();
  }

  /** Lets go. The account stays logged in at a gateway; a puppet in this process is stopped. */
  async end(): Promise<void> {
    await this.hush();
    if (!(this.puppet instanceof ServicePuppet)) return;
    this.puppet.detach();
    // That Wechaty tidies up, which can take it seconds, keeps nobody waiting.
    void this.#stopBot();
  }

  async #stopBot(): Promise<void> {
    if (this.#stopping) return this.#stopping;
    const stopped = this.#bot.stop().catch((error: unknown) => {
      this.#log.warn({ feature: 'door', ...describeError(error) }, 'the bot did not stop cleanly');
    });
    this.#stopping = Promise.race([stopped, sleep(new SystemClock(), STOP_MS)]);
    return this.#stopping;
  }

  noteSign(): void {
    this.#signs += 1;
    this.#lastSignAt = this.#clock.now();
  }

  /** Something looks wrong: asks for a sign of life, and ends the connection if none comes. */
  probe(): void {
    if (this.#ended || this.#probeTimer || !this.#started) return;
    const before = this.#signs;
    this.#probeTimer = this.#clock.after(this.#timings.dongMs, () => {
      this.#probeTimer = undefined;
      if (this.#signs === before) this.#finish({ reason: 'the platform is silent', wrongToken: false });
      else this.#safely(() => this.#listeners.onAlive());
    });
    try {
      this.puppet.ding('xinglin');
    } catch {
      this.#finish({ reason: 'the connection is gone', wrongToken: false });
    }
  }

  async #wire(): Promise<void> {
    this.#bot.on('error', (error: unknown) => this.#onError(error));
    const before = new Map(RAW_EVENTS.map((event) => [event, this.puppet.listeners(event as PuppetEvent)]));
    await this.#bot.init();
    // Wechaty's handlers only; the puppet adds its own when it starts.
    for (const event of RAW_EVENTS) {
      for (const listener of this.puppet.listeners(event as PuppetEvent)) {
        if (!before.get(event)?.includes(listener)) this.puppet.removeListener(event, listener as () => void);
      }
    }
    this.#listen();
    this.#safely(() => this.#listeners.onWired());
  }

  #listen(): void {
    const { puppet } = this;
    const on = <P>(listener: (payload: P) => void) =>
      safely(this.#log, 'door', (payload: P) => {
        if (this.#ended) return;
        this.noteSign();
        listener(payload);
      });
    puppet.on('error', () => {}); // Told by the bot's `error`; here only so that it never throws.
    puppet.on(
      'heartbeat',
      on(() => {}),
    );
    puppet.on(
      'dong',
      on(() => {}),
    );
    puppet.on(
      'ready',
      on(() => {}),
    );
    puppet.on(
      'login',
      on(({ contactId }: { contactId: string }) => this.#onLogin(contactId)),
    );
    puppet.on(
      'logout',
      on(() => this.#onLogout()),
    );
    puppet.on(
      'scan',
      on((scan: { status: number; qrcode?: string }) => this.#onScan(scan)),
    );
    if (puppet instanceof ServicePuppet) {
      puppet.onStreamEnd(safely(this.#log, 'door', (end) => this.#finish(whyStreamEnded(end))));
    }
  }

  async #start(): Promise<void> {
    const late = sleep(this.#clock, this.#timings.startMs).then(() => 'late' as const);
    const started = this.#bot.start().then(() => 'started' as const);
    started.catch(() => {});
    const first = await Promise.race([started, late, this.#over.then(() => 'over' as const)]);
    disarmWatchdog(this.puppet);
    if (this.#ended) return;
    // start() resolves also when it failed.
    if (first !== 'started' || this.puppet.state.active() !== true) {
      this.#finish(this.#whyNotStarted(undefined));
      return;
    }
    this.#started = true;
    this.#watchSilence(this.#timings.silenceMs);
    if (this.#loggedInAs) this.#announceLogin();
    else this.#waitForLogin();
  }

  #onLogin(contactId: string): void {
    this.#loggedInAs = contactId;
    this.#scanning = false;
    if (this.#started) this.#announceLogin();
  }

  /** A login comes again with every reconnect of the gateway; it is told once. */
  #announceLogin(): void {
    this.#loginTimer?.cancel();
    this.#loginTimer = undefined;
    if (this.#announced || !this.#loggedInAs) return;
    this.#announced = true;
    this.#listeners.onLogin(this.#loggedInAs);
  }

  #onLogout(): void {
    this.#loggedInAs = undefined;
    this.#scanning = false;
    this.#announced = false;
    if (!this.#started) return;
    this.#listeners.onLogout();
    this.#waitForLogin();
  }

  #onScan({ status, qrcode }: { status: number; qrcode?: string }): void {
    // A person with a phone takes as long as it takes.
    this.#scanning = true;
    this.#loginTimer?.cancel();
    this.#loginTimer = undefined;
    const { Waiting, Timeout } = types.ScanStatus;
    if (qrcode && (status === Waiting || status === Timeout)) this.#listeners.onScan(qrcode);
  }

  #waitForLogin(): void {
    this.#loginTimer?.cancel();
    this.#loginTimer = this.#clock.after(this.#timings.loginMs, () => {
      if (!this.#loggedInAs && !this.#scanning) this.#finish({ reason: 'no login', wrongToken: false });
    });
  }

  #watchSilence(afterMs: number): void {
    this.#silenceTimer = this.#clock.after(afterMs, () => {
      if (this.#ended) return;
      const quietMs = this.#clock.now() - this.#lastSignAt;
      if (quietMs >= this.#timings.silenceMs) this.probe();
      const leftMs = this.#timings.silenceMs - quietMs;
      this.#watchSilence(leftMs > 0 ? leftMs : this.#timings.silenceMs);
    });
  }

  #onError(error: unknown): void {
    const code = grpcCode(error);
    this.#lastErrorCode = code ?? this.#lastErrorCode;
    if (this.#ended) return;
    this.#log.warn({ feature: 'door', ...describeError(error) }, 'the platform reports an error');
    if (code === 16) this.#finish(whyStreamEnded({ by: 'error', code }));
    else if (code === 14 || code === 4 || code === 1) this.probe();
  }

  #whyNotStarted(error: unknown): Ended {
    const code = grpcCode(error) ?? this.#lastErrorCode;
    if (code !== undefined) return whyStreamEnded({ by: 'error', code, details: error ? errorText(error) : '' });
    return { reason: 'the bot did not start', wrongToken: false };
  }

  #finish(ended: Ended): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of [this.#loginTimer, this.#silenceTimer, this.#probeTimer]) timer?.cancel();
    this.#tellOver(ended);
  }

  #safely(listener: () => void): void {
    safely(this.#log, 'door', listener)();
  }
}

const REASONS: Record<number, string> = {
  1: 'the connection was cancelled',
  4: 'the server does not answer',
  6: 'another program is connected with this token',
  16: 'wrong token',
};

function whyStreamEnded({ code, details = '' }: StreamEnd): Ended {
  if (code === 14) {
    const tls = /certificate|SSL|TLS|wrong version number|altname/i.test(details);
    return { reason: tls ? 'TLS does not fit the server' : 'the server is not reachable', wrongToken: false };
  }
  return { reason: (code && REASONS[code]) || 'the connection was lost', wrongToken: code === 16 };
}

interface Watched {
  __watchdog?: { watchdog?: { removeAllListeners(event: string): void } };
}

/** Wechaty's watchdog would reset the puppet by the computer's time; the silence of the platform is watched here. */
function disarmWatchdog(puppet: Puppet): void {
  (puppet as unknown as Watched).__watchdog?.watchdog?.removeAllListeners('reset');
}
