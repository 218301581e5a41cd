import type { ItemKind } from '../observation/index.js';
import { mention, type OutboxBody } from '../platform/outbox/outbox.js';
import { checkIn as text } from '../text/zh-CN/check-in.js';
import type { CampaignStanding } from './types.js';

type Gathered = Extract<OutboxBody, { kind: 'gathered' }>;

/** What is said to one person: the points that were new, and where they stand. */
export interface Acknowledgement {
  points: number;
  /** Nothing was new, a value was corrected. */
  corrected: boolean;
  progress: string;
}

/** `kinds`: what the message told. The line is about the campaign that the person is furthest in. */
export function acknowledgementOf(
  standings: readonly CampaignStanding[],
  kinds: readonly ItemKind[],
): Acknowledgement | undefined {
  const [main] = [...standings].sort((a, b) => b.points - a.points || b.streak.done - a.streak.done);
  if (!main) return undefined;
  const points = standings.reduce((sum, standing) => sum + standing.points, 0);
  if (main.campaign.state === 'paused') return { points, corrected: false, progress: text.progressPaused() };
  const progress = text.progress({
    streakDays: main.streak.current,
    missing: main.missing,
    openedDay: main.openedDay,
    comeback: main.streak.comeback,
    milestone: main.milestone,
  });
  const asked = kinds.some((kind) => main.campaign.definition.items.includes(kind));
  return { points, corrected: false, progress: asked ? progress : text.notAsked() };
}

/** One person's part of the message that gathers several. The points stay apart, so that two of them add up. */
export function gatheredBody(personId: string, { points, corrected, progress }: Acknowledgement): Gathered {
  return { kind: 'gathered', personId, line: progress, data: { points, corrected } };
}

/**
 * Joins people's lines into one message (TEXTS 6). Where one person has several,
 * their new points add up and the latest line says where they stand.
 */
export function renderGathered(items: readonly Gathered[], { firstOfDay }: { firstOfDay: boolean }): string {
  const people = new Map<string, Acknowledgement>();
  for (const { personId, line, data } of items) {
    const points = (people.get(personId)?.points ?? 0) + (typeof data.points === 'number' ? data.points : 0);
    people.set(personId, { points, corrected: data.corrected === true, progress: line });
  }
  const lines = [...people].map(([personId, said]) => `${mention(personId)} ${text.acknowledgement(said)}`);
  return text.gathered(lines, firstOfDay);
}
