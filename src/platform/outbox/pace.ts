import type { OutboxKind } from './outbox.js';

/**
 * How fast an account may speak without being taken for spam. The numbers are
 * prudence (WeChat publishes none); `off` is for the simulator and load tests.
 */
export interface PaceLimits {
  /** At least this long between two messages of the account, when the burst is used up. */
  accountGapMs: number;
  accountBurst: number;
  accountPerMinute: number;
  accountPerDay: number;
  roomGapMs: number;
  roomPerMinute: number;
  personPerMinute: number;
  fileGapMs: number;
  /** Emergencies have a reserve of their own: this many a minute whatever else was sent. */
  emergencyPerMinute: number;
}

export const wechatPace: PaceLimits = {
  accountGapMs: 3_000,
  accountBurst: 3,
  accountPerMinute: 15,
  accountPerDay: 600,
  roomGapMs: 4_000,
  roomPerMinute: 6,
  personPerMinute: 4,
  fileGapMs: 10_000,
  emergencyPerMinute: 30,
};

export interface PacedSend {
  conversation: string;
  kind: OutboxKind;
  file: boolean;
}

export interface Pace {
  /** The instant from which this may be sent; `now` or earlier means at once. */
  earliest(send: PacedSend, now: number): number;
  sent(send: PacedSend, at: number): void;
  /** The platform asked to slow down: half the rate for an hour, no broadcasts. */
  slowDown(now: number): void;
  readonly parallel: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function noPace(): Pace {
  return { earliest: (_, now) => now, sent: () => {}, slowDown: () => {}, parallel: 16 };
}

/** `jitter` gives 0 to 1: a machine's exact rhythm is itself a sign of a machine. */
export function createPace(limits: PaceLimits, jitter: () => number): Pace {
  let history: (PacedSend & { at: number; gapMs: number })[] = [];
  let slowUntil = 0;

  return {
    parallel: 1,
    earliest(send, now) {
      const slow = now < slowUntil ? 2 : 1;
      if (send.kind === 'emergency') {
        const emergencies = history.filter((h) => h.kind === 'emergency');
        return afterCount(emergencies, limits.emergencyPerMinute, MINUTE_MS, now);
      }
      if (slow === 2 && send.kind === 'broadcast') return slowUntil;
      const sameRoom = history.filter((h) => h.conversation === send.conversation);
      const isRoom = send.conversation.startsWith('room:');
      const burst = history.slice(-limits.accountBurst);
      const last = history.at(-1);
      const waits = [
        now,
        burst.length < limits.accountBurst || burst[0]!.at <= now - limits.accountGapMs * limits.accountBurst * slow
          ? now
          : (last?.at ?? 0) + (last?.gapMs ?? 0) * slow,
        afterCount(history, Math.floor(limits.accountPerMinute / slow), MINUTE_MS, now),
        afterCount(history, Math.floor(limits.accountPerDay / slow), DAY_MS, now),
        isRoom ? (sameRoom.at(-1)?.at ?? -Infinity) + limits.roomGapMs * slow : now,
        afterCount(sameRoom, isRoom ? limits.roomPerMinute : limits.personPerMinute, MINUTE_MS, now),
        send.file ? (history.findLast((h) => h.file)?.at ?? -Infinity) + limits.fileGapMs : now,
      ];
      return Math.max(...waits);
    },
    sent(send, at) {
      history = history.filter((h) => h.at > at - DAY_MS);
      history.push({ ...send, at, gapMs: limits.accountGapMs + Math.round(jitter() * 2_000) });
    },
    slowDown(now) {
      slowUntil = now + HOUR_MS;
    },
  };
}

/** When a window of `windowMs` that holds at most `count` has room again. */
function afterCount(sends: readonly { at: number }[], count: number, windowMs: number, now: number): number {
  const inWindow = sends.filter((s) => s.at > now - windowMs);
  if (inWindow.length < count) return now;
  return inWindow[inWindow.length - count]!.at + windowMs;
}
