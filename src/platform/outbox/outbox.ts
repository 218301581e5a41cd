import type { Clock } from '../clock.js';
import type { Transaction } from '../db/database.js';
import type { Seal } from '../db/sealed.js';
import { invariant } from '../errors.js';
import type { Ids } from '../ids.js';
import { splitText } from './split.js';

/** Where something goes, in our ids; the sender finds the platform's. */
export type Conversation = { kind: 'room'; roomId: string } | { kind: 'private'; personId: string };

/**
 * What is sent. `text` holds people as `mention(personId)` and `nameOf(personId)`:
 * the sender puts in the names of that moment.
 */
export type OutboxBody =
  | { kind: 'text'; text: string }
  | { kind: 'file'; name: string; base64: string }
  /** One person's line of a message that gathers several; `gather.ts` joins them. */
  | { kind: 'gathered'; personId: string; line: string; data: Record<string, string | number | boolean> };

/** Lower is sooner. */
export const priority = {
  emergency: 0,
  alert: 1,
  relay: 2,
  answer: 3,
  acknowledgement: 5,
  notice: 6,
  broadcast: 8,
} as const;
export type OutboxKind = keyof typeof priority;

/** Never paced, gathered or put off, and behind nothing else: a card for somebody in danger, and word of it to the staff. */
export const isUrgent = (kind: OutboxKind): boolean => kind === 'emergency' || kind === 'alert';

export interface OutboxEntry {
  /** Unique for ever: the same key is one message, however often it is added. */
  key: string;
  to: Conversation;
  kind: OutboxKind;
  body: OutboxBody;
  /** The message it answers; a recall of that message drops it while unsent. */
  causeMessageId?: string;
  ticketId?: string;
  /** UTC ms; default now. */
  notBefore?: number;
  /** UTC ms; after it, an answer is replaced by one line and anything else is dropped. Default: never for emergencies, alerts and relays, 10 minutes for the others. */
  expiresAt?: number;
  /** Rows of one key are joined into one message. */
  gatherKey?: string;
}

export interface Outbox {
  /** Adds a message, a long text as up to three; false when its key was there already. */
  add(tx: Transaction, entry: OutboxEntry): Promise<boolean>;
  /**
   * Takes back what is not yet being sent. Answers how many: what may have been
   * sent already is not counted, only not repeated.
   */
  cancel(tx: Transaction, where: { causeMessageId: string } | { key: string }): Promise<number>;
  /** The entry that became this platform message: what a quoted card or answer was. */
  findByPlatformId(
    tx: Transaction,
    accountId: string,
    platformId: string,
  ): Promise<{ id: string; ticketId: string | null } | undefined>;
}

const TEN_MINUTES_MS = 10 * 60_000;
const MUST_DELIVER: ReadonlySet<OutboxKind> = new Set(['emergency', 'alert', 'relay']);

/** `@` and the person's name of the moment, as a real mention. */
export function mention(personId: string): string {
  return `\u27e6@${personId}\u27e7`;
}

/** The person's name of the moment, without calling them. */
export function nameOf(personId: string): string {
  return `\u27e6${personId}\u27e7`;
}

export const PLACEHOLDER = /\u27e6(@?)([^\u27e7]+)\u27e7/g;

/** Stands in `error` of a row that may have been sent once. */
export const UNKNOWN_OUTCOME = 'unknown-outcome';

/** The first part has the key itself, so that a text that became longer is still the same message. */
function partKey(key: string, part: number, parts: number): string {
  return part === 1 ? key : `${key} (${part}/${parts})`;
}

function partKeys(key: string): string[] {
  return [key, partKey(key, 2, 2), partKey(key, 2, 3), partKey(key, 3, 3)];
}

export function conversationKey(to: Conversation): string {
  return to.kind === 'room' ? `room:${to.roomId}` : `person:${to.personId}`;
}

export function conversationOf(key: string): Conversation {
  const id = key.slice(key.indexOf(':') + 1);
  return key.startsWith('room:') ? { kind: 'room', roomId: id } : { kind: 'private', personId: id };
}

export function createOutbox({
  clock,
  ids,
  seal,
  accountId,
}: {
  clock: Clock;
  ids: Ids;
  seal: Seal;
  accountId: () => string;
}): Outbox {
  /** One row; false when its key was there already. */
  async function insert(tx: Transaction, entry: OutboxEntry, key: string, body: OutboxBody): Promise<boolean> {
    const now = clock.now();
    const mustDeliver = MUST_DELIVER.has(entry.kind);
    const notBefore = entry.notBefore ?? now;
    const result = await tx
      .insertInto('outbox')
      .values({
        id: ids.next(),
        account_id: accountId(),
        dedupe_key: key,
        conversation: conversationKey(entry.to),
        kind: entry.kind,
        body_sealed: seal.seal(JSON.stringify(body)),
        is_file: body.kind === 'file' ? 1 : 0,
        priority: priority[entry.kind],
        must_deliver: mustDeliver ? 1 : 0,
        not_before: notBefore,
        expires_at: entry.expiresAt ?? (mustDeliver || entry.gatherKey ? null : notBefore + TEN_MINUTES_MS),
        gather_key: entry.gatherKey ?? null,
        state: 'queued',
        cause_message_id: entry.causeMessageId ?? null,
        ticket_id: entry.ticketId ?? null,
        created_at: now,
      })
      .onConflict((oc) => oc.column('dedupe_key').doNothing())
      .executeTakeFirst();
    return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
  }

  return {
    async add(tx, entry) {
      const { key, body } = entry;
      invariant((entry.gatherKey !== undefined) === (body.kind === 'gathered'), 'a gathered line has its gatherKey');
      const parts = body.kind === 'text' ? splitText(body.text) : [];
      if (parts.length < 2) return insert(tx, entry, key, body);
      for (const [i, text] of parts.entries()) {
        const isNew = await insert(tx, entry, partKey(key, i + 1, parts.length), { kind: 'text', text });
        if (!isNew) return false;
      }
      return true;
    },
    async cancel(tx, where) {
      const waiting = () => {
        const query = tx.updateTable('outbox').set({ state: 'cancelled' });
        return 'key' in where
          ? query.where('dedupe_key', 'in', partKeys(where.key))
          : query.where('cause_message_id', '=', where.causeMessageId).where('must_deliver', '=', 0);
      };
      const unseen = await waiting()
        .where('state', '=', 'queued')
        .where((eb) => eb.or([eb('error', 'is', null), eb('error', 'not like', `${UNKNOWN_OUTCOME}%`)]))
        .executeTakeFirst();
      await waiting().where('state', 'in', ['queued', 'unknown']).execute();
      return Number(unseen.numUpdatedRows);
    },
    async findByPlatformId(tx, accountId, platformId) {
      const row = await tx
        .selectFrom('outbox')
        .select(['id', 'ticket_id'])
        .where('account_id', '=', accountId)
        .where('platform_id', '=', platformId)
        .executeTakeFirst();
      return row && { id: row.id, ticketId: row.ticket_id };
    },
  };
}
