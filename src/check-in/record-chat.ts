import type { ChatMessage, Command } from '../community/index.js';
import { currentOf, latestBySlot } from '../observation/index.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import { nameOf } from '../platform/outbox/outbox.js';
import { rankBoard } from '../points/index.js';
import { checkIn as text } from '../text/zh-CN/check-in.js';
import type { CheckInChatDeps } from './deps.js';
import { addDays } from './local-day.js';
import { shown } from './shown.js';
import type { Campaign } from './types.js';

const DAYS_SHOWN = 7;
const BOARD_LINES = 10;

/** Days and values of a person that hold now, the newest day last; for the person, or a doctor they let see. */
export async function recentDays(
  reader: Reader,
  { observations, checkIn }: Pick<CheckInChatDeps, 'observations' | 'checkIn'>,
  { personId, at, roomIds }: { personId: string; at: number; roomIds: readonly string[] },
): Promise<{ day: string; items: string[] }[]> {
  const today = checkIn.dayOf(await checkIn.listRunning(reader, roomIds, at), at);
  const rows = await observations.listOfPerson(reader, personId, { fromDay: addDays(today, -DAYS_SHOWN - 2) });
  const current = currentOf(rows);
  const days = [...new Set(current.map((row) => row.localDay))].sort();
  return days
    .filter((day) => day > addDays(today, -DAYS_SHOWN))
    .map((day) => ({
      day,
      items: latestBySlot(current.filter((row) => row.localDay === day)).map((row) =>
        text.item(shown(observations.itemOf(row))),
      ),
    }));
}

/** `我的打卡` and `排行榜`. */
export function createRecordCommands(deps: CheckInChatDeps): Command[] {
  const { community, checkIn, points, clock } = deps;
  const { say } = community.replies;

  async function runningFor(tx: Transaction, message: ChatMessage): Promise<Campaign[]> {
    if (message.room) return checkIn.listRunning(tx, [message.room.id], message.sentAt);
    const rooms = await community.listRoomsOfPerson(tx, message.personId);
    const patients = rooms.filter((room) => room.kind === 'patients').map((room) => room.id);
    return checkIn.listRunning(tx, patients, message.sentAt);
  }

  async function progressIn(tx: Transaction, personId: string, campaign: Campaign): Promise<string> {
    const { streak } = await checkIn.standingIn(tx, personId, campaign, clock.now());
    return text.myProgress(streak);
  }

  async function showRecord(tx: Transaction, message: ChatMessage): Promise<void> {
    const { personId, room } = message;
    const running = await runningFor(tx, message);
    if (room) {
      const [campaign] = running;
      if (!campaign) return void (await say(tx, message, text.noRecord()));
      const progress = await progressIn(tx, personId, campaign);
      return void (await say(tx, message, text.myRecordInRoom(progress)));
    }
    const roomIds = running.flatMap((campaign) => campaign.roomIds);
    const days = await recentDays(tx, deps, { personId, at: message.sentAt, roomIds });
    const campaigns: { name: string; progress: string }[] = [];
    for (const campaign of running) {
      campaigns.push({ name: campaign.name, progress: await progressIn(tx, personId, campaign) });
    }
    await say(tx, message, text.myRecord({ days, campaigns }));
  }

  /** People who chose to be shown, are still there, are no staff, and have checked in. */
  async function boardOf(tx: Transaction, campaign: Campaign) {
    const { communityId } = campaign;
    const members = new Set<string>();
    for (const roomId of campaign.roomIds) {
      for (const id of await community.listMembers(tx, roomId)) members.add(id);
    }
    const doctors = await community.listDoctors(tx, communityId);
    for (const id of [...(await community.listAdmins(tx, communityId)), ...doctors.map((d) => d.personId)]) {
      members.delete(id);
    }
    const days = await checkIn.countDays(tx, campaign.id);
    const choices = await points.leaderboard.listShown(tx, communityId);
    const nicknames = new Map(choices.map((choice) => [choice.personId, choice.nickname]));
    const scores = choices
      .map(({ personId }) => ({ personId, score: days.get(personId) ?? 0 }))
      .filter(({ personId, score }) => members.has(personId) && score > 0);
    return { board: rankBoard(scores), nicknames };
  }

  async function showBoard(tx: Transaction, message: ChatMessage): Promise<void> {
    const running = await runningFor(tx, message);
    if (running.length === 0) return void (await say(tx, message, text.noBoard()));
    if (!message.room) return showOwnPlace(tx, message, running);
    const [campaign] = running;
    if (!campaign) return;
    const { board, nicknames } = await boardOf(tx, campaign);
    // Nothing was shown that could be looked up above.
    if (board.length === 0) return void (await say(tx, message, text.emptyBoard()));
    if (!(await checkIn.mayShowBoard(tx, campaign.id, message.room.id))) {
      return void (await say(tx, message, text.seeAbove()));
    }
    const lines = board.slice(0, BOARD_LINES).map(({ personId, rank, score }) => {
      return { rank, name: nicknames.get(personId) ?? nameOf(personId), days: score };
    });
    await say(tx, message, text.board(campaign.name, lines), { plain: true });
  }

  async function showOwnPlace(tx: Transaction, message: ChatMessage, running: readonly Campaign[]): Promise<void> {
    const lines: string[] = [];
    for (const campaign of running) {
      const { board } = await boardOf(tx, campaign);
      const own = board.find(({ personId }) => personId === message.personId);
      const place = own && { rank: own.rank, days: own.score, people: board.length };
      lines.push(place ? text.ownPlace(campaign.name, place) : text.notOnBoard(campaign.name));
    }
    await say(tx, message, lines.join('\n'));
  }

  return [
    {
      name: 'my-check-ins',
      pattern: /^(?:我的打卡|my check-?ins)$/,
      who: 'anyone',
      where: ['private', 'patients'],
      run: showRecord,
    },
    {
      name: 'leaderboard',
      pattern: /^(?:排行榜|leaderboard)$/,
      who: 'anyone',
      where: ['private', 'patients'],
      run: showBoard,
    },
  ];
}
