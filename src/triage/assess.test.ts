import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listen, rules } from '../../test/triage/listen.js';
import { normaliseText } from '../platform/text-normalise.js';
import { LEVELS } from './types.js';

describe('triage', () => {
  it('gives an assessment for any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'grapheme' }), (text, before) => {
        const assessment = listen(text, { recent: [{ text: before, at: 0 }] });
        expect(LEVELS).toContain(assessment.level);
      }),
      { numRuns: 300 },
    );
  });

  const PIECES = [
    '胸口',
    '疼',
    '没有',
    '不',
    '现在',
    '去年',
    '我妈',
    ',',
    '。',
    ' ',
    '晕倒',
    '如果',
    '怎么办',
    '不想活',
    '血糖',
    '🔥',
    '…',
    '死',
  ];

  it('gives the same twice, with spans inside the normalised text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }), (pieces) => {
        const text = pieces.join('');
        const assessment = listen(text);
        expect(listen(text)).toEqual(assessment);
        for (const [start, end] of assessment.flags.flatMap(({ spans }) => spans)) {
          expect(0 <= start && start < end && end <= normaliseText(text).length).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is never lowered by playing down', () => {
    const minimiser = fc.constantFrom(
      '没事',
      '没啥',
      '不要紧',
      '老毛病',
      '忍忍',
      '家里人说没事',
      '应该没事吧',
      '不用管',
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }), minimiser, (pieces, word) => {
        const text = pieces.join('');
        const alone = LEVELS.indexOf(listen(text).level);
        expect(LEVELS.indexOf(listen(`${text}。${word}`).level)).toBeLessThanOrEqual(alone);
        expect(LEVELS.indexOf(listen(`${word}。${text}`).level)).toBeLessThanOrEqual(alone);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['dots and a space before the full stop', '不想活… 。没事'],
    ['spaces inside words', '胸 口 疼 得 厉 害'],
    ['full width and decoration', '胸口~~疼…得厉害!!!'],
    ['traditional characters', '胸口疼得厲害'],
    ['a homophone', '匈口疼得历害'],
    ['emoji between', '胸口🔥疼得厉害'],
    ['zero-width characters', '胸\u200b口疼得厉害'],
  ])('reads through %s', (_what, text) => {
    expect(listen(text).level).toBe('emergency');
  });

  it('tells where the reason stands', () => {
    const text = '医生好, 我胸 口疼得厉害';
    const [start, end] = listen(text).flags[0]?.spans[0] ?? [0, 0];
    expect(text.slice(start, end)).toContain('胸 口疼');
  });

  it('stores the version of its rules', () => {
    expect(listen('谢谢').ruleVersion).toBe(rules.version);
    expect(rules.version).toMatch(/^triage@\d{4}-\d{2}-\d{2}$/u);
  });

  it('takes well under a millisecond a message', () => {
    const texts = [
      '打卡 空腹6.5 走路30分钟',
      '二甲双胍什么时候吃',
      '胸口疼得厉害,喘不上气',
      '今天群里好热闹,谢谢大家的分享',
    ];
    for (let round = 0; round < 50; round += 1) for (const text of texts) listen(text);
    const startedAt = performance.now();
    for (let round = 0; round < 100; round += 1) for (const text of texts) listen(text);
    expect((performance.now() - startedAt) / (100 * texts.length)).toBeLessThan(3);
  });

  it('bounds the time for a flood', () => {
    for (const text of ['疼'.repeat(20_000), '我妈胸口'.repeat(5_000), '没有'.repeat(10_000), '怀孕 '.repeat(10_000)]) {
      const startedAt = performance.now();
      listen(text);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }
  });
});
