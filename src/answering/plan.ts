import { z } from 'zod';
import type { Decision } from '../knowledge/index.js';
import type { RaisedLevel } from '../triage/index.js';

/** What a language model makes of a question; it can choose, never say anything. */
export const understandingSchema = z.strictObject({
  route: z.enum(['crisis', 'emergency', 'urgent', 'clinical', 'faq', 'other']),
  /** One of the given candidates. */
  entry: z.string().nullable(),
  /** The question in general words. */
  question: z.string().max(120).nullable(),
});
export type Understanding = z.infer<typeof understandingSchema>;

/** How a question goes on. */
export type Plan =
  | { kind: 'raise'; to: RaisedLevel }
  | { kind: 'doctor' }
  | { kind: 'answer'; entryId: string }
  | { kind: 'clarify'; choices: string[] }
  | { kind: 'offer' };

/** Above it the index is right without help: of such answers to the labelled questions 1 in 100 is wrong. */
const SURE = 0.9;
const CHOICES_AT_MOST = 3;

/** What was found out beside the index. */
export interface Read {
  /** Undefined where no model answered. */
  understood: Understanding | undefined;
  /** Ids of the entries that a model was given to choose from. */
  candidates: readonly string[];
  /** Ids of entries that are near by their meaning. */
  alike: readonly string[];
}

/**
 * What the index decided, with what a model understood. The model can send a
 * question to a doctor and point at one of the candidates; an entry goes out
 * only where the index finds it too, by the words as asked or as the model put
 * them. Whatever the model says, nothing becomes less pressing.
 */
export function planAnswer(
  decision: Decision,
  { understood, candidates, alike }: Read,
  decide: (words: string) => Decision,
): Plan {
  if (!understood) return decision.kind === 'offer' && alike.length > 0 ? clarify(alike) : planOf(decision);
  const { route, question } = understood;
  if (route === 'crisis' || route === 'emergency' || route === 'urgent') return { kind: 'raise', to: route };
  if (route === 'clinical') return { kind: 'doctor' };
  const pointed = candidates.find((id) => id === understood.entry);
  if (decision.kind === 'answer') {
    const sure = (decision.candidates[0]?.probability ?? 0) >= SURE;
    if (sure || pointed === decision.entryId) return planOf(decision);
    return clarify([decision.entryId, pointed]);
  }
  if (pointed === undefined) return planOf(decision);
  const reworded = question === null ? undefined : decide(question);
  if (reworded?.kind === 'answer' && reworded.entryId === pointed) return { kind: 'answer', entryId: pointed };
  const close = decision.kind === 'clarify' ? decision.candidates.map(({ entryId }) => entryId) : [];
  return clarify([pointed, ...close]);
}

function planOf(decision: Decision): Plan {
  if (decision.kind === 'answer') return { kind: 'answer', entryId: decision.entryId };
  if (decision.kind === 'offer') return { kind: 'offer' };
  return clarify(decision.candidates.map(({ entryId }) => entryId));
}

function clarify(ids: readonly (string | undefined)[]): Plan {
  const choices = [...new Set(ids)].filter((id) => id !== undefined).slice(0, CHOICES_AT_MOST);
  return { kind: 'clarify', choices };
}
