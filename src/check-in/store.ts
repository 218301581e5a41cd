import type { Selectable } from 'kysely';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Schema } from '../platform/db/schema.js';
import { type Award, awardKey } from './awards.js';
import type { LocalDay } from './local-day.js';
import { definitionSchema, serialiseDefinition } from './templates.js';
import type { Campaign, CampaignState, Pause } from './types.js';

type CampaignRow = Selectable<Schema['campaign']>;

/** Every campaign that ever ran in these rooms, oldest first. */
export async function listCampaignsOfRooms(reader: Reader, roomIds: readonly string[]): Promise<Campaign[]> {
  if (roomIds.length === 0) return [];
  const rows = await reader
    .selectFrom('campaign')
    .selectAll()
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('campaign_room')
        .select('campaign_id')
        .where('room_id', 'in', [...roomIds]),
    )
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return complete(reader, rows);
}

/** Every campaign of a community that is not closed, oldest first. */
export async function listOpenCampaigns(reader: Reader, communityId: string): Promise<Campaign[]> {
  const rows = await reader
    .selectFrom('campaign')
    .selectAll()
    .where('community_id', '=', communityId)
    .where('state', '!=', 'closed')
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return complete(reader, rows);
}

export async function findCampaign(reader: Reader, id: string): Promise<Campaign | undefined> {
  const rows = await reader.selectFrom('campaign').selectAll().where('id', '=', id).execute();
  return (await complete(reader, rows))[0];
}

async function complete(reader: Reader, rows: readonly CampaignRow[]): Promise<Campaign[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const rooms = await reader.selectFrom('campaign_room').selectAll().where('campaign_id', 'in', ids).execute();
  const pauses = await reader.selectFrom('campaign_pause').selectAll().where('campaign_id', 'in', ids).execute();
  const versions = await reader.selectFrom('campaign_version').selectAll().where('campaign_id', 'in', ids).execute();
  return rows.map((row) => {
    const version = versions.find((v) => v.campaign_id === row.id && v.version === row.version);
    return {
      id: row.id,
      communityId: row.community_id,
      name: row.name,
      template: row.template,
      state: row.state as CampaignState,
      timeZone: row.time_zone,
      dayStartMinutes: row.day_start_minutes,
      startsOn: row.starts_on,
      endsOn: row.ends_on,
      closedAt: row.closed_at ?? undefined,
      createdAt: row.created_at,
      roomIds: rooms.filter((room) => room.campaign_id === row.id).map((room) => room.room_id),
      pauses: pauses.filter((pause) => pause.campaign_id === row.id).map(pauseOf),
      definition: definitionSchema.parse(JSON.parse(version?.definition ?? '{}')),
    };
  });
}

function pauseOf(row: Selectable<Schema['campaign_pause']>): Pause {
  return {
    fromDay: row.from_day,
    toDay: row.to_day ?? undefined,
    from: row.created_at,
    until: row.ended_at ?? undefined,
  };
}

/** Writes a new campaign with its first version and its rooms. */
export async function insertCampaign(
  tx: Transaction,
  campaign: Campaign & { createdBy: string },
  nextId: () => string,
): Promise<void> {
  await tx
    .insertInto('campaign')
    .values({
      id: campaign.id,
      community_id: campaign.communityId,
      name: campaign.name,
      template: campaign.template,
      state: campaign.state,
      version: 1,
      time_zone: campaign.timeZone,
      day_start_minutes: campaign.dayStartMinutes,
      starts_on: campaign.startsOn,
      ends_on: campaign.endsOn,
      created_by: campaign.createdBy,
      created_at: campaign.createdAt,
    })
    .execute();
  await tx
    .insertInto('campaign_version')
    .values({
      id: nextId(),
      campaign_id: campaign.id,
      version: 1,
      definition: serialiseDefinition(campaign.definition),
      created_at: campaign.createdAt,
    })
    .execute();
  for (const roomId of campaign.roomIds) {
    await tx
      .insertInto('campaign_room')
      .values({ id: nextId(), campaign_id: campaign.id, room_id: roomId, created_at: campaign.createdAt })
      .execute();
  }
}

export async function setState(
  tx: Transaction,
  campaignId: string,
  change: { state: CampaignState; closedAt?: number; endsOn?: LocalDay },
): Promise<void> {
  await tx
    .updateTable('campaign')
    .set({
      state: change.state,
      ...(change.closedAt === undefined ? {} : { closed_at: change.closedAt }),
      ...(change.endsOn === undefined ? {} : { ends_on: change.endsOn }),
    })
    .where('id', '=', campaignId)
    .execute();
}

export async function insertPause(
  tx: Transaction,
  pause: { id: string; campaignId: string; fromDay: LocalDay; at: number },
): Promise<void> {
  await tx
    .insertInto('campaign_pause')
    .values({ id: pause.id, campaign_id: pause.campaignId, from_day: pause.fromDay, created_at: pause.at })
    .execute();
}

export async function endPause(
  tx: Transaction,
  pause: { campaignId: string; toDay: LocalDay; at: number },
): Promise<void> {
  await tx
    .updateTable('campaign_pause')
    .set({ to_day: pause.toDay, ended_at: pause.at })
    .where('campaign_id', '=', pause.campaignId)
    .where('ended_at', 'is', null)
    .execute();
}

export interface AwardRow extends Award {
  id: string;
  version: number;
  transactionId: string;
  reversed: boolean;
}

/** Every award a person ever had in a campaign, taken back ones too. */
export async function listAwards(reader: Reader, personId: string, campaignId: string): Promise<AwardRow[]> {
  const rows = await reader
    .selectFrom('checkin_award')
    .selectAll()
    .where('person_id', '=', personId)
    .where('campaign_id', '=', campaignId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    day: row.local_day,
    rule: row.rule as Award['rule'],
    slot: row.slot,
    points: row.points,
    version: row.version,
    transactionId: row.ledger_transaction_id,
    reversed: row.reversed_by !== null,
  }));
}

export function nextVersion(rows: readonly AwardRow[], award: Award): number {
  const key = awardKey(award);
  return 1 + Math.max(0, ...rows.filter((row) => awardKey(row) === key).map((row) => row.version));
}

export async function insertAward(
  tx: Transaction,
  award: Award & {
    id: string;
    bookId: string;
    personId: string;
    campaignId: string;
    version: number;
    transactionId: string;
    now: number;
  },
): Promise<void> {
  await tx
    .insertInto('checkin_award')
    .values({
      id: award.id,
      book_id: award.bookId,
      person_id: award.personId,
      campaign_id: award.campaignId,
      local_day: award.day,
      rule: award.rule,
      slot: award.slot,
      points: award.points,
      version: award.version,
      ledger_transaction_id: award.transactionId,
      created_at: award.now,
    })
    .execute();
}

export async function markReversed(tx: Transaction, awardId: string, by: string): Promise<void> {
  await tx.updateTable('checkin_award').set({ reversed_by: by }).where('id', '=', awardId).execute();
}

/** Awards of an erased person stand in no way for anything any more; the books keep their sums. */
export async function settleAwardsOf(tx: Transaction, personId: string): Promise<void> {
  await tx
    .updateTable('checkin_award')
    .set({ reversed_by: 'erased' })
    .where('person_id', '=', personId)
    .where('reversed_by', 'is', null)
    .execute();
}

/** Days on which each person has checked in, in one campaign. */
export async function countDays(reader: Reader, campaignId: string): Promise<Map<string, number>> {
  const rows = await reader
    .selectFrom('checkin_award')
    .select(['person_id', (eb) => eb.fn.count('local_day').distinct().as('days')])
    .where('campaign_id', '=', campaignId)
    .where('rule', '=', 'first')
    .where('reversed_by', 'is', null)
    .groupBy('person_id')
    .execute();
  return new Map(rows.map((row) => [row.person_id, Number(row.days)]));
}

export async function sumPointsOfDay(reader: Reader, campaignId: string, day: LocalDay): Promise<number> {
  const row = await reader
    .selectFrom('checkin_award')
    .select((eb) => eb.fn.sum('points').as('points'))
    .where('campaign_id', '=', campaignId)
    .where('local_day', '=', day)
    .where('reversed_by', 'is', null)
    .executeTakeFirst();
  return Number(row?.points ?? 0);
}

/** Marks the board of a room as shown; false when it was shown within `withinMs`. */
export async function markBoardShown(
  tx: Transaction,
  board: { campaignId: string; roomId: string; now: number; withinMs: number },
): Promise<boolean> {
  const result = await tx
    .updateTable('campaign_room')
    .set({ leaderboard_at: board.now })
    .where('campaign_id', '=', board.campaignId)
    .where('room_id', '=', board.roomId)
    .where('leaderboard_at', '<=', board.now - board.withinMs)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) > 0;
}
