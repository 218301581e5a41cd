import type { Level } from '../triage/index.js';

/** A question about somebody's health goes to doctors; one about the service (registration, money, complaints) to admins. */
export type TicketKind = 'clinical' | 'service';

export type TicketState = 'open' | 'claimed' | 'waiting' | 'answered' | 'closed' | 'withdrawn';

/** How an emergency or urgent ticket ended (SAFETY.md 2.5.4). */
export type Outcome = 'hospital' | 'false-alarm' | 'lost-contact' | 'safe';

export interface Ticket {
  id: string;
  number: number;
  communityId: string;
  accountId: string;
  kind: TicketKind;
  level: Level;
  state: TicketState;
  /** Where it was asked; undefined in private. */
  roomId: string | undefined;
  askerId: string;
  /** 母亲, 孩子, …: the question is about a relative. */
  relation: string | undefined;
  messageId: string;
  question: string;
  claimedBy: string | undefined;
  acknowledgedAt: number | undefined;
  acknowledgedBy: string | undefined;
  answeredAt: number | undefined;
  answeredBy: string | undefined;
  dueAt: number | undefined;
  closedAt: number | undefined;
  outcome: string | undefined;
  createdAt: number;
}

export type TicketEventKind =
  | 'flags'
  | 'asker-wrote'
  | 'claim'
  | 'hand-over'
  | 'acknowledge'
  | 'reply'
  | 'reply-private'
  | 'reply-own'
  | 'ask-back'
  | 'ask-back-private'
  | 'correct'
  | 'correct-private'
  | 'taken-back'
  | 'draft'
  | 'note'
  | 'close'
  | 'withdraw';

export interface TicketEvent {
  id: string;
  ticketId: string;
  kind: TicketEventKind;
  actorId: string | undefined;
  messageId: string | undefined;
  text: string | undefined;
  createdAt: number;
}

/** Where a ticket comes from: what of a message matters to it. */
export interface Origin {
  messageId: string;
  accountId: string;
  communityId: string;
  askerId: string;
  roomId: string | undefined;
}

export function isPressing(level: Level): boolean {
  return level === 'emergency' || level === 'urgent';
}
