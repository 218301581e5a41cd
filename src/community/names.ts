import type { Reader, Transaction } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';

/** Names as last seen. They are not unique and change; sending always uses the platform's name of the moment. */
export interface Names {
  displayName(reader: Reader, personId: string, roomId?: string): Promise<string>;
  roomName(reader: Reader, roomId: string): Promise<string>;
  findPeople(
    reader: Reader,
    communityId: string,
    name: string,
  ): Promise<{ personId: string; name: string; roomName: string }[]>;
  rememberPerson(tx: Transaction, name: { personId: string; roomId?: string; name: string }): Promise<void>;
  rememberRoom(tx: Transaction, roomId: string, name: string): Promise<void>;
}

export function createNames({ seal, anonymous }: { seal: Seal; anonymous: string }): Names {
  const open = (sealed: string | null | undefined) => (sealed ? seal.open(sealed) : undefined);

  async function displayName(reader: Reader, personId: string, roomId?: string): Promise<string> {
    if (roomId) {
      const member = await reader
        .selectFrom('membership')
        .select('alias_sealed')
        .where('room_id', '=', roomId)
        .where('person_id', '=', personId)
        .executeTakeFirst();
      const alias = open(member?.alias_sealed);
      if (alias) return alias;
    }
    const person = await reader
      .selectFrom('person')
      .select('name_sealed')
      .where('id', '=', personId)
      .executeTakeFirst();
    return open(person?.name_sealed) ?? anonymous;
  }

  async function roomName(reader: Reader, roomId: string): Promise<string> {
    const room = await reader.selectFrom('room').select('name_sealed').where('id', '=', roomId).executeTakeFirst();
    return open(room?.name_sealed) ?? '';
  }

  return {
    displayName,
    roomName,
    async findPeople(reader, communityId, wanted) {
      const members = await reader
        .selectFrom('membership')
        .innerJoin('room', 'room.id', 'membership.room_id')
        .innerJoin('person', 'person.id', 'membership.person_id')
        .select([
          'membership.person_id',
          'membership.alias_sealed',
          'person.name_sealed',
          'room.id as room_id',
          'room.name_sealed as room_sealed',
        ])
        .where('room.community_id', '=', communityId)
        .where('membership.left_at', 'is', null)
        .orderBy('membership.joined_at')
        .orderBy('membership.id')
        .execute();
      const people = new Map<string, { personId: string; name: string; roomName: string; exact: boolean }>();
      for (const member of members) {
        const names = [open(member.alias_sealed), open(member.name_sealed)].filter((n) => n !== undefined);
        const found = names.find((n) => n.includes(wanted));
        if (!found) continue;
        const exact = names.includes(wanted);
        const known = people.get(member.person_id);
        if (!known || (exact && !known.exact)) {
          people.set(member.person_id, {
            personId: member.person_id,
            name: found,
            roomName: open(member.room_sealed) ?? '',
            exact,
          });
        }
      }
      const all = [...people.values()];
      const exact = all.filter((p) => p.exact);
      return (exact.length > 0 ? exact : all).map(({ personId, name, roomName }) => ({ personId, name, roomName }));
    },
    async rememberPerson(tx, { personId, roomId, name }) {
      if (roomId) {
        const known = await tx
          .selectFrom('membership')
          .select('alias_sealed')
          .where('room_id', '=', roomId)
          .where('person_id', '=', personId)
          .executeTakeFirst();
        if (known && open(known.alias_sealed) !== name) {
          await tx
            .updateTable('membership')
            .set({ alias_sealed: seal.seal(name) })
            .where('room_id', '=', roomId)
            .where('person_id', '=', personId)
            .execute();
        }
      }
      const person = await tx
        .selectFrom('person')
        .select(['name_sealed', 'erased_at'])
        .where('id', '=', personId)
        .executeTakeFirst();
      if (
        person &&
        person.erased_at === null &&
        (!roomId || !person.name_sealed) &&
        open(person.name_sealed) !== name
      ) {
        await tx
          .updateTable('person')
          .set({ name_sealed: seal.seal(name) })
          .where('id', '=', personId)
          .execute();
      }
    },
    async rememberRoom(tx, roomId, name) {
      if ((await roomName(tx, roomId)) === name) return;
      await tx
        .updateTable('room')
        .set({ name_sealed: seal.seal(name) })
        .where('id', '=', roomId)
        .execute();
    },
  };
}
