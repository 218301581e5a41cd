import type { Database } from '../platform/db/database.js';
import type { Log } from '../platform/log.js';
import type { Door } from '../platform/puppet/door.js';
import type { Account } from './arrivals.js';
import type { CommunityService } from './service.js';
import { setFriend } from './store.js';
import { syncRoom } from './sync.js';

/** Somebody, or a whole group, that was seen for the first time. */
export type Sighting =
  | { kind: 'room'; externalRoomId: string }
  | { kind: 'person'; contactId: string; externalRoomId: string | undefined };

/**
 * Asks the platform for the names of who was seen for the first time, so that
 * they can be named in a command within the minute. Intake only notes them
 * down: the door is not called in a transaction. What is noted here and lost,
 * by a crash or a broken line, is found by the comparison after login and
 * every hour.
 */
export interface Newcomers {
  note(seen: Sighting): void;
  /** After a commit: asks for the names of everybody noted since. */
  learn(): void;
  quiet(): Promise<void>;
  /** Nothing is written after this. */
  stop(): Promise<void>;
}

export function createNewcomers(deps: {
  db: Database;
  door: Door;
  community: CommunityService;
  log: Log;
  account(): Account;
  now(): number;
}): Newcomers {
  const { db, door, community, log, account, now } = deps;
  const noted = new Map<string, Sighting>();
  /** Those of them whose intake is committed. */
  const due = new Map<string, Sighting>();
  let running: Promise<void> | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  let stopped = false;

  async function learnPerson(contactId: string, externalRoomId: string | undefined): Promise<void> {
    const name = await door.displayName(contactId, externalRoomId);
    const friend = await door.isFriend(contactId);
    if (stopped) return;
    writing = db.inTransaction(async (tx) => {
      const { personId } = await community.arrivals.person(tx, account(), contactId);
      const room = externalRoomId && (await community.arrivals.room(tx, account(), externalRoomId));
      await community.names.rememberPerson(tx, { personId, name, ...(room ? { roomId: room.roomId } : {}) });
      await setFriend(tx, personId, account().id, friend);
    });
    await writing;
  }

  async function run(): Promise<void> {
    for (const [key, seen] of due) {
      if (stopped) return;
      due.delete(key);
      try {
        if (seen.kind === 'person') await learnPerson(seen.contactId, seen.externalRoomId);
        else await syncRoom({ db, door, community, account: account(), now: now() }, seen.externalRoomId);
      } catch (error) {
        log.warn({ err: error }, 'names could not be asked for; the next comparison does');
      }
    }
  }

  return {
    note(seen) {
      const { externalRoomId } = seen;
      if (seen.kind === 'room') noted.set(`${externalRoomId}`, seen);
      else if (externalRoomId === undefined || !noted.has(externalRoomId))
        noted.set(`${externalRoomId ?? ''}\n${seen.contactId}`, seen);
    },
    learn() {
      if (noted.size === 0 || stopped) return;
      for (const [key, seen] of noted) due.set(key, seen);
      noted.clear();
      running ??= run().finally(() => {
        running = undefined;
      });
    },
    async quiet() {
      while (running) await running;
    },
    async stop() {
      stopped = true;
      await writing.catch(() => {});
    },
  };
}
