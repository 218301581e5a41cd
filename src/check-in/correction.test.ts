import { describe, expect, it } from 'vitest';
import { type Item, type Observation, slotOf } from '../observation/index.js';
import { merged, type Recorded, targetOf } from './correction.js';

const glucose = (value: number, context: string | null): Item => ({
  kind: 'glucose',
  value,
  context,
  original: String(value),
  span: [0, 0],
});
const pressure = (value: number | null, diastolic: number | null): Item => ({
  kind: 'blood-pressure',
  value,
  diastolic,
  context: null,
  original: '',
  span: [0, 0],
});

function recorded(item: Item): Recorded {
  const observation: Observation = {
    id: `${item.kind}-${item.value}`,
    personId: 'p',
    messageId: 'm',
    roomId: 'r',
    kind: item.kind,
    slot: slotOf(item),
    localDay: '2026-03-01',
    measuredAt: 0,
    receivedAt: 0,
    status: 'final',
    supersedesId: undefined,
    valueSealed: '',
  };
  return { observation, item };
}

describe('targetOf', () => {
  const fasting = recorded(glucose(6.5, 'fasting'));
  const later = recorded(glucose(8.1, 'after-dinner'));
  const bp = recorded(pressure(135, 85));

  it.each<[string, Item, Recorded[], number | undefined, string]>([
    ['the only value of its kind', glucose(6.8, null), [fasting, bp], undefined, fasting.observation.id],
    ['the only one, with another context', glucose(6.8, 'after-lunch'), [fasting], undefined, fasting.observation.id],
    ['the slot that is named', glucose(6.8, 'after-dinner'), [fasting, later], undefined, later.observation.id],
    ['the number that was wrong', glucose(6.8, null), [fasting, later], 8.1, later.observation.id],
    ['the diastolic number that was wrong', pressure(135, 80), [bp, fasting], 85, bp.observation.id],
    ['two that fit', glucose(6.8, null), [fasting, later], undefined, 'several'],
    ['nothing of that kind', pressure(130, 80), [fasting], undefined, 'none'],
  ])('%s', (_, item, all, replaces, expected) => {
    const target = targetOf(item, all, replaces);
    expect(target.kind === 'one' ? target.target.observation.id : target.kind).toBe(expected);
  });
});

describe('merged', () => {
  it.each<[string, Item, Item, Partial<Item>]>([
    ['keeps the other half of a pressure', pressure(130, null), pressure(135, 85), { value: 130, diastolic: 85 }],
    ['keeps the upper half too', pressure(null, 80), pressure(135, 85), { value: 135, diastolic: 80 }],
    ['keeps when it was measured', glucose(6.8, null), glucose(6.5, 'fasting'), { value: 6.8, context: 'fasting' }],
    ['takes a new context', glucose(6.8, 'after-lunch'), glucose(6.5, 'fasting'), { context: 'after-lunch' }],
  ])('%s', (_, correction, earlier, expected) => {
    expect(merged(correction, earlier)).toMatchObject(expected);
  });
});
