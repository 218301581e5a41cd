import { createHash, timingSafeEqual } from 'node:crypto';
import type { Audit } from '../platform/audit/audit.js';
import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import type { Ids } from '../platform/ids.js';
import { nameOf } from '../platform/outbox/outbox.js';
import { roomKindNames, styleNames, community as text, topicNames } from '../text/zh-CN/community.js';
import type { ChatFeature, ChatMessage, Command, Room, RoomKind, Topic } from './chat.js';
import { findPerson } from './people-store.js';
import type { CommunityService } from './service.js';
import * as store from './store.js';
import type { Welcome } from './welcome.js';

const HOUR_MS = 3_600_000;
const TRIES_OF_ONE = 5;
const TRIES_OF_ALL = 20;
const ANYWHERE = ['private', 'unset', 'patients', 'doctors', 'admins', 'test'] as const;
const STAFF_PLACES = ['doctors', 'admins', 'private'] as const;

interface Deps {
  clock: Clock;
  ids: Ids;
  seal: Seal;
  audit: Audit;
  community: CommunityService;
  welcome: Welcome;
  /** The code that makes the first owner; undefined once there is one. */
  setupCode(tx: Transaction): Promise<string | undefined>;
  /** The name of a campaign that runs in this room, or is paused; its points are in the book of the community. */
  runningCampaign(tx: Transaction, roomId: string): Promise<string | undefined>;
}

type PersonAction = 'add-doctor' | 'remove-doctor' | 'add-admin' | 'remove-admin';

/** Owner, groups, roles and a group's settings: the rows of *Setting up*. */
export function createSetupChat(deps: Deps): ChatFeature {
  const { clock, ids, seal, audit, community } = deps;
  const { say } = community.replies;

  async function bindOwner(tx: Transaction, message: ChatMessage, code: string): Promise<void> {
    const since = clock.now() - HOUR_MS;
    const failures = await store.listActors(tx, { action: 'setup-code-wrong', since });
    const own = failures.filter((actorId) => actorId === message.personId).length;
    if (own >= TRIES_OF_ONE || failures.length >= TRIES_OF_ALL) {
      await say(tx, message, text.setup.locked());
      return;
    }
    const expected = await deps.setupCode(tx);
    if (expected === undefined) {
      await say(tx, message, text.setup.alreadyOwned());
      return;
    }
    const target = { kind: 'person', id: message.personId };
    if (!sameCode(code, expected)) {
      await audit.record(tx, { action: 'setup-code-wrong', actorId: message.personId, target });
      await say(tx, message, text.setup.wrongCode());
      return;
    }
    const { communityId } = message.standing;
    await addRole(tx, message, { communityId, personId: message.personId, role: 'owner' });
    await say(tx, message, text.setup.bound());
  }

  async function addRole(
    tx: Transaction,
    message: ChatMessage,
    { communityId, personId, role }: { communityId: string; personId: string; role: 'owner' | 'admin' | 'doctor' },
    doctor: {
      realName?: string;
      speciality?: string;
      institution?: string;
      licence?: string;
      verified?: boolean;
      simulated?: boolean;
    } = {},
  ): Promise<void> {
    const now = clock.now();
    await store.endRole(tx, { communityId, personId, role, at: now });
    await store.insertRole(tx, {
      id: ids.next(),
      community_id: communityId,
      person_id: personId,
      role,
      real_name: doctor.realName ?? null,
      speciality: doctor.speciality ?? null,
      institution: doctor.institution ?? null,
      licence_sealed: doctor.licence ? seal.seal(doctor.licence) : null,
      verified_at: role !== 'doctor' || doctor.verified ? now : null,
      verified_by: message.personId,
      simulated: doctor.simulated ? 1 : 0,
      created_at: now,
    });
    await audit.record(tx, {
      action: `role-added-${role}`,
      actorId: message.personId,
      target: { kind: 'person', id: personId },
    });
  }

  /** Runs `act` for the person meant: a mention, a name that fits one, or a numbered choice. */
  async function withPerson(
    tx: Transaction,
    message: ChatMessage,
    wanted: { name: string; action: PersonAction; rest: string[] },
  ) {
    const mentioned = message.mentionedIds[0];
    if (mentioned) return act(tx, message, mentioned, wanted.action, wanted.rest);
    if (!wanted.name) return void (await say(tx, message, text.setup.needPerson()));
    const people = await community.names.findPeople(tx, message.standing.communityId, wanted.name);
    if (people.length === 0) return void (await say(tx, message, text.setup.nobody(wanted.name)));
    if (people.length === 1) return act(tx, message, people[0]!.personId, wanted.action, wanted.rest);
    const few = people.slice(0, 9);
    await community.questions.open(tx, {
      personId: message.personId,
      place: message.place,
      kind: 'which-person',
      data: { ids: few.map((p) => p.personId), action: wanted.action, rest: wanted.rest },
    });
    await say(tx, message, text.setup.whichPerson(few.map((p) => `${p.roomName}·${p.name}`)));
  }

  async function act(
    tx: Transaction,
    message: ChatMessage,
    personId: string,
    action: PersonAction,
    rest: string[],
  ): Promise<void> {
    if (action === 'add-admin') {
      await addRole(tx, message, { communityId: message.standing.communityId, personId, role: 'admin' });
      await say(tx, message, text.setup.adminAdded());
    } else if (action === 'add-doctor') await addDoctor(tx, message, personId, rest);
    else await removeRole(tx, message, personId, action === 'remove-doctor' ? 'doctor' : 'admin');
  }

  async function addDoctor(tx: Transaction, message: ChatMessage, personId: string, rest: string[]): Promise<void> {
    const [realName, speciality, institution, licence] = rest;
    const person = await findPerson(tx, personId);
    const missing = missingParticulars({ realName, speciality, institution, licence });
    const role = { communityId: message.standing.communityId, personId, role: 'doctor' } as const;
    if (person?.simulated === 1) {
      const name = realName ?? (await community.displayName(tx, personId)).replace(/[((].*$/, '').replace(/医生$/, '');
      await addRole(tx, message, role, {
        realName: name,
        speciality: speciality ?? text.setup.simulatedSpeciality,
        institution: institution ?? text.setup.simulatedInstitution,
        verified: true,
        simulated: true,
      });
      await say(tx, message, text.setup.doctorSimulated(name));
      return;
    }
    await addRole(tx, message, role, {
      ...(realName ? { realName } : {}),
      ...(speciality ? { speciality } : {}),
      ...(institution ? { institution } : {}),
      ...(licence ? { licence } : {}),
      verified: missing.length === 0,
    });
    const shown = realName ?? nameOf(personId);
    await say(
      tx,
      message,
      missing.length === 0
        ? text.setup.doctorAdded(shown)
        : text.setup.doctorIncomplete(shown, text.setup.particulars(missing)),
    );
  }

  async function removeRole(
    tx: Transaction,
    message: ChatMessage,
    personId: string,
    role: 'doctor' | 'admin',
  ): Promise<void> {
    const roles = await store.listRoles(tx, message.standing.communityId, personId);
    if (role === 'admin' && roles.some((r) => r.role === 'owner'))
      return void (await say(tx, message, text.setup.lastOwner()));
    const ended = await store.endRole(tx, {
      communityId: message.standing.communityId,
      personId,
      role,
      at: clock.now(),
    });
    if (ended === 0) return void (await say(tx, message, text.setup.notInRole(role)));
    await audit.record(tx, {
      action: `role-removed-${role}`,
      actorId: message.personId,
      target: { kind: 'person', id: personId },
    });
    await say(tx, message, text.setup.removed(role));
  }

  async function setRoom(
    tx: Transaction,
    message: ChatMessage,
    room: Room,
    kind: RoomKind,
    topics: Topic[],
    name: string,
  ): Promise<void> {
    const target = await communityFor(tx, room, name);
    if (room.communityId !== undefined && target?.id !== room.communityId) {
      const campaign = await deps.runningCampaign(tx, room.id);
      if (campaign !== undefined) return void (await say(tx, message, text.setup.endCampaignFirst(campaign)));
    }
    if (target && !(await mayAddRoomsTo(tx, message, target.id)))
      return void (await say(tx, message, text.setup.notYourCommunity(target.name)));
    const { id: communityId, name: communityName } = target ?? (await foundCommunity(tx, message, name));
    await store.updateRoom(tx, room.id, { kind, topics: JSON.stringify(topics), community_id: communityId });
    await audit.record(tx, {
      action: `room-set-${kind}`,
      actorId: message.personId,
      target: { kind: 'room', id: room.id },
    });
    await say(
      tx,
      message,
      text.setup.roomSet(roomKindNames[kind], topics.map((t) => topicNames[t]).join('、'), communityName),
    );
    if (kind === 'patients') await deps.welcome.introduce(tx, room.id);
  }

  /** The community of this name, if there is one; without a name that of the room, else the first one. */
  async function communityFor(tx: Transaction, room: Room, name: string) {
    if (name) return store.findCommunity(tx, { name });
    return store.findCommunity(tx, { id: room.communityId ?? (await community.firstCommunityId(tx)) });
  }

  /** Whoever puts a room into a community must be able to run it there. */
  async function mayAddRoomsTo(tx: Transaction, message: ChatMessage, communityId: string): Promise<boolean> {
    return (await community.listAdmins(tx, communityId)).includes(message.personId);
  }

  /** A new community; who makes it becomes its owner. */
  async function foundCommunity(tx: Transaction, message: ChatMessage, name: string) {
    const id = ids.next();
    await store.insertCommunity(tx, { id, name, created_at: clock.now() });
    await audit.record(tx, {
      action: 'community-created',
      actorId: message.personId,
      target: { kind: 'community', id },
    });
    await addRole(tx, message, { communityId: id, personId: message.personId, role: 'owner' });
    return { id, name };
  }

  function roomCommand(name: string, pattern: RegExp, kind: RoomKind, help?: Command['help']): Command {
    return {
      name,
      pattern,
      who: 'admin',
      where: ['unset', 'patients', 'doctors', 'admins', 'test'],
      needsAddress: true,
      ...(help ? { help } : {}),
      async run(tx, message, match) {
        const words = (match[1] ?? '').split(/[\s、,]+/).filter(Boolean);
        const topics = words.map(topicOf).filter((t) => t !== undefined);
        const rest = words.filter((w) => topicOf(w) === undefined).join(' ');
        if (kind === 'patients' && topics.length === 0) return void (await say(tx, message, text.setup.whichTopics()));
        await setRoom(tx, message, message.room!, kind, [...new Set(topics)], rest);
      },
    };
  }

  function personCommand(name: string, pattern: RegExp, action: PersonAction, help?: Command['help']): Command {
    return {
      name,
      pattern,
      who: 'admin',
      where: STAFF_PLACES,
      ...(help ? { help } : {}),
      async run(tx, message) {
        const words = wordsAfterCommand(message.text);
        const named = message.mentionedIds.length === 0 ? (words[0] ?? '') : '';
        await withPerson(tx, message, { name: named, action, rest: named ? words.slice(1) : words });
      },
    };
  }

  function roomSwitch(
    name: string,
    pattern: RegExp,
    muted: 0 | 1,
    reply: () => string,
    help?: Command['help'],
  ): Command {
    return {
      name,
      pattern,
      who: 'admin',
      where: ['unset', 'patients', 'doctors', 'admins', 'test'],
      ...(help ? { help } : {}),
      async run(tx, message) {
        await store.updateRoom(tx, message.room!.id, { muted });
        await audit.record(tx, {
          action: muted ? 'room-muted' : 'room-unmuted',
          actorId: message.personId,
          target: { kind: 'room', id: message.room!.id },
        });
        await say(tx, message, reply(), { evenLate: true });
      },
    };
  }

  function communitySwitch(name: string, pattern: RegExp, muted: 0 | 1, reply: () => string): Command {
    return {
      name,
      pattern,
      who: 'admin',
      where: ANYWHERE,
      async run(tx, message) {
        const { communityId } = message.standing;
        await store.muteCommunity(tx, communityId, muted);
        await audit.record(tx, {
          action: muted ? 'community-muted' : 'community-unmuted',
          actorId: message.personId,
          target: { kind: 'community', id: communityId },
        });
        await say(tx, message, reply());
      },
    };
  }

  function setting(
    name: string,
    pattern: RegExp,
    change: (words: string) => Parameters<typeof store.updateRoom>[2] | undefined,
    howTo = text.setup.badTimes,
  ): Command {
    return {
      name,
      pattern,
      who: 'admin',
      where: ['patients', 'test', 'doctors', 'admins'],
      async run(tx, message, match) {
        const changes = change(match[1] ?? '');
        if (!changes) return void (await say(tx, message, howTo()));
        await store.updateRoom(tx, message.room!.id, changes);
        await audit.record(tx, {
          action: 'room-setting',
          actorId: message.personId,
          target: { kind: 'room', id: message.room!.id },
          details: { setting: name },
        });
        await say(tx, message, text.setup.changed());
      },
    };
  }

  return {
    commands: [
      {
        name: 'claim',
        pattern: /^(?:绑定\s*管理员|claim(?![\sa-z]*#)(?![a-z]))(.{0,20})$/,
        who: 'anyone',
        where: ['private'],
        async run(tx, message, match) {
          const code = /^[\s:,]*(\d[\d\s]*)$/.exec(match[1]!)?.[1]?.replace(/\s/g, '');
          if (code === undefined || code.length > 12) return void (await say(tx, message, text.setup.howToBind()));
          await bindOwner(tx, message, code);
        },
      },
      roomCommand('set-patients', /^(?:设为患者群|set patients)\s*(.*)$/, 'patients', {
        order: 40,
        line: text.helpLines.rooms(),
      }),
      roomCommand('set-doctors', /^(?:设为医生群|set doctors)\s*(.*)$/, 'doctors'),
      roomCommand('set-admins', /^(?:设为管理群|set admins)\s*(.*)$/, 'admins'),
      roomCommand('set-test', /^(?:设为测试群|set test)\s*(.*)$/, 'test'),
      personCommand('add-doctor', personPattern('添加医生', 'add doctor'), 'add-doctor', {
        order: 41,
        line: text.helpLines.staff(),
      }),
      personCommand('remove-doctor', personPattern('移除医生', 'remove doctor'), 'remove-doctor'),
      personCommand('add-admin', personPattern('添加管理员', 'add admin'), 'add-admin'),
      personCommand('remove-admin', personPattern('移除管理员', 'remove admin'), 'remove-admin'),
      roomSwitch('leave-alone', /^(?:停用本群|leave alone)$/, 1, text.setup.stopped, {
        order: 45,
        line: text.helpLines.silence(),
      }),
      roomSwitch('start-again', /^(?:启用本群|start again)$/, 0, text.setup.started),
      communitySwitch('mute-all', /^(?:全部静音|mute all)$/, 1, text.setup.mutedAll),
      communitySwitch('unmute-all', /^(?:取消静音|unmute all)$/, 0, text.setup.unmutedAll),
      {
        name: 'settings',
        pattern: /^(?:群设置|settings)$/,
        who: 'admin',
        where: ['patients', 'doctors', 'admins', 'test', 'unset'],
        help: { order: 44, line: text.helpLines.settings() },
        async run(tx, message) {
          const room = message.room!;
          await say(
            tx,
            message,
            text.setup.settings({
              kind: roomKindNames[room.kind],
              topics: room.topics.map((t) => topicNames[t]).join('、'),
              style: styleNames[room.answerStyle],
              values: room.valuesMode === 'group' ? '群里' : '私聊',
              quiet: `${clockTime(room.quietFromMinutes)}–${clockTime(room.quietToMinutes)}`,
              muted: room.muted,
            }),
          );
        },
      },
      setting('answer-style', /^回答风格[\s:]*(.{0,10})$/, answerStyle, text.setup.badStyle),
      setting('values-mode', /^数值\s*(群里|私聊)$/, (word) => ({
        values_mode: word === '群里' ? 'group' : 'private',
      })),
      setting('quiet-hours', /^安静时段\s*(.*)$/, quietHours),
    ],
    questions: {
      async 'which-person'(tx, message, data) {
        const choice = /^([1-9])$/.exec(message.normalised);
        const people = data.ids as string[];
        const personId = choice && people[Number(choice[1]) - 1];
        if (!personId) return 'not-mine';
        // The right to do it is asked again: it may have been taken away meanwhile.
        if (!message.standing.admin) return 'not-mine';
        await act(tx, message, personId, data.action as PersonAction, data.rest as string[]);
        return 'answered';
      },
    },
  };
}

type Particular = 'realName' | 'speciality' | 'institution' | 'licence';

/** What an admin still has to give before this doctor may answer or sign; a licence number has 15 digits. */
function missingParticulars(given: Record<Particular, string | undefined>): Particular[] {
  const required: Particular[] = ['realName', 'speciality', 'institution'];
  const missing = required.filter((part) => !given[part]);
  return /^\d{15}$/.test(given.licence ?? '') ? missing : [...missing, 'licence'];
}

function sameCode(given: string, expected: string): boolean {
  const digest = (code: string) => createHash('sha256').update(code).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function topicOf(word: string): Topic | undefined {
  if (/^(糖尿病|糖友|diabetes|t2dm)$/.test(word)) return 't2dm';
  if (/^(高血压|hypertension|htn)$/.test(word)) return 'htn';
  if (/^(通用|general)$/.test(word)) return 'general';
  return undefined;
}

/** The command with the mention behind it, or in front, where a picker of names puts it. */
function personPattern(chinese: string, english: string): RegExp {
  return new RegExp(`^(?:@\\S+ )*/? ?(?:${chinese}|${english}(?![a-z])).*$`);
}

/** The words behind the command and any mention, as written. A picked name may hold spaces: it ends in a thin one. */
function wordsAfterCommand(written: string): string[] {
  return written
    .replace(/[@\uff20][^@\uff20\u2005\n]{1,40}\u2005/g, ' ')
    .replace(/[@\uff20][^\s\u2005]+(?:[\u2005\s]|$)/g, ' ')
    .replace(/^\s*[/\uff0f]?\s*(?:(?:添加|移除)(?:医生|管理员)|(?:add|remove) (?:doctor|admin))[\s:：,，]*/i, ' ')
    .split(/\s+/)
    .filter(Boolean);
}

/** 严谨 and 活泼 are what people also call them. */
function answerStyle(word: string): { answer_style: Room['answerStyle'] } | undefined {
  if (/^严[格谨]$/.test(word)) return { answer_style: 'strict' };
  if (word === '标准') return { answer_style: 'standard' };
  return /^活[跃泼]$/.test(word) ? { answer_style: 'lively' } : undefined;
}

function quietHours(words: string): { quiet_from_minutes: number; quiet_to_minutes: number } | undefined {
  const match = /^(\d{1,2}):(\d{2})\s*[-–~到至]\s*(\d{1,2}):(\d{2})$/.exec(words);
  if (!match) return undefined;
  const [h1, m1, h2, m2] = match.slice(1).map(Number) as [number, number, number, number];
  if (h1 > 23 || h2 > 23 || m1 > 59 || m2 > 59) return undefined;
  return { quiet_from_minutes: h1 * 60 + m1, quiet_to_minutes: h2 * 60 + m2 };
}

function clockTime(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}
