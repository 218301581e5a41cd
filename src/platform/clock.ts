/** A timer that can be taken back; cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The only source of time. Instants are whole UTC milliseconds, also after a delay that is not whole. */
export interface Clock {
  now(): number;
  /** Calls `fn` once, `delayMs` from now. */
  after(delayMs: number, fn: () => void): Timer;
  /** Calls `fn` every `periodMs`, first after one period. */
  every(periodMs: number, fn: () => void): Timer;
}

/** Resolves after `delayMs` of the clock's time. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

const LONGEST_MS = 2_147_483_647;

/**
 * The computer's clock, moved forward by `offsetMs`.
 *
 * The offset only grows (the simulator's "next morning"), so time never goes
 * backwards within a database. Timers that a jump passes fire at once, in order;
 * those of `every` keep their real period.
 */
export class SystemClock implements Clock {
  #offsetMs: number;
  readonly #timers = new Set<{ at: number; fire: () => void }>();

  constructor(offsetMs = 0) {
    this.#offsetMs = Math.ceil(offsetMs);
  }

  now(): number {
    return Date.now() + this.#offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  after(delayMs: number, fn: () => void): Timer {
    const entry = { at: this.now() + delayMs, fire: () => {} };
    let handle: NodeJS.Timeout;
    const wait = (ms: number) => {
      // Node fires at once what is further away than 24 days; such a timer is set in stages.
      handle = setTimeout(() => (ms > LONGEST_MS ? wait(ms - LONGEST_MS) : entry.fire()), Math.min(ms, LONGEST_MS));
      handle.unref();
    };
    wait(delayMs);
    entry.fire = () => {
      clearTimeout(handle);
      if (this.#timers.delete(entry)) fn();
    };
    this.#timers.add(entry);
    return {
      cancel: () => {
        clearTimeout(handle);
        this.#timers.delete(entry);
      },
    };
  }

  every(periodMs: number, fn: () => void): Timer {
    const handle = setInterval(fn, periodMs);
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  }

  /** Moves time forward and fires what came due. */
  jump(forwardMs: number): void {
    if (forwardMs < 0) throw new RangeError('time does not go backwards');
    this.#offsetMs += Math.ceil(forwardMs);
    const due = [...this.#timers].filter((t) => t.at <= this.now()).sort((a, b) => a.at - b.at);
    for (const timer of due) timer.fire();
  }
}

interface VirtualTimer {
  id: number;
  at: number;
  periodMs?: number;
  fn: () => void;
}

/**
 * A clock that stands still until it is moved: for tests and scripts.
 *
 * `settle` is awaited after every timer, so that what one timer set in motion
 * is finished before the next one fires. The order of events depends only on
 * the script, never on the machine.
 */
export class VirtualClock implements Clock {
  #now: number;
  #sequence = 0;
  #queue: VirtualTimer[] = [];
  settle: () => Promise<void>;

  constructor(startAt: number, settle: () => Promise<void> = settleEventLoop) {
    this.#now = startAt;
    this.settle = settle;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, fn: () => void): Timer {
    return this.#add({ at: this.#now + Math.ceil(Math.max(0, delayMs)), fn });
  }

  every(periodMs: number, fn: () => void): Timer {
    return this.#add({ at: this.#now + periodMs, periodMs, fn });
  }

  /** Moves time forward by `ms`, firing every timer on the way at its own instant. */
  async advance(ms: number): Promise<void> {
    await this.settle();
    const end = this.#now + Math.ceil(ms);
    for (;;) {
      const next = this.#next(end);
      if (!next) break;
      this.#now = Math.max(this.#now, next.at);
      if (next.periodMs === undefined) this.#remove(next.id);
      else next.at += next.periodMs;
      next.fn();
      await this.settle();
    }
    this.#now = end;
    await this.settle();
  }

  /** Moves time forward at once, as for a machine that slept: what came due meanwhile fires once, late. */
  async jump(ms: number): Promise<void> {
    await this.settle();
    this.#now += Math.ceil(ms);
    for (let next = this.#next(this.#now); next; next = this.#next(this.#now)) {
      if (next.periodMs === undefined) this.#remove(next.id);
      else next.at = this.#now + next.periodMs;
      next.fn();
      await this.settle();
    }
  }

  async advanceTo(instant: number): Promise<void> {
    await this.advance(Math.max(0, instant - this.#now));
  }

  #next(end: number): VirtualTimer | undefined {
    let best: VirtualTimer | undefined;
    for (const t of this.#queue) {
      if (t.at > end) continue;
      if (!best || t.at < best.at || (t.at === best.at && t.id < best.id)) best = t;
    }
    return best;
  }

  #add(timer: { at: number; periodMs?: number; fn: () => void }): Timer {
    const id = ++this.#sequence;
    this.#queue.push({ id, ...timer });
    return { cancel: () => this.#remove(id) };
  }

  #remove(id: number): void {
    this.#queue = this.#queue.filter((t) => t.id !== id);
  }
}

/** Lets promises and immediates that are already due run. */
export async function settleEventLoop(): Promise<void> {
  for (let i = 0; i < 6; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Starts one; each call says how many ms have passed, with fractions. For measuring the machine, never for what is recorded. */
export function startStopwatch(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}
