import type { Expression } from './expression.js';
import type { Flag, FlagRule, Group, TriageRules } from './load.js';
import type { MessageView } from './message-view.js';
import type { Subject } from './subject.js';
import type { MessageCues, Suppression } from './suppression.js';
import { type Level, moreUrgent, oneLevelUp, type Span } from './types.js';

/** A message with its cues, as the matcher needs it. */
export interface Heard {
  view: MessageView;
  cues: MessageCues;
  /** The expressions of the flags that can match at all. */
  possible: ReadonlySet<Expression>;
}

export interface FlagFinding {
  flag: Flag;
  /** Absent when every expression was suppressed. */
  level: Level | undefined;
  /** In the text of the view. */
  spans: Span[];
  suppressions: Suppression[];
}

export interface MatchContext {
  message: Heard;
  /** The same person's last minutes; only listened to where something in this message asks for it. */
  recent(): readonly Heard[];
  subject: Subject;
  matchedRows: ReadonlySet<string>;
}

export function findFlags(rules: TriageRules, context: MatchContext): FlagFinding[] {
  return rules.flags.flatMap((flag) => {
    const finding = matchFlag(flag, context);
    return finding.level === undefined && finding.suppressions.length === 0 ? [] : [finding];
  });
}

function matchFlag(flag: Flag, context: MatchContext): FlagFinding {
  const finding: FlagFinding = { flag, level: undefined, spans: [], suppressions: [] };
  for (const rule of flag.rules) {
    if (finding.level === 'emergency') break;
    const match = matchRule(flag, rule, context);
    finding.suppressions.push(...match.suppressions);
    if (!match.fires) continue;
    finding.level = finding.level === undefined ? rule.level : moreUrgent(finding.level, rule.level);
    finding.spans = match.spans;
  }
  const raised = flag.modifiers.some((condition) => context.subject.has(condition));
  if (raised && finding.level !== undefined) finding.level = oneLevelUp(finding.level);
  return finding;
}

interface RuleMatch {
  fires: boolean;
  spans: Span[];
  suppressions: Suppression[];
}

/**
 * Fires when every group is met, at least one of them by this message. What is
 * held back by an `unless` is neither fired nor suppressed: another rule of the flag speaks for it.
 */
function matchRule(flag: Flag, rule: FlagRule, context: MatchContext): RuleMatch {
  const here = rule.groups.map((group) => matchHere(flag, group, context));
  if (!here.some((group) => group.met || group.suppressions.length > 0)) return NOTHING;
  if (isHeldBack(rule, context.message.view)) return NOTHING;
  const isMet = (group: Group, met: boolean) => met || isMetBefore(flag, group, context);
  const unmet = rule.groups.flatMap((group, index) => {
    const found = here[index];
    return found && !isMet(group, found.met) ? [found] : [];
  });
  const fires =
    unmet.length === 0 &&
    here.some(({ met }) => met) &&
    rule.context.every((group) => isMet(group, matchHere(flag, group, context).met));
  if (fires) return { fires, spans: here.flatMap(({ spans }) => spans.slice(0, 1)), suppressions: [] };
  const heard = unmet.every(({ suppressions }) => suppressions.length > 0);
  return { ...NOTHING, suppressions: heard ? here.flatMap(({ suppressions }) => suppressions.slice(0, 1)) : [] };
}

const NOTHING: RuleMatch = { fires: false, spans: [], suppressions: [] };

function isHeldBack({ unless }: FlagRule, view: MessageView): boolean {
  return unless?.possibleIn(view.characters) === true && unless.findAll(view.text).length > 0;
}

interface GroupMatch {
  met: boolean;
  /** The places that count. */
  spans: Span[];
  /** Why those that do not count do not. */
  suppressions: Suppression[];
}

/** By words of this message, or by a value in it. */
function matchHere(flag: Flag, group: Group, { message, matchedRows }: MatchContext): GroupMatch {
  const spans: Span[] = [];
  const suppressions: Suppression[] = [];
  for (const { span, suppression } of judged(flag, group, message)) {
    if (suppression) suppressions.push(suppression);
    else spans.push(span);
  }
  return { met: spans.length > 0 || [...group.rows].some((row) => matchedRows.has(row)), spans, suppressions };
}

/** By what is known of the person, or was said in the last minutes. */
function isMetBefore(flag: Flag, group: Group, { subject, recent }: MatchContext): boolean {
  if (group.conditions.some((condition) => subject.has(condition))) return true;
  return recent().some((heard) => judged(flag, group, heard).some(({ suppression }) => suppression === undefined));
}

function judged(
  flag: Flag,
  group: Group,
  { view, cues, possible }: Heard,
): { span: Span; suppression: Suppression | undefined }[] {
  return group.expressions
    .filter((expression) => possible.has(expression))
    .flatMap((expression) => expression.findAll(view.text))
    .map((span) => ({ span, suppression: cues.judge(span, flag) }));
}
