/** What the simulated WeChat holds and tells, as plain JSON values: no Wechaty type appears here. */

/** What a simulated person plays in the sample community; it gives no right in the product. */
export type SimulatedRole = 'bot' | 'patient' | 'family' | 'doctor' | 'admin' | 'outsider';

export interface SimulatedContact {
  id: string;
  /** The nickname that the person chose. */
  name: string;
  role: SimulatedRole;
  /** Is in the bot's address book, so that private messages pass in both directions. */
  friend: boolean;
  /** The remark that the bot's account set on this contact; empty for none. */
  remark: string;
  gender: 'unknown' | 'male' | 'female';
  signature: string;
  /** One line for the page: who this simulated person is. */
  description: string;
  phones: string[];
}

export interface SimulatedRoom {
  id: string;
  topic: string;
  ownerId: string;
  memberIds: string[];
  /** The name that a member uses in this room, by contact id. */
  aliases: Record<string, string>;
  announcement: string;
}

/** One line of a member list, ready to show. */
export interface SimulatedMember {
  contactId: string;
  /** Room alias, else the nickname. */
  displayName: string;
  alias: string;
  name: string;
}

/**
 * A conversation is named by one id: the room's, or, for a private chat with the
 * bot, the id of the person. Two people have no private chat without the bot.
 */
export interface SimulatedConversation {
  id: string;
  kind: 'room' | 'private';
  /** As the viewer's list shows it: the topic, or the other person's name. */
  title: string;
  memberCount: number;
  lastMessage?: SimulatedMessage;
}

export interface FileContent {
  name: string;
  mediaType: string;
  base64: string;
}

export type MessageContent =
  | {
      kind: 'text';
      /** The text as it travels: rendered mentions, and the quote in WeChat's own form. */
      text: string;
      /** The text without the quote. */
      body: string;
      quote?: { messageId: string; name: string; text: string };
    }
  | { kind: 'picture' | 'video' | 'file'; filename: string; mediaType: string }
  | { kind: 'voice'; filename: string; mediaType: string; durationSeconds: number }
  | { kind: 'link'; title: string; url: string; description: string; thumbnailUrl: string }
  | { kind: 'mini-program'; title: string; appId: string; username: string; pagePath: string; description: string }
  | { kind: 'contact-card'; contactId: string }
  | { kind: 'location'; name: string; address: string; latitude: number; longitude: number; accuracy: number }
  | { kind: 'emoticon'; meaning: string }
  | { kind: 'chat-history'; title: string; lines: string[] }
  | { kind: 'red-packet'; greeting: string }
  | { kind: 'transfer'; amount: string }
  /** 接龙 and the like. */
  | { kind: 'group-note'; title: string }
  | { kind: 'pat'; patterId: string; pattedId: string; text: string }
  /** The grey line "… recalled a message"; the recalled message itself stays with `recalled: true`. */
  | { kind: 'recall'; recalledId: string; text: string }
  /**
   * A grey line by WeChat itself. `asEvent`: the bot hears of it by an event of
   * its own (join, topic, …) and gets no message; else it comes as type Unknown.
   */
  | { kind: 'system'; text: string; asEvent: boolean };

export interface SimulatedMessage {
  id: string;
  /** Order in this world; grows without gaps. */
  sequence: number;
  /** UTC ms; never smaller than that of the message before. */
  sentAt: number;
  /** The room's id, or the id of the person in a private chat with the bot. */
  conversationId: string;
  talkerId: string;
  content: MessageContent;
  mentionIds: string[];
  mentionsAll: boolean;
  recalled: boolean;
  /** `program`: sent through the puppet; `phone`: by a person's hand, also on the bot's own phone. */
  origin: 'phone' | 'program';
}

export interface SimulatedFriendship {
  id: string;
  contactId: string;
  /** `request`: the person asks the bot; `verify`: the bot asks the person; `confirm`: they are friends now. */
  kind: 'request' | 'verify' | 'confirm';
  hello: string;
  at: number;
  open: boolean;
  /** The bot was told of it. */
  told: boolean;
}

export interface SimulatedInvitation {
  id: string;
  roomId: string;
  inviterId: string;
  at: number;
  open: boolean;
  /** The bot was told of it. */
  told: boolean;
}

/** How somebody came into a room; decides the notice and what the bot is told. */
export type JoinWay =
  | { by: 'invitation'; inviterId: string }
  | { by: 'qr-code'; inviterId: string }
  /** The provider could not tell who invited: the event has an empty inviter. */
  | { by: 'unknown-inviter' }
  /** The provider could not tell who came: the event's list holds an undefined entry. */
  | { by: 'unknown-invitee'; inviterId: string };

/**
 * What live pages and the puppet are told, in order. `told: false` marks a change
 * that real providers do not push to the bot; pages show it all the same.
 */
export type WorldEvent =
  | { kind: 'message'; message: SimulatedMessage }
  | { kind: 'recalled'; message: SimulatedMessage; recalledId: string; byId: string }
  | { kind: 'joined'; roomId: string; contactIds: string[]; way: JoinWay; at: number; told: boolean }
  | { kind: 'left'; roomId: string; contactIds: string[]; removerId: string; at: number; told: boolean }
  | { kind: 'topic-changed'; roomId: string; topic: string; oldTopic: string; changerId: string; at: number }
  | { kind: 'announced'; roomId: string; announcement: string; oldAnnouncement: string; changerId: string; at: number }
  | { kind: 'alias-changed'; roomId: string; contactId: string; alias: string; told: boolean }
  | { kind: 'renamed'; contactId: string; name: string; oldName: string; told: boolean }
  | { kind: 'contact-changed'; contactId: string }
  | { kind: 'remark-changed'; contactId: string; remark: string }
  | { kind: 'contact-added'; contactId: string }
  | { kind: 'room-created'; roomId: string }
  | { kind: 'friend-requested'; friendship: SimulatedFriendship }
  | { kind: 'friend-confirmed'; friendship: SimulatedFriendship }
  | { kind: 'friend-removed'; contactId: string }
  | { kind: 'invited'; invitation: SimulatedInvitation };

export type RecallOutcome =
  | { kind: 'recalled'; notice: SimulatedMessage }
  | { kind: 'too-late' }
  | { kind: 'not-yours' }
  | { kind: 'unknown-message' };

export type WechatRefusal =
  | 'not-a-friend'
  | 'not-a-member'
  | 'unknown-contact'
  | 'unknown-conversation'
  | 'unknown-room'
  | 'unknown-message'
  | 'unknown-friendship'
  | 'unknown-invitation'
  | 'already-exists'
  | 'empty-message';

/** WeChat (the simulated one) does not do this; `code` says why. */
export class WechatRefusedError extends Error {
  override name = 'WechatRefusedError';
  readonly code: WechatRefusal;

  constructor(code: WechatRefusal, message: string) {
    super(message);
    this.code = code;
  }
}
