import type { Transaction } from '../platform/db/database.js';
import type { IncomingMessage } from '../platform/puppet/incoming.js';
import type { Assessment } from '../triage/index.js';

/** What kind of group a room was set up as; `unset` until somebody does. */
export type RoomKind = 'unset' | 'patients' | 'doctors' | 'admins' | 'test';
export type Topic = 't2dm' | 'htn' | 'general';

export interface Room {
  id: string;
  communityId: string | undefined;
  kind: RoomKind;
  topics: Topic[];
  timeZone: string;
  /** Minutes after midnight at which a local day starts. */
  dayStartMinutes: number;
  answerStyle: 'strict' | 'standard' | 'lively';
  valuesMode: 'group' | 'private';
  quietFromMinutes: number;
  quietToMinutes: number;
  muted: boolean;
}

/** What a person may do here: their roles in the community of the room, or in private of any community. */
export interface Standing {
  /** The community this is about: the room's; in private the person's first room's, else the first community. */
  communityId: string;
  owner: boolean;
  /** Owner or admin. */
  admin: boolean;
  /** A doctor whose name, speciality, institution and licence an admin has verified. */
  doctor: boolean;
  /** A doctor some of whose particulars are missing: cannot answer or sign. */
  unverifiedDoctor: boolean;
}

/** One message from a person, as the features see it. */
export interface ChatMessage {
  id: string;
  accountId: string;
  kind: IncomingMessage['kind'];
  personId: string;
  /** Undefined in a private chat. */
  room: Room | undefined;
  /** `private`, or the room's id: where an open question of this person lives. */
  place: string;
  /** As written, without the mention of the bot, a quote, or a leading slash. For relaying word for word. */
  text: string;
  /** `text` by normaliseText: what commands and rules match on. */
  normalised: string;
  quoted: { text: string; bySelf: boolean; ticketId: string | undefined } | undefined;
  /** Mentioned, private, called by name, or a quote of one of the bot's messages. */
  addressed: boolean;
  /** Other people mentioned, in order. */
  mentionedIds: string[];
  sentAt: number;
  receivedAt: number;
  /** Older than 10 minutes when handled: recorded, counted, but no chat reply. */
  late: boolean;
  /** What intake found; cards and alerts of emergencies and urgent messages are already in the outbox. */
  assessment: Assessment;
  standing: Standing;
}

export type Where = 'private' | RoomKind;

/** One row of the table of commands (CONVERSATION.md). */
export interface Command {
  name: string;
  /** Matches the whole of `ChatMessage.normalised`. */
  pattern: RegExp;
  who: 'anyone' | 'doctor' | 'admin' | 'owner';
  where: readonly Where[];
  /** In a patients' group it counts only when the bot is addressed. */
  needsAddress?: boolean;
  /** A line of 帮助 and where it stands in the list (lower first); none: not listed. */
  help?: { order: number; line: string };
  run(tx: Transaction, message: ChatMessage, match: RegExpMatchArray): Promise<void>;
}

/** Answers an open question; `not-mine` leaves the message to the next in order and the question open. */
export type QuestionHandler = (
  tx: Transaction,
  message: ChatMessage,
  data: Record<string, unknown>,
) => Promise<'answered' | 'not-mine'>;

/** A step in the fixed order of handling; true when the message was its own. */
export type Step = (tx: Transaction, message: ChatMessage) => Promise<boolean>;

/** What a feature brings to the conversation. */
export interface ChatFeature {
  commands: Command[];
  questions?: Record<string, QuestionHandler>;
}
