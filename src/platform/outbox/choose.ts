import { isUrgent, type OutboxKind } from './outbox.js';
import type { Pace } from './pace.js';

/** What is known of a waiting row without opening it. */
export interface WaitingRow {
  id: string;
  conversation: string;
  kind: OutboxKind;
  priority: number;
  is_file: number;
  tries: number;
  not_before: number;
  expires_at: number | null;
}

/** So many tries hold up what stands behind; a message that never goes through does not silence a conversation. */
export const HOLDING_TRIES = 5;
/** Of one conversation in one go, so that news is soon looked at again. */
const LANE_ROWS = 32;
/** What may wait for the morning: everything nobody asked for. */
const QUIET_KINDS: ReadonlySet<OutboxKind> = new Set(['notice', 'broadcast']);

export const mayBeDeferred = (row: WaitingRow) => QUIET_KINDS.has(row.kind);

/** One stream of messages, one after the other: a conversation, or what is urgent in it, which waits for nobody. */
export function laneOf(row: WaitingRow): string {
  return isUrgent(row.kind) ? `urgent ${row.conversation}` : row.conversation;
}

export interface Choice {
  /** Shows a row to the choice; to be called in order, the most urgent first. */
  consider(row: WaitingRow): void;
  readonly lanes: ReadonlyMap<string, WaitingRow[]>;
  /** Rows for the end of their conversation's quiet hours. */
  readonly deferred: readonly { id: string; until: number }[];
  /** Rows that came too late. Of a conversation's late answers one is chosen, to stand for all. */
  readonly expired: readonly string[];
  /** When a row that is not chosen now may be; `Infinity` when none waits for a time. */
  readonly nextAt: number;
  /** Conversations of which nothing more but an emergency can be chosen in this pass: their rows need not be shown. */
  readonly finished: ReadonlySet<string>;
  /** Nothing more can be chosen before a lane ends. */
  readonly full: boolean;
}

/**
 * Decides which rows go now. Within a conversation what is more urgent goes
 * first, and what is equally urgent in the order of adding; nothing passes a
 * row that failed and is as urgent, but for emergencies and their alerts.
 *
 * `holding` are rows whose effect is unknown: priority by conversation.
 */
export function createChoice(state: {
  now: number;
  pace: Pace;
  busy: ReadonlySet<string>;
  holding: ReadonlyMap<string, number>;
  quietUntil: ReadonlyMap<string, number | undefined>;
}): Choice {
  const { now, pace, busy } = state;
  const holding = new Map(state.holding);
  const lanes = new Map<string, WaitingRow[]>();
  const deferred: { id: string; until: number }[] = [];
  const expired: string[] = [];
  const finished = new Set(busy);
  const withLateAnswer = new Set<string>();
  let nextAt = Number.POSITIVE_INFINITY;
  let full = false;

  const isHeld = (row: WaitingRow) =>
    !isUrgent(row.kind) && (holding.get(row.conversation) ?? Number.POSITIVE_INFINITY) <= row.priority;
  const hold = (row: WaitingRow, until: number) => {
    nextAt = Math.min(nextAt, until);
    holding.set(row.conversation, row.priority);
    // What follows is less urgent: rows come in that order.
    finished.add(row.conversation);
  };

  function consider(row: WaitingRow): void {
    const late = row.expires_at !== null && row.expires_at < now;
    if (late && (row.kind !== 'answer' || withLateAnswer.has(row.conversation))) {
      expired.push(row.id);
      return;
    }
    if (late) withLateAnswer.add(row.conversation);
    if (isHeld(row)) return;
    if (row.not_before > now) {
      if (row.tries > 0 && row.tries < HOLDING_TRIES) hold(row, row.not_before);
      else nextAt = Math.min(nextAt, row.not_before);
      return;
    }
    const until = mayBeDeferred(row) ? state.quietUntil.get(row.conversation) : undefined;
    if (until === undefined) admit(row);
    else {
      deferred.push({ id: row.id, until });
      nextAt = Math.min(nextAt, until);
    }
  }

  function admit(row: WaitingRow): void {
    const lane = laneOf(row);
    const chosen = lanes.get(lane) ?? [];
    if (busy.has(lane) || chosen.length >= LANE_ROWS) {
      finished.add(row.conversation);
      return;
    }
    if (chosen.length === 0 && busy.size + lanes.size >= pace.parallel && !isUrgent(row.kind)) {
      full = true;
      return;
    }
    const send = { conversation: row.conversation, kind: row.kind, file: row.is_file === 1 };
    const earliest = pace.earliest(send, now);
    if (earliest > now) {
      hold(row, earliest);
      return;
    }
    pace.sent(send, now);
    lanes.set(lane, [...chosen, row]);
  }

  return {
    consider,
    lanes,
    deferred,
    expired,
    finished,
    get nextAt() {
      return nextAt;
    },
    get full() {
      return full;
    },
  };
}
