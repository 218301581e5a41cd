import type { Selectable } from 'kysely';
import type { Clock, Timer } from '../clock.js';
import { assertOutsideTransaction, type Database, type Transaction } from '../db/database.js';
import type { Schema } from '../db/schema.js';
import type { Seal } from '../db/sealed.js';
import type { Ids } from '../ids.js';
import type { Log } from '../log.js';
import { type Door, type ExternalConversation, NotSentError, RateLimitedError, RejectedError } from '../puppet/door.js';
import { type Gatherer, gatherDue, nextGatherAt } from './gather.js';
import { type Conversation, conversationOf, type OutboxBody, type OutboxKind, PLACEHOLDER } from './outbox.js';
import type { Pace } from './pace.js';
import { splitText } from './split.js';

type Row = Selectable<Schema['outbox']>;

const ECHO_WAIT_MS = 20_000;
const BACK_OFF_MS = [2_000, 8_000, 30_000, 120_000];
const MAX_TRIES = 5;
const PART_GAP_MS = 2_000;
/** What may wait for the morning: everything nobody asked for. */
const QUIET_KINDS: ReadonlySet<string> = new Set<OutboxKind>(['notice', 'broadcast']);

export interface SenderDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  seal: Seal;
  log: Log;
  door: Door;
  pace: Pace;
  accountId(): string;
  gatherers: Map<string, Gatherer>;
  /** The platform's ids of a conversation and of people; undefined when the account does not know them. */
  resolve(to: Conversation): Promise<ExternalConversation | undefined>;
  contactOf(personId: string): Promise<string | undefined>;
  /** The instant at which a conversation's quiet hours end, or undefined when it is not quiet now. */
  quietUntil(to: Conversation, now: number): Promise<number | undefined>;
  /** The one line that stands for answers that came too late. */
  staleLine: string;
  alert(event: 'rate-limited' | 'must-deliver-failed', details: { outboxId: string }): void;
}

export interface Sender {
  start(): Promise<void>;
  /** Something was committed: look now. */
  wake(): void;
  /** Resolves when nothing is due and nothing is on its way. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
  /** One of our own messages came back from the platform. True when it was from the outbox. */
  confirmEcho(
    tx: Transaction,
    echo: { platformId: string; to: Conversation; text: string | undefined },
  ): Promise<boolean>;
}

/** Carries the outbox to the door: in order per conversation, paced, each row in a state that survives a crash. */
export function createSender(deps: SenderDeps): Sender {
  const { db, clock, seal, log, door, pace } = deps;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = true;
  let timer: Timer | undefined;

  const isOnline = () => door.state.kind === 'online';

  async function due(now: number): Promise<Row[]> {
    return db.reader
      .selectFrom('outbox')
      .selectAll()
      .where('account_id', '=', deps.accountId())
      .where('state', '=', 'queued')
      .where('gather_key', 'is', null)
      .where('not_before', '<=', now)
      .orderBy('priority')
      .orderBy('id')
      .limit(64)
      .execute();
  }

  async function drain(): Promise<void> {
    if (!isOnline()) return;
    await db.inTransaction((tx) => settleUnknown(tx));
    await db.inTransaction((tx) => gatherDue(tx, deps, clock.now()));
    for (;;) {
      if (stopped || !isOnline()) return;
      const now = clock.now();
      const rows = await due(now);
      const lanes = await lanesOf(rows, now);
      if (lanes.length === 0) return;
      for (let i = 0; i < lanes.length; i += pace.parallel) {
        await Promise.all(lanes.slice(i, i + pace.parallel).map((lane) => sendLane(lane)));
      }
    }
  }

  /** Rows that may go now, one lane a conversation; with a pace, only the first row of the first lane. */
  async function lanesOf(rows: Row[], now: number): Promise<Row[][]> {
    const lanes = new Map<string, Row[]>();
    for (const row of rows) {
      if (QUIET_KINDS.has(row.kind)) {
        const until = await deps.quietUntil(conversationOf(row.conversation), now);
        if (until !== undefined) {
          await db.inTransaction((tx) =>
            tx.updateTable('outbox').set({ not_before: until, expires_at: null }).where('id', '=', row.id).execute(),
          );
          continue;
        }
      }
      if (pace.earliest(pacedOf(row), now) > now) continue;
      const lane = lanes.get(row.conversation) ?? [];
      lane.push(row);
      lanes.set(row.conversation, lane);
      if (pace.parallel === 1) break;
    }
    return [...lanes.values()];
  }

  async function sendLane(lane: Row[]): Promise<void> {
    for (const row of lane) {
      const outcome = await sendRow(row);
      // What stands behind it in the same conversation keeps its place.
      if (outcome === 'later' || stopped) return;
    }
  }

  async function sendRow(row: Row): Promise<'done' | 'later'> {
    const to = conversationOf(row.conversation);
    const body = await bodyToSend(row);
    if (!body) return 'done';
    const external = await deps.resolve(to);
    if (!external) {
      await finish(row, { state: 'failed', error: 'unknown-conversation' });
      return 'done';
    }
    const rendered = body.kind === 'text' ? await render(body.text, to, external) : undefined;
    const claimed = await db.inTransaction(async (tx) => {
      const result = await tx
        .updateTable('outbox')
        .set({ state: 'sending', tries: row.tries + 1, rendered_hash: rendered ? seal.hash(rendered.text) : null })
        .where('id', '=', row.id)
        .where('state', '=', 'queued')
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    });
    if (!claimed) return 'done';
    assertOutsideTransaction('the puppet');
    try {
      pace.sent(pacedOf(row), clock.now());
      const { platformId } =
        rendered !== undefined
          ? await sendParts(external, rendered)
          : await door.sendFile(external, {
              name: (body as { name: string }).name,
              bytes: Buffer.from((body as { base64: string }).base64, 'base64'),
            });
      await finish(row, { state: 'sent', sent_at: clock.now(), platform_id: platformId ?? null, error: null });
      return 'done';
    } catch (error) {
      return afterFailure(row, error);
    }
  }

  async function sendParts(to: ExternalConversation, rendered: { text: string; mentionIds: string[] }) {
    const parts = splitText(rendered.text);
    let first: { platformId?: string } = {};
    for (const [i, part] of parts.entries()) {
      if (i > 0 && pace.parallel === 1) await new Promise<void>((resolve) => clock.after(PART_GAP_MS, resolve));
      const sent = await door.sendText(to, part, i === 0 ? rendered.mentionIds : []);
      if (i === 0) first = sent;
    }
    return first;
  }

  /** What to send, or undefined when the row's time is over. */
  async function bodyToSend(row: Row): Promise<Exclude<OutboxBody, { kind: 'gathered' }> | undefined> {
    const expired = row.expires_at !== null && row.expires_at < clock.now();
    if (!expired) return JSON.parse(seal.open(row.body_sealed)) as Exclude<OutboxBody, { kind: 'gathered' }>;
    const firstStale = row.kind === 'answer' && (await claimStaleLine(row));
    if (firstStale) return { kind: 'text', text: deps.staleLine };
    await finish(row, { state: 'expired' });
    return undefined;
  }

  /** One line per conversation stands for all answers that came too late in an outage. */
  async function claimStaleLine(row: Row): Promise<boolean> {
    const others = await db.reader
      .selectFrom('outbox')
      .select('id')
      .where('conversation', '=', row.conversation)
      .where('kind', '=', 'answer')
      .where('error', '=', 'stale')
      .where('sent_at', '>', clock.now() - ECHO_WAIT_MS * 30)
      .executeTakeFirst();
    if (others) return false;
    await db.inTransaction((tx) =>
      tx.updateTable('outbox').set({ error: 'stale', sent_at: clock.now() }).where('id', '=', row.id).execute(),
    );
    return true;
  }

  async function render(text: string, to: Conversation, external: ExternalConversation) {
    const roomId = external.kind === 'room' ? external.externalRoomId : undefined;
    const mentionIds: string[] = [];
    const names = new Map<string, string>();
    for (const [, , personId] of text.matchAll(PLACEHOLDER)) {
      if (names.has(personId!)) continue;
      const contactId = await deps.contactOf(personId!);
      names.set(personId!, contactId ? await door.displayName(contactId, roomId) : '群友');
      if (contactId && to.kind === 'room' && text.includes(`\u27e6@${personId}\u27e7`)) mentionIds.push(contactId);
    }
    const rendered = text.replace(PLACEHOLDER, (_, at: string, personId: string) => {
      const name = names.get(personId) ?? '群友';
      return at && to.kind === 'room' ? `@${name}\u2005` : name;
    });
    // A real mention ends in its own narrow space; the plain one behind it would show as two.
    return { text: rendered.replaceAll('\u2005 ', '\u2005'), mentionIds };
  }

  async function afterFailure(row: Row, error: unknown): Promise<'done' | 'later'> {
    const now = clock.now();
    const must = row.must_deliver === 1;
    log.warn({ outboxId: row.id, kind: row.kind, tries: row.tries + 1, err: error }, 'a message was not sent');
    if (error instanceof RejectedError) {
      await finish(row, { state: 'failed', error: error.code });
      if (must) deps.alert('must-deliver-failed', { outboxId: row.id });
      return 'done';
    }
    if (error instanceof RateLimitedError) {
      pace.slowDown(now);
      deps.alert('rate-limited', { outboxId: row.id });
    }
    if (error instanceof NotSentError || error instanceof RateLimitedError) {
      const givenUp = !must && row.tries + 1 >= MAX_TRIES;
      const wait = BACK_OFF_MS[Math.min(row.tries, BACK_OFF_MS.length - 1)]!;
      await finish(
        row,
        givenUp
          ? { state: 'failed', error: error.code }
          : { state: 'queued', not_before: now + wait, error: error.code },
      );
      return 'later';
    }
    await finish(row, { state: 'unknown', unknown_since: now, error: 'unknown-outcome' });
    return 'later';
  }

  /** Rows whose effect is unknown: seen again in time they are sent; else what must arrive is repeated. */
  async function settleUnknown(tx: Transaction): Promise<void> {
    const now = clock.now();
    const rows = await tx
      .selectFrom('outbox')
      .select(['id', 'kind', 'must_deliver', 'tries'])
      .where('account_id', '=', deps.accountId())
      .where('state', '=', 'unknown')
      .where('unknown_since', '<=', now - ECHO_WAIT_MS)
      .execute();
    for (const row of rows) {
      const repeat = row.must_deliver === 1 || (row.kind !== 'broadcast' && row.tries < 2);
      await tx
        .updateTable('outbox')
        .set(repeat ? { state: 'queued', not_before: now } : { state: 'failed', error: 'unknown-outcome' })
        .where('id', '=', row.id)
        .where('state', '=', 'unknown')
        .execute();
    }
  }

  async function finish(row: Row, changes: Partial<Omit<Row, 'id'>>): Promise<void> {
    await db.inTransaction((tx) => tx.updateTable('outbox').set(changes).where('id', '=', row.id).execute());
  }

  /** Sets one timer for the next instant at which something may be due. */
  async function plan(): Promise<void> {
    timer?.cancel();
    timer = undefined;
    if (stopped || !isOnline()) return;
    const now = clock.now();
    const queued = await db.reader
      .selectFrom('outbox')
      .selectAll()
      .where('account_id', '=', deps.accountId())
      .where('state', '=', 'queued')
      .where('gather_key', 'is', null)
      .orderBy('not_before')
      .limit(64)
      .execute();
    const unknown = await db.reader
      .selectFrom('outbox')
      .select('unknown_since')
      .where('account_id', '=', deps.accountId())
      .where('state', '=', 'unknown')
      .orderBy('unknown_since')
      .executeTakeFirst();
    const instants = queued.map((row) => Math.max(row.not_before, pace.earliest(pacedOf(row), now)));
    if (unknown?.unknown_since) instants.push(unknown.unknown_since + ECHO_WAIT_MS);
    const gather = await nextGatherAt(db.reader, deps);
    if (gather !== undefined) instants.push(gather);
    if (instants.length === 0) return;
    timer = clock.after(Math.max(10, Math.min(...instants) - now), wake);
  }

  function wake(): void {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = (async () => {
      do {
        again = false;
        try {
          await drain();
          await plan();
        } catch (error) {
          log.error({ err: error }, 'the sender failed and goes on');
          timer = clock.after(1_000, wake);
        }
      } while (again && !stopped);
      running = undefined;
    })();
  }

  return {
    async start() {
      stopped = false;
      await db.inTransaction((tx) =>
        tx
          .updateTable('outbox')
          .set({ state: 'unknown', unknown_since: clock.now() })
          .where('account_id', '=', deps.accountId())
          .where('state', '=', 'sending')
          .execute(),
      );
      wake();
    },
    wake,
    async quiet() {
      while (running) await running;
    },
    async stop() {
      stopped = true;
      timer?.cancel();
      while (running) await running;
    },
    async confirmEcho(tx, { platformId, to, text }) {
      const key = to.kind === 'room' ? `room:${to.roomId}` : `person:${to.personId}`;
      const byId = await tx
        .selectFrom('outbox')
        .select(['id', 'state'])
        .where('platform_id', '=', platformId)
        .executeTakeFirst();
      if (byId) return true;
      if (text === undefined) return false;
      const byText = await tx
        .selectFrom('outbox')
        .select(['id', 'state'])
        .where('conversation', '=', key)
        .where('rendered_hash', '=', seal.hash(text))
        .where('state', 'in', ['sending', 'unknown', 'queued', 'sent'])
        .orderBy('id', 'desc')
        .executeTakeFirst();
      if (!byText) return false;
      await tx
        .updateTable('outbox')
        .set({ state: 'sent', platform_id: platformId, sent_at: clock.now() })
        .where('id', '=', byText.id)
        .where('state', 'in', ['unknown', 'queued', 'sent'])
        .execute();
      return true;
    },
  };
}

function pacedOf(row: Row) {
  return { conversation: row.conversation, kind: row.kind as OutboxKind, file: false };
}
