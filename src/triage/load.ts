import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import {
  compileAny,
  compileExpression,
  createExpressionIndex,
  type Expression,
  ExpressionError,
  type ExpressionLists,
} from './expression.js';
import type { Spelling } from './message-view.js';
import {
  type CardFile,
  cardFile,
  type FlagRuleFile,
  type RedFlagFile,
  redFlagFile,
  type SuppressionFile,
  type SuppressionKind,
  signature,
  suppressionFile,
  type ThresholdRow,
  thresholdFile,
} from './rule-files.js';
import type { Level } from './types.js';

/** Everything `assess` needs, read once from `knowledge/triage/`, checked and compiled. */
export interface TriageRules {
  /** The newest of the versions of the rule files, as stored with every alert. */
  readonly version: string;
  /** Names of the safety files that no physician has signed. They are active all the same. */
  readonly unsignedFiles: readonly string[];
  readonly spelling: Spelling;
  readonly flags: readonly Flag[];
  /** The expressions of the flags that can match a text of these characters. */
  possibleIn(characters: ReadonlySet<string>): ReadonlySet<Expression>;
  readonly suppression: SuppressionCues;
  readonly rows: readonly Row[];
  readonly cards: CardFile;
  readonly relatives: readonly { relation: string; words: Expression }[];
}

export interface Flag {
  readonly id: string;
  /** As doctors read it in an alert: 胸痛. */
  readonly name: string;
  readonly card: string;
  readonly privateOnly: boolean;
  readonly withinDay: boolean;
  readonly modifiers: readonly string[];
  readonly notSuppressedBy: ReadonlySet<SuppressionKind>;
  readonly rules: readonly FlagRule[];
}

export interface FlagRule {
  readonly level: Level;
  /** One group is `any`; of several each must be met. */
  readonly groups: readonly Group[];
  readonly context: readonly Group[];
  readonly unless: Expression | undefined;
}

export interface Group {
  readonly expressions: readonly Expression[];
  readonly rows: ReadonlySet<string>;
  readonly conditions: readonly string[];
}

export interface SuppressionCues {
  readonly now: Expression;
  readonly withinDay: Expression;
  readonly negationBefore: Expression;
  readonly negationFillers: readonly string[];
  readonly negationConnectors: readonly string[];
  readonly listedSymptoms: readonly string[];
  readonly negationAfter: Expression;
  readonly notAfter: readonly string[];
  readonly history: Expression;
  readonly weakHistory: Expression;
  readonly narrative: Expression;
  readonly seen: Expression;
  readonly historyAfter: Expression;
  readonly conditional: Expression;
  readonly hypothesisBefore: Expression;
  readonly needsLater: { readonly cues: ReadonlySet<string>; readonly later: Expression };
  readonly knowledge: Expression;
  readonly knowledgeBefore: Expression;
  readonly weakKnowledge: Expression;
  readonly action: Expression;
  readonly persons: Expression;
  readonly news: Expression;
  readonly quotation: Expression;
  readonly title: readonly string[];
  readonly longText: number;
  readonly idiom: Expression;
}

export interface Row extends Omit<ThresholdRow, 'symptoms'> {
  readonly symptoms: Expression | undefined;
}

/** A safety file that cannot be read as it stands: each problem with file and line. */
export class TriageRulesError extends Error {
  override readonly name = 'TriageRulesError';
  readonly code = 'triage-rules-invalid';

  constructor(readonly problems: readonly string[]) {
    super(`the safety files have mistakes:\n${problems.join('\n')}`);
  }
}

const OTHER_SAFETY_FILES = ['plausibility.yaml'];

export function loadTriageRules(dir: string): TriageRules {
  const redFlags = read(dir, 'red-flags.yaml', redFlagFile);
  const suppression = read(dir, 'suppression.yaml', suppressionFile);
  const thresholds = read(dir, 'thresholds.yaml', thresholdFile);
  const cards = read(dir, 'cards.yaml', cardFile);
  const files = [redFlags, suppression, thresholds, cards];
  const others = OTHER_SAFETY_FILES.filter((name) => existsSync(join(dir, name)));
  const flags = compileFlags(redFlags);
  const signatures = [...files, ...others.map((name) => read(dir, name, signature))];
  const rules: TriageRules = {
    version: `triage@${files
      .map((file) => file.content.version)
      .sort()
      .at(-1)}`,
    unsignedFiles: signatures.filter((file) => file.content.signed_by === null).map((file) => file.name),
    spelling: redFlags.content.spelling,
    flags,
    possibleIn: createExpressionIndex(
      flags.flatMap((flag) =>
        flag.rules.flatMap(({ groups, context }) => [...groups, ...context].flatMap((group) => group.expressions)),
      ),
    ),
    suppression: compileSuppression(suppression),
    rows: thresholds.content.rows.map((row, index) => compileRow(thresholds, row, index)),
    cards: cards.content,
    relatives: Object.entries(cards.content.relatives).map(([relation, words]) => ({
      relation,
      words: compileHere(cards, ['relatives', relation], () => compileAny(words)),
    })),
  };
  checkCards(rules, redFlags, thresholds);
  return rules;
}

interface SafetyFile<T> {
  readonly name: string;
  readonly content: T;
  /** File and line of what stands at this path. */
  where(path: readonly PropertyKey[]): string;
}

function read<S extends z.ZodType>(dir: string, name: string, schema: S): SafetyFile<z.infer<S>> {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(join(dir, name), 'utf8'), { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) throw new TriageRulesError([`${name}:${broken.linePos?.[0].line ?? 1}: ${broken.message}`]);
  const where = (path: readonly PropertyKey[]): string => `${name}:${lineOf(document, lines, path)}`;
  const result = schema.safeParse(document.toJS());
  if (!result.success) {
    throw new TriageRulesError(
      result.error.issues.map((issue) => `${where(issue.path)}: ${issue.path.join('.')}: ${issue.message}`),
    );
  }
  return { name, content: result.data, where };
}

/** The line of the deepest part of `path` that exists: a missing key is reported where it is missing. */
function lineOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return lines.linePos(Number(node.range[0])).line;
    }
  }
  return 1;
}

function compileHere<T>(file: SafetyFile<unknown>, path: readonly PropertyKey[], compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof ExpressionError) throw new TriageRulesError([`${file.where(path)}: ${error.message}`]);
    throw error;
  }
}

function compileFlags(file: SafetyFile<RedFlagFile>): Flag[] {
  const lists = file.content.lists;
  return file.content.flags.map((flag, index) => ({
    id: flag.id,
    card: flag.card,
    name: flag.name,
    privateOnly: flag.private_only,
    withinDay: flag.within_day,
    modifiers: flag.modifiers,
    notSuppressedBy: new Set(flag.not_suppressed_by),
    rules: flag.rules.map((rule, ruleIndex) => compileRule(file, lists, rule, ['flags', index, 'rules', ruleIndex])),
  }));
}

function compileRule(
  file: SafetyFile<unknown>,
  lists: ExpressionLists,
  rule: FlagRuleFile,
  path: readonly PropertyKey[],
): FlagRule {
  const group = (sources: readonly string[], ...key: PropertyKey[]): Group =>
    compileGroup(file, lists, sources, [...path, ...key]);
  return {
    level: rule.level,
    groups: rule.any
      ? [group(rule.any, 'any')]
      : (rule.all ?? []).map((sources, index) => group(sources, 'all', index)),
    context: (rule.context ?? []).map((sources, index) => group(sources, 'context', index)),
    unless: rule.unless && compileHere(file, [...path, 'unless'], () => compileAny(rule.unless ?? [], lists)),
  };
}

function compileGroup(
  file: SafetyFile<unknown>,
  lists: ExpressionLists,
  sources: readonly string[],
  path: readonly PropertyKey[],
): Group {
  const flat = sources.flatMap((source) => inlineList(source, lists));
  return {
    rows: new Set(flat.filter((source) => source.startsWith(ROW)).map((source) => source.slice(ROW.length))),
    conditions: flat.filter((source) => source.startsWith(PROFILE)).map((source) => source.slice(PROFILE.length)),
    expressions: flat
      .filter((source) => !source.startsWith(ROW) && !source.startsWith(PROFILE))
      .map((source) => compileHere(file, [...path, sources.indexOf(source)], () => compileExpression(source, lists))),
  };
}

const ROW = 'row:';
const PROFILE = 'profile:';

/** A source that is a list and nothing else stands for its entries: they may name rows and conditions. */
function inlineList(source: string, lists: ExpressionLists): readonly string[] {
  const name = /^\{([a-z0-9-]+)\}$/u.exec(source)?.[1];
  return (name === undefined ? undefined : lists[name]) ?? [source];
}

function compileSuppression(file: SafetyFile<SuppressionFile>): SuppressionCues {
  const { content } = file;
  const any = (sources: readonly string[], ...path: PropertyKey[]): Expression =>
    compileHere(file, path, () => compileAny(sources));
  const { negation, history, hypothesis, knowledge, quotation } = content;
  return {
    now: any(content.now, 'now'),
    withinDay: any(content.within_day, 'within_day'),
    negationBefore: any(byLength(negation.before), 'negation', 'before'),
    negationFillers: negation.fillers,
    negationConnectors: negation.connectors,
    listedSymptoms: negation.listed_symptoms,
    negationAfter: any(negation.after, 'negation', 'after'),
    notAfter: negation.not_after,
    history: any(history.cues, 'history', 'cues'),
    weakHistory: any(history.weak, 'history', 'weak'),
    narrative: any(history.narrative, 'history', 'narrative'),
    seen: any(history.seen, 'history', 'seen'),
    historyAfter: any(history.after, 'history', 'after'),
    conditional: any(hypothesis.conditional, 'hypothesis', 'conditional'),
    hypothesisBefore: any(hypothesis.before, 'hypothesis', 'before'),
    needsLater: {
      cues: new Set(hypothesis.needs_later.cues),
      later: any(hypothesis.needs_later.later, 'hypothesis', 'needs_later', 'later'),
    },
    knowledge: any(knowledge.cues, 'knowledge', 'cues'),
    knowledgeBefore: any(knowledge.before, 'knowledge', 'before'),
    weakKnowledge: any(knowledge.weak, 'knowledge', 'weak'),
    action: any(knowledge.action, 'knowledge', 'action'),
    persons: any(content.persons, 'persons'),
    news: any(content.news, 'news'),
    quotation: any(quotation.marks, 'quotation', 'marks'),
    title: quotation.title,
    longText: quotation.long_text,
    idiom: any(content.idiom, 'idiom'),
  };
}

function byLength(words: readonly string[]): string[] {
  return [...words].sort((a, b) => b.length - a.length);
}

function compileRow(file: SafetyFile<z.infer<typeof thresholdFile>>, row: ThresholdRow, index: number): Row {
  const path = ['rows', index, 'symptoms'];
  const { symptoms, ...rest } = row;
  if (symptoms === undefined) return { ...rest, symptoms: undefined };
  const sources = file.content.symptoms[symptoms];
  if (!sources) throw new TriageRulesError([`${file.where(path)}: there is no symptom list "${symptoms}"`]);
  return { ...rest, symptoms: compileHere(file, ['symptoms', symptoms], () => compileAny(sources)) };
}

/** Every card that a rule names exists; a card that is missing would be missed in an emergency. */
function checkCards(
  rules: TriageRules,
  redFlags: SafetyFile<RedFlagFile>,
  thresholds: SafetyFile<{ rows: ThresholdRow[] }>,
): void {
  const known = rules.cards.private;
  const problems = [
    ...redFlags.content.flags.map((flag, index) => [flag.card, redFlags.where(['flags', index, 'card'])] as const),
    ...thresholds.content.rows.map((row, index) => [row.card, thresholds.where(['rows', index])] as const),
    ...['urgent', 'urgent-nobody', 'emergency', 'late', 'crisis', 'crisis-relative', 'check', 'follow-up'].map(
      (card) => [card, 'cards.yaml:1'] as const,
    ),
  ]
    .filter(([card]) => card !== undefined && known[card] === undefined)
    .map(([card, place]) => `${place}: cards.yaml has no card "${card}"`);
  if (problems.length > 0) throw new TriageRulesError(problems);
}
