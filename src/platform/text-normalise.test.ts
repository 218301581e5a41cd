import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseText } from './text-normalise.js';

describe('normaliseText', () => {
  it.each([
    ['打卡　空腹６．５', '打卡 空腹6.5'],
    ['Ｈｂ Ａ１ｃ', 'hb a1c'],
    ['糖尿病能吃西瓜嗎？', '糖尿病能吃西瓜吗?'],
    ['頭暈、胸悶', '头晕、胸闷'],
    ['胸\u200b口\ufeff疼', '胸口疼'],
    ['@小杏\u2005你好', '@小杏 你好'],
    ['  a\n\n b\t', 'a b'],
    ['1\ufe0f\u20e3', '1'],
    ['\u202e倒过来', '倒过来'],
    ['', ''],
  ])('%j is %j', (text, normal) => {
    expect(normaliseText(text)).toBe(normal);
  });

  it('changes nothing the second time', () => {
    const chinese = fc.string({
      unit: fc.constantFrom(...'後後裡乾坤乾淨瞭望著髮發麵面臺台濕溼藥葯頭頸疼痛，。6５ＡaÀİ'),
    });
    const anything = fc.string({ unit: 'binary', maxLength: 40 });
    const joining = fc.string({
      unit: fc.constantFrom(
        'e',
        '\u0301',
        '\u200d',
        '\u0307',
        'I',
        'İ',
        'ﬁ',
        'ㅎ',
        '\u1161',
        'ᄒ',
        '①',
        '㎎',
        '\ufe0f',
      ),
    });
    fc.assert(
      fc.property(fc.oneof(chinese, anything, joining), (text) => {
        const once = normaliseText(text);
        expect(normaliseText(once)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is done with a long message in no time', () => {
    const text = '醫生，我最近頭暈，血壓１５０／９５，要緊嗎？'.repeat(100);
    const started = performance.now();
    normaliseText(text);
    expect(performance.now() - started).toBeLessThan(200);
  });
});
