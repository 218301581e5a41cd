import { type payloads, types } from 'wechaty-puppet';
import type { Incoming, IncomingMessage, Mentions, Quoted } from './incoming.js';

export interface Arrival {
  seq: number;
  receivedAt: number;
}

/** What a message alone does not tell. */
export interface MessageContext {
  selfId: string | undefined;
  /** What the bot is called in this place: nickname and room alias. Needed where `wantsSelfNames` says so. */
  selfNames: readonly string[];
  /** Needed where `wantsMemberCount` says so. */
  memberCount: number | undefined;
}

const Type = types.Message;

/** From three mentions on, a list may be everybody: providers tell @all and announcements that way. */
const EVERYBODY_MIN = 3;

const KINDS: Partial<Record<types.Message, IncomingMessage['kind']>> = {
  [Type.Audio]: 'voice',
  [Type.ChatHistory]: 'chat-history',
  [Type.Contact]: 'contact-card',
  [Type.Emoticon]: 'emoticon',
  [Type.Image]: 'image',
  [Type.Location]: 'location',
  [Type.MiniProgram]: 'mini-program',
  [Type.RedEnvelope]: 'red-packet',
  [Type.Transfer]: 'transfer',
  // WeChat has no type for system notices.
  [Type.Unknown]: 'system',
  [Type.Url]: 'link',
  [Type.Video]: 'video',
};

type Bare = Extract<IncomingMessage, { kind: 'image' }>['kind'];

/** A payload with the differences between providers taken out: an empty text stands for nothing over gRPC. */
interface Plain {
  type: number;
  text: string;
  filename: string;
  talkerId: string;
  listenerId: string;
  roomId: string;
  mentionIds: string[];
  timestamp: unknown;
}

/** Whether the bot's names decide what this message means. */
export function wantsSelfNames(payload: payloads.Message): boolean {
  const { type, text, roomId } = plain(payload);
  if (type !== Type.Text) return false;
  return text.startsWith('「') || (roomId !== '' && /[@＠]/.test(text));
}

export function wantsMemberCount(payload: payloads.Message): boolean {
  const { type, mentionIds } = plain(payload);
  return type === Type.Text && mentionIds.length >= EVERYBODY_MIN;
}

/** One message as a plain value. Bodies in WeChat's XML are never kept. */
export function readMessage(
  platformId: string,
  payload: payloads.Message,
  arrival: Arrival,
  context: MessageContext,
): Incoming {
  const message = plain(payload);
  const arrived = { ...arrival, platformId, sentAt: readInstant(message.timestamp, arrival.receivedAt) };
  if (Type[message.type] === undefined) return { ...arrived, kind: 'malformed', reason: 'unknown message type' };
  if (!message.talkerId && message.type !== Type.Unknown) {
    return { ...arrived, kind: 'malformed', reason: 'message without a talker' };
  }
  const spoken = { ...arrived, ...readSpeaker(message, context.selfId) };
  switch (message.type) {
    case Type.Text:
      return isXml(message.text)
        ? { ...spoken, kind: 'unknown' }
        : { ...spoken, kind: 'text', ...readText(message, context) };
    case Type.Attachment:
      return { ...spoken, kind: 'file', filename: message.filename };
    case Type.GroupNote:
      return { ...spoken, kind: 'note', text: isXml(message.text) ? '' : message.text };
    case Type.Recalled: {
      const recalledPlatformId = readRecalledId(message.text);
      return recalledPlatformId
        ? { ...spoken, kind: 'recall', recalledPlatformId }
        : { ...arrived, kind: 'malformed', reason: 'recall without an id' };
    }
    default:
      return { ...spoken, kind: (KINDS[message.type as types.Message] ?? 'unknown') as Bare };
  }
}

/** Seconds or milliseconds, as the provider likes; our own clock where it gives neither. */
export function readInstant(timestamp: unknown, receivedAt: number): number {
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp) || timestamp <= 0) return receivedAt;
  return Math.floor(timestamp < 1e11 ? timestamp * 1000 : timestamp);
}

function plain(payload: payloads.Message): Plain {
  const raw = payload as unknown as Partial<Record<string, unknown>>;
  const word = (...names: string[]) => {
    for (const name of names) if (typeof raw[name] === 'string' && raw[name] !== '') return raw[name];
    return '';
  };
  const ids = Array.isArray(raw.mentionIdList) ? raw.mentionIdList : [];
  return {
    type: typeof raw.type === 'number' ? raw.type : -1,
    text: word('text'),
    filename: word('filename'),
    talkerId: word('talkerId', 'fromId'),
    listenerId: word('listenerId', 'toId'),
    roomId: word('roomId'),
    mentionIds: [...new Set(ids.filter((id): id is string => typeof id === 'string' && id !== ''))],
    timestamp: raw.timestamp,
  };
}

function readSpeaker(message: Plain, selfId: string | undefined) {
  // Providers give a pat the other way round: the patted as talker, the patter as listener.
  const [talkerId, otherId] = isPat(message)
    ? [message.listenerId, message.talkerId]
    : [message.talkerId, message.listenerId];
  const self = selfId !== undefined && talkerId === selfId;
  if (message.roomId) return { externalRoomId: message.roomId, talkerId, self };
  const privateWith = self ? otherId : talkerId;
  return { talkerId, self, ...(privateWith && { privateWith }) };
}

function isPat({ type, text, listenerId }: Plain): boolean {
  return type === Type.Unknown && listenerId !== '' && /拍了拍|\b(tickled|nudged)\b/.test(text);
}

function readText(message: Plain, context: MessageContext): { text: string; mentions: Mentions; quoted?: Quoted } {
  const quote = readQuote(message.text);
  const text = quote?.reply ?? message.text;
  const mentions = readMentions(text, message, context);
  if (!quote) return { text, mentions };
  return {
    text,
    mentions,
    quoted: { name: quote.name, text: quote.text, bySelf: context.selfNames.includes(quote.name) },
  };
}

/** `「name：text」`, a line of fifteen hyphens, the reply. The quoted text may hold such a line itself: the last one counts. */
export function readQuote(text: string): { name: string; text: string; reply: string } | undefined {
  const match = /^「([^：]*)：([\s\S]*)」\n- - - - - - - - - - - - - - -\n([\s\S]*)$/.exec(text);
  const [, name, quoted, reply] = match ?? [];
  if (name === undefined || quoted === undefined || reply === undefined) return undefined;
  return { name, text: quoted, reply };
}

/** By the provider's list or as typed; a name within a quote does not count, and neither does a call to everybody. */
function readMentions(text: string, message: Plain, context: MessageContext): Mentions {
  if (!message.roomId) return { self: false, all: false, contactIds: [] };
  const contactIds = message.mentionIds;
  const all = /[@＠](所有人|all)(?=[\u2005\s]|$)/i.test(text) || isEverybody(contactIds, context.memberCount);
  const byId = context.selfId !== undefined && contactIds.includes(context.selfId);
  return { self: !all && (byId || context.selfNames.some((name) => isTyped(text, name))), all, contactIds };
}

function isEverybody(contactIds: readonly string[], memberCount: number | undefined): boolean {
  return memberCount !== undefined && contactIds.length >= Math.max(EVERYBODY_MIN, memberCount - 1);
}

function isTyped(text: string, name: string): boolean {
  for (const sign of ['@', '＠']) {
    const call = sign + name;
    for (let at = text.indexOf(call); at !== -1; at = text.indexOf(call, at + 1)) {
      const next = text[at + call.length];
      if (next === undefined || /[\u2005\s]/.test(next)) return true;
    }
  }
  return false;
}

/** Providers give the id alone, or WeChat's own XML of the recall. */
function readRecalledId(text: string): string | undefined {
  const inXml = /<newmsgid>\s*([^<\s]+)\s*<\/newmsgid>/.exec(text)?.[1];
  if (inXml) return inXml;
  const id = text.trim();
  return id === '' || /[<>\s]/.test(id) ? undefined : id;
}

function isXml(text: string): boolean {
  return /^\s*<(\?xml|msg|sysmsg|appmsg)\b/.test(text);
}
