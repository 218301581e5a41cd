import { type Findings, type Found, findItems } from './find.js';
import { lex, type NumberToken, type PairToken, type Token } from './lex.js';
import { doubtOf, isAccepted, type Plausibility } from './plausibility.js';
import { readableText } from './readable.js';
import { type Scope, type Scopes, scopesOf } from './scope.js';
import type { Doubt, Intent, Item, ItemKind, MessageReading } from './types.js';

export interface ReadOptions {
  /** What the person was just asked for: then a bare `6.5` or `130 80` is the answer. */
  expecting?: ItemKind;
}

/** Reads values in what people write. Pure and total: any text gives a reading, and never a guess. */
export interface ItemParser {
  read(text: string, options?: ReadOptions): MessageReading;
}

/**
 * The parser of CHECKIN-AND-POINTS section 3. An item is something that may
 * be stored on the sender; what is doubtful by SAFETY 3.4 is a doubt instead,
 * with the readings it may mean. Readings are everything measured, whoever it
 * belongs to; a doubtful value is among them only where its size is certain
 * (血压190, 血糖20多).
 */
export function createParser(plausibility: Plausibility): ItemParser {
  return { read: (text, options = {}) => read(text, options, plausibility) };
}

/** One finding with the scope it stands in and what is doubtful about it. */
interface Judged extends Found {
  scope: Scope;
  doubts?: Doubt;
  /** Another value stands in the same slot. */
  contradicted?: true;
}

interface View {
  text: string;
  tokens: readonly Token[];
  scopes: Scopes;
  findings: Findings;
  options: ReadOptions;
  rules: Plausibility;
}

function read(text: string, options: ReadOptions, rules: Plausibility): MessageReading {
  const readable = readableText(text);
  const tokens = lex(readable);
  const scopes = scopesOf(tokens, readable);
  const correction = correctionIn(tokens);
  // What was wrong is no number any more: in 空腹不是6.5是5.6 the word reaches on to 5.6.
  const current = tokens.map(
    (t, i): Token =>
      correction?.old.has(i) ? { type: 'link', text: t.text, start: t.start, end: t.end, gap: t.gap } : t,
  );
  const view: View = {
    text: readable,
    tokens: current,
    scopes,
    findings: findItems(current, readable),
    options,
    rules,
  };
  const explicit = isExplicit(view);
  const makeUp = tokens.some(
    (t, i) =>
      t.type === 'make-up' ||
      (t.type === 'make-up-day' && (tokens[i + 1]?.type === 'day' || tokens[i + 1]?.type === 'date')),
  );
  const found = [...view.findings.found, ...bareReading(view, explicit, correction !== null || makeUp)];
  const judged = contradictions(found.map((f) => judge(f, view)));
  const whole = parsesWhole(view, judged);
  const signs = {
    explicit,
    makeUp,
    correction,
    whole,
    measured: judged.some((f) => isOwn(f) && !f.act),
    asks: asksSomething(view),
    negated: view.findings.negated > 0,
  };
  return conclude(view, judged, signs);
}

// --- from findings to items, readings and doubts ----------------------------------------

function judge(found: Found, view: View): Judged {
  const scope = view.scopes.at[found.at] ?? { owner: 'self', frame: 'now' };
  const past = scope.frame === 'past';
  const item = past ? { ...found.item, past: true as const } : found.item;
  const own = changing(view, found.at, item) ?? (found.doubt && { item, ...found.doubt });
  const implausible = doubtOf(item, view.rules, found.unitSaid);
  // 血糖一百多: unsure as it stands, and in that unit it cannot be.
  const doubts = own && !(implausible && meansItself(item, own)) ? own : implausible;
  return { ...found, item, scope, ...(doubts ? { doubts } : {}) };
}

/** 12.6降到6.5: which of them is today's is asked. */
function changing({ tokens }: View, at: number, item: Item): Doubt | undefined {
  const first = tokens[at];
  const word = tokens[at + 1];
  const second = tokens[at + 2];
  if (first?.type !== 'number' || second?.type !== 'number' || !/[降升涨跌变减增][到至成]|→|->/u.test(word?.text ?? ''))
    return undefined;
  return { item, reason: 'ambiguous', candidates: [{ ...item, value: second.value }, item] };
}

/** 空腹6.5 空腹7.2 in one message: which one? The same twice is one. */
function contradictions(all: Judged[]): Judged[] {
  const kept: Judged[] = [];
  for (const one of all) {
    const twin = kept.find((k) => sameSlot(k, one));
    if (!twin) kept.push(one);
    else if (twin.item.value !== one.item.value || twin.item.diastolic !== one.item.diastolic) {
      const both: Doubt = { item: one.item, reason: 'ambiguous', candidates: [twin.item, one.item] };
      kept[kept.indexOf(twin)] = { ...twin, doubts: twin.doubts ?? { ...both, item: twin.item }, contradicted: true };
      kept.push({ ...one, doubts: one.doubts ?? both, contradicted: true });
    }
  }
  return kept;
}

function sameSlot(a: Judged, b: Judged): boolean {
  const slotted =
    a.item.kind === 'weight' ||
    a.item.kind === 'hba1c' ||
    a.item.kind === 'steps' ||
    (a.item.kind === 'glucose' && a.item.context !== null);
  return (
    slotted &&
    a.item.kind === b.item.kind &&
    a.item.context === b.item.context &&
    a.item.hoursAfter === b.item.hoursAfter &&
    a.scope.owner === b.scope.owner &&
    a.scope.frame === b.scope.frame &&
    a.scope.day === b.scope.day &&
    !a.bounded &&
    !b.bounded
  );
}

/** 65 and 80/130 alarm only by the readings they may mean; 血压190 and 血糖20多 are large whatever they are. */
function isReading(f: Judged, view: View): boolean {
  if (f.act || f.scope.frame === 'plan') return false;
  if (f.bounded) return f.scope.frame !== 'reference' && (assertsBound(view, f.at) || exceeds(view, f.at));
  if (f.scope.frame === 'reference') return false;
  if (!f.doubts) return true;
  // 血氧60, 血压270/150: to be confirmed, but it can mean nothing else.
  if (f.certain !== false && meansItself(f.item, f.doubts)) return true;
  if (f.certain !== false && onlyMeaning(f)) return true;
  const certain = f.certain ?? (f.contradicted || changing(view, f.at, f.item) !== undefined);
  return certain && !doubtOf(f.item, view.rules, true);
}

/** 血糖500 is 500 mg/dL: a tenth of it would be no value either. */
function onlyMeaning({ doubts }: Judged): Item | undefined {
  const [only, another] = doubts?.reason === 'implausible' ? doubts.candidates : [];
  return another ? undefined : only;
}

function meansItself(item: Item, { candidates }: Doubt): boolean {
  const [only] = candidates;
  return candidates.length === 1 && only?.value === item.value && only.diastolic === item.diastolic;
}

/** 血糖>33.3, 血压超过180: what a meter or a worried person says; in a question it is general. */
function exceeds(view: View, at: number): boolean {
  const above = /^(?:超过|大于|高于|大过|以上|>|>=|≥|above|over)$/u;
  const said = [view.tokens[at - 1], view.tokens[at - 2], view.tokens[at + 1]].some(
    (t) => t !== undefined && above.test(t.text),
  );
  return said && !asksSomething(view);
}

/** 血糖都超过20了: said of a value that was measured. */
function assertsBound(view: View, at: number): boolean {
  const around = view.tokens.slice(Math.max(0, at - 5), at + 4);
  return around.some(
    (t) =>
      t.type === 'day' ||
      t.type === 'now' ||
      t.type === 'self' ||
      t.type === 'measure' ||
      t.text === '了' ||
      t.text === '都' ||
      t.text === '已经',
  );
}

const isOwn = (f: Judged) => f.scope.owner === 'self' && f.scope.frame === 'now' && !f.bounded;

// --- bare numbers -------------------------------------------------------------------------

/** A number without a word counts when it was asked for, or when 打卡 and the number are all that was said. */
function bareReading(view: View, explicit: boolean, asked: boolean): Found[] {
  const { findings, tokens, options } = view;
  const hasGlucose = findings.found.some((f) => f.item.kind === 'glucose');
  const candidates = findings.unclaimed.filter((n) => !n.lone);
  const last = candidates.at(-1);
  const kind = options.expecting ?? 'glucose';
  if (options.expecting && options.expecting !== 'glucose') return expectedReading(view, options.expecting);
  if (hasGlucose || !last || candidates.length !== 1)
    return hasGlucose ? [] : [...expectedClock(view), ...dated(view, candidates)];
  const at = tokens.indexOf(last);
  const pointed = last.decimals === 1 && isAccepted('glucose', last.value, view.rules);
  const alone = findings.found.length === 0;
  const measured = tokens[at - 1]?.type === 'measure' && /测|扎/u.test(tokens[at - 1]?.text ?? '');
  const dayBefore = onlyTimesBefore(tokens, at);
  const behindWord = tokens.slice(0, at).some((t) => t.type === 'check-in');
  if (options.expecting === undefined && !pointed)
    return explicit && alone && behindWord && last.decimals === 0 ? [wholeNumber(last, at)] : [];
  if (options.expecting === 'glucose' || asked || measured) return [bare(last, at, kind)];
  if (explicit && alone && behindWord) return [bare(last, at, kind)];
  // 今天3.1: read for alerts (SAFETY 3), never kept: it may be a date.
  if (dayBefore && alone) return [{ ...bare(last, at, kind), tight: false }];
  if (explicit)
    return [{ ...bare(last, at, kind), doubt: { reason: 'ambiguous', candidates: [bare(last, at, kind).item] } }];
  return [];
}

/** 昨天6.4,今天3.1: each read for alerts. */
function dated({ tokens, rules }: View, candidates: readonly NumberToken[]): Found[] {
  return candidates.flatMap((n) => {
    const at = tokens.indexOf(n);
    const before = tokens[at - 1]?.type;
    const told = (before === 'day' || before === 'now') && n.decimals === 1 && isAccepted('glucose', n.value, rules);
    return told ? [{ ...bare(n, at, 'glucose'), tight: false, needsCheckIn: true }] : [];
  });
}

/** 打卡 7, 打卡 65: it may as well be the day. */
function wholeNumber(n: NumberToken, at: number): Found {
  const entry = bare(n, at, 'glucose');
  return n.value > 33 ? entry : { ...entry, certain: false, doubt: { reason: 'ambiguous', candidates: [entry.item] } };
}

function onlyTimesBefore(tokens: readonly Token[], at: number): boolean {
  const before = tokens
    .slice(0, at)
    .filter((t) => t.type !== 'greeting' && t.type !== 'self' && t.type !== 'link' && t.type !== 'comma');
  return (
    before.length > 0 &&
    before.every((t) => t.type === 'day' || t.type === 'time-of-day' || t.type === 'now' || t.type === 'clock')
  );
}

function bare(n: NumberToken, at: number, kind: ItemKind): Found {
  const item: Item = {
    kind,
    value: n.value,
    context: null,
    original: n.text,
    span: [n.start, n.end],
    ...(n.floor ? { floor: true as const } : {}),
  };
  const unsure = n.vague || n.odd || n.floor;
  return {
    item,
    at,
    unitSaid: n.unit !== null,
    tight: true,
    needsCheckIn: false,
    act: false,
    done: false,
    bounded: false,
    ...(unsure ? { doubt: { reason: 'ambiguous' as const, candidates: n.vague ? [] : [item] } } : {}),
  };
}

/** The answer to a question for something else than glucose. */
function expectedReading(view: View, kind: ItemKind): Found[] {
  const { findings, tokens } = view;
  const [first, second] = findings.unclaimed;
  if (!first || findings.found.some((f) => f.item.kind === kind)) return [];
  const at = tokens.indexOf(first);
  if (kind !== 'blood-pressure') return findings.unclaimed.length === 1 ? [bare(first, at, kind)] : [];
  const entry = bare(first, at, kind);
  const item: Item = { ...entry.item, diastolic: second?.value ?? null };
  if (second && findings.unclaimed.length === 2)
    return [
      {
        ...entry,
        item: { ...item, original: view.text.slice(first.start, second.end), span: [first.start, second.end] },
      },
    ];
  if (second) return [];
  return findItems(lex(`血压${first.text}`), `血压${first.text}`)
    .found.slice(0, 1)
    .map((f) => ({ ...f, at, item: { ...f.item, original: first.text, span: [first.start, first.end] } }));
}

/** Asked for glucose, 六点半 is hardly a time: but it is asked again. */
function expectedClock(view: View): Found[] {
  if (view.options.expecting !== 'glucose') return [];
  const at = view.tokens.findIndex((t) => t.type === 'clock' && t.maybe !== null);
  const clock = view.tokens[at];
  if (clock?.type !== 'clock' || clock.maybe === null) return [];
  const item: Item = {
    kind: 'glucose',
    value: clock.maybe,
    context: null,
    original: clock.text,
    span: [clock.start, clock.end],
  };
  return [
    {
      item,
      at,
      unitSaid: false,
      tight: true,
      needsCheckIn: false,
      act: false,
      done: false,
      bounded: false,
      doubt: { reason: 'ambiguous', candidates: [item] },
    },
  ];
}

// --- signs ------------------------------------------------------------------------------------

const QUIET_BEFORE = new Set<Token['type']>([
  'greeting',
  'filler',
  'mention',
  'emoji',
  'mark',
  'comma',
  'stop',
  'newline',
  'day',
  'time-of-day',
  'weekday',
  'date',
  'counter',
  'clock',
  'self',
  'link',
  'colon',
  'done',
  'check-in',
  'number',
  'behalf',
  'person',
  'now',
  'make-up',
  'correct',
  'label',
  'moment',
  'activity',
  'drug',
  'meal',
  'take',
]);
const NAME_MAX = 6;

/** 打卡 or 签到 at the start, behind a greeting or a signature, or at the end behind the values. */
function isExplicit(view: View): boolean {
  const { tokens, findings } = view;
  return tokens.some((token, i) => {
    if (view.scopes.at[i]?.owner === 'quoted') return false;
    if (token.type === 'maybe-check-in') return startsQuietly(view, i) && beginsValues(tokens[i + 1]);
    if (token.type !== 'check-in' || !isPlainCheckIn(tokens, i)) return false;
    if (startsQuietly(view, i)) return true;
    const rest = tokens.slice(i + 1).every((t) => QUIET_BEFORE.has(t.type));
    return rest && findings.found.some((f) => f.at < i);
  });
}

function startsQuietly({ tokens, scopes }: View, i: number): boolean {
  let strange = 0;
  for (const [k, token] of tokens.slice(0, i).entries()) {
    if (scopes.at[k]?.owner === 'quoted') continue;
    if (token.type === 'other') strange += token.end - token.start;
    else if (!QUIET_BEFORE.has(token.type)) return false;
  }
  return strange <= NAME_MAX;
}

function beginsValues(token: Token | undefined): boolean {
  return (
    token !== undefined &&
    ['label', 'moment', 'number', 'numbers', 'drug', 'activity', 'colon', 'day', 'comma'].includes(token.type)
  );
}

/** Not 怎么打卡, 忘了打卡, 打卡吗, 打卡的人. */
function isPlainCheckIn(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  const after = tokens[i + 1];
  if (before && ['ask', 'negation', 'if', 'plan', 'is-not', 'with', 'past'].includes(before.type)) return false;
  if (before?.type === 'other' && /[去在想能才该前让]$/u.test(before.text)) return false;
  if (!after) return true;
  if (after.type === 'ask' && after.text !== '?') return false;
  if (
    after.text === '的' ||
    after.text === '是' ||
    after.text === '得' ||
    after.type === 'negation' ||
    after.type === 'reference'
  )
    return false;
  return !(
    after.type === 'other' &&
    !after.gap &&
    /^(?:群|活|格|规|积|表|机|失|成|率|人|内|任|方|系|功|小|提|数|奖|要|会|能)/u.test(after.text)
  );
}

/** 饭前吃还是饭后吃好: a choice between two ways is asked, where a value that is still so is told (血糖还是7.8). */
const EITHER_OR =
  /(?:吃|服|喝|打|用|量|测|练|[前后上中午晚])[^,;!?\d\u3002\uff0c]{0,3}还是[^,;!?\d\u3002\uff0c]{1,8}(?:吃|服|喝|打|用|量|测|练|好|呢|合适|对)/u;

function asksSomething(view: View): boolean {
  if (EITHER_OR.test(view.text)) return true;
  return view.tokens.some((t, i) => t.type === 'ask' && view.scopes.at[i]?.owner !== 'quoted');
}

interface Correction {
  /** Indices of numbers that were wrong. */
  old: ReadonlySet<number>;
  replaces?: number;
}

/** 更正 …, 打错了是6.8, 不是6.5是5.6, 把6.5改成5.6. */
function correctionIn(tokens: readonly Token[]): Correction | null {
  const starts = tokens.findIndex((t) => !QUIET_BEFORE.has(t.type) || t.type === 'correct');
  const first = tokens[starts];
  const led = first?.type === 'correct' && !/^应/u.test(first.text);
  const wrong = tokens.some((t) => t.type === 'wrong');
  const old = new Set<number>();
  let denied = false;
  let replaces: number | undefined;
  tokens.forEach((token, i) => {
    if (token.type !== 'number' && token.type !== 'numbers') return;
    const not = precededBy(tokens, i, 'is-not');
    const mended = followedBy(tokens, i);
    if (!not && !mended) return;
    denied = denied || not || mended;
    old.add(i);
    if (token.type === 'number') replaces ??= token.value;
    else replaces ??= token.values[0]?.value;
  });
  const another = tokens.some((t, i) => (t.type === 'number' || t.type === 'numbers') && !old.has(i));
  const changed = tokens.some(
    (t, i) => t.type === 'correct' && /改|更正|纠正|订正/u.test(t.text) && isNumber(tokens[i + 1]),
  );
  if (!led && !wrong && !changed && !(denied && another)) return null;
  if (old.size > 0 && !another) return { old: new Set() };
  return { old, ...(replaces === undefined ? {} : { replaces }) };
}

const isNumber = (token: Token | undefined) => token?.type === 'number' || token?.type === 'numbers';

function precededBy(tokens: readonly Token[], i: number, type: Token['type']): boolean {
  for (let k = i - 1; k >= Math.max(0, i - 4); k -= 1) {
    const token = tokens[k] as Token;
    if (token.type === type) return true;
    if (!['link', 'label', 'moment', 'activity', 'drug'].includes(token.type)) return false;
  }
  return false;
}

/** 6.5打错了, 6.5改成…, 6.5写错了应该是…: the number before was wrong. */
function followedBy(tokens: readonly Token[], i: number): boolean {
  const next = tokens[i + 1];
  if (next?.type === 'wrong') return tokens.slice(i + 2).some((t) => t.type === 'number' || t.type === 'numbers');
  return (
    next?.type === 'correct' &&
    /改|更|应/u.test(next.text) &&
    tokens.slice(i + 2).some((t) => t.type === 'number' || t.type === 'numbers')
  );
}

const BLOCKING = new Set<Token['type']>([
  'other',
  'noise',
  'ask',
  'plan',
  'reference',
  'if',
  'past',
  'delta',
  'compare',
  'bound',
  'person',
  'you',
  'numbers',
  'pair',
  'maybe-check-in',
]);
const COUNTED = new Set(['count', 'set', 'piece', 'times', 'month', 'day-of-month', 'plus']);

/** Everything in the message is part of an item, a greeting, a time or a mark. */
function parsesWhole({ tokens, findings, scopes }: View, judged: readonly Judged[]): boolean {
  const used = new Set([...findings.used, ...judged.map((f) => f.at)]);
  const own = judged.filter(isOwn);
  const lastOwn = Math.max(-1, ...own.map((f) => f.at));
  return tokens.every((token, i) => {
    if (used.has(i) || scopes.at[i]?.owner === 'quoted') return true;
    // 我空腹6.5,我妈空腹7.8; 陪妈妈走路: the owner of each value is known.
    if (token.type === 'person' || token.type === 'behalf') return own.length > 0;
    // 空腹6.5,比昨天低0.5: said about the value, behind it.
    if (token.type === 'compare' || token.type === 'delta' || token.type === 'pair') return i > lastOwn;
    if (token.type === 'number')
      return token.unit !== null && COUNTED.has(token.unit) && tokens[i - 1]?.type !== 'label';
    if (token.type === 'numbers') return isDayCount(token);
    if (token.type === 'other') return false;
    if (token.type === 'label') return token.kind !== 'foreign';
    return !BLOCKING.has(token.type);
  });
}

// --- conclusion ---------------------------------------------------------------------------------

interface Signs {
  explicit: boolean;
  makeUp: boolean;
  correction: Correction | null;
  whole: boolean;
  /** At least one own value with a number. */
  measured: boolean;
  asks: boolean;
  negated: boolean;
}

const ECHO =
  /^打卡收到|小杏自动发送|[+＋]\d+分,(?:连续|第)\d*天?|连续\d+天,(?:今天的都齐了|还差)|想看自己的记录,?私聊我|您记录的是|群内医生只做健康教育|^已(?:帮您)?记(?:下|录)(?:了|好)?[:,]|觉得有帮助回|第1天,开了个好头|欢迎回来,从今天接着来|^记下了,|您最近7天的记录|我没看准,/u;
/** A longer text with 不对 in it and no value corrects nothing. */
const CORRECTION_ALONE_MAX = 16;
const CHAIN = /#?接龙/u;
const RETRACT =
  /(?:撤回|撤销|取消|删除|删掉|删了|作废)(?:一下)?(?:我)?(?:刚才|刚刚|今天|上一条|上条|那条|这条|早上)?(?:的|那条|这条)?(?:打卡|签到|记录|那条|上一条|数据有误)|(?:刚才|刚刚|上面|上一条|上条|那条|这条)[^,。\n]{0,8}(?:不算|作废|删了|删掉|撤回|取消)|打卡(?:取消|作废|撤回|撤销)/u;

function conclude(view: View, judged: readonly Judged[], signs: Signs): MessageReading {
  const own = judged.filter(isOwn);
  const intent = intentOf(view, judged, own, signs);
  const keeps = intent === 'checkin' || intent === 'makeup' || intent === 'correction' || intent === 'clarify';
  const counted = own.filter((f) => counts(f, signs, intent));
  const day = dayOf(counted, view);
  const kept = counted.filter((f) => f.scope.day === day);
  const items = keeps ? kept.filter((f) => !f.doubts).map((f) => f.item) : [];
  const doubts = distinct(kept);
  const asked = keeps || intent === 'proxy' || intent === 'question';
  return {
    intent: intent === 'checkin' && items.length === 0 ? (doubts.length > 0 ? 'clarify' : 'chat') : intent,
    explicit: signs.explicit,
    items,
    readings: judged.filter((f) => isReading(f, view)).map((f) => onlyMeaning(f) ?? f.item),
    doubts: keeps ? doubts : asked ? distinct(judged) : [],
    ...(day === undefined ? {} : { dayOffset: day }),
    ...(day === undefined ? dateOf(view) : {}),
    ...(signs.asks && intent !== 'question' ? { asks: true as const } : {}),
    ...(view.scopes.subject !== undefined && judged.some((f) => f.scope.owner === 'other')
      ? { subject: view.scopes.subject }
      : {}),
    ...(intent === 'correction' && signs.correction?.replaces !== undefined
      ? { replaces: signs.correction.replaces }
      : {}),
  };
}

/** Two values that contradict each other raise one question. */
function distinct(all: readonly Judged[]): Doubt[] {
  const seen = new Set<string>();
  return all.flatMap(({ doubts }) => {
    if (!doubts) return [];
    const key = JSON.stringify(doubts.candidates.map((c) => [c.kind, c.value, c.diastolic, c.context]));
    if (doubts.candidates.length > 1 && seen.has(key)) return [];
    seen.add(key);
    return [doubts];
  });
}

/** What is loose, or only an act, counts where 打卡 was said. */
function counts(f: Judged, signs: Signs, intent: Intent): boolean {
  if (signs.explicit || intent === 'makeup') return f.tight || !f.act;
  return f.tight && !f.needsCheckIn && (!f.act || f.done || signs.measured);
}

/** The day the message is about: today's values win over those of another day beside them. */
function dayOf(own: readonly Judged[], view: View): number | undefined {
  const days = new Set(own.map((f) => f.scope.day));
  if (days.size === 0) return view.tokens.find((t) => t.type === 'day')?.offset;
  if (days.size === 1) return [...days][0];
  if (days.has(0)) return 0;
  return days.has(undefined) ? undefined : Math.max(...[...days].map((d) => d ?? 0));
}

function dateOf({ tokens }: View): Pick<MessageReading, 'date'> {
  const date = tokens.find((t) => t.type === 'date');
  return date ? { date: { month: date.month, day: date.day } } : {};
}

function intentOf(view: View, judged: readonly Judged[], own: readonly Judged[], signs: Signs): Intent {
  const { text, tokens } = view;
  const some = own.some((f) => counts(f, signs, 'chat'));
  const someOfOthers = judged.some((f) => f.scope.owner === 'other' && !f.act);
  if (ECHO.test(text)) return 'system-echo';
  if (signs.asks && !signs.explicit && (!signs.makeUp || asksHow(view)) && !(signs.correction && some))
    return 'question';
  if (judged.length > 0 && judged.every((f) => f.scope.owner === 'quoted')) return 'quote';
  if (isChain(view, judged)) return 'chain';
  if (RETRACT.test(text) && !signs.asks) return 'retract';
  if (judged.some((f) => f.scope.owner === 'other') && !some) return 'proxy';
  if (signs.correction && (some || own.length > 0 || text.length <= CORRECTION_ALONE_MAX)) return 'correction';
  if (
    tokens.some((t) => t.type === 'check-in') &&
    view.scopes.subject !== undefined &&
    own.length === 0 &&
    signs.explicit
  )
    return 'proxy';
  if (signs.makeUp && !asksHow(view)) return 'makeup';
  if (signs.explicit) return explicitIntent(own, judged, signs, view);
  // Nothing is dropped silently: a value that would not count keeps the message from being a check-in.
  if (signs.whole && some && own.every((f) => f.act || counts(f, signs, 'chat')))
    return own.some((f) => !f.act && f.doubts) && own.every((f) => f.act || f.doubts) ? 'clarify' : 'checkin';
  if (judged.length > 0 && own.length === 0 && !someOfOthers)
    return judged.some((f) => f.scope.frame === 'plan') ? 'plan' : 'reference';
  if (someOfOthers) return 'proxy';
  if (signs.negated && own.length === 0) return 'negative';
  return 'chat';
}

function explicitIntent(own: readonly Judged[], judged: readonly Judged[], signs: Signs, view: View): Intent {
  if (own.some((f) => !f.doubts)) return 'checkin';
  if (own.length > 0) return 'clarify';
  if (judged.some((f) => f.scope.frame === 'plan')) return 'plan';
  if (judged.length > 0) return 'reference';
  if (signs.negated) return 'negative';
  if (signs.asks) return 'question';
  const unread = view.findings.pairs.some((p) => !isDayCount(p));
  return view.findings.unclaimed.length > 0 || unread ? 'clarify' : 'bare';
}

/** 12/21: the twelfth of twenty-one days, or a date. */
function isDayCount({ values: [first, second] }: PairToken): boolean {
  if (!first || !second || first.decimals + second.decimals > 0) return false;
  const counted = first.value <= second.value && [7, 14, 21, 28, 30, 60, 90, 100].includes(second.value);
  return counted || (first.value <= 12 && second.value <= 31);
}

const asksHow = ({ tokens }: View) => tokens.some((t) => t.type === 'ask' && /[怎如啥什哪多吗]/u.test(t.text));

/** 接龙, or a list in which every line names somebody before a reading. */
function isChain({ text, tokens }: View, judged: readonly Judged[]): boolean {
  const lines = text.split('\n');
  if (CHAIN.test(lines[0] ?? '') && lines.length > 1) return true;
  if (lines.length < 2) return false;
  const named = new Set<number>();
  let line = 0;
  let first = true;
  tokens.forEach((token, i) => {
    if (token.type === 'newline') {
      line += 1;
      first = true;
      return;
    }
    const name = token.type === 'other' || token.type === 'person' || token.type === 'mention';
    if (
      first &&
      name &&
      token.end - token.start <= 6 &&
      judged.some((f) => f.at > i && !text.slice(token.end, (tokens[f.at] as Token).start).includes('\n'))
    )
      named.add(line);
    if (token.type !== 'mark' && token.type !== 'number') first = false;
  });
  return named.size >= 2;
}
