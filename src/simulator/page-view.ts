import type { FaultSettings } from './faults.js';
import type { SimFaults, SimMessage, SimPerson, SimRoom } from './wire.js';
import type { MessageContent, SimulatedContact, SimulatedMessage, SimulatedRoom } from './world-types.js';

export function viewPerson(contact: SimulatedContact): SimPerson {
  return {
    contactId: contact.id,
    name: contact.name,
    role: contact.role,
    description: contact.description,
    friendOfBot: contact.friend,
  };
}

export function viewRoom(room: SimulatedRoom): SimRoom {
  return { roomId: room.id, topic: room.topic, memberIds: [...room.memberIds], aliases: { ...room.aliases } };
}

export function viewMessage(message: SimulatedMessage): SimMessage {
  return {
    messageId: message.id,
    sequence: message.sequence,
    conversationId: message.conversationId,
    talkerId: message.talkerId,
    at: message.sentAt,
    mentionIds: [...message.mentionIds],
    mentionsAll: message.mentionsAll,
    recalled: message.recalled,
    ...viewContent(message.content, message.id),
  };
}

export function viewFaults({ lose, duplicate, delay, failSend, offline }: Readonly<FaultSettings>): SimFaults {
  return { lose, duplicate, delay, failSend, offline };
}

type ContentView = Pick<SimMessage, 'kind' | 'text' | 'quoted' | 'fileUrl' | 'voiceSeconds' | 'recallOf'>;

function viewContent(content: MessageContent, messageId: string): ContentView {
  switch (content.kind) {
    case 'text':
      return { kind: 'text', text: content.body, ...(content.quote && { quoted: viewQuote(content.quote) }) };
    case 'picture':
      return { kind: 'picture', text: content.filename, fileUrl: fileUrl(messageId) };
    case 'file':
    case 'video':
      return { kind: 'file', text: content.filename, fileUrl: fileUrl(messageId) };
    case 'voice':
      return { kind: 'voice', text: '', voiceSeconds: content.durationSeconds };
    case 'system':
    case 'pat':
      return { kind: 'notice', text: content.text };
    case 'recall':
      return { kind: 'notice', text: content.text, recallOf: content.recalledId };
    default:
      return { kind: 'other', text: describeCard(content) };
  }
}

function viewQuote({ name, text }: { name: string; text: string }) {
  return { name, text };
}

function fileUrl(messageId: string): string {
  return `/api/sim/files/${encodeURIComponent(messageId)}`;
}

type Card = Exclude<
  MessageContent,
  { kind: 'text' | 'picture' | 'file' | 'video' | 'voice' | 'system' | 'pat' | 'recall' }
>;

/** As the conversation list of a phone writes it. */
function describeCard(card: Card): string {
  switch (card.kind) {
    case 'link':
      return `[链接] ${card.title}`;
    case 'mini-program':
      return `[小程序] ${card.title}`;
    case 'contact-card':
      return '[名片]';
    case 'location':
      return `[位置] ${card.name}`;
    case 'emoticon':
      return `[动画表情] ${card.meaning}`;
    case 'chat-history':
      return `[聊天记录] ${card.title}`;
    case 'red-packet':
      return `[微信红包] ${card.greeting}`;
    case 'transfer':
      return `[转账] ${card.amount}`;
    case 'group-note':
      return `[接龙] ${card.title}`;
  }
}
