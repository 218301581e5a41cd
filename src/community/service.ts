import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import type { Ids } from '../platform/ids.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import type { Outbox } from '../platform/outbox/outbox.js';
import { type Operator, community as text } from '../text/zh-CN/community.js';
import { type Arrivals, createArrivals } from './arrivals.js';
import { type Consents, createConsents } from './consent.js';
import type { Community, DoctorParticulars } from './index.js';
import { createNames, type Names } from './names.js';
import { CONSENT_QUESTION, createOpenQuestions, type OpenQuestions } from './open-questions.js';
import { listMembers } from './people-store.js';
import { createReplies, type Replies } from './replies.js';
import * as store from './store.js';

/** Everything of the community; other features see it as `Community`. */
export interface CommunityService extends Community {
  arrivals: Arrivals;
  names: Names;
  consents: Consents;
  questions: OpenQuestions;
  replies: Replies;
}

const FIRST_COMMUNITY = '第一社群';

export function createCommunity(deps: {
  clock: Clock;
  ids: Ids;
  seal: Seal;
  outbox: Outbox;
  jobs: Jobs;
  operator: Operator;
  timeZone: string;
  /** Lets messages that waited be handled from the start. */
  release(tx: Transaction, messageIds: string[]): Promise<void>;
  /** Keeps a message waiting until its talker is a friend of the bot. */
  waitForFriend(tx: Transaction, messageId: string): Promise<void>;
}): CommunityService {
  const { clock, ids, seal, outbox, jobs, operator, timeZone, release } = deps;
  const names = createNames({ seal, anonymous: text.anonymous });
  const questions = createOpenQuestions({ clock, ids, seal });
  const replies = createReplies({ clock, outbox, waitForFriend: deps.waitForFriend });
  const consents = createConsents({ clock, ids, outbox, jobs, operator, questions, replies, release });
  questions.register(CONSENT_QUESTION, consents.answer);

  const service: CommunityService = {
    arrivals: createArrivals({ clock, ids, timeZone }),
    names,
    questions,
    replies,
    consents,
    firstCommunityId: store.getFirstCommunityId,
    listCommunities: store.listCommunities,
    async findRoom(reader, roomId) {
      const row = await store.findRoomRow(reader, roomId);
      return row && store.roomOf(row);
    },
    async listRooms(reader, communityId, kind) {
      return (await store.listRoomRows(reader, communityId, kind)).map(store.roomOf);
    },
    async listRoomsOfPerson(reader, personId) {
      return (await store.listRoomRowsOfPerson(reader, personId))
        .map(store.roomOf)
        .filter((r) => r.kind === 'patients' || r.kind === 'test');
    },
    async standingOf(reader, personId, room) {
      const communityId = room?.communityId ?? (await communityOf(reader, personId));
      const roles = await store.listRoles(reader, communityId, personId);
      const owner = roles.some((r) => r.role === 'owner');
      return {
        communityId,
        owner,
        admin: owner || roles.some((r) => r.role === 'admin'),
        doctor: roles.some((r) => r.role === 'doctor' && r.verifiedAt !== null),
        unverifiedDoctor: roles.some((r) => r.role === 'doctor' && r.verifiedAt === null),
      };
    },
    async listDoctors(reader, communityId) {
      const roles = await store.listRoles(reader, communityId);
      return roles.filter((r) => r.role === 'doctor' && r.verifiedAt !== null).map(particulars);
    },
    async findDoctor(reader, communityId, personId) {
      const roles = await store.listRoles(reader, communityId, personId);
      const role = roles.find((r) => r.role === 'doctor' && r.verifiedAt !== null);
      return role && particulars(role);
    },
    async listAdmins(reader, communityId) {
      const roles = await store.listRoles(reader, communityId);
      return [...new Set(roles.filter((r) => r.role !== 'doctor').map((r) => r.personId))];
    },
    async listOwners(reader, communityId) {
      const roles = await store.listRoles(reader, communityId);
      return [...new Set(roles.filter((r) => r.role === 'owner').map((r) => r.personId))];
    },
    isFriend: store.isFriend,
    displayName: names.displayName,
    listNames: names.listNames,
    findPeopleByName: names.findPeople,
    listMembers,
  };

  /** In private: the community of a role, else of the first room, else the first one. */
  async function communityOf(reader: Parameters<Community['standingOf']>[0], personId: string): Promise<string> {
    const [byRole] = await store.listCommunitiesByRole(reader, personId);
    if (byRole) return byRole;
    const rooms = await store.listRoomRowsOfPerson(reader, personId);
    return rooms.find((r) => r.community_id)?.community_id ?? (await store.getFirstCommunityId(reader));
  }

  return service;
}

/** The first community exists from the start. */
export async function ensureFirstCommunity(tx: Transaction, { clock, ids }: { clock: Clock; ids: Ids }): Promise<void> {
  if (await store.hasCommunity(tx)) return;
  await store.insertCommunity(tx, { id: ids.next(), name: FIRST_COMMUNITY, created_at: clock.now() });
}

function particulars(role: store.RoleRow): DoctorParticulars {
  return {
    personId: role.personId,
    realName: role.realName ?? '',
    speciality: role.speciality ?? '',
    institution: role.institution ?? '',
    simulated: role.simulated,
  };
}
