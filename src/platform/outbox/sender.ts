import type { Updateable } from 'kysely';
import { type Clock, sleep, type Timer } from '../clock.js';
import { assertOutsideTransaction, type Database, outsideTransaction, type Transaction } from '../db/database.js';
import type { Schema } from '../db/schema.js';
import type { Seal } from '../db/sealed.js';
import { createSharedWrites } from '../db/shared-writes.js';
import type { Ids } from '../ids.js';
import type { Log } from '../log.js';
import { type Door, type ExternalConversation, NotSentError, RateLimitedError, RejectedError } from '../puppet/door.js';
import { type Choice, createChoice, mayBeDeferred, type WaitingRow } from './choose.js';
import { confirmEcho, type Echo, echoHash } from './echo.js';
import { type Gatherer, gatherDue, isGatheredLine, nextGatherAt } from './gather.js';
import { type Conversation, conversationOf, type OutboxBody, type OutboxKind, UNKNOWN_OUTCOME } from './outbox.js';
import type { Pace } from './pace.js';
import { type Rendered, render } from './render.js';

type Changes = Updateable<Schema['outbox']>;
type Mark = (row: Row, changes: Changes) => void;
type OpenBody = Exclude<OutboxBody, { kind: 'gathered' }>;

interface Row extends WaitingRow {
  must_deliver: number;
  gather_key: string | null;
  error: string | null;
}

/** What goes to the door, ready but for the claim. */
interface Prepared {
  external: ExternalConversation;
  body: OpenBody;
  rendered: Rendered | undefined;
  /** It stands for answers that came too late. */
  stale: boolean;
}

const ECHO_WAIT_MS = 20_000;
const BACK_OFF_MS = [2_000, 8_000, 30_000, 120_000];
const MAX_TRIES = 5;
const PAGE_ROWS = 64;
const FINISHED_AT_MOST = 200;
const STALE = 'stale';
const STALE_EVERY_MS = 10 * 60_000;
const RETRY_MS = 1_000;
const SOONEST_MS = 10;

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
  /** Something was committed: look now. Inside a transaction it is too early on PostgreSQL, but no error. */
  wake(): void;
  /** Resolves when nothing is due and nothing is on its way. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
  /** One of our own messages came back from the platform. True when it was from the outbox. */
  confirmEcho(tx: Transaction, echo: Echo): Promise<boolean>;
}

/**
 * Carries the outbox to the door: in order per conversation, paced, each row in
 * a state that survives a crash. A look finds the rows that may go and starts a
 * lane for each conversation; the end of a lane is the reason for the next look.
 */
export function createSender(deps: SenderDeps): Sender {
  const { db, clock, seal, log, door, pace } = deps;
  const writes = createSharedWrites(db);
  const lanes = new Map<string, Promise<void>>();
  let looking: Promise<void> | undefined;
  let again = false;
  let stopped = true;
  let timer: Timer | undefined;
  let mayHaveUnknown = true;
  let endWaiting = () => {};
  let untilStopped: Promise<void> = Promise.resolve();

  const canSend = () => !stopped && door.state.kind === 'online';

  // Looking

  function wake(): void {
    again = true;
    if (looking || !canSend()) return;
    looking = outsideTransaction(lookUntilNothingIsNew);
  }

  async function lookUntilNothingIsNew(): Promise<void> {
    while (again && canSend()) {
      again = false;
      try {
        wakeAt(await look());
      } catch (error) {
        log.error({ err: error }, 'the sender failed and goes on');
        wakeAt(clock.now() + RETRY_MS);
      }
    }
    looking = undefined;
  }

  function wakeAt(instant: number): void {
    timer?.cancel();
    timer = Number.isFinite(instant) ? clock.after(Math.max(SOONEST_MS, instant - clock.now()), wake) : undefined;
  }

  /** Starts what may go now. Answers when something else comes due. */
  async function look(): Promise<number> {
    const now = clock.now();
    const unknown = mayHaveUnknown
      ? await settleUnknown(now)
      : { holding: new Map<string, number>(), nextAt: Infinity };
    const { choice, gathering } = await choose(now, unknown.holding);
    for (const [lane, rows] of choice.lanes) startLane(lane, rows as Row[]);
    if (choice.deferred.length + choice.expired.length > 0) await db.inTransaction((tx) => setAside(tx, choice));
    const gatherAt = gathering ? await gather(now) : Infinity;
    return Math.min(choice.nextAt, unknown.nextAt, gatherAt);
  }

  async function choose(now: number, holding: Map<string, number>): Promise<{ choice: Choice; gathering: boolean }> {
    const quietUntil = new Map<string, number | undefined>();
    const choice = createChoice({ now, pace, busy: new Set(lanes.keys()), holding, quietUntil });
    let gathering = false;
    for (let last: Row | undefined; ; ) {
      const rows = await waitingRows(last, choice.finished);
      for (const row of rows) {
        if (mayBeDeferred(row) && !quietUntil.has(row.conversation)) {
          quietUntil.set(row.conversation, await deps.quietUntil(conversationOf(row.conversation), now));
        }
      }
      for (const row of rows) {
        if (isGatheredLine(row)) gathering = true;
        else choice.consider(row);
      }
      last = rows.at(-1);
      if (rows.length < PAGE_ROWS || choice.full) return { choice, gathering };
    }
  }

  /** A page of what waits, the most urgent first; without most of what cannot be chosen anyway. */
  async function waitingRows(after: Row | undefined, finished: ReadonlySet<string>): Promise<Row[]> {
    const without = [...finished].slice(0, FINISHED_AT_MOST);
    const query = db.reader
      .selectFrom('outbox')
      .select(['id', 'conversation', 'kind', 'priority', 'is_file', 'tries', 'not_before', 'expires_at'])
      .select(['must_deliver', 'gather_key', 'error'])
      .where('state', '=', 'queued')
      .where('account_id', '=', deps.accountId())
      .$if(without.length > 0, (q) =>
        q.where((eb) =>
          eb.or([
            eb('conversation', 'not in', without),
            eb('kind', 'in', ['emergency', 'alert']),
            eb('gather_key', 'is not', null),
          ]),
        ),
      )
      .orderBy('priority')
      .orderBy('id')
      .limit(PAGE_ROWS);
    const page = after
      ? query.where((eb) => eb(eb.refTuple('priority', 'id'), '>', eb.tuple(after.priority, after.id)))
      : query;
    return (await page.execute()) as Row[];
  }

  /** What is not for now: for the morning, or too late. */
  async function setAside(tx: Transaction, { deferred, expired }: Choice): Promise<void> {
    const set = (id: string, changes: Changes) =>
      tx.updateTable('outbox').set(changes).where('id', '=', id).where('state', '=', 'queued').execute();
    for (const { id, until } of deferred) await set(id, { not_before: until, expires_at: null });
    for (const id of expired) await set(id, { state: 'expired' });
  }

  async function gather(now: number): Promise<number> {
    const at = await nextGatherAt(db.reader, deps);
    if (at === undefined) return Infinity;
    if (at > now) return at;
    await db.inTransaction((tx) => gatherDue(tx, deps, now));
    again = true;
    return Infinity;
  }

  /** Rows whose effect is unknown hold up their conversation until they are seen again, or their time is over. */
  async function settleUnknown(now: number): Promise<{ holding: Map<string, number>; nextAt: number }> {
    const rows = await db.reader
      .selectFrom('outbox')
      .select(['id', 'conversation', 'kind', 'priority', 'must_deliver', 'tries', 'error', 'unknown_since'])
      .where('state', '=', 'unknown')
      .where('account_id', '=', deps.accountId())
      .orderBy('id')
      .execute();
    mayHaveUnknown = rows.length > 0;
    const dueAt = (row: { unknown_since: number | null }) => (row.unknown_since ?? 0) + ECHO_WAIT_MS;
    const due = rows.filter((row) => dueAt(row) <= now);
    const waiting = rows.filter((row) => dueAt(row) > now);
    if (due.length > 0) {
      await db.inTransaction(async (tx) => {
        for (const row of due) {
          await tx
            .updateTable('outbox')
            .set(afterNoEcho(row, now))
            .where('id', '=', row.id)
            .where('state', '=', 'unknown')
            .execute();
        }
      });
    }
    return {
      // The most urgent one last, so that it is the one that holds.
      holding: new Map(waiting.sort((a, b) => b.priority - a.priority).map((row) => [row.conversation, row.priority])),
      nextAt: Math.min(...waiting.map(dueAt)),
    };
  }

  // Sending

  function startLane(lane: string, rows: Row[]): void {
    const sending = sendLane(rows)
      .then(() => wake)
      .catch((error: unknown) => {
        log.error({ err: error }, 'a lane of the sender failed and is tried again');
        // Not at once: what failed is the database.
        return () => {
          clock.after(RETRY_MS, wake);
        };
      })
      .then((next) => {
        lanes.delete(lane);
        next();
      });
    lanes.set(lane, sending);
  }

  async function sendLane(rows: Row[]): Promise<void> {
    const marks: Promise<void>[] = [];
    const mark: Mark = (row, changes) => {
      marks.push(markUntilWritten(row, changes));
    };
    const bodies = await readBodies(rows);
    for (const row of rows) {
      if (!canSend()) break;
      const outcome = await sendRow(row, bodies.get(row.id) ?? '', mark);
      // What stands behind it in the same conversation keeps its place.
      if (outcome === 'later') break;
    }
    await Promise.all(marks);
  }

  async function readBodies(rows: Row[]): Promise<Map<string, string>> {
    const ids = rows.map((row) => row.id);
    const bodies = await db.reader.selectFrom('outbox').select(['id', 'body_sealed']).where('id', 'in', ids).execute();
    return new Map(bodies.map((row) => [row.id, row.body_sealed]));
  }

  async function sendRow(row: Row, sealed: string, mark: Mark): Promise<'done' | 'later'> {
    const prepared = await prepare(row, sealed).catch(notPrepared);
    if (prepared instanceof Error) return afterFailure(row, prepared, mark);
    if (typeof prepared === 'string') {
      mark(row, { state: prepared === 'expired' ? 'expired' : 'failed', error: prepared });
      if (prepared !== 'expired') reportFailed(row);
      return 'done';
    }
    if (!(await claim(row, prepared))) return 'done';
    assertOutsideTransaction('the puppet');
    try {
      const { platformId } = await send(prepared);
      mark(row, {
        state: 'sent',
        sent_at: clock.now(),
        error: prepared.stale ? STALE : null,
        ...(platformId ? { platform_id: platformId } : {}),
      });
      return 'done';
    } catch (error) {
      return afterFailure(row, error, mark);
    }
  }

  /** What to send, or why there is nothing to send. */
  async function prepare(
    row: Row,
    sealed: string,
  ): Promise<Prepared | 'unknown-conversation' | 'expired' | 'unreadable'> {
    const external = await deps.resolve(conversationOf(row.conversation));
    if (!external) return 'unknown-conversation';
    const late = row.expires_at !== null && row.expires_at < clock.now();
    if (late && (row.kind !== 'answer' || (await hasStaleLine(row)))) return 'expired';
    const body = late ? ({ kind: 'text', text: deps.staleLine } as const) : openBody(sealed);
    if (!body) return 'unreadable';
    const rendered = body.kind === 'text' ? await render(body.text, external, deps) : undefined;
    return { external, body, rendered, stale: late };
  }

  function openBody(sealed: string): OpenBody | undefined {
    try {
      const body = JSON.parse(seal.open(sealed)) as OutboxBody;
      return body.kind === 'gathered' ? undefined : body;
    } catch {
      return undefined;
    }
  }

  /** One line per conversation stands for all answers that came too late in an outage. */
  async function hasStaleLine(row: Row): Promise<boolean> {
    const line = await db.reader
      .selectFrom('outbox')
      .select('id')
      .where('account_id', '=', deps.accountId())
      .where('conversation', '=', row.conversation)
      .where('attempted_at', '>', clock.now() - STALE_EVERY_MS)
      .where('error', '=', STALE)
      .where('id', '!=', row.id)
      .limit(1)
      .executeTakeFirst();
    return line !== undefined;
  }

  /** From here on a crash leaves the row as perhaps sent. False when somebody took it back in the meantime. */
  function claim(row: Row, { rendered, stale }: Prepared): Promise<boolean> {
    return writes.run(async (tx) => {
      const result = await tx
        .updateTable('outbox')
        .set({
          state: 'sending',
          tries: row.tries + 1,
          attempted_at: clock.now(),
          rendered_hash: rendered ? echoHash(seal, rendered.text) : null,
          ...(stale ? { error: STALE } : {}),
        })
        .where('id', '=', row.id)
        .where('state', '=', 'queued')
        .executeTakeFirst();
      return Number(result.numUpdatedRows) === 1;
    });
  }

  function send({ external: to, body, rendered }: Prepared): Promise<{ platformId?: string }> {
    if (body.kind === 'file') {
      return door.sendFile(to, { name: body.name, bytes: Buffer.from(body.base64, 'base64') });
    }
    return door.sendText(to, rendered?.text ?? body.text, rendered?.mentionIds ?? []);
  }

  function afterFailure(row: Row, error: unknown, mark: Mark): 'done' | 'later' {
    log.warn({ outboxId: row.id, kind: row.kind, tries: row.tries + 1, err: error }, 'a message was not sent');
    if (error instanceof RejectedError) {
      mark(row, { state: 'failed', error: error.code });
      reportFailed(row);
      return 'done';
    }
    if (error instanceof RateLimitedError) {
      pace.slowDown(clock.now());
      deps.alert('rate-limited', { outboxId: row.id });
    }
    if (error instanceof NotSentError || error instanceof RateLimitedError) {
      mark(row, afterNotSent(row, error.code, clock.now()));
    } else {
      mark(row, { state: 'unknown', unknown_since: clock.now(), error: unknownAgain(row) });
    }
    return 'later';
  }

  function reportFailed(row: Row): void {
    if (row.must_deliver === 1) deps.alert('must-deliver-failed', { outboxId: row.id });
  }

  /** What the door did is not forgotten because the disk is full for a while. */
  async function markUntilWritten(row: Row, changes: Changes): Promise<void> {
    for (;;) {
      try {
        await writes.runWithNext((tx) => writeMark(tx, row.id, changes));
        if (changes.state === 'unknown') mayHaveUnknown = true;
        return;
      } catch (error) {
        log.error({ outboxId: row.id, err: error }, 'what was sent could not be written down, will be tried again');
        // After the next start the row is one of unknown effect.
        if (stopped) return;
        await Promise.race([sleep(clock, RETRY_MS), untilStopped]);
      }
    }
  }

  return {
    async start() {
      stopped = false;
      untilStopped = new Promise((resolve) => {
        endWaiting = resolve;
      });
      const now = clock.now();
      await db.inTransaction((tx) =>
        tx
          .updateTable('outbox')
          .set({ state: 'unknown', unknown_since: now })
          .where('state', '=', 'sending')
          .where('account_id', '=', deps.accountId())
          .execute(),
      );
      mayHaveUnknown = true;
      await rememberPace(now);
      wake();
    },
    wake,
    async quiet() {
      while (looking || lanes.size > 0) await Promise.all([looking, ...lanes.values()]);
    },
    async stop() {
      stopped = true;
      endWaiting();
      timer?.cancel();
      while (looking || lanes.size > 0) await Promise.all([looking, ...lanes.values()]);
    },
    confirmEcho: (tx, echo) => confirmEcho(tx, { seal, accountId: deps.accountId(), now: clock.now() }, echo),
  };

  /** What was sent before the restart still counts. */
  async function rememberPace(now: number): Promise<void> {
    if (pace.memoryMs === 0) return;
    const rows = await db.reader
      .selectFrom('outbox')
      .select(['conversation', 'kind', 'is_file', 'attempted_at'])
      .where('account_id', '=', deps.accountId())
      .where('attempted_at', '>', now - pace.memoryMs)
      .orderBy('attempted_at')
      .execute();
    for (const { conversation, kind, is_file, attempted_at } of rows) {
      pace.sent({ conversation, kind: kind as OutboxKind, file: is_file === 1 }, attempted_at ?? now);
    }
  }
}

/** What keeps a row from being prepared (a name that cannot be asked for) is surely not sent. */
function notPrepared(cause: unknown): NotSentError {
  return new NotSentError('the message could not be made ready', { cause });
}

/** An echo that came while the call was running says that it arrived, whatever the call says. */
async function writeMark(tx: Transaction, id: string, changes: Changes): Promise<void> {
  const arrived = changes.state === 'sent';
  const result = await tx
    .updateTable('outbox')
    .set(changes)
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'sending'])
    .$if(!arrived, (query) => query.where('platform_id', 'is', null))
    .executeTakeFirst();
  if (arrived || Number(result.numUpdatedRows) > 0) return;
  await tx
    .updateTable('outbox')
    .set({ state: 'sent', error: null })
    .where('id', '=', id)
    .where('state', '=', 'sending')
    .where('platform_id', 'is not', null)
    .execute();
}

function backOffMs(tries: number): number {
  return BACK_OFF_MS[Math.min(tries, BACK_OFF_MS.length - 1)] ?? 0;
}

/** Surely not sent: again after a while; what must arrive, for ever. */
function afterNotSent(row: Row, code: string, now: number): Changes {
  const error = wasUnknown(row) ? row.error : code;
  const tries = row.tries + 1;
  if (row.must_deliver === 0 && tries >= MAX_TRIES) return { state: 'failed', tries, error };
  return { state: 'queued', tries, not_before: now + backOffMs(row.tries), error };
}

/** Not seen again in time: what must arrive is repeated, the rest once, and what went to many never. */
function afterNoEcho(
  row: { kind: string; must_deliver: number; tries: number; error: string | null },
  now: number,
): Changes {
  if (row.must_deliver === 1) return { state: 'queued', not_before: row.tries > 1 ? now + backOffMs(row.tries) : now };
  const repeat = row.kind !== 'broadcast' && row.error !== UNKNOWN_TWICE;
  return repeat ? { state: 'queued', not_before: now } : { state: 'failed' };
}

const UNKNOWN_TWICE = `${UNKNOWN_OUTCOME}-twice`;

function wasUnknown(row: { error: string | null }): boolean {
  return row.error?.startsWith(UNKNOWN_OUTCOME) ?? false;
}

function unknownAgain(row: { error: string | null }): string {
  return wasUnknown(row) ? UNKNOWN_TWICE : UNKNOWN_OUTCOME;
}
