import type { Entry } from './entry.js';
import type { Compared } from './terms.js';

/** Two entries of one topic that may not both be right. */
export interface Contradiction {
  entryId: string;
  otherId: string;
  /** What both speak of. */
  about: string;
  /** Where the first one says it. */
  field: 'answer_short' | 'answer';
  says: string;
  otherSays: string;
}

/** Something an entry says that another one could deny: a value, or 能 and 不能. */
interface Claim {
  /** Of two claims with one key only one can be right. */
  key: string;
  value: string;
  field: Contradiction['field'];
  sentence: string;
}

const NUMBER =
  /(\d+(?:\.\d+)?(?:\/\d+)?)(?:\s*[–~-]\s*(\d+(?:\.\d+)?))?\s*(mmol\/L|mg\/dL|mmHg|%|℃|公斤\/平方米|毫克\/克|公斤|毫升|厘米|毫米|小时|分钟|个月|克|天|周|年|次|岁)/gu;
const UP = /^[^，、；]{0,2}(?:或更高|或更多|以上|及以上)/u;
const DOWN = /^[^，、；]{0,2}(?:或更低|或更少|以下|及以下|以内)/u;
const UP_BEFORE = /(?:超过|高于|大于|多于|至少|达到|≥|到)\s*$/u;
const DOWN_BEFORE = /(?:低于|少于|小于|不到|不超过|别超过|≤)\s*$/u;
const NOT_ALLOWED =
  /(?:不能|(?<!要)不要|不可以|不适合|不宜|不建议|不许|别|避免)[^，、]{0,4}?(吃|喝|用|打|放|停|抽|测|洗|运动|断食|开车)/u;
const ALLOWED = /(?<!不)(?:能|可以|适合)[^不，、]{0,4}?(吃|喝|用|打|放|停|抽|测|洗|运动|断食|开车)/u;

/**
 * Numbers of the same matter, unit and conditions that differ, and 能 against
 * 不能 for the same thing. Only entries that share a topic are compared; each
 * pair is named once for one matter.
 */
export function findContradictions(entries: readonly Entry[], compared: Compared): Contradiction[] {
  const claimed = new Map<string, { entry: Entry; claims: Claim[] }[]>();
  for (const entry of entries) {
    for (const [key, claims] of byKey(claimsOfEntry(entry, compared)))
      claimed.set(key, [...(claimed.get(key) ?? []), { entry, claims }]);
  }
  return [...claimed].flatMap(([about, by]) =>
    by.flatMap((one, i) => by.slice(i + 1).flatMap((other) => clash(about, one, other))),
  );
}

type Claimed = { entry: Entry; claims: readonly Claim[] };

/** The two share a topic, and no value: one of them may be wrong. */
function clash(about: string, one: Claimed, other: Claimed): Contradiction[] {
  const [first, second] = [one.claims[0], other.claims[0]];
  if (!first || !second || !one.entry.topics.some((topic) => other.entry.topics.includes(topic))) return [];
  if (one.claims.some(({ value }) => other.claims.some((claim) => claim.value === value))) return [];
  return [
    {
      entryId: one.entry.id,
      otherId: other.entry.id,
      about,
      field: first.field,
      says: first.sentence,
      otherSays: second.sentence,
    },
  ];
}

function byKey(claims: readonly Claim[]): Map<string, Claim[]> {
  const map = new Map<string, Claim[]>();
  for (const claim of claims) map.set(claim.key, [...(map.get(claim.key) ?? []), claim]);
  return map;
}

function claimsOfEntry(entry: Entry, compared: Compared): Claim[] {
  return [
    ...claimsOfText(entry, compared, { field: 'answer_short', text: entry.answerShort }),
    ...claimsOfText(entry, compared, { field: 'answer', text: entry.answer }),
  ];
}

function claimsOfText(
  { question, drugMentions }: Entry,
  compared: Compared,
  { field, text }: Pick<Claim, 'field'> & { text: string },
): Claim[] {
  const nouns = [...compared.matters, ...compared.things, ...compared.doings, ...drugMentions];
  const circumstances = [...compared.situations, ...compared.doings];
  const [subject, another] = namedIn(plain(question), nouns);
  return text.split(/[。！？；\n]/u).flatMap((sentence) => {
    const situations = namedIn(sentence, circumstances);
    const found: Claim[] = [];
    let carried = subject === undefined || another !== undefined ? [] : [subject];
    let conditions: string[] = [];
    for (const clause of plain(sentence).split(/[，：、]/u)) {
      const here = namedIn(clause, nouns);
      if (here.length > 0) carried = here;
      const conditionsHere = namedIn(clause, compared.conditions);
      if (conditionsHere.length > 0) conditions = conditionsHere;
      const under = [...conditions, ...situations];
      const said = { clause, field, sentence: sentence.replace(/^\s*\d+\.\s*/u, '').trim(), named: carried, under };
      found.push(...numbersIn(said), ...permissionsIn(said));
    }
    return found;
  });
}

/** Without quotations, which are examples, glosses, and names of illnesses that hold the name of a matter. */
function plain(text: string): string {
  return text.replace(/“[^”]*”|（[^）]*）|[高低]血[压糖](?!仪|计)/gu, '');
}

/** A clause with the nouns that it, or the sentence before it, names, and under which conditions. */
interface Said extends Pick<Claim, 'field' | 'sentence'> {
  clause: string;
  named: readonly string[];
  under: readonly string[];
}

function keyOf(noun: string, under: readonly string[], rest: string): string {
  const conditions = [...new Set(under)].filter((name) => name !== noun).sort();
  return `${noun}${conditions.length > 0 ? `（${conditions.join('、')}）` : ''} ${rest}`;
}

function numbersIn({ clause, field, sentence, named, under }: Said): Claim[] {
  return [...clause.matchAll(NUMBER)].flatMap((match): Claim[] => {
    const [whole, from, to, unit = ''] = match;
    const [before, after] = [clause.slice(0, match.index), clause.slice(match.index + whole.length)];
    const noun = measuredBy(unit, named) ?? nearest(before, named);
    if (noun === undefined) return [];
    const direction = to === undefined ? directionOf(before, after) : 'range';
    return [{ key: keyOf(noun, under, `${direction} ${unit}`), value: `${from}–${to ?? ''}`, field, sentence }];
  });
}

/** What hardly anybody names beside its unit. */
function measuredBy(unit: string, named: readonly string[]): string | undefined {
  if (unit === 'mmol/L') return named.includes('血酮') ? '血酮' : '血糖';
  if (unit !== 'mmHg') return undefined;
  return named.find((name) => name === '高压' || name === '低压') ?? '血压';
}

function nearest(before: string, named: readonly string[]): string | undefined {
  const placed = named.map((name) => ({ name, at: before.lastIndexOf(name) })).sort((a, b) => b.at - a.at);
  return named.length === 1 || (placed[0]?.at ?? -1) >= 0 ? placed[0]?.name : undefined;
}

function directionOf(before: string, after: string): string {
  if (DOWN.test(after) || (DOWN_BEFORE.test(before) && !UP.test(after))) return 'at most';
  return UP.test(after) || UP_BEFORE.test(before) ? 'at least' : 'is';
}

function permissionsIn({ clause, field, sentence, named, under }: Said): Claim[] {
  const refused = NOT_ALLOWED.exec(clause)?.[1];
  const doing = refused ?? ALLOWED.exec(clause)?.[1];
  if (doing === undefined) return [];
  const value = refused === undefined ? 'yes' : 'no';
  return named.map((noun) => ({ key: keyOf(noun, under, doing), value, field, sentence }));
}

/** The longest names that stand in the clause: 低钠盐 and not 盐 beside it. */
function namedIn(clause: string, names: readonly string[]): string[] {
  const here = names.filter((name) => clause.includes(name));
  return [...new Set(here.filter((name) => !here.some((other) => other !== name && other.includes(name))))].sort();
}
