import type { Puppet } from 'wechaty-puppet';
import { type Clock, SystemClock, sleep, type Timer } from '../clock.js';
import type { RandomBytes } from '../ids.js';
import { Connection, type Ended } from './connection.js';
import type { ChannelState, Gap } from './door.js';
import type { Incoming } from './incoming.js';
import { type Ingest, startIngest, type UnreadMessage } from './ingest.js';
import type { Names } from './names.js';
import { describeError, safely } from './safely.js';
import type { DoorTimings } from './timings.js';
import type { DoorLog } from './wechaty-log.js';

const UNREAD_MAX = 1000;

export interface GiveUp {
  failures: number;
  withinMs: number;
  reason: string;
}

export interface SupervisorOptions {
  clock: Clock;
  log: DoorLog;
  timings: DoorTimings;
  random: RandomBytes;
  /** A new one for every attempt. */
  createPuppet: () => Puppet;
  names: Names;
  onState: (state: ChannelState) => void;
  onIncoming: (incoming: Incoming) => void;
  onGap: (gap: Gap) => void;
  onGiveUp: (giveUp: GiveUp) => void;
}

/** Keeps the bot connected: a new connection after each that ended, with growing pauses. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  #state: ChannelState = { kind: 'stopped' };
  #running = false;
  #loop: Promise<void> = Promise.resolve();
  #connection: Connection | undefined;
  #ingest: Ingest | undefined;
  #selfId: string | undefined;
  #seq = 0;
  #attempt = 0;
  #shortAttempts = 0;
  #failedAt: number[] = [];
  #onlineSince: number | undefined;
  /** Since when nothing may have arrived. */
  #lostAt: number | undefined;
  #downSince: number | undefined;
  #unread: UnreadMessage[] = [];
  #pause: { timer: Timer; wake: () => void } | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** The puppet to send with, while online. */
  get puppet(): Puppet | undefined {
    return this.#state.kind === 'online' ? this.#connection?.puppet : undefined;
  }

  /** The puppet to ask, also before the login is complete. */
  get source(): Puppet | undefined {
    return this.#connection?.puppet;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#attempt = 0;
    this.#shortAttempts = 0;
    this.#downSince = undefined;
    this.#loop = this.#loop.then(() => this.#run());
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#wake();
    const connection = this.#connection;
    if (this.#onlineSince !== undefined) this.#lostAt ??= this.#options.clock.now();
    await connection?.hush();
    // By the computer's time: a clock that stands still must not keep the program from ending.
    await Promise.race([this.#ingest?.drained(), sleep(new SystemClock(), this.#options.timings.drainMs)]);
    this.#ingest?.close();
    this.#ingest = undefined;
    await connection?.end();
    await this.#loop;
    this.#connection = undefined;
    this.#onlineSince = undefined;
    this.#setState({ kind: 'stopped' });
  }

  /** A call failed in a way that casts doubt on the connection. */
  doubt(): void {
    this.#connection?.probe();
  }

  async #run(): Promise<void> {
    while (this.#running) {
      this.#attempt += 1;
      if (this.#downSince === undefined) this.#setState({ kind: 'starting', attempt: this.#attempt });
      const ended = await this.#connectOnce();
      if (!this.#running) break;
      this.#onEnded(ended);
      await this.#pauseFor(this.#backoffMs(ended));
    }
  }

  async #connectOnce(): Promise<Ended> {
    const { createPuppet, clock, log, timings } = this.#options;
    let connection: Connection;
    try {
      const puppet = createPuppet();
      connection = new Connection({
        puppet,
        clock,
        log,
        timings,
        listeners: {
          onWired: () => this.#openIngest(puppet),
          onLogin: (selfId) => this.#onLogin(selfId),
          onLogout: () => this.#onLost('logged out'),
          onScan: (qrcode) => this.#setState({ kind: 'waiting-scan', qrcode }),
          onAlive: () => this.#readUnread(),
        },
      });
    } catch (error) {
      log.error({ feature: 'door', ...describeError(error) }, 'the puppet could not be made');
      return { reason: 'the puppet could not be made', wrongToken: false };
    }
    this.#connection = connection;
    const ended = await connection.run();
    if (!this.#running) return ended;
    if (this.#onlineSince !== undefined) this.#lostAt ??= connection.lastSignAt;
    // What is under way is still delivered, or handed to the next connection.
    const ingest = this.#ingest;
    this.#ingest = undefined;
    this.#connection = undefined;
    await connection.end();
    ingest?.close();
    return ended;
  }

  #openIngest(puppet: Puppet): void {
    const { clock, log, names, onIncoming } = this.#options;
    const connection = this.#connection;
    const ingest: Ingest = startIngest({
      puppet,
      clock,
      log,
      names,
      selfId: () => (puppet.isLoggedIn ? puppet.currentUserId : this.#selfId),
      nextSeq: () => {
        this.#seq += 1;
        return this.#seq;
      },
      deliver: onIncoming,
      onUnread: (unread) => this.#onUnread(unread, ingest),
      onSign: () => connection?.noteSign(),
    });
    this.#ingest = ingest;
  }

  #onUnread(unread: UnreadMessage, from: Ingest): void {
    // The oldest go first if there are too many: the newest can still be answered.
    if (this.#unread.length >= UNREAD_MAX) this.#unread.shift();
    this.#unread.push(unread);
    if (from === this.#ingest) this.doubt();
    else if (this.#state.kind === 'online') this.#readUnread();
  }

  #readUnread(): void {
    const ingest = this.#ingest;
    if (!ingest) return;
    for (const unread of this.#unread.splice(0)) ingest.accept(unread);
  }

  #onLogin(selfId: string): void {
    const now = this.#options.clock.now();
    this.#selfId = selfId;
    this.#onlineSince = now;
    this.#downSince = undefined;
    // Whatever changed while we were away was not told.
    this.#options.names.clear();
    this.#setState({ kind: 'online', selfId, since: now });
    if (this.#lostAt !== undefined) {
      const gap = { from: this.#lostAt, to: now };
      this.#lostAt = undefined;
      safely(this.#options.log, 'door', this.#options.onGap)(gap);
    }
    this.#readUnread();
  }

  #onLost(reason: string): void {
    const now = this.#options.clock.now();
    if (this.#onlineSince !== undefined) this.#lostAt ??= now;
    this.#downSince ??= now;
    this.#setState({ kind: 'down', reason, since: this.#downSince, attempt: this.#attempt });
  }

  #onEnded(ended: Ended): void {
    const { clock, log, timings, onGiveUp } = this.#options;
    const now = clock.now();
    const steady = this.#onlineSince !== undefined && now - this.#onlineSince >= timings.steadyMs;
    this.#shortAttempts = steady ? 0 : this.#shortAttempts + 1;
    this.#downSince ??= this.#lostAt ?? now;
    this.#onlineSince = undefined;
    this.#setState({ kind: 'down', reason: ended.reason, since: this.#downSince, attempt: this.#attempt });
    log.warn({ feature: 'door', reason: ended.reason, attempt: this.#attempt }, 'the channel is down');

    this.#failedAt = [...this.#failedAt.filter((at) => at > now - timings.giveUpWindowMs), now];
    if (this.#failedAt.length <= timings.giveUpFailures) return;
    const giveUp = { failures: this.#failedAt.length, withinMs: timings.giveUpWindowMs, reason: ended.reason };
    this.#failedAt = [];
    safely(log, 'door', onGiveUp)(giveUp);
  }

  /** Doubling from the shortest to the longest pause; between half and all of it, so that many do not come at once. */
  #backoffMs(ended: Ended): number {
    const { timings, random } = this.#options;
    if (ended.wrongToken) return timings.wrongTokenMs;
    const share = 0.5 + (random(1)[0] ?? 0) / 510;
    const doublings = Math.min(Math.max(0, this.#shortAttempts - 1), 20);
    return Math.min(timings.backoffMinMs * 2 ** doublings, timings.backoffMaxMs) * share;
  }

  #setState(state: ChannelState): void {
    this.#state = state;
    safely(this.#options.log, 'door', this.#options.onState)(state);
  }

  async #pauseFor(ms: number): Promise<void> {
    if (!this.#running) return;
    await new Promise<void>((resolve) => {
      this.#pause = { timer: this.#options.clock.after(ms, resolve), wake: resolve };
    });
    this.#pause = undefined;
  }

  #wake(): void {
    this.#pause?.timer.cancel();
    this.#pause?.wake();
  }
}
