import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Ids } from '../platform/ids.js';
import { findIdentity } from './store.js';

/** The account that this process serves. */
export interface Account {
  id: string;
  provider: 'simulator' | 'service';
}

/** Turns the platform's contacts and rooms into our people and rooms, making them on first sight. Never by name. */
export interface Arrivals {
  /** The account row of the platform's own id. */
  account(tx: Transaction, provider: Account['provider'], selfId: string): Promise<Account>;
  person(tx: Transaction, account: Account, contactId: string): Promise<{ personId: string; isNew: boolean }>;
  room(tx: Transaction, account: Account, externalRoomId: string): Promise<{ roomId: string; isNew: boolean }>;
  member(tx: Transaction, roomId: string, personId: string): Promise<{ isNew: boolean }>;
}

export function createArrivals({ clock, ids, timeZone }: { clock: Clock; ids: Ids; timeZone: string }): Arrivals {
  async function addIdentity(
    tx: Transaction,
    account: Account,
    identity: { kind: 'contact' | 'room'; externalId: string; personId?: string; roomId?: string; friend?: boolean },
  ): Promise<void> {
    const now = clock.now();
    await tx
      .insertInto('external_identity')
      .values({
        id: ids.next(),
        provider: account.provider,
        account_id: account.id,
        kind: identity.kind,
        external_id: identity.externalId,
        person_id: identity.personId ?? null,
        room_id: identity.roomId ?? null,
        first_seen_at: now,
        last_seen_at: now,
        created_at: now,
      })
      .execute();
  }

  return {
    async account(tx, provider, selfId) {
      const known = await tx
        .selectFrom('account')
        .select('id')
        .where('provider', '=', provider)
        .where('external_id', '=', selfId)
        .executeTakeFirst();
      if (known) return { id: known.id, provider };
      const id = ids.next();
      await tx.insertInto('account').values({ id, provider, external_id: selfId, created_at: clock.now() }).execute();
      return { id, provider };
    },
    async person(tx, account, contactId) {
      const known = await findIdentity(tx, { account, kind: 'contact', externalId: contactId });
      if (known?.personId) return { personId: known.personId, isNew: false };
      const personId = ids.next();
      await tx
        .insertInto('person')
        .values({ id: personId, simulated: account.provider === 'simulator' ? 1 : 0, created_at: clock.now() })
        .execute();
      await addIdentity(tx, account, { kind: 'contact', externalId: contactId, personId });
      return { personId, isNew: true };
    },
    async room(tx, account, externalRoomId) {
      const known = await findIdentity(tx, { account, kind: 'room', externalId: externalRoomId });
      if (known?.roomId) return { roomId: known.roomId, isNew: false };
      const roomId = ids.next();
      await tx
        .insertInto('room')
        .values({ id: roomId, account_id: account.id, kind: 'unset', time_zone: timeZone, created_at: clock.now() })
        .execute();
      await addIdentity(tx, account, { kind: 'room', externalId: externalRoomId, roomId });
      return { roomId, isNew: true };
    },
    async member(tx, roomId, personId) {
      const now = clock.now();
      const known = await tx
        .selectFrom('membership')
        .select(['id', 'left_at'])
        .where('room_id', '=', roomId)
        .where('person_id', '=', personId)
        .executeTakeFirst();
      if (known && known.left_at === null) return { isNew: false };
      if (known) {
        await tx
          .updateTable('membership')
          .set({ left_at: null, joined_at: now, welcomed_at: null })
          .where('id', '=', known.id)
          .execute();
        return { isNew: true };
      }
      await tx
        .insertInto('membership')
        .values({ id: ids.next(), room_id: roomId, person_id: personId, joined_at: now, created_at: now })
        .execute();
      return { isNew: true };
    },
  };
}
