import { FileBox, type FileBoxInterface } from 'file-box';
import * as PUPPET from 'wechaty-puppet';
import type {
  FileContent,
  MessageContent,
  SimulatedContact,
  SimulatedFriendship,
  SimulatedInvitation,
  SimulatedMessage,
  SimulatedRoom,
} from './world-types.js';

/** How the simulated WeChat looks to Wechaty. Every function makes a new object: Wechaty's caches keep what they get. */

const { Message: MessageType, Contact: ContactType, ContactGender, Friendship: FriendshipType } = PUPPET.types;

const GENDER = { unknown: ContactGender.Unknown, male: ContactGender.Male, female: ContactGender.Female };

export function contactPayload(contact: SimulatedContact): PUPPET.payloads.Contact {
  return {
    id: contact.id,
    name: contact.name,
    alias: contact.remark,
    avatar: '',
    friend: contact.friend,
    gender: GENDER[contact.gender],
    phone: [...contact.phones],
    signature: contact.signature,
    star: false,
    type: ContactType.Individual,
  };
}

export function roomPayload(room: SimulatedRoom): PUPPET.payloads.Room {
  return {
    id: room.id,
    topic: room.topic,
    avatar: '',
    ownerId: room.ownerId,
    adminIdList: [],
    memberIdList: [...room.memberIds],
    external: true,
  };
}

export function memberPayload(room: SimulatedRoom, contact: SimulatedContact): PUPPET.payloads.RoomMember {
  return { id: contact.id, name: contact.name, roomAlias: room.aliases[contact.id] ?? '', avatar: '' };
}

const MESSAGE_TYPES = {
  text: MessageType.Text,
  picture: MessageType.Image,
  video: MessageType.Video,
  file: MessageType.Attachment,
  voice: MessageType.Audio,
  link: MessageType.Url,
  'mini-program': MessageType.MiniProgram,
  'contact-card': MessageType.Contact,
  location: MessageType.Location,
  emoticon: MessageType.Emoticon,
  'chat-history': MessageType.ChatHistory,
  'red-packet': MessageType.RedEnvelope,
  transfer: MessageType.Transfer,
  'group-note': MessageType.GroupNote,
  pat: MessageType.Unknown,
  recall: MessageType.Recalled,
  system: MessageType.Unknown,
} satisfies Record<MessageContent['kind'], PUPPET.types.Message>;

/**
 * A message as providers hand it on.
 *
 * `mentionIds` is undefined where the provider gives none; an @all lists every
 * member. A pat names the patted as talker and the patter as listener, as
 * PadLocal does.
 */
export function messagePayload(
  message: SimulatedMessage,
  { room, botId, mentionIds }: { room?: SimulatedRoom; botId: string; mentionIds?: string[] },
): PUPPET.payloads.Message {
  const { content, talkerId, conversationId } = message;
  const pat = content.kind === 'pat' ? content : undefined;
  const base = {
    id: message.id,
    talkerId: pat?.pattedId ?? talkerId,
    timestamp: message.sentAt,
    type: MESSAGE_TYPES[content.kind],
    text: payloadText(content),
    ...('filename' in content && { filename: content.filename }),
  };
  if (!room) return { ...base, listenerId: pat?.patterId ?? (talkerId === botId ? conversationId : botId) };
  return {
    ...base,
    roomId: room.id,
    ...(pat && { listenerId: pat.patterId }),
    ...(mentionIds && { mentionIdList: [...mentionIds] }),
  };
}

/** WeChat's own XML stands where a message has no text: it must be neither shown nor indexed. */
function payloadText(content: MessageContent): string {
  switch (content.kind) {
    case 'text':
    case 'pat':
    case 'system':
      return content.text;
    case 'recall':
      return content.recalledId;
    case 'file':
      return content.filename;
    case 'group-note':
      return content.title;
    case 'voice':
      return `<msg><voicemsg voicelength="${content.durationSeconds * 1000}" /></msg>`;
    case 'picture':
      return '<msg><img /></msg>';
    case 'video':
      return '<msg><videomsg /></msg>';
    case 'emoticon':
      return '<msg><emoji /></msg>';
    default:
      return '<msg><appmsg /></msg>';
  }
}

export function friendshipPayload(friendship: SimulatedFriendship): PUPPET.payloads.Friendship {
  const base = {
    id: friendship.id,
    contactId: friendship.contactId,
    hello: friendship.hello,
    timestamp: friendship.at,
  };
  switch (friendship.kind) {
    case 'confirm':
      return { ...base, type: FriendshipType.Confirm };
    case 'verify':
      return { ...base, type: FriendshipType.Verify };
    case 'request':
      return {
        ...base,
        type: FriendshipType.Receive,
        scene: PUPPET.types.FriendshipScene.Room,
        stranger: '',
        ticket: friendship.id,
      };
  }
}

export function invitationPayload(
  invitation: SimulatedInvitation,
  { room, botId }: { room: SimulatedRoom; botId: string },
): PUPPET.payloads.RoomInvitation {
  return {
    id: invitation.id,
    inviterId: invitation.inviterId,
    receiverId: botId,
    topic: room.topic,
    avatar: '',
    invitation: invitation.id,
    memberCount: room.memberIds.length,
    memberIdList: [],
    timestamp: invitation.at,
  };
}

/** As base64, so that the name, type and length survive the way over gRPC also for small files. */
export function fileBox(file: FileContent, content: MessageContent): FileBoxInterface {
  const box = FileBox.fromBase64(file.base64, file.name);
  box.metadata = {
    mediaType: file.mediaType,
    ...(content.kind === 'voice' && { durationSeconds: content.durationSeconds }),
  };
  return box;
}

const KIND_BY_ENDING: [RegExp, 'picture' | 'video' | 'voice', string][] = [
  [/\.(?:jpe?g|png|gif|webp|bmp)$/i, 'picture', 'image/*'],
  [/\.(?:mp4|mov|m4v)$/i, 'video', 'video/*'],
  [/\.(?:silk?|slk|amr|mp3)$/i, 'voice', 'audio/*'],
];

/** WeChat shows a file by the ending of its name. */
export function kindOfFile(name: string): { kind: 'picture' | 'video' | 'voice' | 'file'; mediaType: string } {
  const match = KIND_BY_ENDING.find(([ending]) => ending.test(name));
  return match ? { kind: match[1], mediaType: match[2] } : { kind: 'file', mediaType: 'application/octet-stream' };
}
