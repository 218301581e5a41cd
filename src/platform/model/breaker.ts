import type { Clock } from '../clock.js';

const FAILURES_TO_OPEN = 5;
const OPEN_MS = 60_000;

/** Spares people the wait for an endpoint that is down: after five failures in a row nothing is asked for a minute, then one call tries. */
export interface Breaker {
  /** Whether a call may be made now; the one that tries after a pause keeps others back until it has ended. */
  mayCall(): boolean;
  succeeded(): void;
  failed(): void;
}

export function createBreaker(clock: Clock): Breaker {
  let failures = 0;
  let closedUntil = 0;

  return {
    mayCall() {
      if (failures < FAILURES_TO_OPEN) return true;
      if (clock.now() < closedUntil) return false;
      closedUntil = clock.now() + OPEN_MS;
      return true;
    },
    succeeded() {
      failures = 0;
    },
    failed() {
      failures += 1;
      if (failures >= FAILURES_TO_OPEN) closedUntil = clock.now() + OPEN_MS;
    },
  };
}
