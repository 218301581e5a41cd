import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Ids } from '../platform/ids.js';
import { findMembership, insertMembership, insertPerson, updateMembership } from './people-store.js';
import * as store from './store.js';

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
    await store.insertIdentity(tx, {
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
    });
  }

  return {
    async account(tx, provider, selfId) {
      const known = await store.findAccountId(tx, { provider, externalId: selfId });
      if (known !== undefined) return { id: known, provider };
      const id = ids.next();
      await store.insertAccount(tx, { id, provider, external_id: selfId, created_at: clock.now() });
      return { id, provider };
    },
    async person(tx, account, contactId) {
      const known = await store.findIdentity(tx, { account, kind: 'contact', externalId: contactId });
      if (known?.personId) return { personId: known.personId, isNew: false };
      const personId = ids.next();
      const simulated = account.provider === 'simulator' ? 1 : 0;
      await insertPerson(tx, { id: personId, simulated, created_at: clock.now() });
      await addIdentity(tx, account, { kind: 'contact', externalId: contactId, personId });
      return { personId, isNew: true };
    },
    async room(tx, account, externalRoomId) {
      const known = await store.findIdentity(tx, { account, kind: 'room', externalId: externalRoomId });
      if (known?.roomId) return { roomId: known.roomId, isNew: false };
      const roomId = ids.next();
      await store.insertRoom(tx, {
        id: roomId,
        account_id: account.id,
        kind: 'unset',
        time_zone: timeZone,
        created_at: clock.now(),
      });
      await addIdentity(tx, account, { kind: 'room', externalId: externalRoomId, roomId });
      return { roomId, isNew: true };
    },
    async member(tx, roomId, personId) {
      const now = clock.now();
      const known = await findMembership(tx, { roomId, personId });
      if (known && known.left_at === null) return { isNew: false };
      if (known) await updateMembership(tx, { roomId, personId }, { left_at: null, joined_at: now, welcomed_at: null });
      else {
        await insertMembership(tx, {
          id: ids.next(),
          room_id: roomId,
          person_id: personId,
          joined_at: now,
          created_at: now,
        });
      }
      return { isNew: true };
    },
  };
}
