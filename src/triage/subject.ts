import { compileAny, type Expression } from './expression.js';
import type { TriageRules } from './load.js';
import type { MessageView } from './message-view.js';
import type { About, Span, TriageProfile } from './types.js';

/** What is known of the person whom the message is about. */
export interface Subject {
  about: About;
  /** Is this condition of a rule (`pregnant`, `age>=75`, `months<3`) known to hold? */
  has(condition: string): boolean;
}

/**
 * Whom the message is about: the relative named last before the first reason,
 * unless the talker comes in between (孩子不在家,我胸口疼).
 *
 * What is known of the talker counts only for the talker; what the text says
 * of age and pregnancy counts for whoever it is.
 */
export function findSubject(
  rules: TriageRules,
  view: MessageView,
  firstReason: number | undefined,
  profile: TriageProfile | undefined,
): Subject {
  const about = findAbout(rules, view, firstReason ?? view.text.length);
  const known = about.kind === 'self' ? profile : undefined;
  const told = toldInText(view.text);
  const ageYears = told.ageYears ?? known?.ageYears;
  const facts: Record<string, boolean> = {
    pregnant: known?.pregnant === true || told.pregnant,
    postpartum: known?.postpartum === true || told.postpartum,
    insulin: known?.insulinOrSulfonylurea === true,
    sglt2: known?.sglt2Inhibitor === true,
    diabetes: known?.diabetes === true,
    anticoagulant: known?.anticoagulant === true,
    'heart-or-stroke': known?.heartOrStroke === true,
    kidney: known?.kidneyDisease === true,
    alone: known?.livesAlone === true,
  };
  return {
    about,
    has: (condition) => facts[condition] ?? compares(condition, { age: ageYears, months: told.ageMonths }),
  };
}

function compares(condition: string, facts: { age: number | undefined; months: number | undefined }): boolean {
  const parts = /^(age|months)(>=|<)(\d+)$/u.exec(condition);
  const value = parts?.[1] === 'age' ? facts.age : facts.months;
  if (!parts || value === undefined) return false;
  const limit = Number(parts[3]);
  return parts[2] === '<' ? value < limit : value >= limit;
}

function findAbout(rules: TriageRules, view: MessageView, before: number): About {
  const named = rules.relatives
    .flatMap(({ relation, words }) => places(words, view).map((span) => ({ relation, span })))
    .sort((a, b) => a.span[0] - b.span[0] || b.span[1] - a.span[1]);
  const last = named.filter(({ span }) => span[0] < before).at(-1) ?? named.find(({ span }) => span[0] === before);
  if (!last) return { kind: 'self' };
  const covering = named.find(({ span }) => span[0] <= last.span[0] && span[1] >= last.span[1]) ?? last;
  const between = view.text.slice(covering.span[1], before).replace(TALKER_AS_OBJECT, '');
  if (/我|俺|本人/u.test(between.replace(TALKER_AND_RELATIVE, ''))) return { kind: 'self' };
  return { kind: 'relative', relation: covering.relation };
}

/** 我妈 is no mention of the talker, and neither is 跟我说. */
const TALKER_AND_RELATIVE = /[我俺](?:妈|爸|爹|娘|婆|公|哥|姐|弟|妹|家|们)/gu;
const TALKER_AS_OBJECT = /(?:跟|和|给|对|叫|让|问|告诉|喊|找)(?:我|俺)(?:说|讲|打电话|发|看|帮|打|,|。|来)?/gu;

function places(words: Expression, view: MessageView): Span[] {
  return words.possibleIn(view.characters) ? words.findAll(view.text) : [];
}

interface Told {
  pregnant: boolean;
  postpartum: boolean;
  ageYears: number | undefined;
  ageMonths: number | undefined;
}

const PREGNANT = compileAny([
  '怀孕(<1-10>|一|两|二|三|四|五|六|七|八|九|十|几|半|快|了|着|期|后|中|早|晚|,|血糖|血压)',
  '孕(妇|期|<1-42>|早期|晚期|中期)',
  '妊娠(期|糖尿病|<1-42>|高血压)',
  '怀着',
  '我怀孕',
]);
const NOT_PREGNANT = compileAny([
  '备孕',
  '(没|没有|未|不是)怀孕',
  '怀孕(前|以前|之前)',
  '(想|要|准备|打算)怀孕',
  '避孕',
  '怀孕了吗',
]);
const POSTPARTUM = compileAny(['产后', '坐月子', '月子里', '刚生完', '生完孩子', '剖腹产后', '顺产后']);
const LONG_AGO = compileAny(['(<1-30>|一|两|三|几|多|半)(多|)年']);
const BABY = /新生儿|没满月|未满月|刚出生|刚满月/u;
const YEARS = /(?<![\d.])(\d{1,3}|[一二两三四五六七八九十]{1,3})(?:周)?岁(?!以|左右以)/u;
const MONTHS =
  /(?<![\d.])(\d{1,2}|[一二两三四五六七八九十])个?(?:多|半)?月(?:大|的(?:宝|婴|孩|娃)|宝宝|婴儿|龄|的?女儿|的?儿子)/u;
const DAYS = /(?<![\d.])(\d{1,2})天(?:大|的(?:宝|婴|孩|娃|新)|宝宝|婴儿)/u;

function toldInText(text: string): Told {
  const has = (expression: Expression): boolean => expression.findAll(text).length > 0;
  const years = chineseNumber(YEARS.exec(text)?.[1]);
  const months = BABY.test(text) || DAYS.test(text) ? monthsOfDays(text) : chineseNumber(MONTHS.exec(text)?.[1]);
  return {
    pregnant: has(PREGNANT) && !has(NOT_PREGNANT),
    postpartum: has(POSTPARTUM) && !has(LONG_AGO),
    ageYears: years ?? (months === undefined ? undefined : 0),
    ageMonths: months,
  };
}

function monthsOfDays(text: string): number {
  const days = chineseNumber(DAYS.exec(text)?.[1]);
  return days === undefined ? 0 : Math.floor(days / 30);
}

const DIGITS = '零一二三四五六七八九';

function chineseNumber(word: string | undefined): number | undefined {
  if (word === undefined || word === '') return undefined;
  if (/^\d+$/u.test(word)) return Number(word);
  const [tens, ones] = word.replace('两', '二').split('十');
  const digit = (character: string | undefined): number => Math.max(0, DIGITS.indexOf(character ?? '零'));
  if (ones === undefined) return digit(tens);
  return (tens === '' ? 1 : digit(tens)) * 10 + (ones === '' ? 0 : digit(ones));
}
