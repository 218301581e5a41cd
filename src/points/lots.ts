import type { Lot } from './types.js';

export interface Taken {
  lotId: string;
  amount: number;
}

/**
 * Which lots give `amount`: earliest expiry first, then the oldest (lots come
 * in order of making). `first` names a transaction whose lot gives before all
 * others: a reversal takes back its own points while they are there.
 * What no lot covers is `uncovered`: a debt that later earnings repay.
 */
export function takeFromLots(
  lots: readonly Lot[],
  amount: number,
  first?: string,
): { taken: Taken[]; uncovered: number } {
  const order = lots
    .map((lot, age) => ({ lot, age, own: lot.transactionId === first ? 0 : 1 }))
    .sort((a, b) => a.own - b.own || a.lot.expiresAt - b.lot.expiresAt || a.age - b.age);
  const taken: Taken[] = [];
  let uncovered = amount;
  for (const { lot } of order) {
    const part = Math.min(lot.remaining, uncovered);
    if (part > 0) taken.push({ lotId: lot.id, amount: part });
    uncovered -= part;
  }
  return { taken, uncovered };
}

/** `days` calendar days later, at the same time of day in UTC. */
export function daysLater(instant: number, days: number): number {
  const date = new Date(instant);
  return date.setUTCDate(date.getUTCDate() + days);
}
