import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterAction, type TicketAction } from './states.js';
import type { TicketState } from './types.js';

const STATES: TicketState[] = ['open', 'claimed', 'waiting', 'answered', 'closed', 'withdrawn'];
const ACTIONS: TicketAction[] = [
  'claim',
  'hand-over',
  'ask-back',
  'answer',
  'take-back',
  'asker-writes',
  'correct',
  'close',
  'withdraw',
];

describe('afterAction', () => {
  it.each<[TicketState, TicketAction, TicketState | undefined]>([
    ['open', 'claim', 'claimed'],
    ['claimed', 'claim', undefined],
    ['open', 'answer', 'answered'],
    ['claimed', 'answer', 'answered'],
    ['answered', 'answer', 'answered'],
    ['closed', 'answer', undefined],
    ['answered', 'take-back', 'claimed'],
    ['open', 'take-back', undefined],
    ['open', 'withdraw', 'withdrawn'],
    ['claimed', 'withdraw', undefined],
    ['answered', 'asker-writes', 'claimed'],
    ['closed', 'asker-writes', 'open'],
    ['withdrawn', 'asker-writes', undefined],
    ['open', 'correct', undefined],
    ['closed', 'correct', 'closed'],
  ])('%s + %s → %s', (state, action, expected) => {
    expect(afterAction(state, action)).toBe(expected);
  });

  const walk = fc.array(fc.constantFrom(...ACTIONS), { maxLength: 40 });
  function play(actions: TicketAction[]): TicketState[] {
    const states: TicketState[] = ['open'];
    for (const action of actions) {
      const next = afterAction(states.at(-1) ?? 'open', action);
      if (next) states.push(next);
    }
    return states;
  }

  it('never leaves the known states, and never leaves withdrawn', () => {
    fc.assert(
      fc.property(walk, (actions) => {
        const states = play(actions);
        const withdrawn = states.indexOf('withdrawn');
        return states.every((s) => STATES.includes(s)) && (withdrawn < 0 || withdrawn === states.length - 1);
      }),
    );
  });

  it('a question that a doctor has taken is never withdrawn under their hands', () => {
    expect(STATES.filter((state) => afterAction(state, 'withdraw') !== undefined)).toEqual(['open']);
  });

  it('is reopened by the asker alone', () => {
    for (const action of ACTIONS.filter((a) => a !== 'asker-writes')) {
      expect(['closed', undefined]).toContain(afterAction('closed', action));
    }
  });

  it('can be closed from wherever something is still to be done', () => {
    for (const state of ['open', 'claimed', 'waiting', 'answered'] as const) {
      expect(afterAction(state, 'close')).toBe('closed');
    }
  });
});
