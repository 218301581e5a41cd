import type { Room } from '../community/index.js';
import {
  coding,
  currentOf,
  type Item,
  latestBySlot,
  type Observation,
  type ObservationStore,
} from '../observation/index.js';
import type { Audit } from '../platform/audit/audit.js';
import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Ids } from '../platform/ids.js';
import type { Points } from '../points/index.js';
import { desiredAwards, differenceOf, type Fact } from './awards.js';
import { factsOf, isExempt, isRunning, streakIn } from './facts.js';
import { addDays, type DaySettings, earlierDay, type LocalDay, localDay } from './local-day.js';
import * as store from './store.js';
import type { Template } from './templates.js';
import type { Campaign, CampaignStanding } from './types.js';

/** A clock at the sender's side that is ahead by more than this is not believed (CHECKIN-AND-POINTS 2.1). */
const CLOCK_AHEAD_MS = 2 * 60_000;

/** What one message told about one person. */
interface Told {
  /** Whose values they are. */
  personId: string;
  talkerId: string;
  messageId: string;
  sentAt: number;
  receivedAt: number;
  /** Whose campaigns it counts for. */
  roomId: string;
  /** `supersedes`: the observation that this one corrects. */
  items: readonly { item: Item; supersedes?: Observation }[];
}

interface DaySummary {
  campaign: Campaign;
  day: LocalDay;
  doneIds: Set<string>;
  points: number;
  observations: Observation[];
}

export interface CheckIn {
  /**
   * Stores what was told and brings awards and points in line with it: all of
   * it in this transaction. The same message again changes nothing.
   */
  record(tx: Transaction, told: Told): Promise<CampaignStanding[]>;
  /** Takes back what a recalled message told, with its points. */
  retractMessage(tx: Transaction, messageId: string): Promise<void>;
  /** Campaigns of these rooms that run, or are paused, at that instant. */
  listRunning(reader: Reader, roomIds: readonly string[], at: number): Promise<Campaign[]>;
  standingIn(reader: Reader, personId: string, campaign: Campaign, at: number): Promise<CampaignStanding>;
  /** The values of one day in a room that hold now, the latest of each slot. */
  listDay(reader: Reader, who: { personId: string; roomId: string }, day: LocalDay): Promise<Observation[]>;
  dayOf(campaigns: readonly Campaign[], at: number): LocalDay;

  start(tx: Transaction, start: { template: Template; room: Room; communityId: string; by: string }): Promise<Campaign>;
  pause(tx: Transaction, campaign: Campaign, by: string): Promise<void>;
  resume(tx: Transaction, campaign: Campaign, by: string): Promise<void>;
  close(tx: Transaction, campaign: Campaign, by: string): Promise<void>;
  find(reader: Reader, campaignId: string): Promise<Campaign | undefined>;
  listOpen(reader: Reader, communityId: string): Promise<Campaign[]>;

  summaryOf(reader: Reader, campaign: Campaign, at: number): Promise<DaySummary>;
  /** Check-in days of each person in a campaign. */
  countDays(reader: Reader, campaignId: string): Promise<Map<string, number>>;
  /** False when the board was shown in this room a short while ago. */
  mayShowBoard(tx: Transaction, campaignId: string, roomId: string): Promise<boolean>;

  exportPerson(reader: Reader, personId: string): Promise<unknown[]>;
  erasePerson(tx: Transaction, personId: string): Promise<void>;
}

const BOARD_AGAIN_MS = 30 * 60_000;

export function createCheckIn(deps: {
  clock: Clock;
  ids: Ids;
  audit: Audit;
  observations: ObservationStore;
  points: Points;
}): CheckIn {
  const { clock, ids, audit, observations, points } = deps;

  /** The facts of a person in `campaign`, and all campaigns of its rooms. */
  async function factsIn(reader: Reader, personId: string, campaign: Campaign, inRoom: readonly Campaign[]) {
    const rows = await observations.listOfPerson(reader, personId, {
      roomIds: campaign.roomIds,
      // Rows carry the day of the room's settings when they were stored: one more on either side.
      fromDay: addDays(campaign.startsOn, -2),
      toDay: addDays(campaign.endsOn, 2),
    });
    return factsOf(rows, campaign, inRoom);
  }

  /** Posts the difference between what a person has and what they should have. Answers what it changed. */
  async function settleAwards(
    tx: Transaction,
    {
      personId,
      campaign,
      inRoom,
      sourceId,
    }: {
      personId: string;
      campaign: Campaign;
      inRoom: readonly Campaign[];
      sourceId: string;
    },
  ) {
    const facts = await factsIn(tx, personId, campaign, inRoom);
    const desired = desiredAwards(campaign.definition, facts, (day) => isExempt(campaign, day));
    const rows = await store.listAwards(tx, personId, campaign.id);
    const { takeBack, give } = differenceOf(
      rows.filter((row) => !row.reversed),
      desired,
    );
    const keyOf = (award: { day: string; rule: string; slot: string }, version: number) =>
      `aw:${campaign.communityId}:${personId}:${campaign.id}:${award.day}:${award.rule}:${award.slot}:v${version}`;
    for (const award of takeBack) {
      const outcome = await points.reverse(tx, {
        transactionId: award.transactionId,
        key: `${keyOf(award, award.version)}:back`,
        reason: 'check-in-changed',
        actorId: personId,
        sourceId,
      });
      await store.markReversed(tx, award.id, outcome.kind === 'already-reversed' ? outcome.by : outcome.transactionId);
    }
    for (const award of give) {
      const version = store.nextVersion(rows, award);
      const { transactionId } = await points.award(tx, {
        bookId: campaign.communityId,
        personId,
        rule: award.rule === 'milestone' ? `milestone-${award.slot}` : award.rule,
        points: award.points,
        key: keyOf(award, version),
        actorId: personId,
        sourceId,
      });
      await store.insertAward(tx, {
        ...award,
        id: ids.next(),
        bookId: campaign.communityId,
        personId,
        campaignId: campaign.id,
        version,
        transactionId,
        now: clock.now(),
      });
    }
    const sum = (awards: readonly { points: number }[]) => awards.reduce((total, award) => total + award.points, 0);
    return {
      facts,
      points: sum(give) - sum(takeBack),
      reached: give.filter((award) => award.rule === 'milestone').map((award) => award.slot),
    };
  }

  async function standingIn(
    reader: Reader,
    personId: string,
    campaign: Campaign,
    at: number,
  ): Promise<CampaignStanding> {
    return standingOf(await factsIn(reader, personId, campaign, [campaign]), campaign, localDay(at, campaign));
  }

  const dayOf = (campaigns: readonly Campaign[], at: number): LocalDay => localDay(at, settingsOf(campaigns));

  return {
    async record(tx, { personId, talkerId, messageId, roomId, items, ...told }) {
      const measuredAt = told.sentAt > told.receivedAt + CLOCK_AHEAD_MS ? told.receivedAt : told.sentAt;
      const inRoom = await store.listCampaignsOfRooms(tx, [roomId]);
      const running = inRoom.filter((campaign) => isRunning(campaign, measuredAt));
      const settings = settingsOf(running.length > 0 ? running : inRoom);
      const instants = [measuredAt, ...items.flatMap(({ supersedes }) => supersedes?.measuredAt ?? [])];
      await observations.insert(
        tx,
        items.map(({ item, supersedes }, position) => ({
          personId,
          talkerId,
          messageId,
          roomId,
          position,
          item,
          localDay: supersedes?.localDay ?? localDay(measuredAt, settings),
          timeZone: settings.timeZone,
          dayStartMinutes: settings.dayStartMinutes,
          measuredAt: supersedes?.measuredAt ?? measuredAt,
          receivedAt: told.receivedAt,
          supersedesId: supersedes?.id,
        })),
      );
      const isNew = items.every(({ supersedes }) => !supersedes);
      const standings: CampaignStanding[] = [];
      for (const campaign of inRoom.filter((c) => instants.some((instant) => liesIn(c, instant)))) {
        const { facts, ...change } = await settleAwards(tx, { personId, campaign, inRoom, sourceId: messageId });
        if (!running.includes(campaign)) continue;
        const day = localDay(measuredAt, campaign);
        standings.push({
          ...standingOf(facts, campaign, day),
          points: change.points,
          openedDay: isNew && facts.every((fact) => fact.day !== day || fact.observation.messageId === messageId),
          milestone: campaign.definition.points.milestones.find((m) => change.reached.includes(String(m.days))),
        });
      }
      const kinds = new Set(items.map(({ item }) => item.kind));
      const touched = standings.filter((s) => s.campaign.definition.items.some((kind) => kinds.has(kind)));
      return touched.length > 0 ? touched : standings;
    },

    async retractMessage(tx, messageId) {
      const told = await observations.listOfMessage(tx, messageId);
      const [first] = told;
      if (!first || told.every((o) => o.status === 'entered-in-error')) return;
      await observations.retract(tx, messageId);
      if (first.roomId === undefined) return;
      const inRoom = await store.listCampaignsOfRooms(tx, [first.roomId]);
      for (const campaign of inRoom.filter((c) => told.some((o) => liesIn(c, o.measuredAt)))) {
        await settleAwards(tx, { personId: first.personId, campaign, inRoom, sourceId: messageId });
      }
    },

    async listRunning(reader, roomIds, at) {
      const campaigns = await store.listCampaignsOfRooms(reader, roomIds);
      return campaigns.filter((campaign) => isRunning(campaign, at));
    },
    standingIn,
    async listDay(reader, { personId, roomId }, day) {
      const around = { roomIds: [roomId], fromDay: addDays(day, -2), toDay: addDays(day, 2) };
      const rows = await observations.listOfPerson(reader, personId, around);
      return latestOf(rows).filter((observation) => observation.localDay === day);
    },
    dayOf,

    async start(tx, { template, room, communityId, by }) {
      const now = clock.now();
      const { timeZone, dayStartMinutes } = room;
      const startsOn = localDay(now, { timeZone, dayStartMinutes });
      const campaign: Campaign = {
        id: ids.next(),
        communityId,
        name: template.definition.name,
        template: template.id,
        state: 'active',
        timeZone,
        dayStartMinutes,
        startsOn,
        endsOn: addDays(startsOn, template.definition.days - 1),
        closedAt: undefined,
        createdAt: now,
        roomIds: [room.id],
        pauses: [],
        definition: template.definition,
      };
      await store.insertCampaign(tx, { ...campaign, createdBy: by }, ids.next);
      await auditChange(tx, 'campaign-started', campaign, by);
      return campaign;
    },
    async pause(tx, campaign, by) {
      const at = clock.now();
      await store.setState(tx, campaign.id, { state: 'paused' });
      await store.insertPause(tx, { id: ids.next(), campaignId: campaign.id, fromDay: localDay(at, campaign), at });
      await auditChange(tx, 'campaign-paused', campaign, by);
    },
    async resume(tx, campaign, by) {
      const at = clock.now();
      await store.setState(tx, campaign.id, { state: 'active' });
      await store.endPause(tx, { campaignId: campaign.id, toDay: localDay(at, campaign), at });
      await auditChange(tx, 'campaign-resumed', campaign, by);
    },
    async close(tx, campaign, by) {
      const at = clock.now();
      const today = localDay(at, campaign);
      const endsOn = earlierDay(today, campaign.endsOn);
      await store.setState(tx, campaign.id, { state: 'closed', closedAt: at, endsOn });
      await auditChange(tx, 'campaign-closed', campaign, by);
    },
    find: store.findCampaign,
    async listOpen(reader, communityId) {
      const campaigns = await store.listOpenCampaigns(reader, communityId);
      return campaigns.filter((campaign) => isRunning(campaign, clock.now()));
    },

    async summaryOf(reader, campaign, at) {
      const day = localDay(at, campaign);
      const rows = latestOf(await observations.listOfRoomDay(reader, campaign.roomIds, day));
      const doneIds = new Set(
        rows.filter((row) => campaign.definition.items.includes(row.kind)).map((row) => row.personId),
      );
      const total = await store.sumPointsOfDay(reader, campaign.id, day);
      return { campaign, day, doneIds, points: total, observations: rows };
    },
    countDays: store.countDays,
    mayShowBoard: (tx, campaignId, roomId) =>
      store.markBoardShown(tx, { campaignId, roomId, now: clock.now(), withinMs: BOARD_AGAIN_MS }),

    async exportPerson(reader, personId) {
      const rows = await observations.listOfPerson(reader, personId);
      return rows.map((row) => {
        const { span: _, ...item } = observations.itemOf(row);
        const at = new Date(row.measuredAt).toISOString();
        return {
          ...item,
          ...coding[item.kind],
          day: row.localDay,
          at,
          status: row.status,
          id: row.id,
          supersedes: row.supersedesId ?? null,
        };
      });
    },
    async erasePerson(tx, personId) {
      await observations.erasePerson(tx, personId);
      await store.settleAwardsOf(tx, personId);
    },
  };

  function auditChange(tx: Transaction, action: string, campaign: Campaign, by: string): Promise<void> {
    return audit.record(tx, { action, actorId: by, target: { kind: 'campaign', id: campaign.id } });
  }
}

function standingOf(facts: readonly Fact[], campaign: Campaign, day: LocalDay): CampaignStanding {
  const told = new Set(facts.filter((fact) => fact.day === day).map((fact) => fact.kind));
  return {
    campaign,
    day,
    points: 0,
    streak: streakIn(campaign, facts, day),
    openedDay: false,
    missing: campaign.definition.items.filter((kind) => !told.has(kind)),
    milestone: undefined,
  };
}

function liesIn(campaign: Campaign, instant: number): boolean {
  const day = localDay(instant, campaign);
  return day >= campaign.startsOn && day <= campaign.endsOn;
}

/** The settings of the first campaign; a room without any has China's. */
function settingsOf(campaigns: readonly Campaign[]): DaySettings {
  const [first] = campaigns;
  return first ?? { timeZone: 'Asia/Shanghai', dayStartMinutes: 180 };
}

function latestOf(rows: readonly Observation[]): Observation[] {
  const people = new Map<string, Observation[]>();
  for (const row of rows) people.set(row.personId, [...(people.get(row.personId) ?? []), row]);
  return [...people.values()].flatMap((own) => latestOfPerson(own));
}

function latestOfPerson(rows: readonly Observation[]): Observation[] {
  const days = new Map<string, Observation[]>();
  for (const row of currentOf(rows)) days.set(row.localDay, [...(days.get(row.localDay) ?? []), row]);
  return [...days.values()].flatMap(latestBySlot);
}
