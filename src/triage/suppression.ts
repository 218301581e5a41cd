import type { Expression } from './expression.js';
import type { SuppressionCues } from './load.js';
import { type MessageView, stretchAt } from './message-view.js';
import type { SuppressionKind } from './rule-files.js';
import type { Span } from './types.js';

/** Why an expression does not count here. `doubtful`: somebody should be asked whether it does after all. */
export interface Suppression {
  kind: SuppressionKind;
  cue: string;
  doubtful: boolean;
}

/** What of a flag bears on its suppression. */
export interface FlagTraits {
  /** Counts although over, if it was within a day (SAFETY.md 2.4: transient stroke, unstable angina, fainting). */
  withinDay: boolean;
  privateOnly: boolean;
  notSuppressedBy: ReadonlySet<SuppressionKind>;
}

/** Suppression of one message: the cues are looked up once, the spans are judged one by one. */
export interface MessageCues {
  judge(span: Span, traits: FlagTraits): Suppression | undefined;
  /** Something in the message says "at this time". */
  readonly mentionsNow: boolean;
}

type Judge = (span: Span, traits: FlagTraits) => Suppression | undefined;

/**
 * The limits of suppression, SAFETY.md 2.4.
 *
 * A cue counts only where its scope covers the span. A cue of the present in the
 * same clause takes it back; elsewhere in the message it puts it in doubt.
 * Words that play down are no cues.
 */
export function findCues(view: MessageView, cues: SuppressionCues, forwarded: boolean): MessageCues {
  const places = (expression: Expression): Span[] =>
    expression.possibleIn(view.characters) ? expression.findAll(view.text) : [];
  const found: FoundCues = {
    now: places(cues.now),
    persons: places(cues.persons),
    idioms: places(cues.idiom),
    negations: places(cues.negationBefore),
    history: places(cues.history),
    weakHistory: places(cues.weakHistory),
    narrative: places(cues.narrative),
    seen: places(cues.seen),
    conditional: places(cues.conditional),
    hypothesis: places(cues.hypothesisBefore),
    knowledge: places(cues.knowledge),
    knowledgeBefore: places(cues.knowledgeBefore),
    weakKnowledge: places(cues.weakKnowledge),
    asksForAction: places(cues.action).length > 0,
    news: places(cues.news),
    quotation: quotationCue(view, cues, forwarded),
  };
  const judges: [SuppressionKind, Judge][] = [
    ['quotation', () => judgeQuotation(found)],
    ['idiom', (span, traits) => judgeIdiom(view, found, span, traits)],
    ['negation', (span) => judgeNegation(view, cues, found, span)],
    ['news', (span) => judgeNews(view, found, span)],
    ['hypothesis', (span) => judgeHypothesis(view, cues, found, span)],
    [
      'history',
      (span, traits) => judgeHistory(view, cues, found, span, traits) ?? judgeSeen(view, found, span, traits),
    ],
    ['knowledge', (span) => judgeKnowledge(view, found, span)],
  ];
  return {
    mentionsNow: found.now.length > 0,
    judge(span, traits) {
      for (const [kind, judge] of judges) {
        if (traits.notSuppressedBy.has(kind)) continue;
        const suppression = judge(span, traits);
        if (suppression) return suppression;
      }
      return undefined;
    },
  };
}

interface FoundCues {
  now: Span[];
  persons: Span[];
  idioms: Span[];
  negations: Span[];
  history: Span[];
  weakHistory: Span[];
  narrative: Span[];
  seen: Span[];
  conditional: Span[];
  hypothesis: Span[];
  knowledge: Span[];
  knowledgeBefore: Span[];
  weakKnowledge: Span[];
  asksForAction: boolean;
  news: Span[];
  quotation: string | undefined;
}

function quotationCue(view: MessageView, cues: SuppressionCues, forwarded: boolean): string | undefined {
  if (forwarded) return 'forwarded';
  if (cues.quotation.possibleIn(view.characters)) {
    const [mark] = cues.quotation.findAll(view.text);
    if (mark) return view.text.slice(...mark);
  }
  if (view.text.length <= cues.longText) return undefined;
  return cues.title.find((title) => view.text.startsWith(title));
}

function judgeQuotation({ quotation }: FoundCues): Suppression | undefined {
  return quotation === undefined ? undefined : { kind: 'quotation', cue: quotation, doubtful: false };
}

function judgeIdiom(view: MessageView, found: FoundCues, span: Span, traits: FlagTraits): Suppression | undefined {
  const idiom = found.idioms.find((place) => overlap(place, span));
  return idiom && { kind: 'idiom', cue: view.text.slice(...idiom), doubtful: traits.privateOnly };
}

const MOST_BETWEEN = 24;

/** 没有胸痛, 没有出现胸闷和胸痛, 胸痛没有。 but not 没有力气胸口疼, 没有发烧,胸口疼. */
function judgeNegation(
  view: MessageView,
  cues: SuppressionCues,
  found: FoundCues,
  span: Span,
): Suppression | undefined {
  const before = found.negations.find(
    (cue) => cue[0] < span[0] && span[0] - cue[1] <= MOST_BETWEEN && negates(view, cues, cue, span),
  );
  if (before) return { kind: 'negation', cue: view.text.slice(...before), doubtful: false };
  const after = cues.negationAfter.findAll(view.text.slice(span[1], span[1] + MOST_BETWEEN)).find(([at]) => at === 0);
  return after && { kind: 'negation', cue: view.text.slice(span[1], span[1] + after[1]), doubtful: false };
}

function negates(view: MessageView, cues: SuppressionCues, cue: Span, span: Span): boolean {
  if (cues.notAfter.some((word) => view.text.slice(0, cue[0]).endsWith(word))) return false;
  for (let at = cue[1]; at <= span[0]; at += 1) {
    const standsAlone = at === cue[1] && startsClause(view, cue[0]);
    if (view.breaks.has(at) && !standsAlone) return false;
  }
  // 不想 and 想死 share a character: then nothing stands between.
  return isOnlyListing(view.text.slice(cue[1], Math.max(cue[1], span[0])), view.text.slice(...span), cues);
}

function startsClause(view: MessageView, position: number): boolean {
  return position === 0 || view.breaks.has(position) || stretchAt(view.clauseEnds, position)[0] === position;
}

/**
 * Between a negation and the expression stand only fillers and symptoms that
 * the negation covers too: 没有恶心、呕吐和. Two symptoms without a word
 * between them count as one list only in their written forms (胸闷气短).
 */
function isOnlyListing(between: string, expression: string, cues: SuppressionCues): boolean {
  let rest = between;
  let afterSymptom = false;
  while (rest !== '') {
    const symptom = longestPrefix(rest, cues.listedSymptoms);
    const word = symptom ?? longestPrefix(rest, cues.negationConnectors) ?? longestPrefix(rest, cues.negationFillers);
    if (word === undefined) return false;
    afterSymptom = word === symptom;
    rest = rest.slice(word.length);
  }
  return !afterSymptom || cues.listedSymptoms.includes(expression);
}

function longestPrefix(text: string, words: readonly string[]): string | undefined {
  return words.reduce<string | undefined>(
    (best, word) => (text.startsWith(word) && word.length > (best?.length ?? 0) ? word : best),
    undefined,
  );
}

function judgeNews(view: MessageView, found: FoundCues, span: Span): Suppression | undefined {
  const told = found.news.find((place) => overlap(place, span));
  if (told) return { kind: 'news', cue: view.text.slice(...told), doubtful: true };
  const cue = found.news.find((place) => place[1] <= span[0] && sameStretch(view.sentenceEnds, place, span));
  if (!cue || found.now.some((now) => sameStretch(view.clauseEnds, now, span))) return undefined;
  const closer = found.persons.some((person) => person[0] >= cue[1] && person[1] <= span[0]);
  return closer ? undefined : { kind: 'news', cue: view.text.slice(...cue), doubtful: found.now.length > 0 };
}

const SHORTLY_BEFORE = 14;

function judgeHypothesis(
  view: MessageView,
  cues: SuppressionCues,
  found: FoundCues,
  span: Span,
): Suppression | undefined {
  const conditional = found.conditional.find(
    (place) => place[1] <= span[0] && sameStretch(view.sentenceEnds, place, span),
  );
  if (conditional && !nowBetween(view, found, conditional, span)) return doubt('hypothesis', view, found, conditional);
  const before = found.hypothesis.find((place) => isShortlyBefore(view, found, place, span));
  if (!before || (cues.needsLater.cues.has(view.text.slice(...before)) && !continues(view, cues, span)))
    return undefined;
  return doubt('hypothesis', view, found, before);
}

function continues(view: MessageView, cues: SuppressionCues, span: Span): boolean {
  const [, end] = stretchAt(view.sentenceEnds, span[0]);
  return cues.needsLater.later.findAll(view.text.slice(span[1], end)).length > 0;
}

/** Just before the expression, or between its parts: 容易走丢, 老人容易走丢. */
function isShortlyBefore(view: MessageView, found: FoundCues, cue: Span, span: Span): boolean {
  if (cue[0] > span[0] && cue[1] < span[1]) return true;
  if (cue[1] > span[0] || span[0] - cue[1] > SHORTLY_BEFORE || !sameStretch(view.clauseEnds, cue, span)) return false;
  return ![...found.persons, ...found.now].some((place) => place[0] >= cue[1] && place[1] <= span[0]);
}

function nowBetween(view: MessageView, found: FoundCues, cue: Span, span: Span): boolean {
  const [, end] = stretchAt(view.clauseEnds, span[0]);
  return found.now.some((now) => now[0] >= cue[1] && now[0] < end && sameStretch(view.clauseEnds, now, span));
}

function doubt(kind: SuppressionKind, view: MessageView, found: FoundCues, cue: Span): Suppression {
  return { kind, cue: view.text.slice(...cue), doubtful: found.now.length > 0 };
}

/** 以前胸口疼过, 去年,胸口疼; but not 三年前装过支架,胸口疼, 以前没有,现在胸口疼. */
function judgeHistory(
  view: MessageView,
  cues: SuppressionCues,
  found: FoundCues,
  span: Span,
  traits: FlagTraits,
): Suppression | undefined {
  const [start, end] = clauseOf(view, span[0]);
  const clause = view.text.slice(start, end);
  if (found.now.some((now) => now[0] >= start && now[1] <= end)) return undefined;
  if (traits.withinDay && cues.withinDay.findAll(clause).length > 0) return undefined;
  const strong =
    found.history.find((cue) => inHistoryScope(view, cue, span)) ??
    found.narrative.find((cue) => cue[1] <= span[0] && sameStretch(view.sentenceEnds, cue, span));
  const weak = found.weakHistory.find((cue) => inHistoryScope(view, cue, span));
  const after = cues.historyAfter.findAll(view.text.slice(span[1], span[1] + MOST_BETWEEN)).find(([at]) => at === 0);
  const cue = strong ?? weak ?? (after && ([span[1], span[1] + after[1]] satisfies Span));
  if (!cue) return undefined;
  const doubtful = !strong || found.now.length > 0 || found.asksForAction || traits.privateOnly;
  return { kind: 'history', cue: view.text.slice(...cue), doubtful };
}

/** 突然晕倒,送到医院,医生说是癫痫: it was seen to. Not for words about suicide. */
function judgeSeen(view: MessageView, found: FoundCues, span: Span, traits: FlagTraits): Suppression | undefined {
  const cue = traits.privateOnly ? undefined : found.seen.find((place) => place[0] >= span[1]);
  if (!cue || found.now.some((now) => now[0] >= cue[1])) return undefined;
  return { kind: 'history', cue: view.text.slice(...cue), doubtful: true };
}

/** In the clause of the span, or the whole of the clause before it. */
function inHistoryScope(view: MessageView, cue: Span, span: Span): boolean {
  const [start, end] = clauseOf(view, span[0]);
  if (cue[0] >= start && cue[1] <= end) return true;
  const [previous] = clauseOf(view, Math.max(0, start - 1));
  const bare = isBareTime(view.text.slice(previous, start).replace(view.text.slice(...cue), ''));
  return start > 0 && cue[0] >= previous && cue[1] <= start && bare && sameStretch(view.sentenceEnds, cue, span);
}

/** 去年, and 去年冬天的时候, but not 三年前装过支架. */
function isBareTime(rest: string): boolean {
  return /^[^,]{0,2},?$/u.test(rest) || /^.{0,5}(?:时|时候|那会|那会儿),?$/u.test(rest);
}

/** Clauses end at punctuation, and at spaces that stand for it. */
function clauseOf(view: MessageView, position: number): Span {
  let [start, end] = stretchAt(view.clauseEnds, position);
  for (const place of view.breaks) {
    if (place <= position && place > start) start = place;
    if (place > position && place < end) end = place;
  }
  return [start, end];
}

function judgeKnowledge(view: MessageView, found: FoundCues, span: Span): Suppression | undefined {
  const [start, end] = stretchAt(view.sentenceEnds, span[0]);
  const inSentence = ([from]: Span): boolean => from >= start && from < end;
  if (found.persons.some(inSentence) || found.now.some(inSentence)) return undefined;
  const before = found.knowledgeBefore.find((cue) => isShortlyBefore(view, found, cue, span));
  const cue = before ?? found.knowledge.find(inSentence);
  const weak = found.weakKnowledge.find(inSentence);
  if (cue) return { kind: 'knowledge', cue: view.text.slice(...cue), doubtful: found.asksForAction };
  if (!weak || found.asksForAction) return undefined;
  return { kind: 'knowledge', cue: view.text.slice(...weak), doubtful: true };
}

function sameStretch(ends: readonly number[], a: Span, b: Span): boolean {
  return stretchAt(ends, a[0])[0] === stretchAt(ends, b[0])[0];
}

function overlap(a: Span, b: Span): boolean {
  return a[0] < b[1] && b[0] < a[1];
}
