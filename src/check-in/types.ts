import type { ItemKind } from '../observation/index.js';
import type { DaySettings, LocalDay } from './local-day.js';
import type { Streak } from './streak.js';

/** What a campaign asks for and gives. One version of it holds for a day for ever. */
export interface CampaignDefinition {
  name: string;
  days: number;
  /** Any one of them makes the day; all of them complete it. The order is that of asking. */
  items: ItemKind[];
  /** Two campaigns award the same value only if both are. */
  stackable: boolean;
  points: PointsRules;
}

interface PointsRules {
  /** For the first item of a day. */
  first: number;
  /** For each further item, at most `furtherMax` of them. */
  further: number;
  furtherMax: number;
  /** For all of the above on one day. */
  dailyCap: number;
  /** For a run of so many days, once in that run, outside the cap. */
  milestones: { days: number; points: number }[];
}

export type CampaignState = 'active' | 'paused' | 'closed';

export interface Pause {
  fromDay: LocalDay;
  /** Undefined while it lasts. */
  toDay: LocalDay | undefined;
  from: number;
  until: number | undefined;
}

/** A campaign in its rooms. Time zone and day start are frozen when it starts. */
export interface Campaign extends DaySettings {
  id: string;
  communityId: string;
  name: string;
  template: string;
  state: CampaignState;
  startsOn: LocalDay;
  endsOn: LocalDay;
  closedAt: number | undefined;
  createdAt: number;
  roomIds: string[];
  pauses: Pause[];
  definition: CampaignDefinition;
}

/** How one campaign stands for a person after something was recorded. */
export interface CampaignStanding {
  campaign: Campaign;
  day: LocalDay;
  /** Points that this change brought; fewer than nothing when something was taken back. */
  points: number;
  streak: Streak;
  /** This was the first item of the day. */
  openedDay: boolean;
  /** Items of the campaign not yet told that day. */
  missing: ItemKind[];
  /** The run reached one of the campaign's milestones with this. */
  milestone: { days: number; points: number } | undefined;
}
