import type { Reader, Transaction } from '../platform/db/database.js';
import type { ChatMessage, Room, RoomKind, Standing } from './chat.js';

export { announceAbsence } from './absence.js';
export type { Account } from './arrivals.js';
export type * from './chat.js';
export { deleteExpiredQuestions } from './consent-store.js';
export { createNames } from './names.js';
export { createNewcomers, type Newcomers } from './newcomers.js';
export { endMemberships, findPerson, updateMembership } from './people-store.js';
export { createCommunityDataHolder, createPrivacyChat, type PersonalDataHolder } from './privacy-chat.js';
export { quietUntil } from './quiet-hours.js';
export { type CommunityService, createCommunity, ensureFirstCommunity } from './service.js';
export { createSetupChat } from './setup-chat.js';
export {
  findCommunity,
  findExternalId,
  getMeta,
  hasOwner,
  insertRole,
  lastAliveAt,
  noteAlive,
  noteSpokenIn,
  setFriend,
  setMeta,
  updateRoom,
} from './store.js';
export { syncRooms } from './sync.js';
export { createWelcome, type Welcome } from './welcome.js';

export type ConsentPurpose = 'values' | 'doctor' | 'model';

export interface DoctorParticulars {
  personId: string;
  realName: string;
  speciality: string;
  institution: string;
  simulated: boolean;
}

/** Rooms, people and what they may do. Other features ask here, never its tables. */
export interface Community {
  firstCommunityId(reader: Reader): Promise<string>;
  /** The oldest first. */
  listCommunities(reader: Reader): Promise<{ id: string; muted: boolean }[]>;
  findRoom(reader: Reader, roomId: string): Promise<Room | undefined>;
  /** Set-up rooms of a community, not left. */
  listRooms(reader: Reader, communityId: string, kind: RoomKind): Promise<Room[]>;
  standingOf(reader: Reader, personId: string, room: Room | undefined): Promise<Standing>;
  /** Verified doctors of a community. */
  listDoctors(reader: Reader, communityId: string): Promise<DoctorParticulars[]>;
  findDoctor(reader: Reader, communityId: string, personId: string): Promise<DoctorParticulars | undefined>;
  listAdmins(reader: Reader, communityId: string): Promise<string[]>;
  listOwners(reader: Reader, communityId: string): Promise<string[]>;
  isFriend(reader: Reader, personId: string): Promise<boolean>;
  /** Display name as last seen; 群友 when none. For sorting and searching; for sending use `nameOf()` of the outbox. */
  displayName(reader: Reader, personId: string, roomId?: string): Promise<string>;
  /** Every name and alias of the people of a community. */
  listNames(reader: Reader, communityId: string): Promise<string[]>;
  /** People of the community whose name or alias is, or contains, `name`. */
  findPeopleByName(
    reader: Reader,
    communityId: string,
    name: string,
  ): Promise<{ personId: string; name: string; roomName: string }[]>;
  /** People who are members of this room now. */
  listMembers(reader: Reader, roomId: string): Promise<string[]>;
  /** Ids of set-up patients' rooms this person is in. */
  listRoomsOfPerson(reader: Reader, personId: string): Promise<Room[]>;

  consents: {
    has(reader: Reader, personId: string, purpose: ConsentPurpose): Promise<boolean>;
    /** Never asked, or the answer. */
    stateOf(
      reader: Reader,
      personId: string,
      purpose: ConsentPurpose,
    ): Promise<'unknown' | 'granted' | 'refused' | 'withdrawn'>;
    /**
     * Asks for consent (an open question for 24 hours) and keeps `messageId` waiting for it: after 同意 the
     * message is handled again from the start. Does nothing but add the message when it is being asked already.
     */
    ask(tx: Transaction, message: ChatMessage, purpose: ConsentPurpose): Promise<void>;
    /** As `ask`, but the caller says the words at the end of its own reply; undefined when there is nothing to ask. */
    askWithin(tx: Transaction, message: ChatMessage, purpose: ConsentPurpose): Promise<string | undefined>;
  };

  questions: {
    /** Opens a question to this person at this place, instead of one that is open there. Default 10 minutes. */
    open(
      tx: Transaction,
      question: {
        personId: string;
        place: string;
        kind: string;
        data: Record<string, unknown>;
        ttlMs?: number;
      },
    ): Promise<void>;
    close(tx: Transaction, personId: string, place: string): Promise<void>;
    /** What this person is being asked at this place, consent aside. */
    openKind(tx: Transaction, personId: string, place: string): Promise<string | undefined>;
  };

  replies: {
    /**
     * One reply to a message, to where it was said (a room: the person is mentioned first, unless `plain`).
     * Nothing is sent for a late message unless `evenLate`. `private` sends to the person's private chat; when
     * they are no friend of the bot it says in the group how to become one (at most once a day) and answers 'not-a-friend'.
     */
    say(
      tx: Transaction,
      message: ChatMessage,
      text: string,
      options?: { private?: boolean; plain?: boolean; evenLate?: boolean; part?: string },
    ): Promise<'queued' | 'suppressed' | 'not-a-friend'>;
    /** Instead of replies to what came too late: one line in this place. */
    noteLate(tx: Transaction, message: ChatMessage): Promise<void>;
  };
}
