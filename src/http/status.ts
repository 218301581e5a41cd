import type { ChannelState } from '../platform/puppet/door.js';

/** The channel as the page shows it: a kind and a reason in words, never an account or a QR code. */
export interface ChannelView {
  kind: ChannelState['kind'];
  /** Why it is down, or what it waits for. */
  reason?: string;
  /** UTC ms. */
  since?: number;
}

/**
 * What `/` and `/api/status` show of a running bot.
 *
 * Counts and states only: no name, no message, no value, no account id. The
 * page may be open on a screen in an office.
 */
export interface StatusView {
  version: string;
  botName: string;
  /** 'simulator' is marked clearly on the page. */
  puppet: 'simulator' | 'service';
  channel: ChannelView;
  knowledge: { served: number; waiting: number };
  safetyFiles: { file: string; version: string; signed: boolean }[];
  queues: { intake: number; outbox: number; jobs: number };
  /** UTC ms; null as long as there is no backup. */
  lastBackupAt: number | null;
  /** Nobody has claimed the bot yet. */
  setupNeeded: boolean;
  /** The one-time code, for a page that only this machine can reach; null otherwise. */
  setupCode: string | null;
  model: boolean;
  startedAt: number;
  now: number;
  timeZone: string;
}

/** What the page and `/healthz` may say of the channel. */
export function describeChannel(state: ChannelState): ChannelView {
  switch (state.kind) {
    case 'stopped':
      return { kind: 'stopped' };
    case 'starting':
      return { kind: 'starting', reason: `attempt ${state.attempt}` };
    case 'waiting-scan':
      return { kind: 'waiting-scan', reason: 'waiting for the login to be confirmed on the phone' };
    case 'online':
      return { kind: 'online', since: state.since };
    case 'down':
      return { kind: 'down', reason: state.reason, since: state.since };
  }
}
