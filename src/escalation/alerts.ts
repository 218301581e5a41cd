import type { Community } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { mention, type Outbox, type OutboxKind } from '../platform/outbox/outbox.js';

/** Who could be told. `nobody`: no room and no friend of the bot among them. */
export type Reached = 'room' | 'private' | 'nobody';

interface Notice {
  communityId: string;
  ticketId: string;
  /** Names this notice of the ticket: the same part is sent once. */
  part: string;
  text: string;
  kind: Extract<OutboxKind, 'alert' | 'relay'>;
  /** Only these are called by name; the default is everybody of the staff. */
  call?: 'staff' | 'nobody' | { personIds: string[] };
}

export type Alerts = ReturnType<typeof createAlerts>;

/** Doctors' rooms and admins' rooms, and the private chats of the people behind them. */
export function createAlerts({ community, outbox }: { community: Community; outbox: Outbox }) {
  async function toRooms(
    tx: Transaction,
    notice: Notice,
    kind: 'doctors' | 'admins',
    staff: string[],
  ): Promise<boolean> {
    const rooms = await community.listRooms(tx, notice.communityId, kind);
    for (const room of rooms) {
      const members = new Set(await community.listMembers(tx, room.id));
      const wanted = typeof notice.call === 'object' ? notice.call.personIds : notice.call === 'nobody' ? [] : staff;
      const called = wanted.filter((personId) => members.has(personId));
      await outbox.add(tx, {
        key: `ticket:${notice.ticketId}:${notice.part}:${room.id}`,
        to: { kind: 'room', roomId: room.id },
        kind: notice.kind,
        body: { kind: 'text', text: [notice.text, called.map(mention).join(' ')].filter(Boolean).join('\n') },
        ticketId: notice.ticketId,
      });
    }
    return rooms.length > 0;
  }

  async function toFriends(tx: Transaction, notice: Notice, staff: string[]): Promise<boolean> {
    let reached = false;
    for (const personId of staff) {
      if (!(await community.isFriend(tx, personId))) continue;
      await outbox.add(tx, {
        key: `ticket:${notice.ticketId}:${notice.part}:${personId}`,
        to: { kind: 'private', personId },
        kind: notice.kind,
        body: { kind: 'text', text: notice.text },
        ticketId: notice.ticketId,
      });
      reached = true;
    }
    return reached;
  }

  async function doctorIds(tx: Transaction, communityId: string): Promise<string[]> {
    return (await community.listDoctors(tx, communityId)).map((doctor) => doctor.personId);
  }

  return {
    async hasDoctorsRoom(tx: Transaction, communityId: string): Promise<boolean> {
      return (await community.listRooms(tx, communityId, 'doctors')).length > 0;
    },

    /** To the doctors' rooms; a pressing one also to each doctor in private. Without a room: the doctors in private. */
    async doctors(tx: Transaction, notice: Notice, { pressing }: { pressing: boolean }): Promise<Reached> {
      const doctors = await doctorIds(tx, notice.communityId);
      const inRoom = await toRooms(tx, notice, 'doctors', pressing || typeof notice.call === 'object' ? doctors : []);
      const inPrivate = pressing || !inRoom ? await toFriends(tx, notice, doctors) : false;
      return inRoom ? 'room' : inPrivate ? 'private' : 'nobody';
    },

    /** To the admins' rooms, calling the admins; without a room to owner and admins in private. */
    async admins(tx: Transaction, notice: Notice): Promise<Reached> {
      const admins = await community.listAdmins(tx, notice.communityId);
      if (await toRooms(tx, notice, 'admins', admins)) return 'room';
      return (await toFriends(tx, notice, admins)) ? 'private' : 'nobody';
    },

    /** To one person in private, when a message can reach them. */
    async person(tx: Transaction, notice: Notice, personId: string): Promise<Reached> {
      return (await toFriends(tx, notice, [personId])) ? 'private' : 'nobody';
    },
  };
}
