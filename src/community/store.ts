import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Schema } from '../platform/db/schema.js';
import type { Account } from './arrivals.js';
import type { Room, RoomKind, Topic } from './chat.js';

type RoomRow = Selectable<Schema['room']>;

export interface RoleRow {
  personId: string;
  role: 'owner' | 'admin' | 'doctor';
  realName: string | null;
  speciality: string | null;
  institution: string | null;
  verifiedAt: number | null;
  simulated: boolean;
}

export interface Identity {
  personId: string | null;
  roomId: string | null;
  friend: boolean;
}

export function roomOf(row: RoomRow): Room {
  return {
    id: row.id,
    communityId: row.community_id ?? undefined,
    kind: row.kind as RoomKind,
    topics: JSON.parse(row.topics) as Topic[],
    timeZone: row.time_zone,
    dayStartMinutes: row.day_start_minutes,
    answerStyle: row.answer_style as Room['answerStyle'],
    valuesMode: row.values_mode as Room['valuesMode'],
    quietFromMinutes: row.quiet_from_minutes,
    quietToMinutes: row.quiet_to_minutes,
    muted: row.muted === 1,
  };
}

export async function hasCommunity(reader: Reader): Promise<boolean> {
  return (await reader.selectFrom('community').select('id').executeTakeFirst()) !== undefined;
}

/** The oldest one: where everything belongs that was not said to belong elsewhere. */
export async function getFirstCommunityId(reader: Reader): Promise<string> {
  const row = await reader
    .selectFrom('community')
    .select('id')
    .orderBy('created_at')
    .orderBy('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function findCommunity(reader: Reader, by: { id: string } | { name: string }) {
  const query = reader.selectFrom('community').select(['id', 'name', 'muted']);
  return ('id' in by ? query.where('id', '=', by.id) : query.where('name', '=', by.name)).executeTakeFirst();
}

export async function listCommunities(reader: Reader): Promise<{ id: string; muted: boolean }[]> {
  const rows = await reader
    .selectFrom('community')
    .select(['id', 'muted'])
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(({ id, muted }) => ({ id, muted: muted === 1 }));
}

export async function insertCommunity(tx: Transaction, community: Insertable<Schema['community']>): Promise<void> {
  await tx.insertInto('community').values(community).execute();
}

export async function muteCommunity(tx: Transaction, communityId: string, muted: 0 | 1): Promise<void> {
  await tx.updateTable('community').set({ muted }).where('id', '=', communityId).execute();
}

export async function findAccountId(
  reader: Reader,
  account: { provider: Account['provider']; externalId: string },
): Promise<string | undefined> {
  const row = await reader
    .selectFrom('account')
    .select('id')
    .where('provider', '=', account.provider)
    .where('external_id', '=', account.externalId)
    .executeTakeFirst();
  return row?.id;
}

export async function insertAccount(tx: Transaction, account: Insertable<Schema['account']>): Promise<void> {
  await tx.insertInto('account').values(account).execute();
}

/** When this program last said that it serves the account; 0 when it never did. */
export async function lastAliveAt(reader: Reader, accountId: string): Promise<number> {
  const row = await reader.selectFrom('account').select('last_alive_at').where('id', '=', accountId).executeTakeFirst();
  return row?.last_alive_at ?? 0;
}

export async function noteAlive(tx: Transaction, accountId: string, at: number): Promise<void> {
  await tx.updateTable('account').set({ last_alive_at: at }).where('id', '=', accountId).execute();
}

export async function findRoomRow(reader: Reader, roomId: string): Promise<RoomRow | undefined> {
  return reader.selectFrom('room').selectAll().where('id', '=', roomId).executeTakeFirst();
}

export async function listRoomRows(reader: Reader, communityId: string, kind: RoomKind): Promise<RoomRow[]> {
  return reader
    .selectFrom('room')
    .selectAll()
    .where('community_id', '=', communityId)
    .where('kind', '=', kind)
    .where('left_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export async function listRoomRowsOfPerson(reader: Reader, personId: string): Promise<RoomRow[]> {
  return reader
    .selectFrom('room')
    .innerJoin('membership', 'membership.room_id', 'room.id')
    .selectAll('room')
    .where('membership.person_id', '=', personId)
    .where('membership.left_at', 'is', null)
    .where('room.left_at', 'is', null)
    .orderBy('membership.joined_at')
    .orderBy('room.id')
    .execute();
}

/** Patients' groups of this account in which somebody spoke since then. */
export async function listActiveRooms(reader: Reader, { accountId, since }: { accountId: string; since: number }) {
  return reader
    .selectFrom('room')
    .select(['id', 'time_zone'])
    .where('account_id', '=', accountId)
    .where('kind', '=', 'patients')
    .where('muted', '=', 0)
    .where('left_at', 'is', null)
    .where('last_message_at', '>', since)
    .execute();
}

export async function insertRoom(tx: Transaction, room: Insertable<Schema['room']>): Promise<void> {
  await tx.insertInto('room').values(room).execute();
}

export async function updateRoom(
  tx: Transaction,
  roomId: string,
  changes: Omit<Updateable<Schema['room']>, 'id' | 'account_id' | 'created_at'>,
): Promise<void> {
  await tx.updateTable('room').set(changes).where('id', '=', roomId).execute();
}

export async function noteSpokenIn(tx: Transaction, roomIds: readonly string[], at: number): Promise<void> {
  await tx.updateTable('room').set({ last_message_at: at }).where('id', 'in', roomIds).execute();
}

export async function findIdentity(
  reader: Reader,
  identity: { account: Account; kind: 'contact' | 'room'; externalId: string },
): Promise<Identity | undefined> {
  const row = await reader
    .selectFrom('external_identity')
    .select(['person_id', 'room_id', 'friend'])
    .where('provider', '=', identity.account.provider)
    .where('account_id', '=', identity.account.id)
    .where('kind', '=', identity.kind)
    .where('external_id', '=', identity.externalId)
    .executeTakeFirst();
  return row && { personId: row.person_id, roomId: row.room_id, friend: row.friend === 1 };
}

export async function insertIdentity(
  tx: Transaction,
  identity: Insertable<Schema['external_identity']>,
): Promise<void> {
  await tx.insertInto('external_identity').values(identity).execute();
}

export async function findExternalId(
  reader: Reader,
  owner: { accountId: string; personId: string } | { accountId: string; roomId: string },
): Promise<string | undefined> {
  const query = reader.selectFrom('external_identity').select('external_id').where('account_id', '=', owner.accountId);
  const row = await ('personId' in owner
    ? query.where('person_id', '=', owner.personId)
    : query.where('room_id', '=', owner.roomId)
  )
    .orderBy('last_seen_at', 'desc')
    .executeTakeFirst();
  return row?.external_id;
}

export async function setFriend(tx: Transaction, personId: string, accountId: string, friend: boolean): Promise<void> {
  await tx
    .updateTable('external_identity')
    .set({ friend: friend ? 1 : 0 })
    .where('person_id', '=', personId)
    .where('account_id', '=', accountId)
    .execute();
}

export async function isFriend(reader: Reader, personId: string): Promise<boolean> {
  const row = await reader
    .selectFrom('external_identity')
    .select('id')
    .where('person_id', '=', personId)
    .where('friend', '=', 1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function listRoles(reader: Reader, communityId: string, personId?: string): Promise<RoleRow[]> {
  let query = reader
    .selectFrom('role')
    .select(['person_id', 'role', 'real_name', 'speciality', 'institution', 'verified_at', 'simulated'])
    .where('community_id', '=', communityId)
    .where('removed_at', 'is', null);
  if (personId !== undefined) query = query.where('person_id', '=', personId);
  const rows = await query.orderBy('created_at').orderBy('id').execute();
  return rows.map((row) => ({
    personId: row.person_id,
    role: row.role as RoleRow['role'],
    realName: row.real_name,
    speciality: row.speciality,
    institution: row.institution,
    verifiedAt: row.verified_at,
    simulated: row.simulated === 1,
  }));
}

/** Communities where this person has a role, oldest first. */
export async function listCommunitiesByRole(reader: Reader, personId: string): Promise<string[]> {
  const rows = await reader
    .selectFrom('role')
    .select('community_id')
    .where('person_id', '=', personId)
    .where('removed_at', 'is', null)
    .orderBy('created_at')
    .execute();
  return [...new Set(rows.map((row) => row.community_id))];
}

export async function hasOwner(reader: Reader): Promise<boolean> {
  const row = await reader
    .selectFrom('role')
    .select('id')
    .where('role', '=', 'owner')
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertRole(tx: Transaction, role: Insertable<Schema['role']>): Promise<void> {
  await tx.insertInto('role').values(role).execute();
}

export async function endRole(
  tx: Transaction,
  role: { communityId: string; personId: string; role: string; at: number },
): Promise<number> {
  const result = await tx
    .updateTable('role')
    .set({ removed_at: role.at })
    .where('community_id', '=', role.communityId)
    .where('person_id', '=', role.personId)
    .where('role', '=', role.role)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export async function getMeta(reader: Reader, key: string): Promise<string | undefined> {
  const row = await reader.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value;
}

export async function setMeta(tx: Transaction, key: string, value: string, now: number): Promise<void> {
  await tx
    .insertInto('meta')
    .values({ key, value, created_at: now })
    .onConflict((oc) => oc.column('key').doUpdateSet({ value }))
    .execute();
}

/** Who did this since then, once for every time. */
export async function listActors(reader: Reader, { action, since }: { action: string; since: number }) {
  const rows = await reader
    .selectFrom('audit')
    .select('actor_id')
    .where('action', '=', action)
    .where('created_at', '>', since)
    .execute();
  return rows.map((row) => row.actor_id);
}

/** From when on the last of these messages may be sent, or was; undefined when there is none. */
export async function lastNotBefore(
  reader: Reader,
  messages: { conversation: string; keyPrefix: string },
): Promise<number | undefined> {
  const last = await reader
    .selectFrom('outbox')
    .select((eb) => eb.fn.max('not_before').as('at'))
    .where('conversation', '=', messages.conversation)
    .where('dedupe_key', 'like', `${messages.keyPrefix}%`)
    .where('state', 'not in', ['cancelled', 'expired', 'failed'])
    .executeTakeFirst();
  return last?.at == null ? undefined : Number(last.at);
}
