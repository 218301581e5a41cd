import type { Database } from '../platform/db/database.js';
import type { Log } from '../platform/log.js';
import type { Door } from '../platform/puppet/door.js';
import type { Account } from './arrivals.js';
import { endMemberships, updateMembership } from './people-store.js';
import type { CommunityService } from './service.js';
import { setFriend } from './store.js';

interface Platform {
  db: Database;
  door: Door;
  community: CommunityService;
  account: Account;
  now: number;
}

/**
 * Compares our rooms and members with the platform's: names, who came and went
 * without a notice, who is a friend. Runs after login and hourly; asks the
 * platform first and writes then, one transaction a person.
 */
export async function syncRooms({ log, ...platform }: Platform & { log: Log }): Promise<void> {
  for (const externalRoomId of await platform.door.listRooms()) {
    try {
      await syncRoom(platform, externalRoomId);
    } catch (error) {
      log.warn({ err: error }, 'a room could not be compared with the platform');
    }
  }
}

/** The same for one room. */
export async function syncRoom(platform: Platform, externalRoomId: string): Promise<void> {
  const { db, door, community, account, now } = platform;
  const selfId = door.state.kind === 'online' ? door.state.selfId : undefined;
  const topic = await door.roomTopic(externalRoomId);
  const present = (await door.listMembers(externalRoomId)).filter((id) => id !== selfId);
  const roomId = await db.inTransaction(async (tx) => {
    const room = await community.arrivals.room(tx, account, externalRoomId);
    if (topic) await community.names.rememberRoom(tx, room.roomId, topic);
    return room.roomId;
  });
  const here = new Set<string>();
  for (const contactId of present) {
    const name = await door.displayName(contactId, externalRoomId);
    const friend = await door.isFriend(contactId);
    here.add(await rememberMember({ db, community, account, now, roomId, contactId, name, friend }));
  }
  await db.inTransaction(async (tx) => {
    const gone = (await community.listMembers(tx, roomId)).filter((id) => !here.has(id));
    if (gone.length > 0) await endMemberships(tx, { roomId, personIds: gone, at: now, joinedBefore: now });
  });
}

async function rememberMember(seen: {
  db: Database;
  community: CommunityService;
  account: Account;
  now: number;
  roomId: string;
  contactId: string;
  name: string;
  friend: boolean;
}): Promise<string> {
  const { db, community, account, now, roomId, contactId, name, friend } = seen;
  return db.inTransaction(async (tx) => {
    const { personId } = await community.arrivals.person(tx, account, contactId);
    const { isNew } = await community.arrivals.member(tx, roomId, personId);
    // Found by comparing, not by a join notice: in a group that is being set up they were there before the bot.
    if (isNew) await updateMembership(tx, { roomId, personId }, { welcomed_at: now });
    await community.names.rememberPerson(tx, { personId, roomId, name });
    await setFriend(tx, personId, account.id, friend);
    return personId;
  });
}
