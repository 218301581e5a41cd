import type { Doubt } from './features.js';

export interface SearchResult {
  entryId: string;
  /** That this entry answers the question, 0 to 1. */
  probability: number;
  /** The wording of the entry that came nearest. */
  matched: string;
  doubts: readonly Doubt[];
}

export interface Found {
  /** The best first. */
  results: SearchResult[];
  /** That the first one answers the question, 0 to 1; calibrated. */
  confidence: number;
  /** A matter is named and nothing asked of it (低血糖), something is told (心里难受), or it asks. */
  form: 'matter' | 'statement' | 'question';
}

export type Candidate = Pick<SearchResult, 'entryId' | 'probability'>;

export type Decision =
  | { kind: 'answer'; entryId: string; candidates: Candidate[] }
  | { kind: 'clarify'; candidates: Candidate[] }
  | { kind: 'offer'; candidates: Candidate[] };

/** How a room is answered: 回答风格 严格, 标准, 活跃. */
export type AnswerStyle = 'strict' | 'standard' | 'lively';

/** Confidences from which on something is said, 0 to 1. */
interface Thresholds {
  answer: number;
  /** Where a rule has a doubt: the confidence has weighed it already, but a slip here is the worse. */
  answerInDoubt: Partial<Record<Doubt, number>>;
  /** Somebody tells something and asks nothing. */
  statement: number;
  clarify: number;
}

/** A wrong answer is worse than an offer, in every style: docs/decisions/0011 says what these reach. */
const THRESHOLDS: Record<AnswerStyle, Thresholds> = {
  strict: {
    answer: 0.85,
    answerInDoubt: {
      'other-matter': 0.9,
      'unknown-word': 0.93,
      negation: 0.95,
      number: 0.98,
      intent: 0.98,
      manner: 0.9,
    },
    statement: 0.98,
    clarify: 0.5,
  },
  standard: {
    answer: 0.7,
    answerInDoubt: {
      'other-matter': 0.8,
      'unknown-word': 0.82,
      negation: 0.8,
      number: 0.95,
      intent: 0.92,
      manner: 0.77,
    },
    statement: 0.85,
    clarify: 0.4,
  },
  lively: {
    answer: 0.65,
    answerInDoubt: {
      'other-matter': 0.75,
      'unknown-word': 0.81,
      negation: 0.8,
      number: 0.95,
      intent: 0.9,
      manner: 0.72,
    },
    statement: 0.8,
    clarify: 0.3,
  },
};

/** A bare word that entries have. */
const CLARIFY_MATTER = 0.1;
/** What is told is hardly ever a question. */
const CLARIFY_STATEMENT = 0.95;
/** What a choice that is asked back about must reach by itself. */
const CLARIFY_PROBABILITY = 0.02;
/** Whatever the numbers say. */
const FORBIDDEN: ReadonlySet<Doubt> = new Set<Doubt>(['near-miss', 'person']);
const CLARIFY_MAX = 3;
/** Results that a search gives when it is not told how many. */
export const LIMIT = 5;

/** From which confidence on it is asked back what is meant. */
function floorOf(form: Found['form'], first: SearchResult, { clarify }: Thresholds): number {
  if (form === 'statement') return CLARIFY_STATEMENT;
  // 糖尿病 alone fits many entries, so none of them surely; which one is the natural question.
  return form === 'matter' && !first.doubts.includes('unknown-word') ? CLARIFY_MATTER : clarify;
}

/** Answer only what is surely meant; ask back where a few may be meant; else offer a doctor. */
export function decide({ results, confidence, form }: Found, style: AnswerStyle = 'standard'): Decision {
  const thresholds = THRESHOLDS[style];
  const candidates = results.slice(0, LIMIT).map(({ entryId, probability }) => ({ entryId, probability }));
  const [first] = results;
  if (!first) return { kind: 'offer', candidates };
  const needed = Math.max(
    form === 'statement' ? thresholds.statement : thresholds.answer,
    ...first.doubts.map((doubt) => thresholds.answerInDoubt[doubt] ?? 0),
  );
  const forbidden = (doubts: readonly Doubt[]) => doubts.some((doubt) => FORBIDDEN.has(doubt));
  if (confidence >= needed && !forbidden(first.doubts)) return { kind: 'answer', entryId: first.entryId, candidates };
  if (first.doubts.includes('person')) return { kind: 'offer', candidates };
  if (confidence < floorOf(form, first, thresholds)) return { kind: 'offer', candidates };
  const close = results.filter(
    ({ probability, doubts }) => (form === 'matter' || probability >= CLARIFY_PROBABILITY) && !forbidden(doubts),
  );
  if (close.length === 0) return { kind: 'offer', candidates };
  return {
    kind: 'clarify',
    candidates: close.slice(0, CLARIFY_MAX).map(({ entryId, probability }) => ({ entryId, probability })),
  };
}
