import type { Incoming } from './incoming.js';

/** Where a message goes: a room, or a private chat with a contact. Platform ids. */
export type ExternalConversation = { kind: 'room'; externalRoomId: string } | { kind: 'private'; contactId: string };

export type ChannelState =
  | { kind: 'stopped' }
  | { kind: 'starting'; attempt: number }
  | { kind: 'waiting-scan'; qrcode: string }
  | { kind: 'online'; selfId: string; since: number }
  | { kind: 'down'; reason: string; since: number; attempt: number };

/** The bot was away: what was said in between may not have arrived. */
export interface Gap {
  from: number;
  to: number;
}

/** A file to send; `bytes` are kept in memory, so pictures and exports only. */
export interface OutgoingFile {
  name: string;
  bytes: Uint8Array;
}

/**
 * The one door to WeChat, real or simulated. Everything outside
 * `platform/puppet/` and `simulator/` sees only this.
 */
export interface Door {
  /** Over a line to a puppet service, or a puppet in this process. */
  readonly mode: 'service' | 'in-process';
  /** Connects, and keeps reconnecting until `stop`. Resolves at once: progress is in `state`. */
  start(): void;
  /** No more incoming values; detaches without logging the account out. */
  stop(): Promise<void>;
  readonly state: ChannelState;
  onState(listener: (state: ChannelState) => void): void;
  /** Called with values in order of arrival. The listener only queues; it must not throw. */
  onIncoming(listener: (incoming: Incoming) => void): void;
  onGap(listener: (gap: Gap) => void): void;

  /**
   * Sends one text. `text` already holds the rendered `@name\u2005`; `mentionIds` are in the same order.
   * Throws NotSentError (surely not sent; try again), RateLimitedError (likewise, later),
   * UnknownOutcomeError (may have been sent), RejectedError (never will be).
   */
  sendText(to: ExternalConversation, text: string, mentionIds: string[]): Promise<{ platformId?: string }>;
  sendFile(to: ExternalConversation, file: OutgoingFile): Promise<{ platformId?: string }>;
  /** Asks the platform whether this contact is a friend, so that a private message can reach them. */
  isFriend(contactId: string): Promise<boolean>;
  acceptFriendship(friendshipId: string): Promise<void>;
  acceptInvitation(invitationId: string): Promise<void>;
  /** Display name: room alias, our remark, nickname, else '群友'. Cached; safe to show (no control characters, no @). */
  displayName(contactId: string, externalRoomId?: string): Promise<string>;
  roomTopic(externalRoomId: string): Promise<string>;
  listRooms(): Promise<string[]>;
  listMembers(externalRoomId: string): Promise<string[]>;
}

/** Surely not sent: no connection, not logged in. */
export class NotSentError extends Error {
  override name = 'NotSentError';
  code = 'not-sent';
}

/** The platform asks to slow down; surely not sent. */
export class RateLimitedError extends Error {
  override name = 'RateLimitedError';
  code = 'rate-limited';
}

/** A deadline passed or the connection broke during the call: it may have been sent. */
export class UnknownOutcomeError extends Error {
  override name = 'UnknownOutcomeError';
  code = 'unknown-outcome';
}

/** The platform refuses this message for good: no such conversation, not a friend. */
export class RejectedError extends Error {
  override name = 'RejectedError';
  code = 'rejected';
}
