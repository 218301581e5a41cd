import type { Reader, Transaction } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import { findMembership, findPerson, listMemberNames, setPersonName, updateMembership } from './people-store.js';
import { findRoomRow, updateRoom } from './store.js';

/** Names as last seen. They are not unique and change; sending always uses the platform's name of the moment. */
export interface Names {
  displayName(reader: Reader, personId: string, roomId?: string): Promise<string>;
  roomName(reader: Reader, roomId: string): Promise<string>;
  /** Every name and alias of the people of a community. */
  listNames(reader: Reader, communityId: string): Promise<string[]>;
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
      const alias = open((await findMembership(reader, { roomId, personId }))?.alias_sealed);
      if (alias) return alias;
    }
    return open((await findPerson(reader, personId))?.name_sealed) ?? anonymous;
  }

  async function roomName(reader: Reader, roomId: string): Promise<string> {
    return open((await findRoomRow(reader, roomId))?.name_sealed) ?? '';
  }

  return {
    displayName,
    roomName,
    async listNames(reader, communityId) {
      const members = await listMemberNames(reader, communityId);
      return [...new Set(members.flatMap((one) => [open(one.alias_sealed) ?? [], open(one.name_sealed) ?? []].flat()))];
    },
    async findPeople(reader, communityId, wanted) {
      const members = await listMemberNames(reader, communityId);
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
        const known = await findMembership(tx, { roomId, personId });
        if (known && open(known.alias_sealed) !== name)
          await updateMembership(tx, { roomId, personId }, { alias_sealed: seal.seal(name) });
      }
      const person = await findPerson(tx, personId);
      if (
        person &&
        person.erased_at === null &&
        (!roomId || !person.name_sealed) &&
        open(person.name_sealed) !== name
      ) {
        await setPersonName(tx, personId, seal.seal(name));
      }
    },
    async rememberRoom(tx, roomId, name) {
      if ((await roomName(tx, roomId)) === name) return;
      await updateRoom(tx, roomId, { name_sealed: seal.seal(name) });
    },
  };
}
