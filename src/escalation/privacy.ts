import type { Community } from '../community/index.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Outbox } from '../platform/outbox/outbox.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { Alerts } from './alerts.js';
import type { Relay } from './relay.js';
import { afterAction } from './states.js';
import type { TicketStore } from './store.js';
import { isPressing, type Ticket } from './types.js';

/** What a person gets of their tickets in 我的数据. */
export interface ExportedTicket {
  number: number;
  kind: string;
  level: string;
  state: string;
  createdAt: number;
  question: string;
  events: { kind: string; at: number; text: string | undefined }[];
}

/** A doctor's note among colleagues, and what the rules found, are not part of the conversation with the patient. */
const NOT_EXPORTED = new Set(['note', 'flags', 'hand-over']);

/** Export, erasure, and what a recalled message takes with it. */
export function createTicketPrivacy(deps: {
  store: TicketStore;
  outbox: Outbox;
  community: Community;
  alerts: Alerts;
  relay: Relay;
}) {
  const { store, outbox, community, alerts, relay } = deps;

  /** Nobody has taken it: the card goes, where it has not been read already, and the words with it. */
  async function withdraw(tx: Transaction, ticket: Ticket, messageId: string): Promise<void> {
    const state = afterAction(ticket.state, 'withdraw');
    if (state === undefined) return;
    await store.update(tx, ticket.id, { state });
    await store.addEvent(tx, { ticketId: ticket.id, kind: 'withdraw', actorId: ticket.askerId, messageId });
    await store.blankQuestion(tx, ticket.id);
    let unseen = 0;
    const rooms = await community.listRooms(tx, ticket.communityId, ticket.kind === 'service' ? 'admins' : 'doctors');
    for (const room of rooms) unseen += await outbox.cancel(tx, { key: `ticket:${ticket.id}:card:${room.id}` });
    if (unseen > 0) return;
    const notice = {
      communityId: ticket.communityId,
      ticketId: ticket.id,
      part: 'withdrawn',
      kind: 'relay' as const,
      call: 'nobody' as const,
      text: text.toDoctors.withdrawn(ticket.number),
    };
    if (ticket.kind === 'service') await alerts.admins(tx, notice);
    else await alerts.doctors(tx, notice, { pressing: false });
  }

  return {
    async onRecall(tx: Transaction, messageId: string): Promise<void> {
      const event = await store.findEventByMessage(tx, messageId);
      if (event && relay.isRelayed(event)) {
        await relay.stop(tx, event);
        return;
      }
      const ticket = await store.findByMessage(tx, messageId);
      // An emergency stays: who is in danger may have been told to take the words back.
      if (!ticket || isPressing(ticket.level)) return;
      if (ticket.messageId === messageId) await withdraw(tx, ticket, messageId);
      else if (event?.kind === 'asker-wrote') await store.blankEvents(tx, { messageId });
    },

    async exportPerson(reader: Reader, personId: string): Promise<ExportedTicket[]> {
      const tickets = await store.listOfAsker(reader, personId);
      const exported: ExportedTicket[] = [];
      for (const ticket of tickets) {
        const events = await store.listEvents(reader, ticket.id);
        exported.push({
          number: ticket.number,
          kind: ticket.kind,
          level: ticket.level,
          state: ticket.state,
          createdAt: ticket.createdAt,
          question: ticket.question,
          events: events
            .filter((event) => !NOT_EXPORTED.has(event.kind))
            .map((event) => ({ kind: event.kind, at: event.createdAt, text: event.text })),
        });
      }
      return exported;
    },

    /** Numbers, levels and times stay as safety evidence for three years; every word of this person's tickets goes. */
    async erasePerson(tx: Transaction, personId: string): Promise<void> {
      for (const ticket of await store.listOfAsker(tx, personId)) {
        await store.blankQuestion(tx, ticket.id);
        await store.blankEvents(tx, { ticketId: ticket.id });
      }
      await store.forgetSaid(tx, personId);
    },
  };
}
