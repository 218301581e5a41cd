import { between, clauseBetween, isNegated, onlyBetween, stopBetween } from './around.js';
import type { NumberToken, Token } from './lex.js';
import { emitGlucose } from './read-glucose.js';
import { toCanonical } from './units.js';
import { type Drug, emit, type Found, token, type Walk } from './walk.js';

/** 片 as written, mg, g, U. */
function doseText(n: NumberToken): string {
  if (n.unit === 'tablet') return /[片粒颗丸]/u.exec(n.text)?.[0] ?? '片';
  return n.unit as string;
}

function emitDose(w: Walk, at: number, n: NumberToken): void {
  const own = w.drug as Drug;
  const doseUnit = n.unit === null ? (own.insulin ? 'U' : undefined) : doseText(n);
  const last = w.found.at(-1);
  // 0.5g 1片: what was taken are the tablets, 0.5 g is what is printed on them.
  if (
    last?.item.kind === 'medication' &&
    last.at < at &&
    last.item.what === own.what &&
    n.unit === 'tablet' &&
    ['mg', 'g'].includes(last.item.doseUnit ?? '') &&
    onlyBetween(w.tokens, last.at, at, ['mark', 'comma', 'each', 'link'])
  ) {
    w.found.pop();
  } else if (
    last?.item.kind === 'medication' &&
    last.item.what === own.what &&
    last.item.doseUnit === '片' &&
    (n.unit === 'mg' || n.unit === 'g')
  ) {
    w.used.add(at);
    return;
  }
  emit(
    w,
    at,
    {
      kind: 'medication',
      value: n.value,
      context: null,
      what: own.what,
      ...(doseUnit === undefined ? {} : { doseUnit }),
    },
    { unitSaid: n.unit !== null, tight: true },
  );
  own.used = true;
}

export function drugTakes(w: Walk, i: number, n: NumberToken): boolean {
  if (!w.drug || w.open !== null) return false;
  if (
    !onlyBetween(w.tokens, w.drug.at, i, [
      'colon',
      'link',
      'time-of-day',
      'take',
      'done',
      'number',
      'mark',
      'comma',
      'filler',
    ])
  )
    return false;
  if (clauseBetween(w.tokens, w.drug.at, i) && !w.drug.insulin) return false;
  emitDose(w, i, n);
  return true;
}

/** Another measurement, or something that was not done, stands between. */
const endsDrug = (t: Token) => t.type === 'label' || t.type === 'negation';

export function doseAt(w: Walk, i: number, n: NumberToken): void {
  const next = token(w, i + 1);
  if (next?.type === 'drug' && !next.gap && !isNegated(w.tokens, i + 1) && !(w.drug && !w.drug.used)) {
    w.drug = { what: next.text, insulin: next.insulin, generic: next.generic, at: i + 1, used: false };
    w.drugs.push(w.drug);
    emitDose(w, i, n);
    w.skipTo = i + 2;
    w.used.add(i + 1);
  } else if (w.drug && !stopBetween(w.tokens, w.drug.at, i) && !between(w.tokens, w.drug.at, i).some(endsDrug))
    emitDose(w, i, n);
  else if (n.unit === 'mg' && w.open?.kind === 'glucose' && !w.open.satisfied) {
    emitGlucose(w, i, { ...n, unit: null });
    const entry = w.found.at(-1) as Found;
    entry.doubt = { reason: 'unit', candidates: [{ ...entry.item, value: toCanonical(n.value, 'mg/dL') }] };
  } else if (n.unit === 'U' && token(w, i - 1)?.type === 'take' && /打|注射/u.test(token(w, i - 1)?.text ?? '')) {
    emit(w, i, { kind: 'medication', value: n.value, context: null, doseUnit: 'U' }, { unitSaid: true, tight: true });
  }
}

export function onDrug(w: Walk, i: number, d: Omit<Drug, 'at' | 'used'>): void {
  if (isNegated(w.tokens, i)) {
    w.negated += 1;
    w.drug = null;
    return;
  }
  const previous = w.drugs.at(-1);
  // 吃药:二甲双胍1片, 降压药 氨氯地平: the general word gives way.
  if (previous?.generic && !previous.used && !d.generic && !stopBetween(w.tokens, previous.at, i)) w.drugs.pop();
  if (
    d.generic &&
    previous &&
    !previous.used &&
    onlyBetween(w.tokens, previous.at, i, ['link', 'mark', 'take', 'done'])
  )
    return;
  w.drug = { ...d, at: i, used: false };
  w.drugs.push(w.drug);
  w.used.add(i);
  w.open = null;
}
