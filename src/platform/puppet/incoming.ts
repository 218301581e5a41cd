/**
 * What comes through the door, as plain JSON values: nothing past this folder
 * holds a Wechaty object. Ids here are the platform's (`contactId`,
 * `externalRoomId`); `community/` turns them into our people and rooms.
 */
export type Incoming = IncomingMessage | IncomingRecall | IncomingNotice;

interface Arrived {
  /** Order of arrival in this process. WeChat's own time has a resolution of one second and does not order. */
  seq: number;
  /** The platform's id, or one made from the content where the platform gives none. */
  platformId: string;
  /** UTC ms, by the platform. */
  sentAt: number;
  /** UTC ms, by our clock. */
  receivedAt: number;
}

interface Spoken extends Arrived {
  /** Absent in a private chat. */
  externalRoomId?: string;
  /** Who sent it. */
  talkerId: string;
  /** The other side of a private chat: the talker, or for our own messages the listener. */
  privateWith?: string;
  /** Sent by the bot's own account: by us, or by a human on its phone. */
  self: boolean;
}

export interface Mentions {
  /** The bot itself, by id or by typed name; false for @all. */
  self: boolean;
  all: boolean;
  contactIds: string[];
}

export interface Quoted {
  /** Display name of the person quoted, as the platform wrote it. */
  name: string;
  text: string;
  /** The name is the bot's own name or room alias. */
  bySelf: boolean;
}

export type IncomingMessage = Spoken &
  (
    | { kind: 'text'; text: string; mentions: Mentions; quoted?: Quoted }
    | { kind: 'file'; filename: string }
    | { kind: 'note'; text: string }
    | {
        kind:
          | 'image'
          | 'voice'
          | 'video'
          | 'link'
          | 'mini-program'
          | 'emoticon'
          | 'contact-card'
          | 'location'
          | 'chat-history'
          | 'red-packet'
          | 'transfer'
          | 'system'
          | 'unknown';
      }
  );

export type IncomingRecall = Spoken & { kind: 'recall'; recalledPlatformId: string };

export type IncomingNotice = Arrived &
  (
    | { kind: 'room-join'; externalRoomId: string; contactIds: string[]; inviterId?: string }
    | { kind: 'room-leave'; externalRoomId: string; contactIds: string[]; removerId?: string }
    | { kind: 'room-topic'; externalRoomId: string; topic: string }
    | { kind: 'room-invite'; invitationId: string; inviterId: string; topic: string }
    | { kind: 'friend-request'; friendshipId: string; contactId: string; hello: string }
    | { kind: 'friend-confirmed'; contactId: string }
    /** Recorded and skipped: an unknown type, a payload that is not there, one that does not parse. */
    | { kind: 'malformed'; reason: string }
  );
