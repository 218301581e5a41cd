import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type payloads, types } from 'wechaty-puppet';
import { VirtualClock } from '../clock.js';
import { cleanName, createNames, type NameSource, type Names } from './names.js';

describe('a name to show', () => {
  it.each([
    ['张阿姨', '张阿姨'],
    [' 张\n阿姨\t', '张 阿姨'],
    ['@小杏', '小杏'],
    ['＠所有人', '所有人'],
    ['张\u202e姨阿', '张姨阿'],
    ['\u200b\u200d', ''],
    ['👨‍👩‍👧', '👨‍👩‍👧'],
    ['a'.repeat(40), 'a'.repeat(32)],
    ['', ''],
  ])('%j becomes %j', (name, shown) => {
    expect(cleanName(name)).toBe(shown);
  });

  it('is one short line without an @, whatever people choose', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const shown = cleanName(name);
        expect([...shown].length).toBeLessThanOrEqual(32);
        expect(shown).not.toMatch(/[\p{Cc}@＠\u2028\u202a-\u202e]/u);
      }),
    );
  });
});

describe('the names we know', () => {
  const hour = 3_600_000;
  let clock: VirtualClock;
  let names: Names;
  let asked: string[];
  let people: Record<string, { name: string; alias?: string; roomAlias?: string }>;
  let connected: boolean;

  beforeEach(() => {
    clock = new VirtualClock(Date.UTC(2026, 0, 1));
    asked = [];
    connected = true;
    people = {
      p1: { name: '张三' },
      p2: { name: '李四', alias: '老李' },
      p3: { name: '王五', roomAlias: '王医生' },
      p4: { name: '' },
    };
    const source = {
      contactRawPayload: async (id: string) => {
        asked.push(id);
        return people[id];
      },
      contactRawPayloadParser: async (payload: payloads.Contact) => payload,
      roomMemberRawPayload: async (roomId: string, id: string) => {
        asked.push(`${roomId}/${id}`);
        return people[id];
      },
      roomMemberRawPayloadParser: async (payload: payloads.RoomMember) => payload,
      roomRawPayload: async (id: string) => {
        asked.push(id);
        return { topic: `群${asked.length}`, memberIdList: ['p1', 'p2'] };
      },
      roomRawPayloadParser: async (payload: payloads.Room) => payload,
    } as unknown as NameSource;
    names = createNames({ clock, source: () => (connected ? source : undefined) });
  });

  it.each([
    ['p1', '张三'],
    ['p2', '老李'],
    ['p3', '王医生'],
    ['p4', '群友'],
    ['nobody', '群友'],
  ])('%s is shown as %s', async (id, shown) => {
    expect(await names.displayName(id, 'r1')).toBe(shown);
  });

  it('asks once for many who want it at a time, and not again while it is fresh', async () => {
    await Promise.all(Array.from({ length: 10 }, () => names.displayName('p1', 'r1')));
    expect(asked.sort()).toEqual(['p1', 'r1/p1']);
    await clock.advance(7 * hour);
    await names.displayName('p1', 'r1');
    expect(asked.sort()).toEqual(['p1', 'r1/p1', 'r1/p1']);
    await clock.advance(24 * hour);
    await names.displayName('p1');
    expect(asked.filter((id) => id === 'p1')).toHaveLength(2);
  });

  it.each([
    ['a contact that changed', () => names.onDirty(types.Dirty.Contact, 'p3')],
    ['a room whose members changed', () => names.onDirty(types.Dirty.RoomMember, 'r1')],
    ['a person who joined', () => names.onRoomChanged('r1', ['p3'])],
    ['a new connection', () => names.clear()],
  ])('forgets at %s', async (_, change) => {
    await names.displayName('p3', 'r1');
    people.p3 = { name: '王五', roomAlias: '王主任' };
    expect(await names.displayName('p3', 'r1')).toBe('王医生');
    change();
    expect(await names.displayName('p3', 'r1')).toBe('王主任');
  });

  it('does not keep an answer that was under way when the name changed', async () => {
    const old = names.displayName('p1');
    names.onDirty(types.Dirty.Contact, 'p1');
    await old;
    people.p1 = { name: '张三丰' };
    expect(await names.displayName('p1')).toBe('张三丰');
  });

  it('says the last it knew while there is no connection', async () => {
    expect(await names.roomTopic('r1')).toBe('群1');
    connected = false;
    names.clear();
    expect(await names.roomTopic('r1')).toBe('群1');
    expect(await names.roomTopic('r2')).toBe('');
  });

  it('knows what the bot is called', async () => {
    expect(await names.calledNames('p3', 'r1')).toEqual(['王医生', '王五']);
    expect(await names.calledNames('p1')).toEqual(['张三']);
    expect(await names.memberCount('r1')).toBe(2);
  });
});
