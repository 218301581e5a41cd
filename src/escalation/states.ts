import type { TicketState } from './types.js';

export type TicketAction =
  | 'claim'
  | 'hand-over'
  | 'ask-back'
  | 'answer'
  /** A reply that was held is stopped before it went out. */
  | 'take-back'
  | 'asker-writes'
  | 'correct'
  | 'close'
  /** The asker recalled the question before anybody took it. */
  | 'withdraw';

/**
 * What may happen to a ticket in each state, and the state after it; what is
 * not named may not happen. `claimed` always has a claimer: an answer or a
 * question back makes its author the claimer.
 */
const table: Readonly<Record<TicketState, Partial<Record<TicketAction, TicketState>>>> = {
  open: {
    claim: 'claimed',
    'hand-over': 'claimed',
    'ask-back': 'waiting',
    answer: 'answered',
    'asker-writes': 'open',
    close: 'closed',
    withdraw: 'withdrawn',
  },
  claimed: {
    'hand-over': 'claimed',
    'ask-back': 'waiting',
    answer: 'answered',
    'asker-writes': 'claimed',
    close: 'closed',
  },
  waiting: {
    'hand-over': 'claimed',
    'ask-back': 'waiting',
    answer: 'answered',
    'take-back': 'claimed',
    'asker-writes': 'claimed',
    close: 'closed',
  },
  answered: {
    'hand-over': 'claimed',
    'ask-back': 'waiting',
    answer: 'answered',
    'take-back': 'claimed',
    'asker-writes': 'claimed',
    correct: 'answered',
    close: 'closed',
  },
  closed: { 'asker-writes': 'open', correct: 'closed' },
  withdrawn: {},
};

/** The state after `action`, or undefined where it may not happen. */
export function afterAction(state: TicketState, action: TicketAction): TicketState | undefined {
  return table[state][action];
}

/** States in which somebody still has to do something, or may. */
export const UNFINISHED: readonly TicketState[] = ['open', 'claimed', 'waiting', 'answered'];
/** States in which a doctor or admin owes the next step. */
export const OWED: readonly TicketState[] = ['open', 'claimed'];
