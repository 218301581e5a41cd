import { isUrgent, type OutboxKind } from './outbox.js';

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
  /** Between the parts of a long private answer. */
  personGapMs: number;
  personPerMinute: number;
  fileGapMs: number;
  /** Sends on their way at once: one that hangs does not hold up the others. */
  parallel: number;
}

export const wechatPace: PaceLimits = {
  accountGapMs: 3_000,
  accountBurst: 3,
  accountPerMinute: 15,
  accountPerDay: 600,
  roomGapMs: 4_000,
  roomPerMinute: 6,
  personGapMs: 2_000,
  personPerMinute: 4,
  fileGapMs: 10_000,
  parallel: 4,
};

/** For an account in its first two weeks: a quarter of it. */
export const newAccountPace: PaceLimits = {
  ...wechatPace,
  accountGapMs: 4 * wechatPace.accountGapMs,
  accountPerMinute: Math.floor(wechatPace.accountPerMinute / 4),
  accountPerDay: wechatPace.accountPerDay / 4,
  roomGapMs: 4 * wechatPace.roomGapMs,
  roomPerMinute: Math.floor(wechatPace.roomPerMinute / 4),
  personPerMinute: wechatPace.personPerMinute / 4,
  fileGapMs: 4 * wechatPace.fileGapMs,
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
  /** How far back sends count; a restart tells what was sent since. */
  readonly memoryMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const JITTER_MS = 2_000;

export function noPace(): Pace {
  return { earliest: (_, now) => now, sent: () => {}, slowDown: () => {}, parallel: 64, memoryMs: 0 };
}

/** `jitter` gives 0 to 1: a machine's exact rhythm is itself a sign of a machine. */
export function createPace(limits: PaceLimits, jitter: () => number): Pace {
  let history: (PacedSend & { at: number; gapMs: number })[] = [];
  let slowUntil = Number.NEGATIVE_INFINITY;

  /** Three at once after a pause, else one after the other. */
  function afterBurst(now: number, slow: number): number {
    const burst = history.slice(-limits.accountBurst);
    const [oldest] = burst;
    const last = burst.at(-1);
    if (!oldest || !last || burst.length < limits.accountBurst) return now;
    const refillMs = burst.reduce((sum, send) => sum + send.gapMs, 0);
    return Math.min(oldest.at + refillMs * slow, last.at + last.gapMs * slow);
  }

  function afterConversation(conversation: string, now: number, slow: number): number {
    const isRoom = conversation.startsWith('room:');
    const same = history.filter((h) => h.conversation === conversation);
    const gapMs = isRoom ? limits.roomGapMs : limits.personGapMs;
    const perMinute = isRoom ? limits.roomPerMinute : limits.personPerMinute;
    return Math.max(
      (same.at(-1)?.at ?? Number.NEGATIVE_INFINITY) + gapMs * slow,
      afterCount(same, slowed(perMinute, slow), MINUTE_MS, now),
    );
  }

  return {
    parallel: limits.parallel,
    memoryMs: DAY_MS,
    earliest(send, now) {
      // Counted, so that the rest waits for it, but never waiting itself.
      if (isUrgent(send.kind)) return now;
      const slow = now < slowUntil ? 2 : 1;
      if (slow === 2 && send.kind === 'broadcast') return slowUntil;
      const lastFile = send.file ? history.findLast((h) => h.file) : undefined;
      return Math.max(
        now,
        afterBurst(now, slow),
        afterCount(history, slowed(limits.accountPerMinute, slow), MINUTE_MS, now),
        afterCount(history, slowed(limits.accountPerDay, slow), DAY_MS, now),
        afterConversation(send.conversation, now, slow),
        lastFile ? lastFile.at + limits.fileGapMs : now,
      );
    },
    sent({ conversation, kind, file }, at) {
      history = history.filter((h) => h.at > at - DAY_MS);
      history.push({ conversation, kind, file, at, gapMs: limits.accountGapMs + Math.round(jitter() * JITTER_MS) });
    },
    slowDown(now) {
      slowUntil = now + HOUR_MS;
    },
  };
}

/** At least one: of a count of none, nothing could be counted back to. */
function slowed(count: number, slow: number): number {
  return Math.max(1, Math.floor(count / slow));
}

/** When a window of `windowMs` that holds at most `count` has room again. */
function afterCount(sends: readonly { at: number }[], count: number, windowMs: number, now: number): number {
  const inWindow = sends.filter((s) => s.at > now - windowMs);
  const oldest = inWindow[inWindow.length - count];
  return oldest ? oldest.at + windowMs : now;
}
