import { z } from 'zod';
import type {
  MessageContent,
  SimulatedContact,
  SimulatedFriendship,
  SimulatedInvitation,
  SimulatedMessage,
  SimulatedRoom,
} from './world-types.js';

const text = z.string();

const content: z.ZodType<MessageContent> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    text,
    body: text,
    quote: z.object({ messageId: text, name: text, text }).exactOptional(),
  }),
  z.object({ kind: z.enum(['picture', 'video', 'file']), filename: text, mediaType: text }),
  z.object({ kind: z.literal('voice'), filename: text, mediaType: text, durationSeconds: z.number() }),
  z.object({ kind: z.literal('link'), title: text, url: text, description: text, thumbnailUrl: text }),
  z.object({
    kind: z.literal('mini-program'),
    title: text,
    appId: text,
    username: text,
    pagePath: text,
    description: text,
  }),
  z.object({ kind: z.literal('contact-card'), contactId: text }),
  z.object({
    kind: z.literal('location'),
    name: text,
    address: text,
    latitude: z.number(),
    longitude: z.number(),
    accuracy: z.number(),
  }),
  z.object({ kind: z.literal('emoticon'), meaning: text }),
  z.object({ kind: z.literal('chat-history'), title: text, lines: z.array(text) }),
  z.object({ kind: z.literal('red-packet'), greeting: text }),
  z.object({ kind: z.literal('transfer'), amount: text }),
  z.object({ kind: z.literal('group-note'), title: text }),
  z.object({ kind: z.literal('pat'), patterId: text, pattedId: text, text }),
  z.object({ kind: z.literal('recall'), recalledId: text, text }),
  z.object({ kind: z.literal('system'), text, asEvent: z.boolean() }),
]);

const message: z.ZodType<SimulatedMessage> = z.object({
  id: text,
  sequence: z.number().int(),
  sentAt: z.number(),
  conversationId: text,
  talkerId: text,
  content,
  mentionIds: z.array(text),
  mentionsAll: z.boolean(),
  recalled: z.boolean(),
  origin: z.enum(['phone', 'program']),
});

const contact: z.ZodType<SimulatedContact> = z.object({
  id: text,
  name: text,
  role: z.enum(['bot', 'patient', 'family', 'doctor', 'admin', 'outsider']),
  friend: z.boolean(),
  remark: text,
  gender: z.enum(['unknown', 'male', 'female']),
  signature: text,
  description: text,
  phones: z.array(text),
});

const room: z.ZodType<SimulatedRoom> = z.object({
  id: text,
  topic: text,
  ownerId: text,
  memberIds: z.array(text),
  aliases: z.record(text, text),
  announcement: text,
});

const friendship: z.ZodType<SimulatedFriendship> = z.object({
  id: text,
  contactId: text,
  kind: z.enum(['request', 'verify', 'confirm']),
  hello: text,
  at: z.number(),
  open: z.boolean(),
  told: z.boolean(),
});

const invitation: z.ZodType<SimulatedInvitation> = z.object({
  id: text,
  roomId: text,
  inviterId: text,
  at: z.number(),
  open: z.boolean(),
  told: z.boolean(),
});

const count = z.number().int().nonnegative();

const snapshot = z.object({
  version: z.literal(1),
  seed: z.number().int(),
  ids: z.enum(['wecom', 'padlocal']),
  counters: z.object({
    staff: count,
    external: count,
    room: count,
    message: count,
    friendship: count,
    invitation: count,
  }),
  botId: text,
  savedAt: z.number(),
  sequence: count,
  deliveredSequence: count,
  contacts: z.array(contact),
  rooms: z.array(room),
  friendships: z.array(friendship),
  invitations: z.array(invitation),
  tags: z.array(z.object({ tag: text, contactIds: z.array(text) })),
  readMarks: z.array(z.object({ conversationId: text, read: z.boolean() })),
  messages: z.array(message),
  files: z.array(z.object({ messageId: text, file: z.object({ name: text, mediaType: text, base64: text }) })),
});

/** The whole simulated WeChat as JSON, to go on with after a restart. */
export type WorldSnapshot = z.infer<typeof snapshot>;

/** Throws a ZodError that names the place where the JSON is no snapshot. */
export function parseSnapshot(json: unknown): WorldSnapshot {
  return snapshot.parse(json);
}
