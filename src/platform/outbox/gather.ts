import type { Clock } from '../clock.js';
import type { Reader, Transaction } from '../db/database.js';
import type { Seal } from '../db/sealed.js';
import type { Ids } from '../ids.js';
import { type OutboxBody, priority } from './outbox.js';

export type GatheredItem = Extract<OutboxBody, { kind: 'gathered' }>;

/** Joins rows of one `gatherKey` prefix (what stands before the first colon) into one message. */
export interface Gatherer {
  /** After the first row, when the last joined message is long ago. */
  windowMs: number;
  /** Between two joined messages. */
  spacingMs: number;
  peopleMax: number;
  join(items: GatheredItem[], context: { firstOfDay: boolean }): string;
}

interface Deps {
  clock: Clock;
  ids: Ids;
  seal: Seal;
  accountId(): string;
  gatherers: Map<string, Gatherer>;
}

const DAY_MS = 24 * 3_600_000;

interface Waiting {
  gatherKey: string;
  conversation: string;
  dueAt: number;
}

/** When the next joined message may go, over all keys. */
export async function nextGatherAt(reader: Reader, deps: Deps): Promise<number | undefined> {
  const waiting = await listWaiting(reader, deps);
  return waiting.length === 0 ? undefined : Math.min(...waiting.map((w) => w.dueAt));
}

/** Turns the rows of every key that is due into one ordinary row each. */
export async function gatherDue(tx: Transaction, deps: Deps, now: number): Promise<void> {
  for (const waiting of await listWaiting(tx, deps)) {
    if (waiting.dueAt <= now) await gatherOne(tx, deps, waiting, now);
  }
}

async function listWaiting(reader: Reader, deps: Deps): Promise<Waiting[]> {
  const groups = await reader
    .selectFrom('outbox')
    .select((eb) => ['gather_key', 'conversation', eb.fn.min('not_before').as('first')])
    .where('account_id', '=', deps.accountId())
    .where('state', '=', 'queued')
    .where('gather_key', 'is not', null)
    .groupBy(['gather_key', 'conversation'])
    .execute();
  const result: Waiting[] = [];
  for (const group of groups) {
    const gatherer = gathererOf(deps, group.gather_key!);
    if (!gatherer) continue;
    const last = await lastJoinedAt(reader, group.gather_key!, group.conversation);
    const dueAt = Math.max(Number(group.first) + gatherer.windowMs, last === undefined ? 0 : last + gatherer.spacingMs);
    result.push({ gatherKey: group.gather_key!, conversation: group.conversation, dueAt });
  }
  return result;
}

async function lastJoinedAt(reader: Reader, gatherKey: string, conversation: string): Promise<number | undefined> {
  const row = await reader
    .selectFrom('outbox')
    .select('created_at')
    .where('conversation', '=', conversation)
    .where('dedupe_key', 'like', `gathered:${gatherKey}:%`)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  return row?.created_at;
}

async function gatherOne(
  tx: Transaction,
  deps: Deps,
  { gatherKey, conversation }: Waiting,
  now: number,
): Promise<void> {
  const gatherer = gathererOf(deps, gatherKey)!;
  const rows = await tx
    .selectFrom('outbox')
    .select(['id', 'body_sealed'])
    .where('state', '=', 'queued')
    .where('gather_key', '=', gatherKey)
    .orderBy('id')
    .execute();
  // All that one person did in this time stands in one place; how it is told is the feature's.
  const byPerson = new Map<string, { items: GatheredItem[]; ids: string[] }>();
  for (const row of rows) {
    const item = JSON.parse(deps.seal.open(row.body_sealed)) as GatheredItem;
    const known = byPerson.get(item.personId);
    if (known) {
      known.items.push(item);
      known.ids.push(row.id);
    } else if (byPerson.size < gatherer.peopleMax) byPerson.set(item.personId, { items: [item], ids: [row.id] });
  }
  const taken = [...byPerson.values()];
  const last = await lastJoinedAt(tx, gatherKey, conversation);
  const firstOfDay = last === undefined || now - last > DAY_MS / 2;
  await tx
    .insertInto('outbox')
    .values({
      id: deps.ids.next(),
      account_id: deps.accountId(),
      dedupe_key: `gathered:${gatherKey}:${rows[0]!.id}`,
      conversation,
      kind: 'acknowledgement',
      body_sealed: deps.seal.seal(
        JSON.stringify({
          kind: 'text',
          text: gatherer.join(
            taken.flatMap((t) => t.items),
            { firstOfDay },
          ),
        }),
      ),
      priority: priority.acknowledgement,
      not_before: now,
      expires_at: now + DAY_MS / 24,
      state: 'queued',
      created_at: now,
    })
    .execute();
  await tx
    .updateTable('outbox')
    .set({ state: 'gathered' })
    .where(
      'id',
      'in',
      taken.flatMap((t) => t.ids),
    )
    .execute();
}

function gathererOf(deps: Deps, gatherKey: string): Gatherer | undefined {
  return deps.gatherers.get(gatherKey.slice(0, gatherKey.indexOf(':')));
}
