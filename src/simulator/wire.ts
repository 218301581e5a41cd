/**
 * What `/api/sim` speaks: plain JSON, imported by the page for its types.
 * This file imports nothing, so that the page stays free of the server.
 */

export interface SimPerson {
  contactId: string;
  name: string;
  role: 'patient' | 'family' | 'doctor' | 'admin' | 'outsider' | 'bot';
  /** One line: who this simulated person is. */
  description: string;
  /** In the bot's address book, so that private messages pass. */
  friendOfBot: boolean;
}

export interface SimRoom {
  roomId: string;
  topic: string;
  memberIds: string[];
  /** The name that a member uses in this room, by contact id. */
  aliases: Record<string, string>;
}

/** A message as people see it on their phones. */
export interface SimMessage {
  messageId: string;
  /** Order in the simulated world. */
  sequence: number;
  /** The room's id, or the id of the person in a private chat with the bot. */
  conversationId: string;
  talkerId: string;
  /** UTC ms of the simulated time. */
  at: number;
  kind: 'text' | 'picture' | 'voice' | 'file' | 'notice' | 'other';
  /** Of a notice the grey line, of a file its name, of anything else a description in words. */
  text: string;
  mentionIds: string[];
  mentionsAll: boolean;
  quoted?: { name: string; text: string };
  /** Where the picture or file is. */
  fileUrl?: string;
  voiceSeconds?: number;
  recalled: boolean;
  /** Of the grey line about a recalled message, the id of that message. */
  recallOf?: string;
}

export interface SimFaults {
  /** A share of the messages to the bot, 0 to 1, that never arrive. */
  lose: number;
  /** A share that arrives twice. */
  duplicate: number;
  /** A share that arrives late, after those that were sent later. */
  delay: number;
  /** A share of the bot's own sends that fail. */
  failSend: number;
  /** The bot is cut off from the simulated WeChat. */
  offline: boolean;
}

export interface SimTime {
  now: number;
  timeZone: string;
}

export interface SimOverview {
  botId: string;
  people: SimPerson[];
  rooms: SimRoom[];
  /** The newest message of each conversation, for the last lines of the list. */
  latest: SimMessage[];
  faults: SimFaults;
  time: SimTime;
  /** The newest event: a stream opened from here misses nothing. */
  eventId: string;
}

/** One server-sent event of `/api/sim/events`. */
export type SimEvent =
  | { type: 'message'; message: SimMessage; time: SimTime }
  /** Members, names or friends changed: read the overview again. */
  | { type: 'community' }
  | { type: 'time'; time: SimTime }
  | { type: 'faults'; faults: SimFaults }
  /** Events were missed that are no longer kept: read everything again. */
  | { type: 'reload' };
