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
  /** The same person's last minutes. */
  recent: readonly Heard[];
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
  const groups = rule.groups.map((group) => matchGroup(flag, group, context));
  const contexts = rule.context.map((group) => matchGroup(flag, group, context));
  const held = isHeldBack(rule, context.message.view);
  const heard = groups.every((group) => group.met !== undefined || group.suppressions.length > 0);
  const fires =
    !held &&
    groups.every((group) => group.met !== undefined) &&
    groups.some((group) => group.met === 'here') &&
    contexts.every((group) => group.met !== undefined);
  return {
    fires,
    spans: fires ? groups.flatMap((group) => group.spans.slice(0, 1)) : [],
    suppressions: !fires && heard && !held ? groups.flatMap((group) => group.suppressions.slice(0, 1)) : [],
  };
}

function isHeldBack({ unless }: FlagRule, view: MessageView): boolean {
  return unless?.possibleIn(view.characters) === true && unless.findAll(view.text).length > 0;
}

interface GroupMatch {
  met: 'here' | 'recently' | 'known' | undefined;
  spans: Span[];
  suppressions: Suppression[];
}

function matchGroup(flag: Flag, group: Group, context: MatchContext): GroupMatch {
  const here = look(flag, group.expressions, context.message);
  const inRow = [...group.rows].some((row) => context.matchedRows.has(row));
  const known = group.conditions.some((condition) => context.subject.has(condition));
  if (here.spans.length > 0) return { met: 'here', ...here };
  if (inRow) return { met: 'here', ...here };
  if (known) return { met: 'known', ...here };
  const before = context.recent.some((heard) => look(flag, group.expressions, heard).spans.length > 0);
  return { met: before ? 'recently' : undefined, ...here };
}

/** The spans that count, and the suppressions of those that do not. */
function look(
  flag: Flag,
  expressions: readonly Expression[],
  { view, cues }: Heard,
): { spans: Span[]; suppressions: Suppression[] } {
  const spans: Span[] = [];
  const suppressions: Suppression[] = [];
  for (const expression of expressions) {
    if (!expression.possibleIn(view.characters)) continue;
    for (const span of expression.findAll(view.text)) {
      const suppression = cues.judge(span, flag);
      if (suppression) suppressions.push(suppression);
      else spans.push(span);
    }
  }
  return { spans, suppressions };
}
