/** How patient the door is. Tests make these short. */
export interface DoorTimings {
  /** From the first call to a started bot. */
  startMs: number;
  /** From the start, or from a logout, to a login; a shown QR code waits as long as it takes. */
  loginMs: number;
  /** So long without any event, and the platform is asked for a sign of life. */
  silenceMs: number;
  /** So long for that sign. */
  dongMs: number;
  backoffMinMs: number;
  /**
   * Below ten seconds, so that the bot is back within ten of the server's
   * return, however long that was away.
   */
  backoffMaxMs: number;
  /** After a refused token. */
  wrongTokenMs: number;
  /** Connected for so long, and the next back-off begins anew. */
  steadyMs: number;
  /** More than `giveUpFailures` within `giveUpWindowMs`: `onGiveUp` is called. */
  giveUpFailures: number;
  giveUpWindowMs: number;
  sendMs: number;
  readMs: number;
  /** At a stop: for what is announced but not delivered. */
  drainMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const TIMINGS: DoorTimings = {
  startMs: 20 * SECOND,
  loginMs: 60 * SECOND,
  silenceMs: 45 * SECOND,
  dongMs: 10 * SECOND,
  backoffMinMs: 500,
  backoffMaxMs: 8 * SECOND,
  wrongTokenMs: 5 * MINUTE,
  steadyMs: 30 * SECOND,
  giveUpFailures: 10,
  giveUpWindowMs: 15 * MINUTE,
  sendMs: 15 * SECOND,
  readMs: 10 * SECOND,
  drainMs: 3 * SECOND,
};
