import type { Item } from '../observation/types.js';
import { isPersonalClinical } from './clinical.js';
import type { TriageRules } from './load.js';
import { viewMessage } from './message-view.js';
import { type FlagFinding, findFlags, type Heard } from './red-flags.js';
import type { SuppressionKind } from './rule-files.js';
import { findSubject } from './subject.js';
import { findCues, type Suppression } from './suppression.js';
import { findValueRows, type ValueFinding } from './thresholds.js';
import {
  type About,
  type Assessment,
  type Confirmed,
  LEVELS,
  type Level,
  moreUrgent,
  type TriageInput,
} from './types.js';

export { cardText, groupCard, privateCards } from './cards.js';
export { loadTriageRules, type TriageRules } from './load.js';
export { MODEL_FLAG, type RaisedLevel, raiseByModel } from './raise.js';
export { listSafetyFiles } from './safety-files.js';
export type { Assessment, Level, TriageInput } from './types.js';
export { LEVELS, moreUrgent } from './types.js';

const RECENT_MS = 10 * 60_000;

/**
 * Triage of one message (SAFETY.md 2): how pressing it is, and why.
 *
 * Pure, without model or network. The level is the highest of what flags,
 * values and the question itself say; nothing in the text lowers it.
 * Messages of doctors, admins and the bot are never an emergency.
 */
export function assess(rules: TriageRules, input: TriageInput): Assessment {
  if (input.role !== 'patient') return quiet(rules);
  const message = hear(rules, input.text, input.forwarded === true);
  const recent = once(() =>
    input.recent
      .filter(({ at }) => at <= input.now && input.now - at <= RECENT_MS)
      .map(({ text }) => hear(rules, text, false)),
  );
  const anySubject = findSubject(rules, message.view, undefined, input.profile);
  const found = findValueRows(rules, input.readings, () => [message, ...recent()], anySubject);
  const { counted, doubted } = weighValues(found, message);
  const matchedRows = new Set(counted.map(({ row }) => row));
  const findings = findFlags(rules, { message, recent, subject: anySubject, matchedRows });
  const raised = findings.flatMap((finding) =>
    finding.level === undefined ? [] : [{ ...finding, level: finding.level }],
  );
  const { about } = findSubject(rules, message.view, firstStart(raised), input.profile);
  const question: Level = isPersonalClinical(input.text) ? 'clinical' : 'information';
  const silent = findings.filter((finding) => finding.level === undefined);
  const circumstances = { question, about, message };
  const assessment: Assessment = {
    ...amountTo(raised, counted, circumstances),
    suppressed: [
      ...silent.flatMap(({ flag, suppressions }) =>
        suppressions.slice(0, 1).map(({ cue, kind }) => ({ id: flag.id, cue, kind })),
      ),
      ...doubted.map(({ value, cue, kind }) => ({ id: value.row, cue, kind })),
    ],
    about,
    ruleVersion: rules.version,
  };
  const { level, cardIds } = assessment;
  const inDoubt = silent.filter((finding) => isDoubtful(finding, anySubject.has)).map(asIfSo);
  if (level === 'emergency' || doubted.length + inDoubt.length === 0) return assessment;
  const values = [...counted, ...doubted.map(({ value }) => value)];
  return {
    ...assessment,
    needsCheck: true,
    ifConfirmed: amountTo([...raised, ...inDoubt], values, circumstances),
    cardIds: level === 'urgent' ? cardIds : [...cardIds, 'check'],
  };
}

/** The message after somebody has said that they have it now. */
export function confirm(assessment: Assessment): Assessment {
  const { ifConfirmed, needsCheck: _, ...rest } = assessment;
  return { ...rest, ...ifConfirmed };
}

function asIfSo(finding: FlagFinding): Raised {
  return {
    ...finding,
    level: finding.flag.rules.reduce<Level>((most, rule) => moreUrgent(most, rule.level), 'urgent'),
  };
}

/** What reasons come to: the highest level, and what is said. */
function amountTo(
  raised: readonly Raised[],
  values: readonly ValueFinding[],
  { question, about, message }: { question: Level; about: About; message: Heard },
): Confirmed {
  const level = [...raised, ...values].reduce<Level>((highest, reason) => moreUrgent(highest, reason.level), question);
  return {
    level,
    flags: raised.map(({ flag, level: own, spans }) => ({
      id: flag.id,
      level: own,
      spans: spans.map((span) => message.view.toOriginal(span)),
    })),
    valueRows: values.map(({ row, level: own, item }) => ({ row, level: own, item })),
    cardIds: chooseCards(raised, values, level, about),
    privateOnly: isPrivateOnly(raised, values),
  };
}

function hear(rules: TriageRules, text: string, forwarded: boolean): Heard {
  const view = viewMessage(text, rules.spelling);
  const cues = once(() => findCues(view, rules.suppression, forwarded));
  return {
    view,
    get cues() {
      return cues();
    },
    possible: rules.possibleIn(view.characters),
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function quiet(rules: TriageRules): Assessment {
  return {
    level: 'information',
    privateOnly: false,
    flags: [],
    valueRows: [],
    suppressed: [],
    about: { kind: 'self' },
    cardIds: [],
    ruleVersion: rules.version,
  };
}

interface DoubtedValue {
  value: ValueFinding;
  cue: string;
  kind: SuppressionKind;
}

const NO_TRAITS = { withinDay: true, privateOnly: false, notSuppressedBy: new Set<never>() };

/**
 * A value of the past or of a supposition (去年住院时血糖20) does not count but is asked about;
 * a value at emergency level counts whatever is said around it.
 */
function weighValues(
  values: readonly ValueFinding[],
  message: Heard,
): { counted: ValueFinding[]; doubted: DoubtedValue[] } {
  const counted: ValueFinding[] = [];
  const doubted: DoubtedValue[] = [];
  for (const value of values) {
    const suppression = value.level === 'emergency' ? undefined : aroundValue(value.item, message);
    if (!suppression) counted.push(value);
    else if (value.level === 'urgent') doubted.push({ value, cue: suppression.cue, kind: suppression.kind });
  }
  return { counted, doubted };
}

const NOT_FOR_VALUES: ReadonlySet<Suppression['kind']> = new Set(['negation', 'idiom', 'knowledge']);

function aroundValue(item: Item, { view, cues }: Heard): Suppression | undefined {
  const start = view.fromOriginal(item.span[0]);
  const suppression = cues.judge([start, Math.max(start + 1, view.fromOriginal(item.span[1]))], NO_TRAITS);
  return suppression && !NOT_FOR_VALUES.has(suppression.kind) ? suppression : undefined;
}

type Raised = FlagFinding & { level: Level };

function isUrging({ level }: { level: Level }): boolean {
  return level === 'emergency' || level === 'urgent';
}

function isPrivateOnly(raised: readonly Raised[], values: readonly ValueFinding[]): boolean {
  const urging = raised.filter(isUrging);
  return urging.length > 0 && urging.every(({ flag }) => flag.privateOnly) && !values.some(isUrging);
}

/** A suppression stands only if nothing speaks against it: 2.4, last paragraph. */
function isDoubtful({ flag, suppressions }: FlagFinding, has: (condition: string) => boolean): boolean {
  return suppressions.some(
    ({ kind, doubtful }) =>
      doubtful || (kind !== 'negation' && kind !== 'quotation' && flag.modifiers.some((condition) => has(condition))),
  );
}

function firstStart(raised: readonly Raised[]): number | undefined {
  const starts = raised.filter(isUrging).flatMap(({ spans }) => spans.map(([start]) => start));
  return starts.length === 0 ? undefined : Math.min(...starts);
}

function chooseCards(raised: readonly Raised[], values: readonly ValueFinding[], level: Level, about: About): string[] {
  const reasons = [
    ...raised.map(({ flag, level: own }) => ({ level: own, card: flag.card, crisis: flag.privateOnly })),
    ...values.map(({ level: own, card }) => ({ level: own, card, crisis: false })),
  ].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  const cards = reasons.flatMap(({ level: own, card, crisis }) => {
    if (crisis) return [about.kind === 'relative' ? 'crisis-relative' : 'crisis'];
    if (card === undefined || (own === 'urgent' && !ALSO_WHEN_URGENT.has(card))) return [];
    return [card];
  });
  const general = reasons.some(({ level: own, crisis }) => own === 'urgent' && !crisis) && level === 'urgent';
  const first = cards.filter((card) => DO_NOW.has(card));
  const chosen = general ? [...first, 'urgent', ...cards.filter((card) => !DO_NOW.has(card))] : cards;
  return [...new Set(chosen.length === 0 && level === 'emergency' ? ['emergency'] : chosen)];
}

/** What cannot wait for the rest to be read. */
const DO_NOW: ReadonlySet<string> = new Set(['sugar']);

/** Cards of a condition that say what to do below the emergency too; the others would frighten. */
const ALSO_WHEN_URGENT: ReadonlySet<string> = new Set([
  'sugar',
  'six-questions',
  'pressure-remeasure',
  'foot',
  'eye',
  'pregnancy',
  'infant',
]);
