import type { Insertable, Updateable } from 'kysely';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Schema } from '../platform/db/schema.js';

interface Member {
  roomId: string;
  personId: string;
}

export async function findPerson(reader: Reader, personId: string) {
  return reader.selectFrom('person').selectAll().where('id', '=', personId).executeTakeFirst();
}

export async function insertPerson(tx: Transaction, person: Insertable<Schema['person']>): Promise<void> {
  await tx.insertInto('person').values(person).execute();
}

export async function setPersonName(tx: Transaction, personId: string, nameSealed: string): Promise<void> {
  await tx.updateTable('person').set({ name_sealed: nameSealed }).where('id', '=', personId).execute();
}

/** No name is left of them; the rows stay, because sums and numbers of others hang on them. */
export async function erasePerson(tx: Transaction, personId: string, at: number): Promise<void> {
  await tx.updateTable('person').set({ name_sealed: null, erased_at: at }).where('id', '=', personId).execute();
  await tx.updateTable('membership').set({ alias_sealed: null }).where('person_id', '=', personId).execute();
}

export async function findMembership(reader: Reader, { roomId, personId }: Member) {
  return reader
    .selectFrom('membership')
    .selectAll()
    .where('room_id', '=', roomId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
}

export async function insertMembership(tx: Transaction, membership: Insertable<Schema['membership']>): Promise<void> {
  await tx.insertInto('membership').values(membership).execute();
}

export async function updateMembership(
  tx: Transaction,
  { roomId, personId }: Member,
  changes: Pick<Updateable<Schema['membership']>, 'alias_sealed' | 'joined_at' | 'left_at' | 'welcomed_at'>,
): Promise<void> {
  await tx
    .updateTable('membership')
    .set(changes)
    .where('room_id', '=', roomId)
    .where('person_id', '=', personId)
    .execute();
}

/** They left; with `joinedBefore`, only who was there already then. */
export async function endMemberships(
  tx: Transaction,
  { roomId, personIds, at, joinedBefore }: { roomId: string; personIds: string[]; at: number; joinedBefore?: number },
): Promise<void> {
  let query = tx
    .updateTable('membership')
    .set({ left_at: at })
    .where('room_id', '=', roomId)
    .where('person_id', 'in', personIds)
    .where('left_at', 'is', null);
  if (joinedBefore !== undefined) query = query.where('joined_at', '<', joinedBefore);
  await query.execute();
}

/** People who are members of this room now. */
export async function listMembers(reader: Reader, roomId: string): Promise<string[]> {
  const rows = await reader
    .selectFrom('membership')
    .select('person_id')
    .where('room_id', '=', roomId)
    .where('left_at', 'is', null)
    .execute();
  return rows.map((row) => row.person_id);
}

/** Members whom no welcome has greeted, in the order in which they came. */
export async function listNewcomers(reader: Reader, roomId: string) {
  return reader
    .selectFrom('membership')
    .select(['id', 'person_id'])
    .where('room_id', '=', roomId)
    .where('welcomed_at', 'is', null)
    .where('left_at', 'is', null)
    .orderBy('joined_at')
    .orderBy('id')
    .execute();
}

export async function markWelcomed(
  tx: Transaction,
  who: { membershipIds: string[] } | { roomId: string },
  at: number,
): Promise<void> {
  const query = tx.updateTable('membership').set({ welcomed_at: at }).where('welcomed_at', 'is', null);
  await ('roomId' in who
    ? query.where('room_id', '=', who.roomId)
    : query.where('id', 'in', who.membershipIds)
  ).execute();
}

/** The members of all rooms of a community with their sealed names. */
export async function listMemberNames(reader: Reader, communityId: string) {
  return reader
    .selectFrom('membership')
    .innerJoin('room', 'room.id', 'membership.room_id')
    .innerJoin('person', 'person.id', 'membership.person_id')
    .select([
      'membership.person_id',
      'membership.alias_sealed',
      'person.name_sealed',
      'room.name_sealed as room_sealed',
    ])
    .where('room.community_id', '=', communityId)
    .where('membership.left_at', 'is', null)
    .orderBy('membership.joined_at')
    .orderBy('membership.id')
    .execute();
}
