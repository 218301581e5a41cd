import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createParser, type ReadOptions } from './parse.js';
import { doubtAgainstHistory, doubtOf, loadPlausibility } from './plausibility.js';
import { readableText } from './readable.js';
import type { Item, MessageReading } from './types.js';

const rules = loadPlausibility('knowledge/triage');
const parser = createParser(rules);
const read = (text: string, options?: ReadOptions) => parser.read(text, options);

const values = (items: readonly Item[]) =>
  items.map((item) => [item.kind, item.value, item.diastolic ?? null, item.context]);

describe('a number that was asked for', () => {
  const answers: [text: string, expecting: NonNullable<ReadOptions['expecting']>, items: unknown[]][] = [
    ['6.5', 'glucose', [['glucose', 6.5, null, null]]],
    ['7', 'glucose', [['glucose', 7, null, null]]],
    ['六点五', 'glucose', [['glucose', 6.5, null, null]]],
    ['6点5', 'glucose', [['glucose', 6.5, null, null]]],
    ['是6.5', 'glucose', [['glucose', 6.5, null, null]]],
    ['6.5 空腹', 'glucose', [['glucose', 6.5, null, 'fasting']]],
    ['空腹6.5', 'glucose', [['glucose', 6.5, null, 'fasting']]],
    ['130 80', 'blood-pressure', [['blood-pressure', 130, 80, null]]],
    ['130，80', 'blood-pressure', [['blood-pressure', 130, 80, null]]],
    ['130/80', 'blood-pressure', [['blood-pressure', 130, 80, null]]],
    ['一百三八十', 'blood-pressure', [['blood-pressure', 130, 80, null]]],
    ['68.5', 'weight', [['weight', 68.5, null, null]]],
    ['72', 'heart-rate', [['heart-rate', 72, null, null]]],
  ];
  it.each(answers)('%s for %s', (text, expecting, items) => {
    const reading = read(text, { expecting });
    expect(reading.intent).toBe('checkin');
    expect(values(reading.items)).toEqual(items);
  });

  it.each(['6.5', '7', '六点五', '72', '68.5'])('%s alone says nothing when nothing was asked', (text) => {
    expect(read(text)).toMatchObject({ intent: 'chat', items: [], doubts: [] });
  });

  it('is doubted like any other', () => {
    expect(read('65', { expecting: 'glucose' })).toMatchObject({ intent: 'clarify', items: [] });
    expect(read('13080', { expecting: 'blood-pressure' }).doubts[0]?.candidates).toMatchObject([
      { value: 130, diastolic: 80 },
    ]);
    expect(read('六点半', { expecting: 'glucose' }).doubts[0]?.candidates).toMatchObject([{ value: 6.5 }]);
  });

  it('is no answer when it is a question', () => {
    expect(read('6.5正常吗', { expecting: 'glucose' })).toMatchObject({ intent: 'question', items: [] });
  });
});

describe('what stands around the values', () => {
  const facts: [text: string, expected: Partial<MessageReading>][] = [
    ['打卡 空腹6.5', { explicit: true }],
    ['空腹6.5', { explicit: false }],
    ['打开空腹六点五', { explicit: true }],
    ['打开手机看看', { explicit: false, intent: 'chat' }],
    ['空腹6.5 打卡', { explicit: true }],
    ['打卡 空腹6.5 正常吗', { explicit: true, asks: true, intent: 'checkin' }],
    ['补卡 昨天 空腹6.8', { intent: 'makeup', dayOffset: -1 }],
    ['补卡 大前天 空腹6.8', { intent: 'makeup', dayOffset: -3 }],
    ['补卡 3月1日 空腹6.8', { intent: 'makeup', date: { month: 3, day: 1 } }],
    ['打卡 三月一号 空腹6.8', { date: { month: 3, day: 1 } }],
    ['今天空腹6.8，昨天空腹7.2', { dayOffset: 0 }],
    ['我的二甲双胍饭前吃还是饭后吃好', { intent: 'question' }],
    ['降压药早上吃还是晚上吃呢', { intent: 'question' }],
    ['我妈空腹12.6要紧吗', { intent: 'question', subject: '我妈' }],
    ['替妈妈打卡 空腹6.5', { intent: 'proxy', subject: '妈妈' }],
    ['不是6.5是5.6', { intent: 'correction', replaces: 6.5 }],
    ['把6.5改成5.6', { intent: 'correction', replaces: 6.5 }],
  ];
  it.each(facts)('%s', (text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });

  it('keeps the day of each value apart', () => {
    const reading = read('今天空腹6.8，昨天空腹7.2');
    expect(values(reading.items)).toEqual([['glucose', 6.8, null, 'fasting']]);
    expect(reading.readings).toHaveLength(2);
  });

  it('marks what is past', () => {
    expect(read('上次空腹12.6').readings).toMatchObject([{ value: 12.6, past: true }]);
  });
});

describe('readings for the alerts', () => {
  const seen: [text: string, readings: unknown[]][] = [
    ['血氧60', [['spo2', 60, null, null]]],
    ['血压270/150', [['blood-pressure', 270, 150, null]]],
    ['空腹0.8', [['glucose', 0.8, null, 'fasting']]],
    ['血压190', [['blood-pressure', 190, null, null]]],
    ['血糖二十多', [['glucose', 20, null, null]]],
    [
      '高压180到190',
      [
        ['blood-pressure', 180, null, null],
        ['blood-pressure', 190, null, null],
      ],
    ],
    ['空腹65', []],
    ['空腹六点半', []],
    ['血压80/130', []],
  ];
  it.each(seen)('%s', (text, readings) => {
    expect(values(read(text).readings)).toEqual(readings);
  });
});

describe('WeChat quotes', () => {
  const quote = (quoted: string, said: string) => `「张三：${quoted}」\n- - - - - - - - - - - - - - -\n${said}`;
  it('a quoted value is not the sender’s', () => {
    expect(read(quote('打卡 空腹6.5', '真不错'))).toMatchObject({ intent: 'quote', items: [], explicit: false });
  });
  it('what is said below it is', () => {
    const reading = read(quote('打卡 空腹6.5', '打卡 空腹7.1'));
    expect(values(reading.items)).toEqual([['glucose', 7.1, null, 'fasting']]);
  });
  it('a question about it is a question', () => {
    expect(read(quote('空腹16.8', '这个要紧吗'))).toMatchObject({ intent: 'question', items: [] });
  });
});

// --- properties (CHECKIN-AND-POINTS 4.1, P1) ---------------------------------

const moments = ['空腹', '早餐后2小时', '午饭前', '晚饭后', '睡前', '凌晨', '随机血糖'];
const tenths = (min: number, max: number) => fc.integer({ min: min * 10, max: max * 10 }).map((n) => n / 10);

/** A value as people write it, and what has to be read. */
const spoken = fc.oneof(
  fc.tuple(fc.constantFrom(...moments), tenths(2, 33)).map(([m, v]) => ({ text: `${m}${v.toFixed(1)}`, value: v })),
  fc
    .tuple(fc.integer({ min: 90, max: 160 }), fc.integer({ min: 45, max: 70 }))
    .map(([s, d]) => ({ text: `血压${s}/${d}`, value: s })),
  fc.integer({ min: 5, max: 120 }).map((v) => ({ text: `走路${v}分钟`, value: v })),
  fc.integer({ min: 500, max: 30_000 }).map((v) => ({ text: `步数${v}`, value: v })),
  tenths(40, 89).map((v) => ({ text: `体重${v}公斤`, value: v })),
  fc.integer({ min: 40, max: 150 }).map((v) => ({ text: `心率${v}`, value: v })),
  fc.integer({ min: 1, max: 3 }).map((v) => ({ text: `二甲双胍${v}片`, value: v })),
);

const message = fc
  .tuple(fc.boolean(), fc.uniqueArray(spoken, { minLength: 1, maxLength: 4, selector: (s) => s.text.slice(0, 2) }))
  .map(([explicit, parts]) => ({
    text: `${explicit ? '打卡 ' : ''}${parts.map((p) => p.text).join(' ')}`,
    values: parts.map((p) => p.value),
  }));

const fullWidth = (text: string) =>
  [...text].map((c) => (/[!-~]/.test(c) ? String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0) : c)).join('');

const greetings = ['大家早上好！', '早安 ', '😊', '[玫瑰]', '各位糖友好，', '\u200b', '【', '早上好☀️\n'];
const endings = ['', '。', ' 💪💪', '[强]', '，大家加油', '!!', '\u200d', ' 谢谢'];

const ignoringPlace = (items: readonly Item[]) => items.map(({ span: _span, original: _original, ...rest }) => rest);

const phrases =
  '打卡|空腹|餐后|2小时|6.5|血压|130/80|一百三|点|半|,|。|\n| |不是|没|吗|我妈|昨天|走路|30|分钟|步|斤|胰岛素|12|单位|尿酮|+|①|「|」|HI|更正|打错了|目标|以下|早餐|晚餐|打算|如果|体重|度|各|共|和|9999999|二甲双胍|多|3月1日|6点半|降到|比|高|吃|药|替|的'.split(
    '|',
  );

describe('properties', () => {
  it('any Unicode gives a reading, twice the same', () => {
    const anything = fc.oneof(
      fc.array(fc.constantFrom(...phrases), { maxLength: 14 }).map((a) => a.join('')),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(fc.constantFrom(...'打卡空腹餐后血压糖一百三十点半6.5,/-:。\n 「」@#①1、片分钟不是没改?吗'), {
          maxLength: 60,
        })
        .map((a) => a.join('')),
    );
    fc.assert(
      fc.property(anything, (text) => {
        expect(read(text)).toEqual(read(text));
      }),
      { numRuns: 500 },
    );
  });

  it('normalising twice changes nothing', () => {
    const noisy = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.array(fc.constantFrom(...'①⑴１、.1) [强]&<br/>\n\u200b空腹６．５'), { maxLength: 30 }).map((a) => a.join('')),
    );
    fc.assert(
      fc.property(noisy, (text) => {
        const once = readableText(text);
        expect(readableText(once)).toBe(once);
      }),
      { numRuns: 400 },
    );
  });

  it('every value that was written is read, and no other', () => {
    fc.assert(
      fc.property(message, ({ text, values: written }) => {
        const reading = read(text);
        const sorted = (numbers: unknown[]) => numbers.map(Number).sort((a, b) => a - b);
        expect(reading.doubts).toEqual([]);
        expect(sorted(reading.items.map((item) => item.value))).toEqual(sorted(written));
      }),
      { numRuns: 500 },
    );
  });

  it('width, greetings and pictures change no item', () => {
    const noise = fc.record({
      before: fc.constantFrom('', ...greetings),
      after: fc.constantFrom(...endings),
      wide: fc.boolean(),
    });
    fc.assert(
      fc.property(message, noise, ({ text }, { before, after, wide }) => {
        const noisy = `${before}${wide ? fullWidth(text) : text}${after}`;
        expect(ignoringPlace(read(noisy).items)).toEqual(ignoringPlace(read(text).items));
      }),
      { numRuns: 500 },
    );
  });

  it('a span points at what was written', () => {
    fc.assert(
      fc.property(message, ({ text }) => {
        const readable = readableText(text);
        for (const item of read(text).readings) expect(readable.slice(...item.span)).toBe(item.original);
      }),
    );
  });

  // Over all strings of one to three digits: what is in no doubt lies in the accepted band (SAFETY 8, H-09).
  it('no implausible glucose is kept as it stands', () => {
    for (let n = 0; n < 1000; n += 1) {
      for (const item of read(`空腹${n}`).items) {
        expect(item.value).toBe(n);
        expect(n).toBeLessThanOrEqual(33);
        expect(n).toBeGreaterThanOrEqual(2);
      }
    }
  });

  it('values of others, plans, quotes and receipts are never kept', () => {
    const wrappers = [
      (t: string) => `我妈${t}`,
      (t: string) => `替老公打卡 ${t}`,
      (t: string) => `目标${t}`,
      (t: string) => `「李四：${t}」\n- - - - - - -\n好的`,
      (t: string) => `如果${t}`,
      (t: string) => `转发：${t}`,
      (t: string) => `打卡收到 ✅\n${t}`,
      (t: string) => `${t}正常吗`,
      (t: string) => `上次${t}`,
    ];
    const bare = message.filter(({ text }) => !text.startsWith('打卡'));
    fc.assert(
      fc.property(bare, fc.constantFrom(...wrappers), ({ text }, wrap) => {
        expect(read(wrap(text)).items).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('doubts that only history can raise', () => {
  const glucose = (value: number, original: string): Item => ({
    kind: 'glucose',
    value,
    context: 'fasting',
    original,
    span: [0, original.length],
  });
  const cases: [item: Item, median: number, candidates: number[] | undefined][] = [
    [glucose(23, '23'), 6.5, [23, 2.3]],
    [glucose(23, '23'), 14, undefined],
    [glucose(23.0, '23.0'), 6.5, undefined],
    [glucose(12, '12'), 7, undefined],
    [glucose(9, '9'), 4, undefined],
  ];
  it.each(cases)('%o against a median of %d', (item, glucoseMedian7d, candidates) => {
    expect(doubtOf(item, rules, false)).toBeUndefined();
    const doubt = doubtAgainstHistory(item, { glucoseMedian7d }, rules);
    expect(doubt?.candidates.map((c) => c.value)).toEqual(candidates);
  });
  it('a weight more than 3 kg away', () => {
    const weight: Item = { kind: 'weight', value: 75, context: null, original: '75', span: [0, 2] };
    expect(doubtAgainstHistory(weight, { weightLast7d: 71 }, rules)?.reason).toBe('implausible');
    expect(doubtAgainstHistory(weight, { weightLast7d: 73 }, rules)).toBeUndefined();
  });
});

describe('a number that can be no glucose in mmol/L', () => {
  it.each([
    ['血糖一百多要紧吗', [], [10, 5.6]],
    ['血糖100多怎么换算', [], [10, 5.6]],
    ['血糖126', [], [12.6, 7]],
    ['血糖450', [25], [25]],
    ['血糖500多怎么办', [27.8], [27.8]],
  ])('%s alarms only by what it must mean', (text, readings, candidates) => {
    const reading = read(text);
    expect(reading.readings.map((item) => item.value)).toEqual(readings);
    expect(reading.doubts.flatMap((doubt) => doubt.candidates.map((item) => item.value))).toEqual(candidates);
    expect(reading.items).toEqual([]);
  });
});
