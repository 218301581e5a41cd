import { describe, expect, it } from 'vitest';
import { listen } from '../../test/triage/listen.js';
import type { Item, ItemKind } from '../observation/types.js';
import type { Level, TriageProfile } from './types.js';

interface Case {
  context?: string;
  diastolic?: number;
  text?: string;
  profile?: TriageProfile;
}

function rowsFor(kind: ItemKind, value: Item['value'], more: Case = {}): [string, Level][] {
  const item: Item = { kind, value, context: more.context ?? null, original: '', span: [0, 0] };
  const reading = more.diastolic === undefined ? item : { ...item, diastolic: more.diastolic };
  const profile = more.profile ? { profile: more.profile } : {};
  return listen(more.text ?? '', { readings: [reading], ...profile }).valueRows.map(({ row, level }) => [row, level]);
}

const fasting = { context: 'fasting' };
const afterMeal = { context: 'after-meal' };
const pregnant = { profile: { pregnant: true } };
const child = { profile: { ageYears: 10 } };
const onInsulin = { profile: { insulinOrSulfonylurea: true } };

describe('glucose', () => {
  it.each<[Item['value'], Case, string, Level]>([
    ['LO', {}, 'G1', 'emergency'],
    [2.9, { text: '人迷糊了' }, 'G1', 'emergency'],
    [2.9, { text: '没有迷糊' }, 'G2', 'urgent'],
    [2.9, {}, 'G2', 'urgent'],
    [2.96, {}, 'G3', 'clinical'],
    [3.0, {}, 'G3', 'clinical'],
    [3.0, onInsulin, 'G3', 'urgent'],
    [3.0, { profile: { ageYears: 75 } }, 'G3', 'urgent'],
    [3.0, { profile: { ageYears: 74 } }, 'G3', 'clinical'],
    [3.0, { profile: { livesAlone: true } }, 'G3', 'urgent'],
    [3.9, { context: 'bedtime' }, 'G3', 'urgent'],
    [3.9, {}, 'G3', 'clinical'],
    [3.9, { text: '站不住了' }, 'G3', 'emergency'],
    [70 / 18, {}, 'G3', 'clinical'],
    [4.0, {}, 'G4', 'information'],
    [4.3, fasting, 'G4', 'information'],
    [4.4, fasting, 'G5', 'information'],
    [7.0, fasting, 'G5', 'information'],
    [7.1, fasting, 'G7', 'information'],
    [9.9, fasting, 'G7', 'information'],
    [10.0, fasting, 'G8', 'information'],
    [9.9, afterMeal, 'G6', 'information'],
    [10.0, afterMeal, 'G8', 'information'],
    [13.8, {}, 'G8', 'information'],
    [13.9, {}, 'G9', 'clinical'],
    [250 / 18, {}, 'G9', 'clinical'],
    [13.9, { text: '一直吐' }, 'G9', 'emergency'],
    [16.6, {}, 'G9', 'clinical'],
    [16.7, {}, 'G10', 'urgent'],
    [33.2, {}, 'G10', 'urgent'],
    [16.7, { text: '肚子疼' }, 'G10', 'emergency'],
    [16.7, { text: '不吐,肚子不疼' }, 'G10', 'urgent'],
    [33.3, {}, 'G11', 'emergency'],
    ['HI', {}, 'G11', 'emergency'],
  ])('%s %j is %s %s', (value, more, row, level) => {
    expect(rowsFor('glucose', value, more)[0]).toEqual([row, level]);
  });

  it('speaks of newly high values with thirst', () => {
    expect(rowsFor('glucose', 11.1, { text: '口渴尿多' })).toContainEqual(['G12', 'clinical']);
    expect(rowsFor('glucose', 11.0, { text: '口渴尿多' })).not.toContainEqual(['G12', 'clinical']);
    expect(rowsFor('glucose', 11.1, { text: '口渴尿多', profile: { diabetes: true } })).toEqual([
      ['G8', 'information'],
    ]);
  });

  it.each<[Item['value'], Case, string, Level]>([
    ['LO', pregnant, 'P1', 'emergency'],
    ['HI', pregnant, 'P5', 'emergency'],
    [3.2, pregnant, 'P1', 'urgent'],
    [3.3, pregnant, 'P1', 'clinical'],
    [3.9, { profile: { pregnant: true, insulinOrSulfonylurea: true } }, 'P1', 'urgent'],
    [3.5, { ...pregnant, text: '心慌' }, 'P1', 'urgent'],
    [3.5, { ...pregnant, text: '叫不醒' }, 'P1', 'emergency'],
    [5.2, { ...pregnant, ...fasting }, 'P2', 'information'],
    [5.3, { ...pregnant, ...fasting }, 'P3', 'information'],
    [5.7, { ...pregnant, ...fasting }, 'P3', 'information'],
    [5.8, { ...pregnant, ...fasting }, 'P3', 'clinical'],
    [8.4, { ...pregnant, ...afterMeal }, 'P3', 'information'],
    [8.5, { ...pregnant, ...afterMeal }, 'P3', 'clinical'],
    [11.0, pregnant, 'P2', 'information'],
    [11.1, pregnant, 'P4', 'urgent'],
    [13.8, pregnant, 'P4', 'urgent'],
    [13.9, pregnant, 'P5', 'emergency'],
    [6.0, { ...pregnant, text: '一直吐' }, 'P5', 'emergency'],
    [3.9, child, 'C1', 'urgent'],
    [4.0, child, 'C1', 'clinical'],
    [13.9, child, 'C1', 'clinical'],
    [14.0, child, 'C1', 'urgent'],
    ['LO', child, 'C1', 'emergency'],
    [9.0, { ...child, text: '嗜睡' }, 'C1', 'emergency'],
  ])('in pregnancy and childhood: %s %j is %s %s', (value, more, row, level) => {
    expect(rowsFor('glucose', value, more)[0]).toEqual([row, level]);
  });

  it('takes pregnancy from the words, and the profile only for the talker', () => {
    expect(rowsFor('glucose', 11.1, { text: '我媳妇怀孕六个月,餐后11.1' })[0]).toEqual(['P4', 'urgent']);
    expect(rowsFor('glucose', 11.1, { text: '我妈餐后11.1', ...pregnant })[0]).toEqual(['G8', 'information']);
    expect(rowsFor('glucose', 5.0, { text: '备孕,空腹5.0', ...fasting })[0]).toEqual(['G5', 'information']);
  });
});

describe('blood pressure', () => {
  it.each<[number, number, Case, string, Level]>([
    [180, 90, {}, 'B2', 'urgent'],
    [179, 90, {}, 'B3', 'information'],
    [150, 110, {}, 'B2', 'urgent'],
    [150, 109, {}, 'B3', 'information'],
    [180, 90, { text: '头疼得厉害' }, 'B1', 'emergency'],
    [150, 110, { text: '胸闷' }, 'B1', 'emergency'],
    [180, 90, { text: '没有头疼' }, 'B2', 'urgent'],
    [160, 80, {}, 'B3', 'information'],
    [159, 99, {}, 'B4', 'information'],
    [130, 100, {}, 'B3', 'information'],
    [135, 80, {}, 'B4', 'information'],
    [134, 85, {}, 'B4', 'information'],
    [134, 84, {}, 'B5', 'information'],
    [90, 60, {}, 'B5', 'information'],
    [89, 60, {}, 'B6', 'clinical'],
    [90, 59, {}, 'B6', 'clinical'],
    [89, 60, { profile: { ageYears: 75 } }, 'B6', 'urgent'],
    [89, 60, { text: '头晕,出冷汗' }, 'B6', 'emergency'],
    [160, 80, pregnant, 'B7', 'emergency'],
    [159, 109, pregnant, 'B8', 'urgent'],
    [130, 110, pregnant, 'B7', 'emergency'],
    [140, 80, pregnant, 'B8', 'urgent'],
    [139, 89, pregnant, 'B4', 'information'],
    [130, 90, { profile: { postpartum: true } }, 'B8', 'urgent'],
    [140, 80, { ...pregnant, text: '头痛' }, 'B8', 'emergency'],
  ])('%i/%i %j is %s %s', (systolic, diastolic, more, row, level) => {
    expect(rowsFor('blood-pressure', systolic, { ...more, diastolic })[0]).toEqual([row, level]);
  });
});

describe('the others', () => {
  it.each<[ItemKind, number, Case, string | undefined, Level | undefined]>([
    ['heart-rate', 130, {}, 'H1', 'emergency'],
    ['heart-rate', 129, {}, 'H1', 'information'],
    ['heart-rate', 101, { text: '胸痛' }, 'H1', 'emergency'],
    ['heart-rate', 101, {}, 'H1', 'information'],
    ['heart-rate', 100, { text: '胸痛' }, undefined, undefined],
    ['heart-rate', 60, {}, undefined, undefined],
    ['heart-rate', 59, {}, 'H2', 'information'],
    ['heart-rate', 50, {}, 'H2', 'information'],
    ['heart-rate', 49, {}, 'H2', 'clinical'],
    ['heart-rate', 49, { text: '头晕' }, 'H2', 'emergency'],
    ['heart-rate', 40, {}, 'H2', 'clinical'],
    ['heart-rate', 39, {}, 'H2', 'emergency'],
    ['temperature', 39.0, {}, undefined, undefined],
    ['temperature', 39.1, {}, 'T1', 'urgent'],
    ['temperature', 38.0, onInsulin, 'T1', 'urgent'],
    ['temperature', 37.9, onInsulin, undefined, undefined],
    ['temperature', 38.0, { text: '尿痛' }, 'T1', 'urgent'],
    ['temperature', 38.0, { text: '两个月大的宝宝' }, 'T2', 'emergency'],
    ['temperature', 37.9, { text: '两个月大的宝宝' }, undefined, undefined],
    ['temperature', 35.9, { text: '刚出生的宝宝' }, 'T2', 'emergency'],
    ['temperature', 39.0, { text: '五个月宝宝' }, 'T3', 'urgent'],
    ['temperature', 38.9, { text: '五个月宝宝' }, undefined, undefined],
    ['spo2', 89, {}, 'O1', 'emergency'],
    ['spo2', 90, {}, 'O1', 'urgent'],
    ['spo2', 93, {}, 'O1', 'urgent'],
    ['spo2', 94, {}, undefined, undefined],
    ['ketone', 0.5, {}, undefined, undefined],
    ['ketone', 0.6, {}, 'K1', 'urgent'],
    ['ketone', 2.9, {}, 'K1', 'urgent'],
    ['ketone', 3.0, {}, 'K1', 'emergency'],
    ['ketone', 0.6, pregnant, 'P4', 'urgent'],
    ['urine-ketone', 0, {}, undefined, undefined],
    ['urine-ketone', 1, {}, 'K1', 'urgent'],
    ['urine-ketone', 2, {}, 'K1', 'emergency'],
    ['hba1c', 8.9, {}, undefined, undefined],
    ['hba1c', 9.0, {}, 'A1', 'clinical'],
  ])('%s %d %j is %s %s', (kind, value, more, row, level) => {
    expect(rowsFor(kind, value, more)[0]).toEqual(row === undefined ? undefined : [row, level]);
  });
});

describe('what is said around a value', () => {
  const at = (text: string, value: Item['value']): Item => ({
    kind: 'glucose',
    value,
    context: null,
    original: '',
    span: [text.indexOf('血糖'), text.length],
  });

  it.each([['去年住院时血糖20'], ['如果血糖20']])('does not count below the emergency: %s', (text) => {
    const assessment = listen(text, { readings: [at(text, 20)] });
    expect(assessment.valueRows).toEqual([]);
    expect(assessment.needsCheck).toBe(true);
    expect(assessment.suppressed).toContainEqual(expect.objectContaining({ id: 'G10' }));
  });

  it.each<[string, Item['value']]>([
    ['如果血糖显示HI怎么办', 'HI'],
    ['上个月血糖35', 35],
    ['血糖Lo是什么意思', 'LO'],
  ])('never holds an emergency value back: %s', (text, value) => {
    expect(listen(text, { readings: [at(text, value)] }).level).toBe('emergency');
  });
});
