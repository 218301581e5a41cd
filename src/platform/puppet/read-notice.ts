import { createHash } from 'node:crypto';
import { type payloads, types } from 'wechaty-puppet';
import type { Incoming } from './incoming.js';
import { type Arrival, readInstant } from './read-message.js';

/*
 * Notices have no id of their own. One is made from their content, so that the
 * same notice, told twice, is the same.
 */

export function readRoomJoin(event: payloads.EventRoomJoin, arrival: Arrival): Incoming {
  const contactIds = readIds(event.inviteeIdList);
  const sentAt = readInstant(event.timestamp, arrival.receivedAt);
  const platformId = contentId('join', event.roomId, contactIds, sentAt);
  if (!event.roomId || contactIds.length === 0) return malformed(platformId, arrival, 'join without room or people');
  return {
    ...arrival,
    platformId,
    sentAt,
    kind: 'room-join',
    externalRoomId: event.roomId,
    contactIds,
    // Empty for those who scanned a code; Wechaty drops the notice then.
    ...(event.inviterId && { inviterId: event.inviterId }),
  };
}

export function readRoomLeave(event: payloads.EventRoomLeave, arrival: Arrival): Incoming {
  const contactIds = readIds(event.removeeIdList);
  const sentAt = readInstant(event.timestamp, arrival.receivedAt);
  const platformId = contentId('leave', event.roomId, contactIds, sentAt);
  if (!event.roomId || contactIds.length === 0) return malformed(platformId, arrival, 'leave without room or people');
  return {
    ...arrival,
    platformId,
    sentAt,
    kind: 'room-leave',
    externalRoomId: event.roomId,
    contactIds,
    ...(event.removerId && { removerId: event.removerId }),
  };
}

export function readRoomTopic(event: payloads.EventRoomTopic, arrival: Arrival): Incoming {
  const sentAt = readInstant(event.timestamp, arrival.receivedAt);
  const platformId = contentId('topic', event.roomId, [event.newTopic ?? ''], sentAt);
  if (!event.roomId) return malformed(platformId, arrival, 'topic without room');
  return {
    ...arrival,
    platformId,
    sentAt,
    kind: 'room-topic',
    externalRoomId: event.roomId,
    topic: event.newTopic ?? '',
  };
}

export function readInvitation(
  invitationId: string,
  payload: payloads.RoomInvitation | undefined,
  arrival: Arrival,
): Incoming {
  const platformId = `invite:${invitationId}`;
  if (!payload?.inviterId) return malformed(platformId, arrival, 'invitation without an inviter');
  return {
    ...arrival,
    platformId,
    sentAt: readInstant(payload.timestamp, arrival.receivedAt),
    kind: 'room-invite',
    invitationId,
    inviterId: payload.inviterId,
    topic: payload.topic ?? '',
  };
}

export function readFriendship(
  friendshipId: string,
  payload: payloads.Friendship | undefined,
  arrival: Arrival,
): Incoming {
  const platformId = `friendship:${friendshipId}`;
  if (!payload?.contactId) return malformed(platformId, arrival, 'friendship without a contact');
  const { contactId, type } = payload;
  // The time is lost over gRPC.
  const arrived = { ...arrival, platformId, sentAt: readInstant(payload.timestamp, arrival.receivedAt) };
  if (type === types.Friendship.Receive) {
    return { ...arrived, kind: 'friend-request', friendshipId, contactId, hello: payload.hello ?? '' };
  }
  if (type === types.Friendship.Confirm) return { ...arrived, kind: 'friend-confirmed', contactId };
  return malformed(platformId, arrival, 'unknown friendship type');
}

export function malformed(platformId: string, arrival: Arrival, reason: string): Incoming {
  return { ...arrival, platformId, sentAt: arrival.receivedAt, kind: 'malformed', reason };
}

/** Invitees that the provider could not tell come as undefined or empty. */
function readIds(ids: unknown): string[] {
  if (!Array.isArray(ids)) return [];
  return [...new Set(ids.filter((id): id is string => typeof id === 'string' && id !== ''))];
}

export function contentId(kind: string, place: string, words: readonly string[], sentAt: number): string {
  const content = JSON.stringify([place, [...words].sort(), sentAt]);
  return `${kind}:${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
}
