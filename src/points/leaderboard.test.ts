import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNickname, rankBoard } from './leaderboard.js';

describe('rankBoard', () => {
  it('gives equal scores one place, leaves no gap, and keeps the order within a tie', () => {
    const scores = [
      { personId: 'a', score: 3 },
      { personId: 'b', score: 9 },
      { personId: 'c', score: 3 },
      { personId: 'd', score: 1 },
    ];
    expect(rankBoard(scores).map(({ personId, rank }) => `${rank}${personId}`)).toEqual(['1b', '2a', '2c', '3d']);
  });

  it('puts more above less, and equals on one place', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 20 }), (scores) => {
        const board = rankBoard(scores.map((score, i) => ({ personId: String(i), score })));
        for (const one of board) {
          for (const other of board) {
            expect(Math.sign(one.rank - other.rank)).toBe(Math.sign(other.score - one.score));
          }
        }
      }),
    );
  });
});

describe('isNickname', () => {
  it.each([
    ['阳光', true],
    ['Sunny 2', true],
    ['🌻向日葵', true],
    ['李主任', false],
    ['小杏', false],
    ['13800138000', false],
    ['@所有人', false],
    ['', false],
    ['   ', false],
    ['一二三四五六七八九十一二三', false],
    ['\u27e6@x\u27e7', false],
  ])('%s: %s', (name, allowed) => {
    expect(isNickname(name)).toBe(allowed);
  });
});
