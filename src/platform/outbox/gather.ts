import type { Clock } from '../clock.js';
import type { Reader, Transaction } from '../db/database.js';
import type { Seal } from '../db/sealed.js';
import type { Ids } from '../ids.js';
import { type OutboxBody, priority } from './outbox.js';

export type GatheredItem = Extract<OutboxBody, { kind: 'gathered' }>;

/** How rows of one `gatherKey` prefix (what stands before the first colon) become one message. */
export interface Gatherer {
  /** After the first row, when the last joined message is long ago. */
  windowMs: number;
  /** Between two joined messages. */
  spacingMs: number;
  peopleMax: number;
  /** Whose midnight starts a new day for `firstOfDay`. */
  timeZone: string;
  /** `items` in the order they came in, a person's own ones together; where they say the same, the later one holds. */
  join(items: GatheredItem[], context: { firstOfDay: boolean }): string;
}

interface Deps {
  clock: Clock;
  ids: Ids;
  seal: Seal;
  accountId(): string;
  gatherers: Map<string, Gatherer>;
}

const HOUR_MS = 3_600_000;
/** The joined row keeps the key of its items behind this, so that the next one knows when the last one was. */
const JOINED = 'joined:';

/** A line that waits to be joined; a joined message is an ordinary row. */
export function isGatheredLine(row: { gather_key: string | null }): boolean {
  return row.gather_key !== null && !row.gather_key.startsWith(JOINED);
}

interface Group {
  gatherer: Gatherer;
  gatherKey: string;
  conversation: string;
  dueAt: number;
  lastAt: number | undefined;
}

/** When the next joined message may go, over all keys. */
export async function nextGatherAt(reader: Reader, deps: Deps): Promise<number | undefined> {
  const groups = await listGroups(reader, deps);
  return groups.length === 0 ? undefined : Math.min(...groups.map((group) => group.dueAt));
}

/** Turns the rows of every key that is due into one ordinary row each. */
export async function gatherDue(tx: Transaction, deps: Deps, now: number): Promise<void> {
  for (const group of await listGroups(tx, deps)) {
    if (group.dueAt <= now) await gatherOne(tx, deps, group, now);
  }
}

async function listGroups(reader: Reader, deps: Deps): Promise<Group[]> {
  const waiting = await reader
    .selectFrom('outbox')
    .select((eb) => ['gather_key', 'conversation', eb.fn.min('not_before').as('first')])
    .where('state', '=', 'queued')
    .where('account_id', '=', deps.accountId())
    .where('gather_key', 'is not', null)
    .groupBy(['gather_key', 'conversation'])
    .execute();
  const groups: Group[] = [];
  for (const { gather_key: gatherKey, conversation, first } of waiting) {
    const gatherer = deps.gatherers.get(gatherKey?.slice(0, gatherKey.indexOf(':')) ?? '');
    // A joined row that is not sent yet has a prefix that no gatherer has.
    if (!gatherKey || !gatherer) continue;
    const lastAt = await lastJoinedAt(reader, gatherKey, conversation);
    const dueAt = Math.max(Number(first) + gatherer.windowMs, lastAt === undefined ? 0 : lastAt + gatherer.spacingMs);
    groups.push({ gatherer, gatherKey, conversation, dueAt, lastAt });
  }
  return groups;
}

async function lastJoinedAt(reader: Reader, gatherKey: string, conversation: string): Promise<number | undefined> {
  const row = await reader
    .selectFrom('outbox')
    .select('created_at')
    .where('gather_key', '=', JOINED + gatherKey)
    .where('conversation', '=', conversation)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.created_at;
}

interface Line {
  id: string;
  item: GatheredItem;
}

async function gatherOne(tx: Transaction, deps: Deps, group: Group, now: number): Promise<void> {
  const { gatherer, gatherKey, conversation, lastAt } = group;
  const lines = chooseLines(await readLines(tx, deps, group), gatherer.peopleMax);
  const [first] = lines;
  if (!first) return;
  const firstOfDay = lastAt === undefined || localDay(lastAt, gatherer) !== localDay(now, gatherer);
  const text = gatherer.join(
    lines.map((line) => line.item),
    { firstOfDay },
  );
  await tx
    .insertInto('outbox')
    .values({
      id: deps.ids.next(),
      account_id: deps.accountId(),
      dedupe_key: `gathered:${first.id}`,
      conversation,
      kind: 'acknowledgement',
      body_sealed: deps.seal.seal(JSON.stringify({ kind: 'text', text } satisfies OutboxBody)),
      priority: priority.acknowledgement,
      not_before: now,
      expires_at: now + HOUR_MS,
      gather_key: JOINED + gatherKey,
      state: 'queued',
      created_at: now,
    })
    .execute();
  const ids = lines.map((line) => line.id);
  await tx.updateTable('outbox').set({ state: 'gathered' }).where('id', 'in', ids).execute();
}

async function readLines(tx: Transaction, deps: Deps, { gatherKey, conversation }: Group): Promise<Line[]> {
  const rows = await tx
    .selectFrom('outbox')
    .select(['id', 'body_sealed'])
    .where('state', '=', 'queued')
    .where('account_id', '=', deps.accountId())
    .where('gather_key', '=', gatherKey)
    .where('conversation', '=', conversation)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ id: row.id, item: JSON.parse(deps.seal.open(row.body_sealed)) as GatheredItem }));
}

/** All lines of the first people, each person's together; the others wait for the next message. */
function chooseLines(lines: readonly Line[], peopleMax: number): Line[] {
  const byPerson = new Map<string, Line[]>();
  for (const line of lines) {
    const own = byPerson.get(line.item.personId);
    if (own) own.push(line);
    else if (byPerson.size < peopleMax) byPerson.set(line.item.personId, [line]);
  }
  return [...byPerson.values()].flat();
}

function localDay(at: number, { timeZone }: Gatherer): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone }).format(at);
}
