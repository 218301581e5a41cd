import type { SimMessage, SimOverview, SimPerson, SimRoom } from '../../../src/simulator/wire.js';

/** A line of somebody's conversation list. */
export interface Conversation {
  conversationId: string;
  title: string;
  /** Absent in the private chat with the bot. */
  room?: SimRoom;
  latest?: SimMessage;
  unread: number;
  /** An unread message mentions this person. */
  mentioned: boolean;
}

/** What this page knows of the simulated world. Messages are in order of their sequence. */
export interface Community {
  overview: SimOverview;
  messages: Record<string, SimMessage[]>;
  /** How far back a conversation has been read: absent, up to a page, or to its first message. */
  history: Record<string, 'part' | 'whole'>;
  /** Everything up to here counts as read by everybody: it was there when the page opened. */
  baseline: number;
  /** Newest message seen, by person and conversation. */
  seen: Record<string, number>;
}

export function findPerson(overview: SimOverview, contactId: string): SimPerson | undefined {
  return overview.people.find((person) => person.contactId === contactId);
}

/** The name as this conversation shows it. */
export function nameIn(overview: SimOverview, conversationId: string, contactId: string): string {
  const room = overview.rooms.find((candidate) => candidate.roomId === conversationId);
  return room?.aliases[contactId] || findPerson(overview, contactId)?.name || '群友';
}

export function seenKey(contactId: string, conversationId: string): string {
  return `${contactId}/${conversationId}`;
}

/** Rooms of this person and the private chat with the bot, newest first. */
export function conversationsOf(community: Community, contactId: string): Conversation[] {
  const { overview } = community;
  const bot = findPerson(overview, overview.botId);
  const rooms = overview.rooms.filter((room) => room.memberIds.includes(contactId));
  const list = rooms.map((room) => ({ conversationId: room.roomId, title: room.topic, room }));
  return [...list, { conversationId: contactId, title: bot?.name ?? '小杏' }]
    .map((conversation) => ({ ...conversation, ...state(community, contactId, conversation.conversationId) }))
    .sort((a, b) => (b.latest?.sequence ?? 0) - (a.latest?.sequence ?? 0));
}

export function unreadOf(community: Community, contactId: string): number {
  return conversationsOf(community, contactId).reduce((sum, conversation) => sum + conversation.unread, 0);
}

function state(community: Community, contactId: string, conversationId: string) {
  const messages = community.messages[conversationId] ?? [];
  const seen = community.seen[seenKey(contactId, conversationId)] ?? community.baseline;
  const unread = messages.filter((m) => m.sequence > seen && m.talkerId !== contactId && m.kind !== 'notice');
  const latest = messages.findLast((message) => !message.recalled);
  return {
    ...(latest ? { latest } : {}),
    unread: unread.length,
    mentioned: unread.some((message) => message.mentionsAll || message.mentionIds.includes(contactId)),
  };
}

/** Adds messages that may be there already; the newer copy wins. */
export function mergeMessages(known: SimMessage[], added: SimMessage[]): SimMessage[] {
  const byId = new Map(known.map((message) => [message.messageId, message]));
  for (const message of added) byId.set(message.messageId, message);
  return [...byId.values()].sort((a, b) => a.sequence - b.sequence);
}

/** One line that stands for a message in the list and in a quote. */
export function summary(message: SimMessage): string {
  if (message.kind === 'picture') return '[图片]';
  if (message.kind === 'voice') return '[语音]';
  if (message.kind === 'file') return `[文件] ${message.text}`;
  return message.text;
}

/** The person themselves reads 你. */
export function noticeFor(message: SimMessage, contactId: string, name: string): string {
  if (message.recallOf !== undefined && message.talkerId === contactId) return '你撤回了一条消息';
  return message.text.replaceAll(`"${name}"`, '你');
}
