import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mention } from './outbox.js';
import { PART_CHARS, splitText } from './split.js';

const withoutMark = (part: string) => part.replace(/\n\(\d\/\d\)$/, '');
const words = (text: string) => text.replace(/\s+/g, '');

describe('a long text', () => {
  it.each([
    ['short', '短', 1],
    ['just short enough', '字'.repeat(600), 1],
    ['one more', '字'.repeat(601), 2],
    ['two paragraphs', `${'字'.repeat(400)}\n\n${'字'.repeat(400)}`, 2],
    ['very long', '字'.repeat(5_000), 3],
  ])('%s: parts', (_, text, parts) => {
    expect(splitText(text)).toHaveLength(parts);
  });

  it('is cut at paragraphs, then lines, then sentences', () => {
    const text = (end: string) => `${'甲'.repeat(300)}${end}${'乙'.repeat(250)}${end}${'丙'.repeat(300)}`;
    for (const end of ['\n\n', '\n', '。', '!', '？']) {
      const [first = ''] = splitText(text(end));
      expect(withoutMark(first)).toBe(`${'甲'.repeat(300)}${end}${'乙'.repeat(250)}${end}`.trimEnd());
    }
    const [first = ''] = splitText(`${'甲'.repeat(400)}\n\n${'乙'.repeat(150)}。${'丙'.repeat(300)}`);
    expect(withoutMark(first)).toBe('甲'.repeat(400));
  });

  it('never loses anything, has at most three parts, and never cuts a name or an emoji', () => {
    const piece = fc.oneof(
      fc.constantFrom('血糖', '吃饭。', '走路!', '\n', '\n\n', '😀', ' ', mention('person-1'), 'abc, '),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 900 }), (pieces) => {
        const text = pieces.join('');
        const parts = splitText(text);
        expect(parts.length).toBeLessThanOrEqual(3);
        expect(words(parts.map(parts.length > 1 ? withoutMark : (part) => part).join(''))).toBe(words(text));
        for (const part of parts) {
          expect(part.isWellFormed()).toBe(text.isWellFormed());
          expect(part.split('\u27e6').length).toBe(part.split('\u27e7').length);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('counts a name as short as it is shown', () => {
    const text = `${mention('0190-a-very-long-id-of-a-person')} `.repeat(40);
    expect(text.length).toBeGreaterThan(PART_CHARS);
    expect(splitText(text)).toHaveLength(1);
  });
});
