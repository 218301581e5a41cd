import { z } from 'zod';
import type { ChatFeature, ChatMessage, Room } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { checkIn as text } from '../text/zh-CN/check-in.js';
import type { CheckInChatDeps } from './deps.js';
import { daysBetween, earlierDay, localDay } from './local-day.js';
import { isYes, pickOf } from './questions.js';
import type { Template } from './templates.js';
import type { Campaign } from './types.js';

const STAFF_PLACES = ['private', 'patients', 'admins'] as const;
const ROOM_QUESTION = 'campaign-room';
const WHICH_QUESTION = 'campaign-which';
const CLOSE_QUESTION = 'campaign-close';

/** 今日打卡 alone, or with the name of a group; 今日打卡 空腹6.5 is an admin's own check-in, 今日打卡完成 is talk. */
const TODAY =
  /^(?:今日打卡|check-?ins today)(?:[\s:]+(?!.*(?:\d[./]\d|\d{3}|空腹|[餐饭][前后]|血[糖压]\s*\d|走路|分钟|[吃用]药|完成))(.{1,30}))?$/;

const roomSchema = z.object({ template: z.string(), roomIds: z.array(z.string()) });
const actionSchema = z.enum(['pause', 'resume', 'close']);
const whichSchema = z.object({ action: actionSchema, campaignIds: z.array(z.string()) });
const closeSchema = z.object({ campaignId: z.string() });

type Action = z.infer<typeof actionSchema>;

/** Starting, pausing, ending a campaign, and how today goes: for admins. */
export function createCampaignChat(deps: CheckInChatDeps): ChatFeature {
  const { community, checkIn, clock, outbox, observations, roomName, isDangerous } = deps;
  const { say } = community.replies;
  const templateNames = deps.templates.map((template) => template.definition.name);

  async function start(tx: Transaction, message: ChatMessage, wanted: string): Promise<void> {
    const template = findTemplate(deps.templates, wanted);
    if (!template) {
      const words = wanted === '' ? text.templates(templateNames) : text.unknownTemplate(wanted, templateNames);
      return void (await say(tx, message, words));
    }
    if (message.room?.kind === 'patients') return startIn(tx, message, template, message.room);
    const rooms = await community.listRooms(tx, message.standing.communityId, 'patients');
    const [only, another] = rooms;
    if (!only) return void (await say(tx, message, text.noRoom()));
    if (!another) return startIn(tx, message, template, only);
    const data = { template: template.id, roomIds: rooms.map((room) => room.id) };
    await open(tx, message, ROOM_QUESTION, data);
    const names: string[] = [];
    for (const room of rooms) names.push(await roomName(tx, room.id));
    await say(tx, message, text.whichRoom(names));
  }

  async function startIn(tx: Transaction, message: ChatMessage, template: Template, room: Room): Promise<void> {
    const { name, days, items } = template.definition;
    const running = await checkIn.listRunning(tx, [room.id], clock.now());
    if (running.some((campaign) => campaign.template === template.id)) {
      return void (await say(tx, message, text.alreadyRunning(name)));
    }
    const communityId = room.communityId ?? message.standing.communityId;
    const campaign = await checkIn.start(tx, { template, room, communityId, by: message.personId });
    const example = text.example(items[0] ?? 'glucose');
    const words = text.announcement({ name, days, items, example, last: campaign.endsOn });
    if (message.room?.id === room.id) return void (await say(tx, message, words, { plain: true }));
    await outbox.add(tx, {
      key: `campaign-started:${campaign.id}`,
      to: { kind: 'room', roomId: room.id },
      kind: 'notice',
      body: { kind: 'text', text: words },
    });
    await say(tx, message, text.started(name, await roomName(tx, room.id)));
  }

  /** Campaigns that this action can be about, here. */
  async function listFor(tx: Transaction, message: ChatMessage, action?: Action): Promise<Campaign[]> {
    const campaigns =
      message.room?.kind === 'patients'
        ? await checkIn.listRunning(tx, [message.room.id], clock.now())
        : await checkIn.listOpen(tx, message.standing.communityId);
    if (action === 'pause') return campaigns.filter((campaign) => campaign.state === 'active');
    if (action === 'resume') return campaigns.filter((campaign) => campaign.state === 'paused');
    return campaigns;
  }

  async function change(tx: Transaction, message: ChatMessage, action: Action): Promise<void> {
    const campaigns = await listFor(tx, message, action);
    const [only, another] = campaigns;
    if (!only) {
      return void (await say(tx, message, await nothingTo(tx, message, action)));
    }
    if (!another) return act(tx, message, action, only);
    await open(tx, message, WHICH_QUESTION, { action, campaignIds: campaigns.map((campaign) => campaign.id) });
    const labels: string[] = [];
    for (const campaign of campaigns) labels.push(await labelOf(tx, campaign));
    await say(tx, message, text.whichCampaign(labels));
  }

  /** Why there is nothing to pause, to go on with or to end. */
  async function nothingTo(tx: Transaction, message: ChatMessage, action: Action): Promise<string> {
    if (action === 'resume') return text.notPaused();
    const paused = action === 'pause' ? await listFor(tx, message, 'resume') : [];
    return paused.length > 0 ? text.alreadyPaused(paused.map(({ name }) => name)) : text.noCampaignToChange();
  }

  async function act(tx: Transaction, message: ChatMessage, action: Action, campaign: Campaign): Promise<void> {
    if (action === 'close') {
      await open(tx, message, CLOSE_QUESTION, { campaignId: campaign.id });
      return void (await say(tx, message, text.confirmClose(await labelOf(tx, campaign))));
    }
    if (action === 'pause') await checkIn.pause(tx, campaign, message.personId);
    else await checkIn.resume(tx, campaign, message.personId);
    await tell(tx, message, campaign, action === 'pause' ? text.paused(campaign.name) : text.resumed(campaign.name));
  }

  /** The admin hears it where they said it; the group hears it too. */
  async function tell(tx: Transaction, message: ChatMessage, campaign: Campaign, words: string): Promise<void> {
    await say(tx, message, words, { plain: true });
    for (const roomId of campaign.roomIds) {
      if (roomId === message.room?.id) continue;
      await outbox.add(tx, {
        key: `campaign-changed:${message.id}:${roomId}`,
        to: { kind: 'room', roomId },
        kind: 'notice',
        body: { kind: 'text', text: words },
      });
    }
  }

  async function labelOf(tx: Transaction, campaign: Campaign): Promise<string> {
    const [roomId] = campaign.roomIds;
    const room = roomId ? await roomName(tx, roomId) : '';
    return room ? `${room}·${campaign.name}` : campaign.name;
  }

  /** The campaigns of the one group that is named, or the words that say why there are none. */
  async function listNamed(tx: Transaction, message: ChatMessage, wanted: string): Promise<Campaign[] | string> {
    const rooms = await community.listRooms(tx, message.standing.communityId, 'patients');
    const named = new Map<string, string>();
    for (const room of rooms) named.set(room.id, await roomName(tx, room.id));
    const found = findRooms(named, wanted);
    if (found.length === 0) return text.unknownRoom(wanted, [...named.values()]);
    // What happens in one group is not told to the patients of another.
    if (message.room?.kind === 'patients' && found.some((id) => id !== message.room?.id)) return text.askElsewhere();
    return checkIn.listRunning(tx, found, clock.now());
  }

  async function showToday(tx: Transaction, message: ChatMessage, wanted: string): Promise<void> {
    const here = message.room?.kind === 'patients';
    const campaigns = wanted === '' ? await listFor(tx, message) : await listNamed(tx, message, wanted);
    if (typeof campaigns === 'string') return void (await say(tx, message, campaigns));
    const lines: string[] = [];
    for (const campaign of campaigns) {
      const { doneIds, points, observations: rows } = await checkIn.summaryOf(tx, campaign, clock.now());
      const members = await listPatients(tx, campaign);
      const dangerous = rows.filter((row) => isDangerous(observations.itemOf(row))).map((row) => row.personId);
      lines.push(
        text.todayLine({
          room: here ? '' : await roomName(tx, campaign.roomIds[0] ?? ''),
          name: campaign.name,
          done: doneIds.size,
          open: members.filter((id) => !doneIds.has(id)).length,
          // Among the patients themselves nothing is said about values, not even how many.
          abnormal: here ? undefined : new Set(dangerous).size,
          points,
          paused: campaign.state === 'paused',
        }),
      );
    }
    await say(tx, message, text.today(lines), { plain: true });
  }

  async function listPatients(tx: Transaction, campaign: Campaign): Promise<string[]> {
    const staff = new Set(await community.listAdmins(tx, campaign.communityId));
    for (const doctor of await community.listDoctors(tx, campaign.communityId)) staff.add(doctor.personId);
    const members = new Set<string>();
    for (const roomId of campaign.roomIds) {
      for (const id of await community.listMembers(tx, roomId)) if (!staff.has(id)) members.add(id);
    }
    return [...members];
  }

  async function showCampaigns(tx: Transaction, message: ChatMessage): Promise<void> {
    const here = message.room?.kind === 'patients';
    const lines: string[] = [];
    for (const campaign of await listFor(tx, message)) {
      const today = earlierDay(localDay(clock.now(), campaign), campaign.endsOn);
      lines.push(
        text.campaignLine({
          room: here ? '' : await roomName(tx, campaign.roomIds[0] ?? ''),
          name: campaign.name,
          dayNumber: daysBetween(campaign.startsOn, today).length,
          days: daysBetween(campaign.startsOn, campaign.endsOn).length,
          paused: campaign.state === 'paused',
        }),
      );
    }
    await say(tx, message, text.campaigns(lines, templateNames), { plain: true });
  }

  async function open(
    tx: Transaction,
    { personId, place }: ChatMessage,
    kind: string,
    data: Record<string, unknown>,
  ): Promise<void> {
    await community.questions.open(tx, { personId, place, kind, data });
  }

  const command = (
    name: string,
    pattern: RegExp,
    run: (tx: Transaction, message: ChatMessage, match: RegExpMatchArray) => Promise<void>,
  ) => ({ name, pattern, who: 'admin' as const, where: STAFF_PLACES, run });

  return {
    commands: [
      {
        ...command('campaign-start', /^(?:开始打卡|start campaign)[\s::]*(.{0,30})$/, (tx, message, match) =>
          start(tx, message, (match[1] ?? '').trim()),
        ),
        help: { order: 20, line: text.help.admin },
      },
      command('campaign-pause', /^(?:暂停打卡|pause campaign)$/, (tx, message) => change(tx, message, 'pause')),
      command('campaign-resume', /^(?:继续打卡|resume campaign)$/, (tx, message) => change(tx, message, 'resume')),
      command('campaign-close', /^(?:结束打卡|end campaign)$/, (tx, message) => change(tx, message, 'close')),
      command('check-ins-today', TODAY, (tx, message, match) => showToday(tx, message, (match[1] ?? '').trim())),
      command('campaigns', /^(?:打卡活动|campaigns)$/, showCampaigns),
    ],
    questions: {
      async [ROOM_QUESTION](tx, message, data) {
        const { template: id, roomIds } = roomSchema.parse(data);
        const template = deps.templates.find((one) => one.id === id);
        const roomId = roomIds[pickOf(message.normalised, roomIds.length) ?? -1];
        const room = roomId ? await community.findRoom(tx, roomId) : undefined;
        if (!template || !room || !message.standing.admin) return 'not-mine';
        await startIn(tx, message, template, room);
        return 'answered';
      },
      async [WHICH_QUESTION](tx, message, data) {
        const { action, campaignIds } = whichSchema.parse(data);
        const campaignId = campaignIds[pickOf(message.normalised, campaignIds.length) ?? -1];
        const campaign = campaignId ? await checkIn.find(tx, campaignId) : undefined;
        if (!campaign || !message.standing.admin) return 'not-mine';
        await act(tx, message, action, campaign);
        return 'answered';
      },
      async [CLOSE_QUESTION](tx, message, data) {
        const campaign = await checkIn.find(tx, closeSchema.parse(data).campaignId);
        if (!campaign || campaign.state === 'closed' || !isYes(message.normalised) || !message.standing.admin) {
          return 'not-mine';
        }
        await checkIn.close(tx, campaign, message.personId);
        await tell(tx, message, campaign, text.closed(campaign.name));
        return 'answered';
      },
    },
  };
}

/** `糖友21天`, with or without the spaces. */
function findTemplate(templates: readonly Template[], wanted: string): Template | undefined {
  const plain = (words: string) => words.toLowerCase().replace(/[\s“”"']/g, '');
  return templates.find((t) => plain(t.definition.name) === plain(wanted) || t.id === wanted.toLowerCase());
}

/** 糖友群 of 糖友 or “糖友群”: the group of exactly this name, otherwise those that hold it. */
function findRooms(rooms: ReadonlyMap<string, string>, wanted: string): string[] {
  const plain = (words: string) =>
    words
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s“”"']/g, '')
      .replace(/(?<=.)群$/, '');
  const all = [...rooms].map(([id, name]) => ({ id, name: plain(name) }));
  const exact = all.filter(({ name }) => name === plain(wanted));
  return (exact.length > 0 ? exact : all.filter(({ name }) => name.includes(plain(wanted)))).map(({ id }) => id);
}
