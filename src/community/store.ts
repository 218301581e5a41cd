import type { Selectable } from 'kysely';
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

export async function updateRoom(
  tx: Transaction,
  roomId: string,
  changes: Partial<Omit<RoomRow, 'id' | 'account_id' | 'created_at'>>,
): Promise<void> {
  await tx.updateTable('room').set(changes).where('id', '=', roomId).execute();
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

export async function latestConsent(reader: Reader, personId: string, purpose: string): Promise<string | undefined> {
  const row = await reader
    .selectFrom('consent')
    .innerJoin('person', 'person.id', 'consent.person_id')
    .select('consent.decision')
    .where('consent.person_id', '=', personId)
    .where('consent.purpose', '=', purpose)
    // What was agreed to before an erasure stays on record, and holds no longer.
    .where((eb) =>
      eb.or([eb('person.erased_at', 'is', null), eb('consent.created_at', '>', eb.ref('person.erased_at'))]),
    )
    .orderBy('consent.created_at', 'desc')
    .orderBy('consent.id', 'desc')
    .executeTakeFirst();
  return row?.decision;
}

export async function findQuestionRow(reader: Reader, personId: string, place: string) {
  return reader
    .selectFrom('pending_question')
    .selectAll()
    .where('person_id', '=', personId)
    .where('place', '=', place)
    .executeTakeFirst();
}

export async function listQuestionRows(reader: Reader, personId: string, places: readonly string[]) {
  return reader
    .selectFrom('pending_question')
    .selectAll()
    .where('person_id', '=', personId)
    .where('place', 'in', places)
    .execute();
}

export async function deleteQuestion(tx: Transaction, personId: string, place: string): Promise<void> {
  await tx.deleteFrom('pending_question').where('person_id', '=', personId).where('place', '=', place).execute();
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
