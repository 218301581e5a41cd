import { currentOf, firstVersionOf, type ItemKind, type Observation } from '../observation/index.js';
import type { Fact } from './awards.js';
import { type DaySettings, daysBetween, earlierDay, type LocalDay, localDay } from './local-day.js';
import { type DayState, type Streak, streakOf } from './streak.js';
import type { Campaign } from './types.js';

/** A message counts for the day it was sent on, however late it arrives, up to this (CHECKIN-AND-POINTS 2.2). */
const LATE_AT_MOST_MS = 72 * 3_600_000;

/**
 * What of a person's record counts in `campaign`. `inRoom` are all campaigns
 * of the room, oldest first: an older one awards a value before a newer one
 * does, unless both are stackable.
 */
export function factsOf(
  observations: readonly Observation[],
  campaign: Campaign,
  inRoom: readonly Campaign[],
): (Fact & { observation: Observation })[] {
  const byId = new Map(observations.map((o) => [o.id, o]));
  const older = inRoom.filter((other) => other.id !== campaign.id && isOlder(other, campaign));
  const rivals = older.filter((other) => !(other.definition.stackable && campaign.definition.stackable));
  return currentOf(observations).flatMap((observation) => {
    const first = firstVersionOf(observation, byId);
    if (!covers(campaign, observation.kind, first)) return [];
    const scored = !rivals.some((rival) => covers(rival, observation.kind, first));
    return [{ day: localDay(first.measuredAt, campaign), kind: observation.kind, scored, observation }];
  });
}

function covers(campaign: Campaign, kind: ItemKind, told: Observation): boolean {
  const { measuredAt, receivedAt, roomId } = told;
  const day = localDay(measuredAt, campaign);
  return (
    campaign.definition.items.includes(kind) &&
    roomId !== undefined &&
    campaign.roomIds.includes(roomId) &&
    day >= campaign.startsOn &&
    day <= campaign.endsOn &&
    (campaign.closedAt === undefined || measuredAt < campaign.closedAt) &&
    receivedAt - measuredAt <= LATE_AT_MOST_MS &&
    !campaign.pauses.some((p) => measuredAt >= p.from && (p.until === undefined || measuredAt < p.until))
  );
}

function isOlder(one: Campaign, other: Campaign): boolean {
  return one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.id < other.id);
}

export function isExempt(campaign: Campaign, day: LocalDay): boolean {
  return campaign.pauses.some((p) => day >= p.fromDay && (p.toDay === undefined || day <= p.toDay));
}

/** The streak as of `today`; after the campaign's end, as of its last day. */
export function streakIn(campaign: Campaign, facts: readonly Fact[], today: LocalDay): Streak {
  const done = new Set(facts.map((fact) => fact.day));
  const last = earlierDay(today, campaign.endsOn);
  return streakOf(
    daysBetween(campaign.startsOn, last).map((day): DayState => {
      if (done.has(day)) return 'done';
      if (isExempt(campaign, day)) return 'exempt';
      return day === today ? 'pending' : 'missed';
    }),
  );
}

/** Running or paused, and `at` lies in its days. */
export function isRunning(campaign: Campaign, at: number): boolean {
  const today = localDay(at, campaign satisfies DaySettings);
  return campaign.state !== 'closed' && today >= campaign.startsOn && today <= campaign.endsOn;
}
