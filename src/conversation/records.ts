import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { ChatMessage, CommunityService } from '../community/index.js';
import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Schema } from '../platform/db/schema.js';
import type { Seal } from '../platform/db/sealed.js';
import { NotFoundError } from '../platform/errors.js';
import type { Ids } from '../platform/ids.js';
import type { IncomingMessage } from '../platform/puppet/incoming.js';
import { normaliseText } from '../platform/text-normalise.js';
import type { Assessment } from '../triage/index.js';
import * as store from './store.js';

type MessageRow = Selectable<Schema['message']>;

const TEN_MINUTES_MS = 10 * 60_000;
const PENDING_TEXT_MS = 24 * 3_600_000;

export const NOTHING_FOUND: Assessment = {
  level: 'information',
  privateOnly: false,
  flags: [],
  valueRows: [],
  suppressed: [],
  about: { kind: 'self' },
  cardIds: [],
  ruleVersion: '',
};

/** The record of messages: what was said and what intake found, sealed and opened here. */
export interface Records {
  /** Whether this message, under its id or another, is there already. */
  isRecorded(reader: Reader, accountId: string, incoming: IncomingMessage): Promise<boolean>;
  /** Inserts once; undefined when this message, under its id or another, is there already. */
  insert(tx: Transaction, record: NewRecord): Promise<string | undefined>;
  load(tx: Transaction, messageId: string): Promise<ChatMessage>;
  markHandled(tx: Transaction, messageId: string): Promise<void>;
  /** The texts of this person in the last ten minutes before `at`, oldest first; each is opened when it is read. */
  recentTexts(reader: Reader, personId: string, at: number): Promise<{ text: string; at: number }[]>;
}

export interface NewRecord {
  accountId: string;
  incoming: IncomingMessage;
  roomId: string | undefined;
  personId: string;
  /** Nothing but ids is kept of a group that nobody has set up. */
  keepText: boolean;
  mentionedIds: string[];
  addressed: boolean;
  assessment: Assessment;
}

export function createRecords(deps: {
  clock: Clock;
  ids: Ids;
  seal: Seal;
  community: Pick<CommunityService, 'findRoom' | 'standingOf'>;
  /** The ticket that a quoted card of the bot names. */
  findTicketId(reader: Reader, ticket: { communityId: string; number: number }): Promise<string | undefined>;
  botNames(): string[];
}): Records {
  const { clock, ids, seal, community } = deps;

  return {
    isRecorded: (reader, accountId, incoming) =>
      store.isRecorded(reader, {
        accountId,
        platformId: incoming.platformId,
        contentKey: contentKey(incoming, seal),
      }),

    async insert(tx, { accountId, incoming, roomId, personId, keepText, mentionedIds, addressed, assessment }) {
      const id = ids.next();
      const now = clock.now();
      const text = incoming.kind === 'text' ? incoming.text : undefined;
      const quoted = incoming.kind === 'text' ? incoming.quoted : undefined;
      const found = assessment.level !== 'information' || assessment.suppressed.length > 0;
      const isNew = await store.insertMessage(tx, {
        id,
        account_id: accountId,
        platform_id: incoming.platformId,
        content_key: contentKey(incoming, seal),
        kind: incoming.kind,
        room_id: roomId ?? null,
        person_id: personId,
        mentions_bot: addressed ? 1 : 0,
        mentioned: JSON.stringify(mentionedIds),
        text_sealed: keepText && text !== undefined ? seal.seal(text) : null,
        quoted_sealed: keepText && quoted ? seal.seal(JSON.stringify(quoted)) : null,
        sent_at: Math.min(incoming.sentAt, now),
        received_at: now,
        seq: incoming.seq,
        triage_level: assessment.level,
        triage: found ? seal.seal(JSON.stringify(assessment)) : null,
        keep_until: keepText && text !== undefined ? now + PENDING_TEXT_MS : null,
        created_at: now,
      });
      return isNew ? id : undefined;
    },

    async load(tx, messageId) {
      const row = await store.findMessage(tx, messageId);
      if (!row?.person_id) throw new NotFoundError('no such message of a person');
      const room = row.room_id ? await community.findRoom(tx, row.room_id) : undefined;
      const text = withoutAddress(row.text_sealed ? seal.open(row.text_sealed) : '', deps.botNames());
      return {
        id: row.id,
        accountId: row.account_id,
        kind: row.kind as IncomingMessage['kind'],
        personId: row.person_id,
        room,
        place: row.room_id ?? 'private',
        text,
        normalised: normaliseText(text),
        quoted: await quotedOf(tx, row),
        addressed: row.mentions_bot === 1,
        mentionedIds: JSON.parse(row.mentioned) as string[],
        sentAt: row.sent_at,
        receivedAt: row.received_at,
        late: row.waits_for !== store.RELEASED && clock.now() - row.sent_at > TEN_MINUTES_MS,
        assessment: row.triage ? (JSON.parse(seal.open(row.triage)) as Assessment) : NOTHING_FOUND,
        standing: await community.standingOf(tx, row.person_id, room),
      };
    },

    markHandled: (tx, messageId) => store.markHandled(tx, messageId, clock.now()),

    async recentTexts(reader, personId, at) {
      const rows = await store.listRecentTexts(reader, { personId, from: at - TEN_MINUTES_MS, until: at });
      return rows.reverse().map((row) => ({
        at: row.sent_at,
        get text() {
          return seal.open(row.text_sealed ?? '');
        },
      }));
    },
  };

  async function quotedOf(tx: Transaction, row: MessageRow): Promise<ChatMessage['quoted']> {
    if (!row.quoted_sealed) return undefined;
    const quoted = JSON.parse(seal.open(row.quoted_sealed)) as { text: string; bySelf: boolean };
    const number = /#(\d{1,9})/.exec(quoted.text)?.[1];
    if (!quoted.bySelf || !number) return { text: quoted.text, bySelf: quoted.bySelf, ticketId: undefined };
    const room = row.room_id ? await community.findRoom(tx, row.room_id) : undefined;
    const { communityId } = await community.standingOf(tx, row.person_id!, room);
    const ticketId = await deps.findTicketId(tx, { communityId, number: Number(number) });
    return { text: quoted.text, bySelf: true, ticketId };
  }
}

/**
 * The same message under another id: platform, place, talker, second and words
 * are the same. Messages without words differ by their id alone.
 */
function contentKey(incoming: IncomingMessage, seal: Seal): string {
  if (incoming.kind !== 'text') return `id:${incoming.platformId}`;
  const where = incoming.externalRoomId ?? 'private';
  const second = Math.floor(incoming.sentAt / 1000);
  const words = createHash('sha256').update(normaliseText(incoming.text)).digest('base64url');
  return seal.hash(`${where}\n${incoming.talkerId}\n${second}\n${words}`);
}

/** What may stand between the bot's name and what is said to it; written full width or half width. */
const AFTER_NAME = '[\\u2005\\s,:!\\u3001\\uff0c\\uff1a\\uff01]';

/** The text without the bot's own name in front or as a mention, and without a leading slash. */
export function withoutAddress(text: string, botNames: readonly string[]): string {
  let rest = text;
  for (const name of botNames) {
    rest = rest
      .replace(new RegExp(`[@\\uff20]${escapeRegExp(name)}(?=${AFTER_NAME}|$)${AFTER_NAME}*`, 'gu'), ' ')
      .replace(new RegExp(`^\\s*${escapeRegExp(name)}${AFTER_NAME}+`, 'u'), '');
  }
  return rest.trim().replace(/^[/\uff0f]+\s*/, '');
}

/** Called by name in front, without a mention: `小杏,…`. */
export function calledByName(text: string, botNames: readonly string[]): boolean {
  return botNames.some((name) => new RegExp(`^\\s*${escapeRegExp(name)}(${AFTER_NAME}|$)`, 'u').test(text));
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
