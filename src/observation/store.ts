import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Schema } from '../platform/db/schema.js';
import type { Seal } from '../platform/db/sealed.js';
import type { Ids } from '../platform/ids.js';
import type { Item, ItemKind } from './types.js';

const KINDS = [
  'glucose',
  'blood-pressure',
  'heart-rate',
  'exercise',
  'steps',
  'distance',
  'weight',
  'medication',
  'diet',
  'ketone',
  'urine-ketone',
  'hba1c',
  'temperature',
  'spo2',
] as const satisfies readonly ItemKind[];

export const itemKindSchema = z.enum(KINDS);

/** An item as it is kept: sealed in a row, or in the data of an open question. */
export const itemSchema = z
  .object({
    kind: itemKindSchema,
    value: z.union([z.number(), z.literal('HI'), z.literal('LO'), z.null()]),
    diastolic: z.number().nullable().optional(),
    context: z.string().nullable(),
    what: z.string().optional(),
    doseUnit: z.string().optional(),
    hoursAfter: z.number().optional(),
    original: z.string(),
    span: z.tuple([z.number(), z.number()]),
  })
  .transform((item): Item => {
    const { diastolic, what, doseUnit, hoursAfter, ...rest } = item;
    return {
      ...rest,
      ...(diastolic === undefined ? {} : { diastolic }),
      ...(what === undefined ? {} : { what }),
      ...(doseUnit === undefined ? {} : { doseUnit }),
      ...(hoursAfter === undefined ? {} : { hoursAfter }),
    };
  });

/** FHIR's words: as first told, replacing another, taken back. */
type ObservationStatus = 'final' | 'amended' | 'entered-in-error';

/** One row. A row is never changed but for its status; a correction is a new row that names the one it supersedes. */
export interface Observation {
  id: string;
  personId: string;
  messageId: string;
  /** The room whose campaigns it counts for, wherever it was said. */
  roomId: string | undefined;
  kind: ItemKind;
  slot: string;
  localDay: string;
  /** When it was said. A correction keeps the instant of what it corrects. */
  measuredAt: number;
  /** When it reached us. */
  receivedAt: number;
  status: ObservationStatus;
  supersedesId: string | undefined;
  valueSealed: string;
}

interface NewObservation {
  personId: string;
  talkerId: string;
  messageId: string;
  roomId: string | undefined;
  /** The position in its message: with the message's id the key that keeps it from being stored twice. */
  position: number;
  item: Item;
  localDay: string;
  timeZone: string;
  dayStartMinutes: number;
  measuredAt: number;
  receivedAt: number;
  supersedesId: string | undefined;
}

export interface ObservationStore {
  /** Stores what is new; a message delivered again adds nothing. Answers how many rows were new. */
  insert(tx: Transaction, observations: readonly NewObservation[]): Promise<number>;
  itemOf(observation: Observation): Item;
  /** Every version, oldest first. */
  listOfPerson(
    reader: Reader,
    personId: string,
    where?: { roomIds?: readonly string[]; fromDay?: string; toDay?: string },
  ): Promise<Observation[]>;
  listOfRoomDay(reader: Reader, roomIds: readonly string[], localDay: string): Promise<Observation[]>;
  listOfMessage(reader: Reader, messageId: string): Promise<Observation[]>;
  /** Marks what this message told as entered in error. */
  retract(tx: Transaction, messageId: string): Promise<void>;
  erasePerson(tx: Transaction, personId: string): Promise<void>;
}

/** One place of a day's record: the same slot told twice is one value with a history. */
export function slotOf(item: Pick<Item, 'kind' | 'context'>): string {
  if (item.kind === 'glucose') {
    return `glucose:${item.context === 'before-breakfast' ? 'fasting' : (item.context ?? 'unknown')}`;
  }
  return item.kind === 'exercise' ? `exercise:${item.context ?? 'unknown'}` : item.kind;
}

/** What holds now: rows not taken back and not superseded, through any number of versions, by one that holds. */
export function currentOf(observations: readonly Observation[]): Observation[] {
  const byId = new Map(observations.map((o) => [o.id, o]));
  const superseded = new Set<string>();
  for (const observation of observations) {
    if (observation.status === 'entered-in-error') continue;
    let earlier = observation.supersedesId;
    while (earlier !== undefined && !superseded.has(earlier)) {
      superseded.add(earlier);
      earlier = byId.get(earlier)?.supersedesId;
    }
  }
  return observations.filter((o) => o.status !== 'entered-in-error' && !superseded.has(o.id));
}

/** The first version of an observation: what it corrects, and what that corrected. */
export function firstVersionOf(observation: Observation, byId: ReadonlyMap<string, Observation>): Observation {
  let first = observation;
  for (;;) {
    const earlier = first.supersedesId === undefined ? undefined : byId.get(first.supersedesId);
    if (!earlier) return first;
    first = earlier;
  }
}

/** Of each slot, the value that was told last. */
export function latestBySlot(current: readonly Observation[]): Observation[] {
  const latest = new Map<string, Observation>();
  for (const observation of [...current].sort(inOrder)) latest.set(observation.slot, observation);
  return [...latest.values()];
}

function inOrder(a: Observation, b: Observation): number {
  return a.measuredAt - b.measuredAt || (a.id < b.id ? -1 : 1);
}

export function createObservationStore({ ids, seal }: { ids: Ids; seal: Seal }): ObservationStore {
  return {
    async insert(tx, observations) {
      let stored = 0;
      for (const o of observations) {
        const result = await tx
          .insertInto('observation')
          .values({
            id: ids.next(),
            person_id: o.personId,
            talker_id: o.talkerId,
            message_id: o.messageId,
            room_id: o.roomId ?? null,
            item: o.position,
            kind: o.item.kind,
            slot: slotOf(o.item),
            value_sealed: seal.seal(JSON.stringify(o.item)),
            local_day: o.localDay,
            time_zone: o.timeZone,
            day_start_minutes: o.dayStartMinutes,
            measured_at: o.measuredAt,
            status: o.supersedesId === undefined ? 'final' : 'amended',
            supersedes_id: o.supersedesId ?? null,
            created_at: o.receivedAt,
          })
          .onConflict((oc) => oc.columns(['message_id', 'item']).doNothing())
          .executeTakeFirst();
        stored += Number(result.numInsertedOrUpdatedRows ?? 0);
      }
      return stored;
    },
    itemOf: (observation) => itemSchema.parse(JSON.parse(seal.open(observation.valueSealed))),
    async listOfPerson(reader, personId, where = {}) {
      let query = reader.selectFrom('observation').selectAll().where('person_id', '=', personId);
      if (where.roomIds) query = query.where('room_id', 'in', [...where.roomIds, '']);
      if (where.fromDay) query = query.where('local_day', '>=', where.fromDay);
      if (where.toDay) query = query.where('local_day', '<=', where.toDay);
      return (await query.orderBy('measured_at').orderBy('id').execute()).map(observationOf);
    },
    async listOfRoomDay(reader, roomIds, localDay) {
      const rows = await reader
        .selectFrom('observation')
        .selectAll()
        .where('room_id', 'in', [...roomIds, ''])
        .where('local_day', '=', localDay)
        .orderBy('measured_at')
        .orderBy('id')
        .execute();
      return rows.map(observationOf);
    },
    async listOfMessage(reader, messageId) {
      const rows = await reader
        .selectFrom('observation')
        .selectAll()
        .where('message_id', '=', messageId)
        .orderBy('item')
        .execute();
      return rows.map(observationOf);
    },
    async retract(tx, messageId) {
      await tx
        .updateTable('observation')
        .set({ status: 'entered-in-error' })
        .where('message_id', '=', messageId)
        .execute();
    },
    async erasePerson(tx, personId) {
      await tx.updateTable('observation').set({ supersedes_id: null }).where('person_id', '=', personId).execute();
      await tx.deleteFrom('observation').where('person_id', '=', personId).execute();
    },
  };
}

function observationOf(row: Selectable<Schema['observation']>): Observation {
  return {
    id: row.id,
    personId: row.person_id,
    messageId: row.message_id,
    roomId: row.room_id ?? undefined,
    kind: itemKindSchema.parse(row.kind),
    slot: row.slot,
    localDay: row.local_day,
    measuredAt: row.measured_at,
    receivedAt: row.created_at,
    status: row.status as ObservationStatus,
    supersedesId: row.supersedes_id ?? undefined,
    valueSealed: row.value_sealed,
  };
}
