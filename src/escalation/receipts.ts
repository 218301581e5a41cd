import type { Transaction } from '../platform/db/database.js';
import type { Job } from '../platform/jobs/jobs.js';
import { mention, nameOf } from '../platform/outbox/outbox.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { EscalationDeps } from './deps.js';
import type { TicketStore } from './store.js';

const RECEIPT_JOB = 'relay-receipt';
/** When to look whether a reply has gone out, counted from the last look; the last one is repeated. */
const LOOKS_AFTER_MS = [400, 1_600, 4_000, 10_000, 15_000, 30_000, 60_000, 300_000];
/** By this look the author hears that it has not gone out yet. */
const TELL_THAT_IT_WAITS = 5;

/** Where the reply went: in the group, in private because it is personal, or in private because it was asked there. */
export type Way = 'group' | 'private' | 'personal' | 'out-of-group';

export interface Receipt {
  ticketId: string;
  /** Of the outbox entry that is the reply. */
  key: string;
  way: Way;
  /** Who wants to know, and where they wrote it. */
  authorId: string;
  roomId: string | undefined;
}

export type Receipts = ReturnType<typeof createReceipts>;

/** Tells who answered a ticket what became of the answer: sent only when the platform has taken it. */
export function createReceipts({
  clock,
  jobs,
  outbox,
  store,
}: Pick<EscalationDeps, 'clock' | 'jobs' | 'outbox'> & { store: TicketStore }) {
  async function look(tx: Transaction, receipt: Receipt, after: number, from: number): Promise<void> {
    const wait = LOOKS_AFTER_MS[Math.min(after, LOOKS_AFTER_MS.length - 1)] ?? 0;
    await jobs.add(tx, {
      kind: RECEIPT_JOB,
      slot: `${receipt.key}:${after}`,
      dueAt: from + wait,
      data: { ...receipt, looks: after },
    });
  }

  async function apply(tx: Transaction, job: Job): Promise<void> {
    const { looks, ...receipt } = job.data as unknown as Receipt & { looks: number };
    const ticket = await store.find(tx, receipt.ticketId);
    const delivery = await store.deliveryOf(tx, receipt.key);
    if (!ticket || delivery === 'taken-back') return;
    const who = nameOf(ticket.askerId);
    if (delivery === 'waiting') {
      if (looks === TELL_THAT_IT_WAITS) await tell(tx, receipt, 'waits', text.desk.notYetSent(ticket.number, who));
      await look(tx, receipt, looks + 1, clock.now());
      return;
    }
    const words = delivery === 'failed' ? text.desk.undeliverable : text.desk.sent[receipt.way];
    await tell(tx, receipt, 'done', words(ticket.number, who));
  }

  async function tell(tx: Transaction, receipt: Receipt, part: string, words: string): Promise<void> {
    const { roomId, authorId } = receipt;
    await outbox.add(tx, {
      key: `${receipt.key}:${part}`,
      to: roomId === undefined ? { kind: 'private', personId: authorId } : { kind: 'room', roomId },
      kind: 'relay',
      body: { kind: 'text', text: roomId === undefined ? words : `${mention(authorId)} ${words}` },
      ticketId: receipt.ticketId,
    });
  }

  return {
    register(): void {
      jobs.register(RECEIPT_JOB, { missed: { kind: 'always' }, apply });
    },
    /** `from`: when the reply may go out at the earliest. */
    expect: (tx: Transaction, receipt: Receipt, from: number) => look(tx, receipt, 0, from),
  };
}
