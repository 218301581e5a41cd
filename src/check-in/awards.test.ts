import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ItemKind } from '../observation/index.js';
import { awardKey, desiredAwards, differenceOf, type Fact } from './awards.js';
import { addDays } from './local-day.js';
import type { CampaignDefinition } from './types.js';

const definition: CampaignDefinition = {
  name: '糖友21天',
  days: 21,
  items: ['glucose', 'exercise', 'medication'],
  stackable: false,
  points: { first: 5, further: 2, furtherMax: 3, dailyCap: 20, milestones: [{ days: 7, points: 10 }] },
};
const never = () => false;
const day = (n: number) => addDays('2026-03-01', n);
const fact = (n: number, kind: ItemKind = 'glucose', scored = true): Fact => ({ day: day(n), kind, scored });
const pointsOf = (facts: Fact[], d = definition) =>
  desiredAwards(d, facts, never).reduce((sum, a) => sum + a.points, 0);

describe('desiredAwards', () => {
  it.each<[string, Fact[], number]>([
    ['nothing told', [], 0],
    ['one item', [fact(0)], 5],
    ['the same item three times', [fact(0), fact(0), fact(0)], 5],
    ['two items', [fact(0), fact(0, 'exercise')], 7],
    ['all items', [fact(0, 'medication'), fact(0), fact(0, 'exercise')], 9],
    ['an item that is not asked for', [fact(0, 'weight')], 0],
    ['an item that another campaign awards', [fact(0, 'exercise', false)], 0],
    ['two days', [fact(0), fact(1)], 10],
    ['seven days in a row', [0, 1, 2, 3, 4, 5, 6].map((n) => fact(n)), 45],
    ['seven days with a hole', [0, 1, 2, 4, 5, 6, 7].map((n) => fact(n)), 35],
    ['two runs of seven', [...Array(15).keys()].filter((n) => n !== 7).map((n) => fact(n)), 90],
  ])('%s', (_, facts, points) => {
    expect(pointsOf(facts)).toBe(points);
  });

  it('bridges a run over exempt days', () => {
    const facts = [0, 1, 2, 4, 5, 6, 7].map((n) => fact(n));
    const milestones = desiredAwards(definition, facts, (d) => d === day(3)).filter((a) => a.rule === 'milestone');
    expect(milestones).toEqual([{ day: day(7), rule: 'milestone', slot: '7', points: 10 }]);
  });

  it('cuts to the daily cap', () => {
    const capped = { ...definition, points: { ...definition.points, dailyCap: 8 } };
    expect(pointsOf([fact(0), fact(0, 'exercise'), fact(0, 'medication')], capped)).toBe(8);
  });

  const anyFact = fc.record({
    day: fc.nat(20).map(day),
    kind: fc.constantFrom<ItemKind>('glucose', 'exercise', 'medication', 'weight'),
    scored: fc.boolean(),
  });
  const facts = fc.array(anyFact, { maxLength: 60 });
  const anyDefinition = fc
    .record({ dailyCap: fc.nat(12), first: fc.nat(6), further: fc.nat(4), furtherMax: fc.nat(3) })
    .map((points) => ({ ...definition, points: { ...definition.points, ...points } }));

  it('does not depend on order or repetition', () => {
    fc.assert(
      fc.property(anyDefinition, facts, fc.infiniteStream(fc.nat()), (d, told, order) => {
        const shuffled = [...told, ...told]
          .map((f) => ({ f, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ f }) => f);
        expect(desiredAwards(d, shuffled, never)).toEqual(desiredAwards(d, told, never));
      }),
    );
  });

  it('keeps to the cap and gives each key once', () => {
    fc.assert(
      fc.property(anyDefinition, facts, (d, told) => {
        const awards = desiredAwards(d, told, never);
        expect(new Set(awards.map(awardKey)).size).toBe(awards.length);
        for (const n of Array(21).keys()) {
          const base = awards.filter((a) => a.day === day(n) && a.rule !== 'milestone');
          expect(base.reduce((sum, a) => sum + a.points, 0)).toBeLessThanOrEqual(d.points.dailyCap);
        }
      }),
    );
  });

  it('never moves an award of a day when another item is told', () => {
    fc.assert(
      fc.property(facts, anyFact, (told, more) => {
        const base = (list: Fact[]) => desiredAwards(definition, list, never).filter((a) => a.rule !== 'milestone');
        expect(differenceOf(base(told), base([...told, more])).takeBack).toEqual([]);
      }),
    );
  });
});
