export type { Found } from './walk.js';

import { CLAUSE_END, CONNECTORS, isNegated, saidDone } from './around.js';
import type { NumberToken, PairToken, Token } from './lex.js';
import { openAct } from './read-exercise.js';
import { onClock, onMeter, onMoment } from './read-glucose.js';
import { onDrug } from './read-medication.js';
import { conditionAsLabel, onLabel, onNumber, onPair, onUrineGrade } from './read-number.js';
import { onPressureContext } from './read-pressure.js';
import type { Item } from './types.js';
import { emit, type Found, startWalk, token, type Walk } from './walk.js';

export interface Findings {
  found: Found[];
  /** Numbers that belong to nothing, in order. */
  unclaimed: NumberToken[];
  pairs: PairToken[];
  /** Acts and measurements said not to have happened. */
  negated: number;
  /** Indices of tokens that became part of an item. */
  used: ReadonlySet<number>;
}

/** Walks over the tokens once and pairs words with numbers. Knows nothing of whose values they are. */
export function findItems(tokens: readonly Token[], text: string): Findings {
  const w = startWalk(tokens, text);
  for (let i = 0; i < w.tokens.length; i += 1) {
    if (i < w.skipTo) continue;
    const t = w.tokens[i] as Token;
    if (onUrineGrade(w, i)) continue;
    switch (t.type) {
      case 'label':
        onLabel(w, i, t.kind);
        break;
      case 'moment':
        onMoment(w, i, {
          context: t.context,
          at: i,
          ...('hoursAfter' in t && t.hoursAfter !== undefined ? { hoursAfter: t.hoursAfter } : {}),
        });
        break;
      case 'pressure-context':
        onPressureContext(w, i, t.context);
        break;
      case 'number':
        onNumber(w, i, t);
        break;
      case 'numbers':
        onPair(w, i, t);
        break;
      case 'clock':
        onClock(w, i, t.maybe);
        break;
      case 'meter':
        onMeter(w, i, t.reading);
        break;
      case 'activity':
        if (isNegated(w.tokens, i)) w.negated += 1;
        else openAct(w, i, t.activity, t.weak ?? false);
        break;
      case 'drug':
        onDrug(w, i, { what: t.text, insulin: t.insulin, generic: t.generic });
        break;
      case 'meal':
        if (isNegated(w.tokens, i)) w.negated += 1;
        else w.meals.push({ context: t.context, at: i });
        break;
      case 'negation':
        if (w.tokens[i + 1]?.type === 'measure' || w.tokens[i + 1]?.type === 'check-in') w.negated += 1;
        break;
      case 'comma':
        if (w.open) w.open.crossed = w.open.crossed || w.open.satisfied || token(w, i + 1)?.type !== 'number';
        break;
      case 'newline':
        w.arm = null;
        w.drug = w.drug?.used ? null : w.drug;
        if (
          w.open &&
          (w.open.satisfied || (token(w, i + 1)?.type !== 'number' && token(w, i + 1)?.type !== 'numbers'))
        ) {
          w.open = null;
          w.moments = [];
        }
        break;
      case 'stop':
        w.open = null;
        w.moments = [];
        w.arm = null;
        w.drug = null;
        break;
      default:
        if (t.type === 'noise' && conditionAsLabel(w, i)) break;
        if (!CONNECTORS.has(t.type)) onStrange(w, t);
    }
  }

  for (const act of w.acts) {
    if (act.used || act.weak) continue;
    const activity = act.activity;
    emitAct(w, act.at, { kind: 'exercise', value: null, context: activity, what: (w.tokens[act.at] as Token).text });
  }
  for (const d of w.drugs) {
    if (d.used) continue;
    emitAct(w, d.at, { kind: 'medication', value: null, context: null, what: d.what });
  }
  const named = w.meals.filter((m) => m.context !== null);
  const seen = new Set<string | null>();
  for (const meal of named.length > 0 ? named : w.meals) {
    if (seen.has(meal.context)) continue;
    seen.add(meal.context);
    emitAct(w, meal.at, { kind: 'diet', value: null, context: meal.context });
  }

  return { found: w.found, unclaimed: w.unclaimed, pairs: w.pairs, negated: w.negated, used: w.used };
}

function onStrange(w: Walk, t: Token): void {
  const length = t.end - t.start;
  if (w.open) w.open.strange += length;
  if (t.type === 'person' || t.type === 'ask' || t.type === 'noise') w.moments = [];
  w.drug = w.drug && length > 6 ? null : w.drug;
}

function emitAct(w: Walk, at: number, item: Omit<Item, 'original' | 'span'>): void {
  // 晚餐打算吃清淡点: not eaten yet.
  for (let k = at + 1; k < w.tokens.length && !CLAUSE_END.has(w.tokens[k]?.type ?? 'stop'); k += 1) {
    if (w.tokens[k]?.type === 'plan') return;
    if (w.tokens[k]?.gap && w.tokens[k]?.type !== 'other') break;
  }
  emit(w, at, item, { act: true, done: saidDone(w.tokens, at), tight: true, needsCheckIn: item.kind === 'diet' });
}
