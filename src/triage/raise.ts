import type { Assessment, Level, RaisedFlag } from './types.js';
import { moreUrgent } from './types.js';

/** Stands among the flags of a message that no rule raised. */
export const MODEL_FLAG = 'MODEL';
const CRISIS_FLAG = 'RF-20';

export type RaisedLevel = 'crisis' | 'emergency' | 'urgent';

/**
 * What a language model heard in a message above what the rules did (SAFETY.md:
 * it may raise a level, never lower it). Words about suicide stay private.
 */
export function raiseByModel(assessment: Assessment, heard: RaisedLevel): Assessment {
  const level: Level = heard === 'crisis' ? 'emergency' : heard;
  if (moreUrgent(assessment.level, level) === assessment.level) return assessment;
  const isCrisis = heard === 'crisis';
  const flag = (id: string): RaisedFlag => ({ id, level, spans: [] });
  const crisisCard = assessment.about.kind === 'relative' ? 'crisis-relative' : 'crisis';
  return {
    ...assessment,
    level,
    flags: [...assessment.flags, ...(isCrisis ? [flag(CRISIS_FLAG)] : []), flag(MODEL_FLAG)],
    privateOnly: isCrisis,
    cardIds: [isCrisis ? crisisCard : level],
  };
}
