export interface Score {
  personId: string;
  score: number;
}

export interface Ranked extends Score {
  rank: number;
}

/**
 * The board, best first: equal scores share a place and the next place follows
 * without a gap (1, 1, 2); within a tie the order of `scores` stays. The list
 * and a person's own place both come from here, so they never differ.
 */
export function rankBoard(scores: readonly Score[]): Ranked[] {
  const ordered = scores
    .map((score, joined) => ({ score, joined }))
    .sort((a, b) => b.score.score - a.score.score || a.joined - b.joined);
  let rank = 0;
  let previous: number | undefined;
  return ordered.map(({ score }) => {
    if (score.score !== previous) rank += 1;
    previous = score.score;
    return { ...score, rank };
  });
}

const NICKNAME = /^[\p{L}\p{N}\p{Emoji_Presentation} ·_-]{1,12}$/u;
const MISLEADING = /医生|主任|大夫|护士|教授|专家|药师|院长|管理员|群主|客服|官方|小杏|机器人|\d{5,}|doctor|admin/iu;

/** A name that may stand on the board: short, plain, and nobody's title. */
export function isNickname(name: string): boolean {
  return NICKNAME.test(name) && name.trim() !== '' && !MISLEADING.test(name);
}
