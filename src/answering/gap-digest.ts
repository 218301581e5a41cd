import type { ChatFeature, Community } from '../community/index.js';
import type { KnowledgeIndex } from '../knowledge/index.js';
import type { Clock } from '../platform/clock.js';
import type { Database, Reader } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import { nextWeekly } from '../platform/jobs/weekly.js';
import type { Conversation, Outbox } from '../platform/outbox/outbox.js';
import { answering as text } from '../text/zh-CN/answering.js';
import { wordsOfGap } from './gap-words.js';
import { type Gap, listGaps } from './gaps.js';

const DAY_MS = 24 * 3_600_000;
const WEEK_DAYS = 7;
const DAYS_AT_MOST = 90;
const GAPS_SHOWN = 10;
const MONDAY_NINE = { weekday: 1, minutes: 9 * 60 };
/** Monday's list is still of use on Monday. */
const STILL_OF_USE_MS = 12 * 3_600_000;

/** What people asked and no entry answers: to the admins every Monday, and by 知识缺口 at any time. */
export function createGapDigest(deps: {
  db: Database;
  clock: Clock;
  seal: Seal;
  community: Community;
  outbox: Outbox;
  jobs: Jobs;
  timeZone: string;
  /** The index of the entries that are served now. */
  index(): KnowledgeIndex;
  /** The words without the name of the bot in front. */
  withoutAddress(words: string): string;
}): ChatFeature {
  const { db, clock, seal, community, outbox, jobs, timeZone, index, withoutAddress } = deps;

  jobs.register('gap-digest', {
    missed: { kind: 'skip-when-late', lateMs: STILL_OF_USE_MS },
    recurs: (after) => nextWeekly(after, { ...MONDAY_NINE, timeZone }),
    // Reading a week of questions takes a while, so no transaction waits for it; the keys keep it once.
    async perform({ slot, dueAt }) {
      for (const { id, muted } of await community.listCommunities(db.reader)) {
        if (!muted) await sendDigest(id, { slot, dueAt });
      }
    },
  });

  async function sendDigest(communityId: string, { slot, dueAt }: { slot: string; dueAt: number }): Promise<void> {
    const found = await gapsOf(db.reader, { communityId, since: dueAt - WEEK_DAYS * DAY_MS });
    if (found.gaps.length === 0) return;
    const words = await describe(db.reader, { communityId, days: WEEK_DAYS, ...found });
    const places = await placesOf(db.reader, communityId);
    await db.inTransaction(async (tx) => {
      for (const to of places) {
        await outbox.add(tx, {
          key: `gap-digest:${slot}:${communityId}:${to.kind === 'room' ? to.roomId : to.personId}`,
          to,
          kind: 'notice',
          body: { kind: 'text', text: words },
          expiresAt: dueAt + STILL_OF_USE_MS,
        });
      }
    });
  }

  /** The admins' groups; where there is none, the owners in private. */
  async function placesOf(reader: Reader, communityId: string): Promise<Conversation[]> {
    const rooms = await community.listRooms(reader, communityId, 'admins');
    if (rooms.length > 0)
      return rooms.filter(({ muted }) => !muted).map(({ id }): Conversation => ({ kind: 'room', roomId: id }));
    const places: Conversation[] = [];
    for (const personId of await community.listOwners(reader, communityId))
      if (await community.isFriend(reader, personId)) places.push({ kind: 'private', personId });
    return places;
  }

  /** What was asked in the rooms of a community, and in private by its people. */
  async function gapsOf(reader: Reader, { communityId, since }: { communityId: string; since: number }) {
    const homes = new Map<string, string>();
    async function homeOf(personId: string): Promise<string> {
      const home = homes.get(personId) ?? (await community.standingOf(reader, personId, undefined)).communityId;
      homes.set(personId, home);
      return home;
    }
    return listGaps(reader, {
      seal,
      since,
      isMeant: async (row) => (row.communityId ?? (await homeOf(row.personId))) === communityId,
    });
  }

  async function describe(
    reader: Reader,
    found: { communityId: string; days: number; gaps: readonly Gap[]; forgotten: number },
  ): Promise<string> {
    const { communityId, days, gaps, forgotten } = found;
    if (gaps.length === 0) return text.gaps.none({ days, forgotten });
    const names = await community.listNames(reader, communityId);
    const lines = gaps.slice(0, GAPS_SHOWN).map(({ people, disliked, nearest, asks }) => {
      const entry = nearest === undefined ? undefined : index().find(nearest)?.entry;
      const said = asks.map((ask) => ({ ...ask, text: withoutAddress(ask.text) }));
      return { words: wordsOfGap(said, names), people, disliked, nearest: entry && `${entry.id} ${entry.question}` };
    });
    return text.gaps.list({ days, lines, more: gaps.length - lines.length, forgotten });
  }

  return {
    commands: [
      {
        name: 'gaps',
        pattern: /^(?:知识缺口|knowledge gaps)[\s:]*(?:(\d{1,2})\s*(?:天|days?)?)?$/u,
        who: 'admin',
        where: ['admins', 'private'],
        help: { order: 43, line: text.help.gaps() },
        async run(tx, message, match) {
          const days = Math.min(DAYS_AT_MOST, Math.max(1, Number(match[1] ?? WEEK_DAYS)));
          const { communityId } = message.standing;
          const found = await gapsOf(tx, { communityId, since: clock.now() - days * DAY_MS });
          await community.replies.say(tx, message, await describe(tx, { communityId, days, ...found }), {
            plain: true,
          });
        },
      },
    ],
  };
}
