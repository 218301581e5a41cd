import type { Selectable } from 'kysely';
import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Schema } from '../platform/db/schema.js';
import type { Seal } from '../platform/db/sealed.js';
import { NotFoundError } from '../platform/errors.js';
import type { Ids } from '../platform/ids.js';
import { conversationKey } from '../platform/outbox/outbox.js';
import type { Level } from '../triage/index.js';
import { OWED, UNFINISHED } from './states.js';
import type { Origin, Ticket, TicketEvent, TicketEventKind, TicketKind, TicketState } from './types.js';

type TicketRow = Selectable<Schema['ticket']>;
type EventRow = Selectable<Schema['ticket_event']>;

export interface NewTicket extends Origin {
  kind: TicketKind;
  level: Level;
  relation: string | undefined;
  question: string;
  dueAt: number | undefined;
}

export interface NewEvent {
  ticketId: string;
  kind: TicketEventKind;
  actorId?: string | undefined;
  messageId?: string | undefined;
  text?: string | undefined;
}

export interface TicketChanges {
  level?: Level;
  state?: TicketState;
  claimedBy?: string | null;
  acknowledgedAt?: number;
  acknowledgedBy?: string;
  answeredAt?: number | null;
  answeredBy?: string | null;
  dueAt?: number;
  closedAt?: number | null;
  outcome?: string | null;
}

/** What became of an entry of the outbox. */
export type Delivery = 'sent' | 'failed' | 'taken-back' | 'waiting';

export type TicketStore = ReturnType<typeof createTicketStore>;

/** The only SQL about tickets. Texts are sealed here and nowhere else. */
export function createTicketStore({ clock, ids, seal }: { clock: Clock; ids: Ids; seal: Seal }) {
  const ticketOf = (row: TicketRow): Ticket => ({
    id: row.id,
    number: row.number,
    communityId: row.community_id,
    accountId: row.account_id,
    kind: row.kind as TicketKind,
    level: row.level as Level,
    state: row.state as TicketState,
    roomId: row.room_id ?? undefined,
    askerId: row.asker_id,
    relation: row.relation ?? undefined,
    messageId: row.message_id,
    question: seal.open(row.question_sealed),
    claimedBy: row.claimed_by ?? undefined,
    acknowledgedAt: row.acknowledged_at ?? undefined,
    acknowledgedBy: row.acknowledged_by ?? undefined,
    answeredAt: row.answered_at ?? undefined,
    answeredBy: row.answered_by ?? undefined,
    dueAt: row.due_at ?? undefined,
    closedAt: row.closed_at ?? undefined,
    outcome: row.outcome ?? undefined,
    createdAt: row.created_at,
  });
  const eventOf = (row: EventRow): TicketEvent => ({
    id: row.id,
    ticketId: row.ticket_id,
    kind: row.kind as TicketEventKind,
    actorId: row.actor_id ?? undefined,
    messageId: row.message_id ?? undefined,
    text: row.text_sealed === null ? undefined : seal.open(row.text_sealed),
    createdAt: row.created_at,
  });

  async function find(reader: Reader, id: string): Promise<Ticket | undefined> {
    const row = await reader.selectFrom('ticket').selectAll().where('id', '=', id).executeTakeFirst();
    return row && ticketOf(row);
  }

  /** Numbers count up in a community and are never used again. */
  async function takeNumber(tx: Transaction, communityId: string): Promise<number> {
    const row = await tx
      .updateTable('community')
      .set((eb) => ({ next_ticket_number: eb('next_ticket_number', '+', 1) }))
      .where('id', '=', communityId)
      .returning('next_ticket_number')
      .executeTakeFirst();
    if (!row) throw new NotFoundError('no such community');
    return row.next_ticket_number - 1;
  }

  return {
    find,

    async insert(tx: Transaction, ticket: NewTicket): Promise<Ticket> {
      const row: TicketRow = {
        id: ids.next(),
        number: await takeNumber(tx, ticket.communityId),
        community_id: ticket.communityId,
        account_id: ticket.accountId,
        kind: ticket.kind,
        level: ticket.level,
        state: 'open',
        room_id: ticket.roomId ?? null,
        asker_id: ticket.askerId,
        relation: ticket.relation ?? null,
        message_id: ticket.messageId,
        question_sealed: seal.seal(ticket.question),
        claimed_by: null,
        acknowledged_at: null,
        acknowledged_by: null,
        answered_at: null,
        answered_by: null,
        due_at: ticket.dueAt ?? null,
        closed_at: null,
        outcome: null,
        created_at: clock.now(),
      };
      await tx.insertInto('ticket').values(row).execute();
      return ticketOf(row);
    },

    async update(tx: Transaction, id: string, changes: TicketChanges): Promise<void> {
      const columns = {
        level: changes.level,
        state: changes.state,
        claimed_by: changes.claimedBy,
        acknowledged_at: changes.acknowledgedAt,
        acknowledged_by: changes.acknowledgedBy,
        answered_at: changes.answeredAt,
        answered_by: changes.answeredBy,
        due_at: changes.dueAt,
        closed_at: changes.closedAt,
        outcome: changes.outcome,
      };
      const given = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
      await tx.updateTable('ticket').set(given).where('id', '=', id).execute();
    },

    async findByNumber(reader: Reader, communityId: string, number: number): Promise<Ticket | undefined> {
      const row = await reader
        .selectFrom('ticket')
        .selectAll()
        .where('community_id', '=', communityId)
        .where('number', '=', number)
        .executeTakeFirst();
      return row && ticketOf(row);
    },

    /** The ticket that this message opened or was appended to. */
    async findByMessage(reader: Reader, messageId: string): Promise<Ticket | undefined> {
      const opened = await reader
        .selectFrom('ticket')
        .selectAll()
        .where('message_id', '=', messageId)
        .executeTakeFirst();
      if (opened) return ticketOf(opened);
      const event = await reader
        .selectFrom('ticket_event')
        .select('ticket_id')
        .where('message_id', '=', messageId)
        .executeTakeFirst();
      return event && find(reader, event.ticket_id);
    },

    /** This person's tickets, newest first. */
    async listOfAsker(reader: Reader, askerId: string, { limit = 500 } = {}): Promise<Ticket[]> {
      const rows = await reader
        .selectFrom('ticket')
        .selectAll()
        .where('asker_id', '=', askerId)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(ticketOf);
    },

    /** The running emergency of this person that a new message within the window belongs to. */
    async findPressingOf(reader: Reader, asker: { askerId: string; communityId: string; since: number }) {
      const rows = await reader
        .selectFrom('ticket')
        .selectAll()
        .where('asker_id', '=', asker.askerId)
        .where('community_id', '=', asker.communityId)
        .where('level', 'in', ['emergency', 'urgent'])
        .where('state', 'in', [...UNFINISHED])
        .orderBy('created_at', 'desc')
        .limit(5)
        .execute();
      for (const row of rows) {
        if (row.created_at > asker.since) return ticketOf(row);
        const later = await reader
          .selectFrom('ticket_event')
          .select('id')
          .where('ticket_id', '=', row.id)
          .where('kind', '=', 'flags')
          .where('created_at', '>', asker.since)
          .executeTakeFirst();
        if (later) return ticketOf(row);
      }
      return undefined;
    },

    /** What doctors (clinical) or admins (service) still owe, most pressing and oldest due first. */
    async listOwed(
      reader: Reader,
      where: { communityId: string; kinds: readonly TicketKind[]; claimedBy?: string },
    ): Promise<Ticket[]> {
      let query = reader
        .selectFrom('ticket')
        .selectAll()
        .where('community_id', '=', where.communityId)
        .where('kind', 'in', [...where.kinds])
        .where('state', 'in', where.claimedBy ? [...OWED, 'waiting'] : [...OWED]);
      if (where.claimedBy) query = query.where('claimed_by', '=', where.claimedBy);
      const rows = await query.orderBy('created_at').orderBy('number').limit(500).execute();
      const rank: Record<string, number> = { emergency: 0, urgent: 1, clinical: 2, information: 3 };
      return rows
        .map(ticketOf)
        .sort(
          (a, b) => (rank[a.level] ?? 9) - (rank[b.level] ?? 9) || (a.dueAt ?? a.createdAt) - (b.dueAt ?? b.createdAt),
        );
    },

    /** Counts of unfinished tickets, for the status page. */
    async countOwed(reader: Reader): Promise<{ level: Level; count: number }[]> {
      const rows = await reader
        .selectFrom('ticket')
        .select((eb) => ['level', eb.fn.countAll<number>().as('count')])
        .where('state', 'in', [...OWED])
        .groupBy('level')
        .execute();
      return rows.map((row) => ({ level: row.level as Level, count: Number(row.count) }));
    },

    /** Adds an event; false when this message has left such an event already. */
    async addEvent(tx: Transaction, event: NewEvent): Promise<boolean> {
      if (event.messageId !== undefined) {
        const there = await tx
          .selectFrom('ticket_event')
          .select('id')
          .where('ticket_id', '=', event.ticketId)
          .where('kind', '=', event.kind)
          .where('message_id', '=', event.messageId)
          .executeTakeFirst();
        if (there) return false;
      }
      await tx
        .insertInto('ticket_event')
        .values({
          id: ids.next(),
          ticket_id: event.ticketId,
          kind: event.kind,
          actor_id: event.actorId ?? null,
          message_id: event.messageId ?? null,
          text_sealed: event.text === undefined ? null : seal.seal(event.text),
          created_at: clock.now(),
        })
        .execute();
      return true;
    },

    async listEvents(reader: Reader, ticketId: string): Promise<TicketEvent[]> {
      const rows = await reader
        .selectFrom('ticket_event')
        .selectAll()
        .where('ticket_id', '=', ticketId)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(eventOf);
    },

    /** The last reply of this doctor, on any ticket, since `since`. */
    async findLastReplyBy(reader: Reader, actorId: string, since: number): Promise<TicketEvent | undefined> {
      const row = await reader
        .selectFrom('ticket_event')
        .selectAll()
        .where('actor_id', '=', actorId)
        .where('kind', 'in', ['reply', 'reply-private', 'ask-back', 'ask-back-private', 'correct', 'correct-private'])
        .where('created_at', '>=', since)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .executeTakeFirst();
      return row && eventOf(row);
    },

    async findEventByMessage(reader: Reader, messageId: string): Promise<TicketEvent | undefined> {
      const row = await reader
        .selectFrom('ticket_event')
        .selectAll()
        .where('message_id', '=', messageId)
        .orderBy('created_at')
        .executeTakeFirst();
      return row && eventOf(row);
    },

    /** What became of the reply with this key; a long one goes out in parts. */
    async deliveryOf(reader: Reader, key: string): Promise<Delivery> {
      const rows = await reader
        .selectFrom('outbox')
        .select('state')
        .where((eb) => eb.or([eb('dedupe_key', '=', key), eb('dedupe_key', 'like', `${key} (%`)]))
        .execute();
      const states = new Set(rows.map((row) => row.state));
      if (states.has('failed') || states.has('expired') || rows.length === 0) return 'failed';
      if (states.has('cancelled')) return 'taken-back';
      return rows.every((row) => row.state === 'sent') ? 'sent' : 'waiting';
    },

    /** The admins have silenced this room, or all rooms of its community. */
    async isSilenced(reader: Reader, roomId: string): Promise<boolean> {
      const row = await reader
        .selectFrom('room')
        .leftJoin('community', 'community.id', 'room.community_id')
        .select(['room.muted as room', 'community.muted as all'])
        .where('room.id', '=', roomId)
        .executeTakeFirst();
      return row?.room === 1 || row?.all === 1;
    },

    /**
     * Everything in the outbox that was said to this person, because of their messages, or about their tickets
     * loses its words, and is not sent any more: but for cards and alerts of an emergency that are due.
     */
    async forgetSaid(tx: Transaction, personId: string): Promise<void> {
      const ofPerson = () =>
        tx
          .updateTable('outbox')
          .where((eb) =>
            eb.or([
              eb('conversation', '=', conversationKey({ kind: 'private', personId })),
              eb(
                'cause_message_id',
                'in',
                eb.selectFrom('message').select('message.id').where('person_id', '=', personId),
              ),
              eb('ticket_id', 'in', eb.selectFrom('ticket').select('ticket.id').where('asker_id', '=', personId)),
            ]),
          );
      await ofPerson()
        .set({ state: 'cancelled' })
        .where('state', 'in', ['queued', 'unknown'])
        .where((eb) =>
          eb.or([
            eb('kind', 'not in', ['emergency', 'alert']),
            // Tried before, it was due, and waits only for the next try.
            eb.and([eb('not_before', '>', clock.now()), eb('tries', '=', 0)]),
          ]),
        )
        .execute();
      await ofPerson().set({ body_sealed: '' }).where('state', 'not in', ['queued', 'unknown', 'sending']).execute();
    },

    async blankEvents(tx: Transaction, where: { messageId: string } | { ticketId: string }): Promise<void> {
      const query = tx.updateTable('ticket_event').set({ text_sealed: null });
      await ('messageId' in where
        ? query.where('message_id', '=', where.messageId)
        : query.where('ticket_id', '=', where.ticketId)
      ).execute();
    },

    async blankQuestion(tx: Transaction, ticketId: string): Promise<void> {
      await tx
        .updateTable('ticket')
        .set({ question_sealed: seal.seal(''), relation: null })
        .where('id', '=', ticketId)
        .execute();
    },
  };
}
