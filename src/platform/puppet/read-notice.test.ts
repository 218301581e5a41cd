import { describe, expect, it } from 'vitest';
import type { payloads } from 'wechaty-puppet';
import { readFriendship, readInvitation, readRoomJoin, readRoomLeave, readRoomTopic } from './read-notice.js';

const at = { seq: 1, receivedAt: 1_700_000_009_000 };
const join = { roomId: 'r1', inviteeIdList: ['p1', 'p2'], inviterId: 'p9', timestamp: 1_700_000_000 };

describe('joins', () => {
  it('are the same notice whenever and in whatever order they are told', () => {
    const first = readRoomJoin(join, at);
    const again = readRoomJoin({ ...join, inviteeIdList: ['p2', 'p1'] }, { seq: 9, receivedAt: at.receivedAt + 5000 });
    expect(first).toMatchObject({ kind: 'room-join', contactIds: ['p1', 'p2'], inviterId: 'p9' });
    expect(again.platformId).toBe(first.platformId);
    expect(readRoomJoin({ ...join, timestamp: join.timestamp + 60 }, at).platformId).not.toBe(first.platformId);
    expect(readRoomLeave({ ...join, removeeIdList: ['p1', 'p2'], removerId: 'p9' }, at).platformId).not.toBe(
      first.platformId,
    );
  });

  it('go without an inviter, and without those the provider could not tell', () => {
    const inviteeIdList = ['p1', undefined, ''] as string[];
    const read = readRoomJoin({ ...join, inviteeIdList, inviterId: '' }, at);
    expect(read).toMatchObject({ kind: 'room-join', contactIds: ['p1'] });
    expect(read).not.toHaveProperty('inviterId');
  });

  it.each([{ inviteeIdList: [undefined] as unknown as string[] }, { roomId: '' }])('%o is malformed', (wrong) => {
    expect(readRoomJoin({ ...join, ...wrong }, at).kind).toBe('malformed');
  });
});

it('reads topics', () => {
  const event = { roomId: 'r1', changerId: 'p1', oldTopic: '旧', newTopic: '新', timestamp: 1_700_000_000 };
  expect(readRoomTopic(event, at)).toMatchObject({ kind: 'room-topic', topic: '新', sentAt: 1_700_000_000_000 });
});

it('reads invitations and friendships', () => {
  const invitation = { inviterId: 'p1', topic: '糖友群', timestamp: 1_700_000_000 } as payloads.RoomInvitation;
  expect(readInvitation('i1', invitation, at)).toMatchObject({
    kind: 'room-invite',
    invitationId: 'i1',
    inviterId: 'p1',
  });
  expect(readInvitation('i1', undefined, at).kind).toBe('malformed');
  const friendship = (type: number) =>
    ({ contactId: 'p1', hello: '我是患者家属', type, timestamp: 0 }) as payloads.Friendship;
  expect(readFriendship('f1', friendship(2), at)).toMatchObject({
    kind: 'friend-request',
    friendshipId: 'f1',
    hello: '我是患者家属',
    sentAt: at.receivedAt,
  });
  expect(readFriendship('f1', friendship(1), at)).toMatchObject({ kind: 'friend-confirmed', contactId: 'p1' });
  expect(readFriendship('f1', friendship(3), at).kind).toBe('malformed');
});
