import { type ChatFeature, type ChatMessage, type Community, quietUntil, type Room } from '../community/index.js';
import type { Audit } from '../platform/audit/audit.js';
import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Outbox } from '../platform/outbox/outbox.js';
import { outreach as text } from '../text/zh-CN/outreach.js';

/** The same text to many groups is spread out, so that the account does not look like an advertiser. */
const SPREAD_MS = 10 * 60_000;
const SPREAD_FROM_ROOMS = 5;
const EXPIRES_MS = 12 * 3_600_000;

/** `公告 …`: an admin's word to the patients' groups, shown before it is sent. */
export function createAnnouncements(deps: {
  clock: Clock;
  community: Community;
  outbox: Outbox;
  audit: Audit;
}): ChatFeature {
  const { clock, community, outbox, audit } = deps;
  const { say } = community.replies;

  async function targets(tx: Transaction, message: ChatMessage, all: boolean): Promise<Room[]> {
    const here = message.room;
    const rooms =
      !all && here && here.kind === 'patients'
        ? [here]
        : await community.listRooms(tx, message.standing.communityId, 'patients');
    return rooms.filter((room) => !room.muted);
  }

  async function preview(tx: Transaction, message: ChatMessage): Promise<void> {
    const parts =
      /^\s*(?:公告|announce)[\s:\uff1a]*(?:(全部|all)(?![\p{Script=Han}a-z])[\s:,\uff1a\uff0c]*)?([\s\S]*)$/iu.exec(
        message.text,
      );
    const words = parts?.[2]?.trim() ?? '';
    if (words === '') return void (await say(tx, message, text.empty()));
    const rooms = await targets(tx, message, parts?.[1] !== undefined);
    if (rooms.length === 0) return void (await say(tx, message, text.noRoom()));
    const people = new Set<string>();
    for (const room of rooms) for (const id of await community.listMembers(tx, room.id)) people.add(id);
    await community.questions.open(tx, {
      personId: message.personId,
      place: message.place,
      kind: 'announce',
      data: { words, roomIds: rooms.map((room) => room.id) },
    });
    await say(tx, message, text.preview({ rooms: rooms.length, people: people.size, text: words }));
  }

  async function send(tx: Transaction, message: ChatMessage, words: string, roomIds: string[]): Promise<void> {
    const gap = roomIds.length > SPREAD_FROM_ROOMS ? SPREAD_MS / roomIds.length : 0;
    for (const [i, roomId] of roomIds.entries()) {
      const notBefore = clock.now() + Math.round(i * gap);
      await outbox.add(tx, {
        key: `announcement:${message.id}:${roomId}`,
        to: { kind: 'room', roomId },
        kind: 'broadcast',
        body: { kind: 'text', text: text.announcement(words) },
        notBefore,
        expiresAt: notBefore + EXPIRES_MS,
      });
    }
    await audit.record(tx, {
      action: 'announced',
      actorId: message.personId,
      target: { kind: 'message', id: message.id },
      details: { rooms: roomIds.length },
    });
    await say(tx, message, text.sending({ rooms: roomIds.length, quiet: await countQuiet(tx, roomIds) }));
  }

  async function countQuiet(tx: Transaction, roomIds: string[]): Promise<number> {
    let quiet = 0;
    for (const roomId of roomIds) {
      const room = await community.findRoom(tx, roomId);
      if (!room) continue;
      const { quietFromMinutes: fromMinutes, quietToMinutes: toMinutes, timeZone } = room;
      if (quietUntil(clock.now(), { fromMinutes, toMinutes, timeZone }) !== undefined) quiet += 1;
    }
    return quiet;
  }

  return {
    commands: [
      {
        name: 'announce',
        // 公告栏在哪 is talk; a missing space after the command is none.
        pattern: /^(?:公告(?![栏牌板上里的是]|一下)|announce(?=[\s:]|$)).*$/s,
        who: 'admin',
        where: ['admins', 'private', 'patients'],
        help: { order: 22, line: text.help() },
        run: preview,
      },
    ],
    questions: {
      async announce(tx, message, data) {
        if (/^(?:不|不是|否|不发|不用|算了|取消|no)$/.test(message.normalised)) {
          await say(tx, message, text.notSent());
          return 'answered';
        }
        if (!/^(?:是|yes)$/.test(message.normalised) || !message.standing.admin) return 'not-mine';
        await send(tx, message, String(data.words), data.roomIds as string[]);
        return 'answered';
      },
    },
  };
}
