import { type Puppet, types } from 'wechaty-puppet';
import type { Clock } from '../clock.js';

const HOUR = 3_600_000;
const LIFETIMES = { contact: 24 * HOUR, member: 6 * HOUR, room: HOUR };
const ENTRIES_MAX = 20_000;
const NAME_CHARACTERS_MAX = 32;
const NAMELESS = '群友';

/** Where names come from: the raw calls, since Wechaty's own cache keeps them for ten days. */
export type NameSource = Pick<Puppet, 'contactRawPayload' | 'roomRawPayload' | 'roomMemberRawPayload'> & {
  contactRawPayloadParser: Puppet['contactRawPayloadParser'];
  roomRawPayloadParser: Puppet['roomRawPayloadParser'];
  roomMemberRawPayloadParser: Puppet['roomMemberRawPayloadParser'];
};

export interface Names {
  /** Room alias, our remark, nickname, else `群友`; never fails, safe to show. */
  displayName(contactId: string, externalRoomId?: string): Promise<string>;
  /** What people may type after an @ to call this contact: the nickname, and the room alias if there is one. Not cleaned. */
  calledNames(contactId: string, externalRoomId?: string): Promise<string[]>;
  /** The last known topic, empty if none is. */
  roomTopic(externalRoomId: string): Promise<string>;
  memberCount(externalRoomId: string): Promise<number | undefined>;
  onDirty(payloadType: number, payloadId: string): void;
  onRoomChanged(externalRoomId: string, contactIds?: readonly string[]): void;
  clear(): void;
}

interface ContactNames {
  name: string;
  remark: string;
}

interface RoomFacts {
  topic: string;
  memberCount: number;
}

/** Names and topics, each asked for once while it is fresh, however many want it at a time. */
export function createNames({ clock, source }: { clock: Clock; source: () => NameSource | undefined }): Names {
  const contacts = createCache<ContactNames>(clock, LIFETIMES.contact);
  const aliases = createCache<string>(clock, LIFETIMES.member);
  const rooms = createCache<RoomFacts>(clock, LIFETIMES.room);

  const contact = (id: string) =>
    contacts.get(id, async () => {
      const payload = await read(source, async (from) =>
        from.contactRawPayloadParser(await from.contactRawPayload(id)),
      );
      return { name: payload.name ?? '', remark: payload.alias ?? '' };
    });
  const roomAlias = (roomId: string, contactId: string) =>
    aliases.get(memberKey(roomId, contactId), async () => {
      const payload = await read(source, async (from) =>
        from.roomMemberRawPayloadParser(await from.roomMemberRawPayload(roomId, contactId)),
      );
      return payload.roomAlias ?? '';
    });
  const room = (id: string) =>
    rooms.get(id, async () => {
      const payload = await read(source, async (from) => from.roomRawPayloadParser(await from.roomRawPayload(id)));
      return { topic: payload.topic ?? '', memberCount: payload.memberIdList?.length ?? 0 };
    });

  return {
    async displayName(contactId, externalRoomId) {
      const alias = externalRoomId ? cleanName((await roomAlias(externalRoomId, contactId)) ?? '') : '';
      if (alias) return alias;
      const known = await contact(contactId);
      return cleanName(known?.remark ?? '') || cleanName(known?.name ?? '') || NAMELESS;
    },
    async calledNames(contactId, externalRoomId) {
      const [known, alias] = await Promise.all([
        contact(contactId),
        externalRoomId ? roomAlias(externalRoomId, contactId) : undefined,
      ]);
      return [...new Set([alias, known?.name])].filter((name) => name !== undefined && name.trim() !== '') as string[];
    },
    async roomTopic(externalRoomId) {
      return (await room(externalRoomId))?.topic ?? '';
    },
    async memberCount(externalRoomId) {
      return (await room(externalRoomId))?.memberCount;
    },
    onDirty(payloadType, payloadId) {
      if (payloadType === types.Dirty.Contact) {
        contacts.drop(payloadId);
        aliases.dropWhere((key) => key.endsWith(`\n${payloadId}`));
      } else if (payloadType === types.Dirty.Room) {
        rooms.drop(payloadId);
      } else if (payloadType === types.Dirty.RoomMember) {
        // The id is the room's, not the member's.
        rooms.drop(payloadId);
        aliases.dropWhere((key) => key.startsWith(`${payloadId}\n`));
      }
    },
    onRoomChanged(externalRoomId, contactIds = []) {
      rooms.drop(externalRoomId);
      for (const id of contactIds) aliases.drop(memberKey(externalRoomId, id));
    },
    clear() {
      contacts.expireAll();
      aliases.expireAll();
      rooms.expireAll();
    },
  };
}

/**
 * A name that a person chose, made safe to show and to put after an @: no
 * control or direction characters, no @, one line, at most 32 characters.
 */
export function cleanName(name: string): string {
  const plain = name
    .replace(/[\p{Z}\s]+/gu, ' ')
    .replace(/(?!\u200d)[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .replace(/[@＠﹫]/g, '')
    .trim();
  const short = [...plain].slice(0, NAME_CHARACTERS_MAX).join('').trim();
  return /[^\s\u200d]/u.test(short) ? short : '';
}

function memberKey(roomId: string, contactId: string): string {
  return `${roomId}\n${contactId}`;
}

async function read<T>(source: () => NameSource | undefined, ask: (from: NameSource) => Promise<T>): Promise<T> {
  const from = source();
  if (!from) throw new Error('not connected');
  return ask(from);
}

interface Cache<T> {
  /** The fresh value; else a new one; else, when that fails, the last known or undefined. */
  get(key: string, fetch: () => Promise<T>): Promise<T | undefined>;
  drop(key: string): void;
  dropWhere(matches: (key: string) => boolean): void;
  expireAll(): void;
}

function createCache<T>(clock: Clock, lifetimeMs: number): Cache<T> {
  const entries = new Map<string, { value: T; freshUntil: number }>();
  const underWay = new Map<string, Promise<T | undefined>>();

  const expire = (key: string) => {
    const entry = entries.get(key);
    if (entry) entry.freshUntil = Number.NEGATIVE_INFINITY;
    // An answer that is under way may be from before the change: it is used, but not kept.
    underWay.delete(key);
  };
  const fetchAndKeep = (key: string, fetch: () => Promise<T>): Promise<T | undefined> => {
    const asked: Promise<T | undefined> = fetch().then(
      (value) => {
        if (underWay.get(key) === asked) keep(key, value);
        return value;
      },
      () => entries.get(key)?.value,
    );
    underWay.set(key, asked);
    void asked.finally(() => {
      if (underWay.get(key) === asked) underWay.delete(key);
    });
    return asked;
  };
  const keep = (key: string, value: T) => {
    entries.delete(key);
    entries.set(key, { value, freshUntil: clock.now() + lifetimeMs });
    if (entries.size <= ENTRIES_MAX) return;
    for (const oldest of entries.keys()) {
      entries.delete(oldest);
      break;
    }
  };

  return {
    get(key, fetch) {
      const entry = entries.get(key);
      if (entry && clock.now() < entry.freshUntil) return Promise.resolve(entry.value);
      return underWay.get(key) ?? fetchAndKeep(key, fetch);
    },
    drop: expire,
    dropWhere(matches) {
      for (const key of new Set([...entries.keys(), ...underWay.keys()])) if (matches(key)) expire(key);
    },
    expireAll() {
      for (const key of new Set([...entries.keys(), ...underWay.keys()])) expire(key);
    },
  };
}
