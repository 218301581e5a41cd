import type { ChatFeature, ChatMessage, Community } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { points as text } from '../text/zh-CN/points.js';
import { isNickname } from './leaderboard.js';
import type { Points } from './service.js';

const PEOPLES_PLACES = ['private', 'patients'] as const;
const HISTORY_LINES = 8;
const NICKNAME_COMMAND = /^[\s/／]*(?:昵称|暱稱|nickname)[\s:：]*/iu;

/** `我的积分`, and who is on the leaderboard under which name. */
export function createPointsChat({ community, points }: { community: Community; points: Points }): ChatFeature {
  const { say } = community.replies;

  async function showPoints(tx: Transaction, message: ChatMessage): Promise<void> {
    const { communityId } = message.standing;
    const { available } = await points.balanceOf(tx, communityId, message.personId);
    if (message.room) return void (await say(tx, message, text.balance(available)));
    const history = await points.listHistory(tx, communityId, message.personId, HISTORY_LINES);
    const rooms = await community.listRoomsOfPerson(tx, message.personId);
    const timeZone = rooms[0]?.timeZone ?? 'Asia/Shanghai';
    const lines = history.map(({ amount, reason, at }) => ({ amount, reason, day: shortDay(at, timeZone) }));
    await say(tx, message, text.statement(available, lines));
  }

  const choose = (shown: boolean, words: () => string) => async (tx: Transaction, message: ChatMessage) => {
    const { personId, standing } = message;
    await points.leaderboard.choose(tx, { communityId: standing.communityId, personId, shown });
    await say(tx, message, words());
  };

  async function rename(tx: Transaction, message: ChatMessage): Promise<void> {
    const nickname = message.text.replace(NICKNAME_COMMAND, '').normalize('NFKC').trim();
    if (!isNickname(nickname)) return void (await say(tx, message, text.badNickname()));
    const { personId, standing } = message;
    await points.leaderboard.choose(tx, { communityId: standing.communityId, personId, nickname });
    const shown = await points.leaderboard.listShown(tx, standing.communityId);
    const onBoard = shown.some((choice) => choice.personId === personId);
    await say(tx, message, text.nickname(nickname, onBoard));
  }

  return {
    commands: [
      {
        name: 'my-points',
        pattern: /^(?:我的积分|my points)$/,
        who: 'anyone',
        where: PEOPLES_PLACES,
        help: { order: 12, line: text.helpLine() },
        run: showPoints,
      },
      {
        name: 'board-join',
        pattern: /^(?:上榜|join leaderboard)$/,
        who: 'anyone',
        where: PEOPLES_PLACES,
        run: choose(true, text.onBoard),
      },
      {
        name: 'board-leave',
        pattern: /^(?:下榜|leave leaderboard)$/,
        who: 'anyone',
        where: PEOPLES_PLACES,
        run: choose(false, text.offBoard),
      },
      {
        name: 'nickname',
        // `昵称怎么改` is talk; with a space it is meant as the command.
        pattern: /^(?:(?:昵称|nickname)[\s:：]+.{1,40}|昵称(?!.*[怎么吗?是很有太叫改])\S{1,12})$/u,
        who: 'anyone',
        where: PEOPLES_PLACES,
        run: rename,
      },
    ],
  };
}

function shortDay(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('zh-CN', { timeZone, month: 'numeric', day: 'numeric' }).format(at);
}
