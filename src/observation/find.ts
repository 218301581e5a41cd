import type { NumberToken, PairToken, Token } from './lex.js';
import type { LabelKind } from './lexicon.js';
import type { WrittenUnit } from './measure-words.js';
import type { Doubt, Item, ItemKind } from './types.js';
import { rounded, toCanonical } from './units.js';

/** An item with what is known about how surely it was read. */
export interface Found {
  item: Item;
  /** The token it hangs on: its number, else the word of the act. */
  at: number;
  /** A unit was written. */
  unitSaid: boolean;
  /** Nothing unknown stands between the word and the number. */
  tight: boolean;
  /** Counts only in an explicit check-in. */
  needsCheckIn: boolean;
  /** Told without a number; `done`: and said to be done. */
  act: boolean;
  done: boolean;
  /** 低于3.9, 7以下: no reading. */
  bounded: boolean;
  doubt?: Pick<Doubt, 'reason' | 'candidates'>;
}

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

/** Between a word and its number these do not matter. */
const CONNECTORS = new Set<Token['type']>([
  'colon',
  'link',
  'measure',
  'time-of-day',
  'clock',
  'day',
  'self',
  'level',
  'done',
  'mark',
  'emoji',
  'date',
  'now',
  'floor',
  'counter',
  'filler',
  'weekday',
  'take',
  'range',
  'correct',
  'wrong',
  'instead',
  'check-in',
  'pressure-context',
  'bound',
  'is-not',
]);
const CLAUSE_END = new Set<Token['type']>(['comma', 'stop', 'newline']);
/** How much unknown text may stand between a word and a number with a point. */
const LOOSE_MAX = 12;

interface Open {
  kind: LabelKind;
  at: number;
  /** Characters of unknown text since. */
  strange: number;
  /** A comma or a line end since. */
  crossed: boolean;
  satisfied: boolean;
}

interface Act {
  activity: string | null;
  weak: boolean;
  /** One amount for several acts. */
  several?: true;
  at: number;
  used: boolean;
}

interface Drug {
  what: string;
  insulin: boolean;
  generic: boolean;
  at: number;
  used: boolean;
}

interface Moment {
  context: string;
  hoursAfter?: number;
  at: number;
}

/** Walks over the tokens once and pairs words with numbers. Knows nothing of whose values they are. */
export function findItems(tokens: readonly Token[], text: string): Findings {
  const found: Found[] = [];
  const unclaimed: NumberToken[] = [];
  const pairs: PairToken[] = [];
  const used = new Set<number>();
  let negatedCount = 0;
  let open = null as Open | null;
  let moments: Moment[] = [];
  let arm: string | null = null;
  const acts: Act[] = [];
  let drug = null as Drug | null;
  const drugs: Drug[] = [];
  const meals: { context: string | null; at: number }[] = [];
  let skipTo = 0;

  const token = (i: number): Token | undefined => tokens[i];

  function emit(at: number, item: Omit<Item, 'original' | 'span'>, options: Partial<Found> = {}): Found {
    const from = tokens[at] as Token;
    const number = from.type === 'number' ? from : undefined;
    const entry: Found = {
      item: {
        ...item,
        original: from.text,
        span: [from.start, from.end],
        ...(number?.floor ? { floor: true as const } : {}),
      },
      at,
      unitSaid: false,
      tight: open === null || open.strange === 0,
      needsCheckIn: false,
      act: false,
      done: false,
      bounded: number !== undefined && isBounded(tokens, at),
      ...options,
    };
    if (number && entry.doubt === undefined) {
      const unsure =
        number.vague || number.odd || (number.floor && !['steps', 'exercise', 'distance'].includes(item.kind));
      const far = !entry.tight && number.decimals === 0 && number.unit === null;
      if (unsure || far) entry.doubt = { reason: 'ambiguous', candidates: number.vague ? [] : [entry.item] };
    }
    found.push(entry);
    used.add(at);
    return entry;
  }

  // --- glucose ---------------------------------------------------------------

  function momentsAsOne(): { context: string | null; hoursAfter?: number } | null {
    if (moments.length === 0) return { context: null };
    const contexts = new Set(moments.map((m) => m.context));
    const hours = moments.find((m) => m.hoursAfter !== undefined)?.hoursAfter;
    const withHours = (context: string) => (hours === undefined ? { context } : { context, hoursAfter: hours });
    if (contexts.size === 1) return withHours(moments[0]?.context ?? '');
    // 早餐前空腹 is one moment said twice, 饭后 2小时 after 早餐后 as well.
    if (
      contexts.has('fasting') &&
      [...contexts].every((c) => c === 'fasting' || c === 'before-breakfast' || c === 'before-meal')
    )
      return { context: 'fasting' };
    const specific = [...contexts].filter((c) => c !== 'after-meal' && c !== 'before-meal');
    const sides = new Set([...contexts].map((c) => c.split('-')[0]));
    if (specific.length === 1 && sides.size === 1) return withHours(specific[0] as string);
    return null;
  }

  function emitGlucose(at: number, n: NumberToken, options: Partial<Found> = {}): void {
    const value = n.unit === 'mg/dL' ? toCanonical(n.value, 'mg/dL') : n.value;
    const moment = momentsAsOne();
    const base = { kind: 'glucose' as const, value };
    const unitSaid = n.unit === 'mg/dL' || n.unit === 'mmol/L';
    for (const m of moments) used.add(m.at);
    if (moment) emit(at, { ...base, ...moment }, { unitSaid, ...options });
    else {
      const entry = emit(at, { ...base, context: null }, { unitSaid, ...options });
      entry.doubt = { reason: 'ambiguous', candidates: moments.map((m) => ({ ...entry.item, context: m.context })) };
    }
    moments = [];
    if (open) open.satisfied = true;
  }

  /** 空腹/餐后 6.5/8.9: as many numbers as moments, in order. */
  function distribute(at: number): boolean {
    if (moments.length < 2 || momentsAsOne() !== null) return false;
    const values: { at: number; n: NumberToken }[] = [];
    let i = at;
    for (; i < tokens.length; i += 1) {
      const t = tokens[i] as Token;
      if (t.type === 'numbers' && !t.ranged) for (const n of t.values) values.push({ at: i, n });
      else if (t.type === 'number' && (t.unit === null || t.unit === 'mmol/L')) values.push({ at: i, n: t });
      else if (t.type !== 'comma' && t.type !== 'mark') break;
    }
    if (values.length !== moments.length) return false;
    const given = moments;
    values.forEach(({ at: k, n }, index) => {
      moments = [given[index] as Moment];
      emitGlucose(k, n);
      const entry = found.at(-1) as Found;
      entry.item = { ...entry.item, original: n.text, span: [n.start, n.end] };
    });
    skipTo = i;
    return true;
  }

  // --- blood pressure ----------------------------------------------------------

  function emitPressure(
    at: number,
    systolic: number | null,
    diastolic: number | null,
    unit: WrittenUnit | null,
    options: Partial<Found> = {},
  ): Found {
    const mm = (v: number | null) => (v === null ? null : unit === 'kPa' ? toCanonical(v, 'kPa') : v);
    const entry = emit(
      at,
      { kind: 'blood-pressure', value: mm(systolic), diastolic: mm(diastolic), context: arm },
      { unitSaid: unit !== null, ...options },
    );
    arm = null;
    if (open?.kind === 'blood-pressure') open.satisfied = true;
    return entry;
  }

  function emitPart(at: number, n: NumberToken, systolic: boolean): void {
    const value = n.unit === 'kPa' ? toCanonical(n.value, 'kPa') : n.value;
    const last = found.at(-1);
    const half = last?.item.kind === 'blood-pressure' && at - last.at <= 7 && !last.doubt ? last : undefined;
    const fits = half && (systolic ? half.item.value === null : half.item.diastolic == null);
    if (open) open.satisfied = true;
    if (!fits || !half) {
      emitPressure(at, systolic ? value : null, systolic ? null : value, null, { unitSaid: n.unit !== null });
      return;
    }
    used.add(at);
    const [first, second] = [tokens[half.at] as Token, n];
    const item: Item = { ...half.item, original: text.slice(first.start, second.end), span: [first.start, second.end] };
    half.item = systolic ? { ...item, value } : { ...item, diastolic: value };
    half.tight = half.tight && (open === null || open.strange === 0);
    half.bounded = half.bounded || isBounded(tokens, at);
    if (n.vague || n.floor || n.odd) half.doubt = { reason: 'ambiguous', candidates: n.vague ? [] : [half.item] };
  }

  /** 130 80 and 130,80: two plain numbers that can only be a blood pressure. */
  function spacedPressure(at: number, labelled: boolean): boolean {
    const first = tokens[at] as NumberToken;
    let next = at + 1;
    while (token(next)?.type === 'comma' || (labelled && token(next)?.type === 'mark')) next += 1;
    const second = token(next);
    if (second?.type !== 'number' || next > at + 2) return false;
    if (second.unit !== null && second.unit !== 'mmHg' && second.unit !== 'kPa') return false;
    const apart = second.gap || next > at + 1 || /[一-十百零]/u.test(first.text);
    const values = [first.value, second.value] as const;
    const whole = first.decimals === 0 && second.decimals === 0;
    const likely = whole && values[0] >= 60 && values[0] <= 300 && values[1] >= 30 && values[1] <= 200;
    if (!apart || !likely || first.unit !== null || first.floor || second.floor) return false;
    if (!labelled && (values[0] < 80 || values[0] - values[1] < 15 || values[1] > 150)) return false;
    const vague = first.vague || second.vague;
    const entry = emitPressure(at, values[0], values[1], second.unit, {
      needsCheckIn: !labelled && !standsAlone(tokens, at, next),
    });
    entry.item = { ...entry.item, original: text.slice(first.start, second.end), span: [first.start, second.end] };
    if (vague) entry.doubt = { reason: 'ambiguous', candidates: [] };
    used.add(next);
    skipTo = next + 1;
    pulseBehind(next + 1);
    return true;
  }

  /** 130/80/72 and 130/80 72: the third number of a monitor's screen is the pulse. */
  function pulseBehind(from: number): void {
    let at = from;
    while (token(at)?.type === 'comma' || (token(at)?.type === 'mark' && token(at)?.text === '/')) at += 1;
    const pulse = token(at);
    if (pulse?.type !== 'number' || at > from + 1 || pulse.decimals > 0 || pulse.lone || pulse.vague) return;
    const measured = pulse.unit === '/min' || pulse.unit === 'times';
    if (!measured && pulse.unit !== null) return;
    if (pulse.value < 35 || pulse.value > 200) return;
    const next = token(at + 1);
    if (
      !measured &&
      (next?.type === 'number' || next?.type === 'moment' || next?.type === 'label' || next?.type === 'activity') &&
      !next.gap
    )
      return;
    if (!measured && next?.type === 'number' && next.unit === null && pulse.value - next.value >= 15) return;
    emit(at, { kind: 'heart-rate', value: pulse.value, context: null }, { unitSaid: measured, tight: true });
    skipTo = at + 1;
  }

  /** 13685, 1308 behind 血压: digits run together. */
  function gluedPressure(at: number, n: NumberToken): void {
    const digits = String(n.value);
    const parts =
      digits.length === 4 && !digits.startsWith('1')
        ? [2, 2]
        : digits.length === 5
          ? [3, 2]
          : digits.length === 6
            ? [3, 3]
            : null;
    const entry = emitPressure(at, n.value, null, null);
    const split = parts && {
      ...entry.item,
      value: Number(digits.slice(0, parts[0])),
      diastolic: Number(digits.slice(parts[0])),
    };
    const likely = split && split.value - split.diastolic >= 15 && split.value <= 260 && split.diastolic >= 40;
    entry.doubt = { reason: 'ambiguous', candidates: likely ? [split] : [] };
  }

  // --- exercise, steps, distance ---------------------------------------------------

  const lastAct = (): Act | undefined => acts.at(-1);

  function openAct(at: number, activity: string | null, weak: boolean): void {
    const previous = lastAct();
    const near = previous && !previous.used && !clauseBetween(tokens, previous.at, at);
    if (near && (weak || (activity === null && previous.activity !== null))) {
      // 散步走了30分钟, 走路锻炼30分钟: one act.
      if (!weak || previous.activity === activity || previous.activity === null || weak) {
        if (previous.activity === null && activity !== null && !weak) previous.activity = activity;
        if (previous.activity === null && weak && activity !== null && activity !== 'walk')
          previous.activity = activity;
        used.add(at);
        return;
      }
    }
    // 运动:走路30分钟: the general word gives way.
    if (
      previous &&
      !previous.used &&
      previous.activity === null &&
      activity !== null &&
      !weak &&
      onlyBetween(tokens, previous.at, at, ['colon', 'link', 'done', 'mark', 'newline'])
    )
      acts.pop();
    else if (previous && !previous.used && previous.activity === activity && near) acts.pop();
    acts.push({ activity, weak, at, used: false });
    used.add(at);
    claimBefore(at);
  }

  /** 30分钟走路, 8000步快走. */
  function claimBefore(at: number): void {
    let k = at - 1;
    while (token(k)?.type === 'link' || token(k)?.type === 'done') k -= 1;
    const n = token(k);
    const act = lastAct() as Act;
    if (n?.type !== 'number' || act.weak) return;
    if ((n.unit === 'min' || n.unit === 'h') && !used.has(k)) {
      emitExercise(k, n, act);
      act.used = true;
    } else if (used.has(k) && (n.unit === 'steps' || n.unit === 'km') && !n.floor) act.used = true;
  }

  function emitExercise(at: number, n: NumberToken, act: Act): void {
    const value = n.unit === 'h' ? toCanonical(n.value, 'h') : n.value;
    const what = (tokens[act.at] as Token).text;
    emit(
      at,
      { kind: 'exercise', value, context: act.activity, ...(act.weak || act.several ? {} : { what }) },
      { unitSaid: n.unit !== null, tight: true },
    );
  }

  /** One amount behind several acts: 各30分钟 is for each, 共 and nothing said is for all together. */
  function amountOfActs(at: number, n: NumberToken): void {
    const act = lastAct() as Act;
    const together = acts.filter((a) => !a.used && !a.weak && !hardBreak(tokens, a.at, at));
    const each = between(tokens, act.at, at).some((t) => t.type === 'each');
    if (together.length > 1 && each) for (const a of together) emitExercise(at, n, a);
    else if (together.length > 1) emitExercise(at, n, { ...act, activity: null, several: true });
    else emitExercise(at, n, act);
    for (const a of together) a.used = true;
    act.used = true;
  }

  const actNear = (at: number): Act | undefined => {
    const act = lastAct();
    return act && !act.used && !hardBreak(tokens, act.at, at) ? act : undefined;
  };

  function amount(at: number, n: NumberToken, kind: 'steps' | 'distance', value: number): void {
    const act = lastAct();
    const own = act && !hardBreak(tokens, act.at, at) ? act : undefined;
    emit(at, { kind, value, context: own?.activity ?? null }, { unitSaid: n.unit !== null, tight: true });
    if (own) own.used = true;
  }

  // --- medication --------------------------------------------------------------------

  function emitDose(at: number, n: NumberToken): void {
    const own = drug as Drug;
    const doseUnit = n.unit === null ? (own.insulin ? 'U' : undefined) : doseText(n);
    const last = found.at(-1);
    // 0.5g 1片: what was taken are the tablets, 0.5 g is what is printed on them.
    if (
      last?.item.kind === 'medication' &&
      last.at < at &&
      last.item.what === own.what &&
      n.unit === 'tablet' &&
      ['mg', 'g'].includes(last.item.doseUnit ?? '') &&
      onlyBetween(tokens, last.at, at, ['mark', 'comma', 'each', 'link'])
    ) {
      found.pop();
    } else if (
      last?.item.kind === 'medication' &&
      last.item.what === own.what &&
      last.item.doseUnit === '片' &&
      (n.unit === 'mg' || n.unit === 'g')
    ) {
      used.add(at);
      return;
    }
    emit(
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

  // --- numbers ---------------------------------------------------------------------------

  function onNumber(i: number, n: NumberToken): void {
    if (isChange(tokens, i)) {
      used.add(i);
      return;
    }
    if (distribute(i)) return;
    readNumber(i, n);
    // 餐后 3个包子 8.9: behind something else's number a word no longer reaches.
    if (n.unit !== null && !used.has(i) && open?.satisfied === false && n.unit !== 'times') {
      open = null;
      moments = [];
    }
  }

  function readNumber(i: number, n: NumberToken): void {
    switch (n.unit) {
      case 'mmol/L':
      case 'mg/dL':
        if (open?.kind === 'foreign') return;
        if (open?.kind === 'ketone' && n.unit === 'mmol/L') emitPlain(i, n, 'ketone');
        else emitGlucose(i, n);
        return;
      case 'mmol/mol':
        emit(i, { kind: 'hba1c', value: toCanonical(n.value, 'mmol/mol'), context: null }, { unitSaid: true });
        return;
      case 'kg':
      case 'jin':
        weightAt(i, n);
        return;
      case 'steps':
        if (n.value >= 100 || open?.kind === 'steps' || actNear(i)) amount(i, n, 'steps', n.value);
        return;
      case 'km':
      case 'li':
      case 'm':
        distanceAt(i, n);
        return;
      case 'h':
      case 'min':
      case 'points-or-min':
        durationAt(i, n);
        return;
      case '/min':
      case 'times':
        if (open?.kind === 'heart-rate' && !open.satisfied) emitPlain(i, n, 'heart-rate');
        return;
      case 'mmHg':
      case 'kPa':
        onPressureNumber(i, n);
        return;
      case '%':
        if (open?.kind === 'hba1c' || open?.kind === 'spo2') emitPlain(i, n, open.kind);
        return;
      case 'Cel':
      case 'degree':
      case 'Fahrenheit':
        temperatureAt(i, n);
        return;
      case 'mg':
      case 'g':
      case 'tablet':
      case 'U':
        doseAt(i, n);
        return;
      case 'plus':
        if (open?.kind === 'urine-ketone') emitPlain(i, n, 'urine-ketone');
        else onPlainNumber(i, n);
        return;
      case 'count':
        if (n.text.endsWith('个') && n.decimals > 0 && open?.kind === 'glucose') emitGlucose(i, n);
        return;
      case null:
        onPlainNumber(i, n);
        return;
      default:
        return;
    }
  }

  function emitPlain(i: number, n: NumberToken, kind: ItemKind): void {
    emit(i, { kind, value: n.value, context: null }, { unitSaid: n.unit !== null && n.unit !== 'plus' });
    if (open) open.satisfied = true;
  }

  function weightAt(i: number, n: NumberToken): void {
    const value = n.unit === 'jin' ? toCanonical(n.value, 'jin') : n.value;
    const labelled = open?.kind === 'weight' && !open.satisfied;
    if (!labelled && (value < 30 || !startsEntry(tokens, i) || meals.some((m) => !hardBreak(tokens, m.at, i)))) return;
    emit(i, { kind: 'weight', value, context: null }, { unitSaid: true, ...(labelled ? {} : { tight: true }) });
    if (open && labelled) open.satisfied = true;
  }

  function distanceAt(i: number, n: NumberToken): void {
    const act = lastAct();
    const known = open?.kind === 'distance' || (act && !hardBreak(tokens, act.at, i)) || nextActivity(tokens, i);
    if (!known || (n.unit === 'm' && n.value < 50)) return;
    amount(i, n, 'distance', n.unit === 'km' ? n.value : toCanonical(n.value, n.unit as 'li' | 'm'));
  }

  function durationAt(i: number, n: NumberToken): void {
    const last = moments.at(-1);
    if (
      n.unit === 'h' &&
      last &&
      last.hoursAfter === undefined &&
      last.context.startsWith('after') &&
      n.value <= 4 &&
      !actNear(i)
    ) {
      last.hoursAfter = n.value;
      used.add(i);
      return;
    }
    const act = actNear(i);
    if (act) amountOfActs(i, n.unit === 'points-or-min' ? { ...n, unit: 'min' } : n);
    else if (
      lastAct() &&
      !clauseBetween(tokens, (lastAct() as Act).at, i) &&
      n.unit !== 'points-or-min' &&
      !nextActivity(tokens, i)
    ) {
      // 走了6000步,40分钟: the same walk, told twice.
      emitExercise(i, n, lastAct() as Act);
    } else if (n.unit === 'points-or-min' && nextActivity(tokens, i)) unclaimed.push(n);
  }

  function temperatureAt(i: number, n: NumberToken): void {
    const value = n.unit === 'Fahrenheit' ? toCanonical(n.value, 'Fahrenheit') : n.value;
    if (open?.kind === 'foreign') return;
    const labelled = open?.kind === 'temperature' && !open.satisfied;
    if (!labelled && (value < 34 || value > 43 || (n.unit === 'degree' && n.decimals === 0))) return;
    emit(i, { kind: 'temperature', value, context: null }, { unitSaid: true });
    if (open && labelled) open.satisfied = true;
  }

  function doseAt(i: number, n: NumberToken): void {
    const next = token(i + 1);
    if (next?.type === 'drug' && !next.gap && !isNegated(tokens, i + 1) && !(drug && !drug.used)) {
      drug = { what: next.text, insulin: next.insulin, generic: next.generic, at: i + 1, used: false };
      drugs.push(drug);
      emitDose(i, n);
      skipTo = i + 2;
      used.add(i + 1);
    } else if (drug && !hardBreak(tokens, drug.at, i)) emitDose(i, n);
    else if (n.unit === 'mg' && open?.kind === 'glucose' && !open.satisfied) {
      emitGlucose(i, { ...n, unit: null });
      const entry = found.at(-1) as Found;
      entry.doubt = { reason: 'unit', candidates: [{ ...entry.item, value: toCanonical(n.value, 'mg/dL') }] };
    } else if (n.unit === 'U' && token(i - 1)?.type === 'take' && /打|注射/u.test(token(i - 1)?.text ?? '')) {
      emit(i, { kind: 'medication', value: n.value, context: null, doseUnit: 'U' }, { unitSaid: true, tight: true });
    }
  }

  function onPressureNumber(i: number, n: NumberToken): void {
    if (open?.kind === 'systolic' || open?.kind === 'diastolic') emitPart(i, n, open.kind === 'systolic');
    else if (open?.kind !== 'foreign') singlePressure(i, n);
  }

  /** 血压150: systolic, very likely. Read for alerts, asked before it is kept. */
  function singlePressure(i: number, n: NumberToken): void {
    const entry = emitPressure(i, n.value, null, n.unit);
    entry.doubt = { reason: 'ambiguous', candidates: n.value >= 60 && n.value <= 300 ? [entry.item] : [] };
  }

  function onPlainNumber(i: number, n: NumberToken): void {
    if (n.lone && !loneReading(tokens, i)) return;
    const before = token(i - 1);
    if (before?.type === 'level' && pressureLevels(i)) return;
    if (hoursBehindMoment(i, n)) return;
    if (drugTakes(i, n)) return;
    const act = actNear(i);
    if (act && onlyBetween(tokens, act.at, i, ['colon', 'link', 'done', 'time-of-day', 'mark', 'total', 'each'])) {
      bareAmount(i, n, act);
      return;
    }
    if (open && open.kind !== 'foreign' && !open.satisfied && reaches(open, n)) {
      labelledNumber(i, n, open.kind);
      return;
    }
    if (open?.kind === 'foreign' && !open.satisfied) {
      open.satisfied = true;
      return;
    }
    if (spacedPressure(i, open?.kind === 'blood-pressure')) return;
    if (
      open?.kind === 'glucose' &&
      open.satisfied &&
      n.decimals === 1 &&
      n.value >= 1 &&
      n.value <= 33.3 &&
      !momentFollows(tokens, i)
    ) {
      const entry = emit(i, { kind: 'glucose', value: n.value, context: null });
      entry.doubt = { reason: 'ambiguous', candidates: [entry.item] };
      return;
    }
    const meal = meals.at(-1);
    if (meal && n.decimals === 1 && onlyBetween(tokens, meal.at, i, ['colon', 'link', 'measure', 'clock'])) {
      const entry = emit(i, { kind: 'glucose', value: n.value, context: null }, { needsCheckIn: true });
      const sides =
        meal.context && meal.context !== 'snack' ? ['before', 'after'].map((side) => `${side}-${meal.context}`) : [];
      entry.doubt = { reason: 'ambiguous', candidates: sides.map((context) => ({ ...entry.item, context })) };
      meals.pop();
      return;
    }
    unclaimed.push(n);
  }

  /** A number is found through some unknown words; a whole number through few, and then it is doubted. */
  function reaches(label: Open, n: NumberToken): boolean {
    if (label.strange === 0) return true;
    return !label.crossed && label.strange <= (n.decimals > 0 ? LOOSE_MAX : LOOSE_MAX / 2);
  }

  function labelledNumber(i: number, n: NumberToken, kind: LabelKind): void {
    switch (kind) {
      case 'glucose':
        emitGlucose(i, n);
        return;
      case 'systolic':
      case 'diastolic':
        emitPart(i, n, kind === 'systolic');
        return;
      case 'blood-pressure':
        if (n.comma) emitPressure(i, n.value, null, null).doubt = { reason: 'ambiguous', candidates: [] };
        else if (spacedPressure(i, true)) return;
        else if (n.decimals === 0 && n.value >= 1000) gluedPressure(i, n);
        else singlePressure(i, n);
        return;
      case 'steps':
      case 'distance':
        amount(i, n, kind, n.value);
        if (open) open.satisfied = true;
        return;
      case 'foreign':
        return;
      default:
        emitPlain(i, n, kind);
    }
  }

  function bareAmount(i: number, n: NumberToken, act: Act): void {
    if (
      n.value >= 1000 &&
      n.decimals === 0 &&
      (act.activity === 'walk' || act.activity === null || act.activity === 'run')
    )
      amount(i, n, 'steps', n.value);
    else if (act.weak) unclaimed.push(n);
    else {
      emitExercise(i, n, act);
      const entry = found.at(-1) as Found;
      entry.tight = true;
      // Without a unit only what can be nothing but minutes is taken as minutes.
      if (n.value < 10 || n.value > 180 || n.decimals > 0) entry.doubt = { reason: 'ambiguous', candidates: [] };
      act.used = true;
    }
  }

  function drugTakes(i: number, n: NumberToken): boolean {
    if (!drug || open !== null) return false;
    if (
      !onlyBetween(tokens, drug.at, i, [
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
    if (clauseBetween(tokens, drug.at, i) && !drug.insulin) return false;
    emitDose(i, n);
    return true;
  }

  /** 餐后2:8.6: the first number is the hours, because a reading follows. */
  function hoursBehindMoment(i: number, n: NumberToken): boolean {
    const last = moments.at(-1);
    if (
      !last?.context.startsWith('after') ||
      last.hoursAfter !== undefined ||
      n.decimals > 0 ||
      n.value < 1 ||
      n.value > 3 ||
      last.at !== i - 1
    )
      return false;
    let k = i + 1;
    while (
      token(k)?.type === 'colon' ||
      token(k)?.type === 'link' ||
      token(k)?.type === 'label' ||
      token(k)?.type === 'comma'
    )
      k += 1;
    const next = token(k);
    const reading = next?.type === 'number' && next.decimals > 0 && (next.unit === null || next.unit === 'mmol/L');
    if (!reading) {
      const entry = emit(i, { kind: 'glucose', value: n.value, context: last.context });
      entry.doubt = { reason: 'ambiguous', candidates: [entry.item] };
      moments = [];
      if (open) open.satisfied = true;
      return true;
    }
    last.hoursAfter = n.value;
    used.add(i);
    return true;
  }

  /** 高130低80. */
  function pressureLevels(i: number): boolean {
    const n = tokens[i] as NumberToken;
    const level = tokens[i - 1] as Extract<Token, { type: 'level' }>;
    const last = found.at(-1);
    const second =
      last?.item.kind === 'blood-pressure' &&
      (last.item.value === null || last.item.diastolic === null) &&
      i - last.at <= 3;
    const partner =
      between(tokens, i, Math.min(tokens.length, i + 4)).some(
        (t, k, all) => t.type === 'level' && t.high !== level.high && all[k + 1]?.type === 'number',
      ) ||
      tokens
        .slice(i + 1, i + 4)
        .some(
          (t, k, all) =>
            t.type === 'level' && t.high !== level.high && (all[k + 1] ?? tokens[i + 2 + k])?.type === 'number',
        );
    if (!second && !partner) return false;
    if (n.value < 30 || n.value > 300) return false;
    emitPart(i, n, level.high);
    return true;
  }

  function onPair(i: number, p: PairToken): void {
    if (distribute(i)) return;
    const [first, second, third] = p.values as [NumberToken, NumberToken, NumberToken?];
    const pressureWord = open?.kind === 'blood-pressure';
    if (p.unit !== null && p.unit !== 'mmHg' && p.unit !== 'kPa' && p.unit !== '/min') {
      pairWithUnit(i, p);
      return;
    }
    if (open?.kind === 'glucose' && !open.satisfied && !(first.value >= 70 && second.value >= 40)) {
      const entry = emit(i, { kind: 'glucose', value: first.value, context: momentsAsOne()?.context ?? null });
      entry.doubt = {
        reason: 'ambiguous',
        candidates: [first, second].map((n) => ({ ...entry.item, value: n.value })),
      };
      moments = [];
      open.satisfied = true;
      return;
    }
    if (open?.kind === 'foreign' && !open.satisfied) return;
    const kilo = p.unit === 'kPa';
    const sized =
      kilo ||
      pressureWord ||
      (first.value >= 70 && second.value >= 30 && first.value > second.value && first.value <= 300);
    const swapped =
      !pressureWord &&
      !kilo &&
      first.value >= 40 &&
      second.value >= 80 &&
      second.value - first.value >= 15 &&
      second.value <= 260 &&
      first.decimals + second.decimals === 0;
    if (sized || swapped) {
      emitPressure(i, first.value, second.value, p.unit === '/min' ? null : p.unit, {
        needsCheckIn: swapped && !sized,
        tight: !pressureWord || (open?.strange ?? 0) === 0,
      });
      if (third && third.value >= 35 && third.value <= 200) {
        const entry = emit(i, { kind: 'heart-rate', value: third.value, context: null }, { tight: true });
        entry.item = { ...entry.item, original: third.text, span: [third.start, third.end] };
      } else if (!third) pulseBehind(i + 1);
      return;
    }
    pairs.push(p);
  }

  /** 30-40分钟, 60-65公斤: a range is asked about. */
  function pairWithUnit(i: number, p: PairToken): void {
    const [first, second] = p.values as [NumberToken, NumberToken];
    const act = actNear(i);
    const duration = p.unit === 'min' || p.unit === 'h';
    const kind: ItemKind | undefined =
      duration && (act || nextActivity(tokens, i))
        ? 'exercise'
        : p.unit === 'steps'
          ? 'steps'
          : p.unit === 'mmol/L' && open?.kind !== 'foreign'
            ? 'glucose'
            : p.unit === 'kg' && open?.kind === 'weight'
              ? 'weight'
              : undefined;
    if (!kind) {
      if (act && p.unit === 'km') act.used = true;
      pairs.push(p);
      return;
    }
    const scale = p.unit === 'h' ? 60 : 1;
    const context =
      kind === 'exercise' ? (act?.activity ?? null) : kind === 'glucose' ? (momentsAsOne()?.context ?? null) : null;
    const entry = emit(i, { kind, value: rounded(first.value * scale, 2), context }, { unitSaid: true });
    entry.doubt = {
      reason: 'ambiguous',
      candidates: [first, second].map((n) => ({ ...entry.item, value: rounded(n.value * scale, 2) })),
    };
    if (act) act.used = true;
    moments = [];
    if (open) open.satisfied = true;
  }

  // --- words --------------------------------------------------------------------------------

  function onLabel(i: number, kind: LabelKind): void {
    if (isNegated(tokens, i)) {
      negatedCount += 1;
      open = null;
      moments = [];
      return;
    }
    const keeps = kind === 'glucose';
    if (!keeps) moments = [];
    const before = token(i - 1);
    drug = null;
    open = { kind, at: i, strange: 0, crossed: false, satisfied: false };
    // 72心率, 36.5体温: glued in front, and nothing behind.
    if (
      kind !== 'foreign' &&
      kind !== 'glucose' &&
      before?.type === 'number' &&
      !tokens[i]?.gap &&
      unclaimed.at(-1) === before &&
      !numberFollows(tokens, i)
    ) {
      unclaimed.pop();
      labelledNumber(i - 1, before, kind);
    }
  }

  function onMoment(i: number, m: Moment): void {
    if (isNegated(tokens, i)) {
      negatedCount += 1;
      moments = [];
      if (open?.kind === 'glucose') open = null;
      return;
    }
    const after = token(i + 1);
    if (after?.type === 'activity' || (after?.type === 'link' && token(i + 2)?.type === 'activity')) return;
    if (claimNumberBefore(i, m)) return;
    const before = token(i - 1);
    // 2小时餐后血糖8.6
    if (
      before?.type === 'number' &&
      before.unit === 'h' &&
      before.value <= 4 &&
      m.context.startsWith('after') &&
      m.hoursAfter === undefined &&
      !used.has(i - 1)
    ) {
      m.hoursAfter = before.value;
      used.add(i - 1);
    }
    const last = moments.at(-1);
    if (last && !onlyBetween(tokens, last.at, i, ['comma', 'mark', 'label', 'with', 'time-of-day'])) moments = [];
    moments.push(m);
    if (open?.kind !== 'glucose' || open.satisfied)
      open = { kind: 'glucose', at: i, strange: 0, crossed: false, satisfied: false };
    else if (open.strange > 0 || open.crossed) open = { ...open, at: i, strange: 0, crossed: false };
    drug = null;
  }

  /** 6.5空腹, 6.5(空腹): the number came first. */
  function claimNumberBefore(i: number, m: Moment): boolean {
    const bracket = token(i - 1)?.type === 'mark' && token(i - 1)?.text === '(';
    const k = bracket ? i - 2 : i - 1;
    const n = token(k);
    if (n?.type !== 'number' || n.lone) return false;
    const claimedAsGlucose =
      found.at(-1)?.at === k && found.at(-1)?.item.kind === 'glucose' && found.at(-1)?.item.context === null;
    if (unclaimed.at(-1) !== n && !claimedAsGlucose) return false;
    const following = numberFollows(tokens, i);
    const forward = following !== undefined && !bracket;
    if (forward) {
      const ownMoment = tokens[following + 1];
      const listed = ownMoment?.type === 'moment' && !ownMoment.gap && tokens[following]?.gap && !tokens[i]?.gap;
      if (!listed) {
        // 6.5空腹 8.9: it cannot be told which one.
        if (n.decimals > 0 && !tokens[i]?.gap && tokens[following]?.gap && !claimedAsGlucose) {
          const entry = emit(k, { kind: 'glucose', value: n.value, context: m.context });
          entry.doubt = {
            reason: 'ambiguous',
            candidates: [entry.item, { ...entry.item, value: (tokens[following] as NumberToken).value }],
          };
          unclaimed.pop();
          used.add(following);
          skipTo = following + 1;
          open = null;
          return true;
        }
        return false;
      }
    } else if (n.decimals === 0 && tokens[i]?.gap && !bracket) return false;
    if (claimedAsGlucose) {
      const entry = found.at(-1) as Found;
      entry.item = {
        ...entry.item,
        context: m.context,
        ...(m.hoursAfter === undefined ? {} : { hoursAfter: m.hoursAfter }),
      };
      if (entry.doubt?.reason === 'ambiguous' && !n.vague && !n.floor && !n.odd) delete entry.doubt;
      entry.needsCheckIn = false;
    } else {
      unclaimed.pop();
      moments = [m];
      open = null;
      emitGlucose(k, n, { tight: true });
    }
    used.add(i);
    return true;
  }

  function onMeter(i: number, reading: 'HI' | 'LO'): void {
    if (open?.kind !== 'glucose' || open.satisfied || open.crossed || numberFollows(tokens, i) !== undefined) return;
    const moment = momentsAsOne();
    emit(i, { kind: 'glucose', value: reading, context: moment?.context ?? null });
    moments = [];
    open.satisfied = true;
  }

  function onDrug(i: number, d: Omit<Drug, 'at' | 'used'>): void {
    if (isNegated(tokens, i)) {
      negatedCount += 1;
      drug = null;
      return;
    }
    const previous = drugs.at(-1);
    // 吃药:二甲双胍1片, 降压药 氨氯地平: the general word gives way.
    if (previous?.generic && !previous.used && !d.generic && !stopBetween(tokens, previous.at, i)) drugs.pop();
    if (
      d.generic &&
      previous &&
      !previous.used &&
      onlyBetween(tokens, previous.at, i, ['link', 'mark', 'take', 'done'])
    )
      return;
    drug = { ...d, at: i, used: false };
    drugs.push(drug);
    used.add(i);
    open = null;
  }

  function onUrineGrade(i: number): boolean {
    if (open?.kind !== 'urine-ketone' || open.satisfied) return false;
    const t = tokens[i] as Token;
    let value: number | null = null;
    if (t.text.startsWith('阴性') || t.type === 'none') value = 0;
    else if (/^\+{1,4}$/u.test(t.text)) {
      let end = i;
      while (token(end)?.text === '+') end += 1;
      value = t.text.length > 1 ? t.text.length : end - i;
      skipTo = Math.max(skipTo, end);
    } else if (t.text === '-') value = 0;
    else if (t.text === '±') value = 0.5;
    if (value === null) return false;
    emit(i, { kind: 'urine-ketone', value, context: null });
    open.satisfied = true;
    return true;
  }

  function onClock(i: number, maybe: number | null): void {
    if (maybe === null || open?.kind !== 'glucose' || open.satisfied || open.strange > 0 || open.crossed) return;
    if (numberFollows(tokens, i) !== undefined || token(i - 1)?.type === 'time-of-day' || found.some((f) => f.at > i))
      return;
    const entry = emit(i, { kind: 'glucose', value: maybe, context: momentsAsOne()?.context ?? null });
    entry.doubt = { reason: 'ambiguous', candidates: [entry.item] };
    open.satisfied = true;
    moments = [];
  }

  function onStrange(t: Token): void {
    const length = t.end - t.start;
    if (open) open.strange += length;
    if (t.type === 'person' || t.type === 'ask' || t.type === 'noise') moments = [];
    drug = drug && length > 6 ? null : drug;
  }

  for (let i = 0; i < tokens.length; i += 1) {
    if (i < skipTo) continue;
    const t = tokens[i] as Token;
    if (onUrineGrade(i)) continue;
    switch (t.type) {
      case 'label':
        onLabel(i, t.kind);
        break;
      case 'moment':
        onMoment(i, {
          context: t.context,
          at: i,
          ...('hoursAfter' in t && t.hoursAfter !== undefined ? { hoursAfter: t.hoursAfter } : {}),
        });
        break;
      case 'pressure-context':
        onPressureContext(i, t.context);
        break;
      case 'number':
        onNumber(i, t);
        break;
      case 'numbers':
        onPair(i, t);
        break;
      case 'clock':
        onClock(i, t.maybe);
        break;
      case 'meter':
        onMeter(i, t.reading);
        break;
      case 'activity':
        if (isNegated(tokens, i)) negatedCount += 1;
        else openAct(i, t.activity, t.weak ?? false);
        break;
      case 'drug':
        onDrug(i, { what: t.text, insulin: t.insulin, generic: t.generic });
        break;
      case 'meal':
        if (isNegated(tokens, i)) negatedCount += 1;
        else meals.push({ context: t.context, at: i });
        break;
      case 'negation':
        if (tokens[i + 1]?.type === 'measure' || tokens[i + 1]?.type === 'check-in') negatedCount += 1;
        break;
      case 'comma':
        if (open) open.crossed = open.crossed || open.satisfied || token(i + 1)?.type !== 'number';
        break;
      case 'newline':
        arm = null;
        drug = drug?.used ? null : drug;
        if (open && (open.satisfied || (token(i + 1)?.type !== 'number' && token(i + 1)?.type !== 'numbers'))) {
          open = null;
          moments = [];
        }
        break;
      case 'stop':
        open = null;
        moments = [];
        arm = null;
        drug = null;
        break;
      default:
        if (!CONNECTORS.has(t.type)) onStrange(t);
    }
  }

  function onPressureContext(i: number, context: string): void {
    const last = found.at(-1);
    const behind =
      last?.item.kind === 'blood-pressure' &&
      last.item.context === null &&
      i - last.at <= 2 &&
      numberFollows(tokens, i) === undefined;
    if (behind) last.item = { ...last.item, context };
    else arm = context;
  }

  for (const act of acts) {
    if (act.used || act.weak) continue;
    const activity = act.activity;
    emitAct(act.at, { kind: 'exercise', value: null, context: activity, what: (tokens[act.at] as Token).text });
  }
  for (const d of drugs) {
    if (d.used) continue;
    emitAct(d.at, { kind: 'medication', value: null, context: null, what: d.what });
  }
  const named = meals.filter((m) => m.context !== null);
  const seen = new Set<string | null>();
  for (const meal of named.length > 0 ? named : meals) {
    if (seen.has(meal.context)) continue;
    seen.add(meal.context);
    emitAct(meal.at, { kind: 'diet', value: null, context: meal.context });
    (found.at(-1) as Found).needsCheckIn = true;
  }

  function emitAct(at: number, item: Omit<Item, 'original' | 'span'>): void {
    emit(at, item, { act: true, done: saidDone(tokens, at), tight: true });
  }

  return { found, unclaimed, pairs, negated: negatedCount, used };
}

/** 片 as written, mg, g, U. */
function doseText(n: NumberToken): string {
  if (n.unit === 'tablet') return /[片粒颗丸]/u.exec(n.text)?.[0] ?? '片';
  return n.unit as string;
}

// --- what stands around a token ------------------------------------------------------

function between(tokens: readonly Token[], from: number, to: number): Token[] {
  return tokens.slice(Math.min(from, to) + 1, Math.max(from, to));
}

function onlyBetween(tokens: readonly Token[], from: number, to: number, types: readonly Token['type'][]): boolean {
  return between(tokens, from, to).every((t) => types.includes(t.type));
}

const clauseBetween = (tokens: readonly Token[], from: number, to: number) =>
  between(tokens, from, to).some((t) => CLAUSE_END.has(t.type));
const stopBetween = (tokens: readonly Token[], from: number, to: number) =>
  between(tokens, from, to).some((t) => t.type === 'stop' || t.type === 'newline');

/** A full stop, a new line, a comma before something new, or another measurement stands between. */
function hardBreak(tokens: readonly Token[], from: number, to: number): boolean {
  return between(tokens, from, to).some(
    (t) =>
      t.type === 'stop' ||
      t.type === 'newline' ||
      (t.type === 'label' && t.kind !== 'distance' && t.kind !== 'steps') ||
      t.type === 'moment' ||
      t.type === 'negation',
  );
}

/** The index of the plain number that a word is followed by, before anything else begins. */
function numberFollows(tokens: readonly Token[], i: number): number | undefined {
  for (let k = i + 1; k < tokens.length; k += 1) {
    const t = tokens[k] as Token;
    if (t.type === 'number')
      return (t.unit === null || t.unit === 'mmol/L' || t.unit === 'mg/dL') && !t.lone ? k : undefined;
    if (t.type === 'label' && t.kind === 'glucose') continue;
    if (!CONNECTORS.has(t.type) || (t.type === 'mark' && (t.text === ')' || t.text === ']'))) return undefined;
  }
  return undefined;
}

/** 30分钟的快走: an activity right behind. */
function nextActivity(tokens: readonly Token[], i: number): boolean {
  const next = tokens[i + 1];
  return next?.type === 'activity' || (next?.type === 'link' && tokens[i + 2]?.type === 'activity');
}

const momentFollows = (tokens: readonly Token[], i: number) =>
  tokens[i + 1]?.type === 'moment' || (tokens[i + 1]?.text === '(' && tokens[i + 2]?.type === 'moment');

/** 一, 六 alone are a reading only right behind a word and before an end: 空腹六. */
function loneReading(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  const after = tokens[i + 1];
  const named =
    before?.type === 'moment' || before?.type === 'label' || (before?.type === 'link' && /[是为]/u.test(before.text));
  const ends = !after || after.gap || CLAUSE_END.has(after.type) || after.type === 'emoji' || after.type === 'check-in';
  return named === true && ends;
}

/** Nothing else but greetings and marks in the whole message. */
function standsAlone(tokens: readonly Token[], from: number, to: number): boolean {
  const quiet = new Set<Token['type']>([
    'comma',
    'stop',
    'newline',
    'mark',
    'emoji',
    'greeting',
    'mention',
    'time-of-day',
    'day',
    'filler',
    'number',
  ]);
  return tokens.every((t, i) => (i >= from && i <= to) || quiet.has(t.type));
}

/** Begins a clause or stands behind a check-in word: 打卡 142斤, not 买了142斤. */
function startsEntry(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  if (!before || CLAUSE_END.has(before.type)) return true;
  if (
    [
      'check-in',
      'colon',
      'emoji',
      'day',
      'time-of-day',
      'greeting',
      'mark',
      'measure',
      'clock',
      'counter',
      'mention',
      'make-up',
      'correct',
      'maybe-check-in',
    ].includes(before.type)
  )
    return true;
  return tokens[i]?.gap === true && ['number', 'numbers', 'drug', 'activity', 'done'].includes(before.type);
}

const BOUND_BEFORE = /^(?:以下|以内|之内|以上|之间)$/u;

function isBounded(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  const after = tokens[i + 1];
  if (after?.type === 'bound' && BOUND_BEFORE.test(after.text)) return true;
  if (before?.type === 'bound' && !BOUND_BEFORE.test(before.text)) return true;
  return before?.type === 'link' && tokens[i - 2]?.type === 'bound';
}

/** 瘦了3斤, 降了0.5, 比昨天低0.8: a change, no value. */
function isChange(tokens: readonly Token[], i: number): boolean {
  const n = tokens[i] as NumberToken;
  const before = tokens[i - 1];
  if (!before || n.gap) return before?.type === 'delta' && n.value < 5;
  if (before.type === 'delta') return !/^[高低]了$/u.test(before.text) || n.value < 5 || n.unit === 'jin';
  if (before.type !== 'level' && !(before.type === 'link' && /[高低]$/u.test(before.text))) return false;
  for (let k = i - 2; k >= 0; k -= 1) {
    const t = tokens[k] as Token;
    if (t.type === 'compare' || (t.type === 'pair' && t.text === '比')) return true;
    if (CLAUSE_END.has(t.type)) break;
  }
  return before.type === 'level' && n.value < 3;
}

const BACK_OVER = new Set<Token['type']>([
  'link',
  'take',
  'time-of-day',
  'day',
  'self',
  'measure',
  'filler',
  'moment',
  'done',
]);
const NOT_DONE = new Set<Token['type']>(['take', 'measure', 'done', 'activity', 'link']);

/** 没运动, 忘了吃药, 血糖没测, 药还没吃, 运动:无. */
function isNegated(tokens: readonly Token[], i: number): boolean {
  for (let k = i - 1; k >= Math.max(0, i - 4); k -= 1) {
    const t = tokens[k] as Token;
    if (t.type === 'negation') return true;
    if (!BACK_OVER.has(t.type)) break;
  }
  let k = i + 1;
  while (
    tokens[k]?.type === 'colon' ||
    tokens[k]?.type === 'link' ||
    tokens[k]?.text === '都' ||
    tokens[k]?.type === 'day'
  )
    k += 1;
  const next = tokens[k];
  if (next?.type === 'none') return true;
  if (next?.type !== 'negation') return false;
  const then = tokens[k + 1];
  return (
    !then ||
    CLAUSE_END.has(then.type) ||
    then.type === 'emoji' ||
    (NOT_DONE.has(then.type) && tokens[k + 2]?.type !== 'drug' && tokens[k + 2]?.type !== 'label')
  );
}

/** 已吃药, 散步✅, 运动完成: said to have been done. */
function saidDone(tokens: readonly Token[], i: number): boolean {
  if (/[了过完]/u.test(tokens[i]?.text ?? '')) return true;
  const next = tokens[i + 1];
  // 八段锦两遍
  if (next?.type === 'number' && (next.unit === 'times' || next.unit === 'count')) return true;
  for (const step of [-1, 1]) {
    for (let k = i + step; k >= 0 && k < tokens.length; k += step) {
      const t = tokens[k] as Token;
      if (CLAUSE_END.has(t.type) || t.type === 'drug' || t.type === 'activity' || t.type === 'label') break;
      if (t.type === 'done' || t.type === 'check-in') return true;
      if (t.text === '了' || (t.type === 'take' && /[了过完好已]/u.test(t.text))) return true;
    }
  }
  return false;
}
