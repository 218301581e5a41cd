import type { ItemKind } from '../observation/index.js';
import type { LocalDay } from './local-day.js';
import { daysBetween } from './local-day.js';
import type { CampaignDefinition } from './types.js';

/** An item of the campaign was told on that day. Its value plays no part: points are for the act. */
export interface Fact {
  day: LocalDay;
  kind: ItemKind;
  /** False where another campaign already awards it; the day counts all the same. */
  scored: boolean;
}

type Rule = 'first' | 'further' | 'milestone';

/** Unique by day, rule and slot within a person's campaign. */
export interface Award {
  day: LocalDay;
  rule: Rule;
  slot: string;
  points: number;
}

/**
 * Everything that a person has earned in a campaign, from what was told.
 *
 * It is computed from the whole set and never from its order, so late,
 * repeated, corrected and retracted messages end in the same awards
 * (CHECKIN-AND-POINTS 2.3, 2.7, 2.9).
 */
export function desiredAwards(
  definition: CampaignDefinition,
  facts: readonly Fact[],
  isExempt: (day: LocalDay) => boolean,
): Award[] {
  const byDay = new Map<LocalDay, Fact[]>();
  for (const fact of facts) {
    if (!definition.items.includes(fact.kind)) continue;
    byDay.set(fact.day, [...(byDay.get(fact.day) ?? []), fact]);
  }
  const days = [...byDay.keys()].sort();
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return [];
  const base = days.flatMap((day) => awardsOfDay(definition, day, byDay.get(day) ?? []));
  return [...base, ...milestoneAwards(definition, daysBetween(first, last), byDay, isExempt)];
}

function awardsOfDay({ items, points }: CampaignDefinition, day: LocalDay, facts: readonly Fact[]): Award[] {
  // In the campaign's order, so that a new item never moves an award of another.
  const told = items.filter((kind) => facts.some((fact) => fact.scored && fact.kind === kind));
  if (told.length === 0) return [];
  const wanted: Award[] = [
    { day, rule: 'first', slot: 'day', points: points.first },
    ...told
      .slice(1, 1 + points.furtherMax)
      .map((kind): Award => ({ day, rule: 'further', slot: kind, points: points.further })),
  ];
  return capped(wanted, points.dailyCap);
}

/** Cut to the cap in the order given: rules first, then the campaign's order of items; never the order of arrival. */
function capped(awards: readonly Award[], cap: number): Award[] {
  let left = cap;
  const kept: Award[] = [];
  for (const award of awards) {
    const points = Math.min(award.points, left);
    left -= points;
    if (points > 0) kept.push({ ...award, points });
  }
  return kept;
}

function milestoneAwards(
  { points }: CampaignDefinition,
  days: readonly LocalDay[],
  byDay: ReadonlyMap<LocalDay, readonly Fact[]>,
  isExempt: (day: LocalDay) => boolean,
): Award[] {
  const awards: Award[] = [];
  let run = 0;
  for (const day of days) {
    const facts = byDay.get(day);
    if (!facts) {
      if (!isExempt(day)) run = 0;
      continue;
    }
    run += 1;
    const reached = points.milestones.find((milestone) => milestone.days === run);
    if (reached && facts.some((fact) => fact.scored)) {
      awards.push({ day, rule: 'milestone', slot: String(reached.days), points: reached.points });
    }
  }
  return awards;
}

export const awardKey = (award: Pick<Award, 'day' | 'rule' | 'slot'>) => `${award.day}:${award.rule}:${award.slot}`;

/** What to take back and what to give so that `desired` is what stands. */
export function differenceOf<Standing extends Award>(
  standing: readonly Standing[],
  desired: readonly Award[],
): { takeBack: Standing[]; give: Award[] } {
  const wanted = new Map(desired.map((award) => [awardKey(award), award]));
  const kept = new Set<string>();
  const takeBack = standing.filter((award) => {
    const stays = wanted.get(awardKey(award))?.points === award.points;
    if (stays) kept.add(awardKey(award));
    return !stays;
  });
  return { takeBack, give: desired.filter((award) => !kept.has(awardKey(award))) };
}
