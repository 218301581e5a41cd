import type { ChatMessage, Room } from '../community/index.js';
import { type Decision, mattersOf } from '../knowledge/index.js';
import { normaliseText } from '../platform/text-normalise.js';
import { asksSomething, isOfSomebody } from './talk.js';

/** What a message asks of the entries: mostly one thing. */
export interface Asked {
  decision: Decision;
  /** Entries of a message that asks several things, in its order; at least two, or none. */
  several: readonly string[];
  /** How many of its questions have no entry. */
  unanswered: number;
}

type Decide = (words: string) => Decision;

const AT_MOST = 3;
const SHORTEST_QUESTION = 3;
/** 那能吃香蕉吗, 还有什么要注意: said after something else. */
const LEANS = /^(?:(?:那么?|还有|另外|再问(?:一?下)?|要是|如果是?|换成)[\s,]*)+/u;
const BETWEEN_QUESTIONS = /[?？\n;；。!！]|[,，](?=那|还有|另外|再问)/u;

/** What a room asks of the search: its topics, and how sure an answer must be. */
export function searchOptionsOf({ room }: Pick<ChatMessage, 'room'>): {
  topics: Room['topics'];
  style: Room['answerStyle'];
} {
  const { topics = [], answerStyle: style = 'standard' } = room ?? {};
  return { topics, style };
}

export function leansOnBefore(said: string): boolean {
  return LEANS.test(said) && asksSomething(said);
}

const ASKS_PLAINLY =
  /(?:[?]|吗|么|呢|嘛|不|没)[\s?!~。]*$|能不能|可不可以|行不行|要不要|会不会|是不是|有没有|怎[么样]|咋|什么|为何|多少|多久|(?<!那)几[个次点天克]|哪[些种个]/u;
const NO_QUESTION = /^那(?:可不|倒是|敢情|还用说|不就|还不|没办法)/u;
/** Words to the others in the group. */
const TO_OTHERS = /[你您]|大家|各位|群主|姐|哥|叔|阿姨|大[爷妈]/u;
const FOLLOW_UP_CHARS_AT_MOST = 30;

/** 那香蕉呢, said to nobody by name: leans on what was answered just now, and asks plainly. In doubt it is talk. */
export function followsUp(said: string): boolean {
  if (said.length > FOLLOW_UP_CHARS_AT_MOST || NO_QUESTION.test(said) || TO_OTHERS.test(said)) return false;
  return leansOnBefore(said) && ASKS_PLAINLY.test(said);
}

/** Reads a message as one question, as several, or with the one before it, which `previous` holds. */
export function readAsked(text: string, { decide, previous }: { decide: Decide; previous: string | undefined }): Asked {
  const parts = text
    .split(BETWEEN_QUESTIONS)
    .map((part) => part.trim())
    .filter((part) => part.length >= SHORTEST_QUESTION && asksSomething(normaliseText(part)));
  if (parts.length > 1) {
    const decisions = parts.map((part) => firstAnswer([part, `${illnessIn(text)}${withoutLead(part)}`], decide));
    const several = [...new Set(decisions.flatMap((one) => (one.kind === 'answer' ? [one.entryId] : [])))];
    const unanswered = decisions.filter((one) => one.kind !== 'answer').length;
    if (several.length > 1) return { decision: decide(text), several: several.slice(0, AT_MOST), unanswered };
  }
  if (previous === undefined) return { decision: decide(text), several: [], unanswered: 0 };
  return { decision: readLeaning(withoutLead(text), { decide, previous }), several: [], unanswered: 0 };
}

/**
 * The rest of 那… with what it leans on: in the place of the last matter, with
 * the illness, or with all that was spoken of. By itself it counts only where
 * the illness does not lead elsewhere: 喝茶可以吗 is near to any drink.
 */
function readLeaning(rest: string, { decide, previous }: { decide: Decide; previous: string }): Decision {
  const alone = decide(rest);
  const matter = matterIn(rest);
  // 那我妈呢: what is right for all may not be for her.
  if (illnessIn(rest) !== '' || (matter !== undefined && isOfSomebody(matter))) return alone;
  const instead = insteadOfMatter(previous, matter);
  const withIllness = `${illnessIn(previous)}${rest}`;
  const together = instead.length > 0 && ASKS_WHETHER.test(previous) ? [] : [`${mattersOf(previous).join('')}${rest}`];
  const leaning = firstAnswer([...instead, withIllness, ...together], decide);
  if (leaning.kind === 'answer' || alone.kind === 'offer') return leaning;
  const agrees = decide(withIllness).candidates[0]?.entryId === alone.candidates[0]?.entryId;
  return agrees && (alone.kind === 'answer' || leaning.kind === 'offer') ? alone : leaning;
}

/** The best that one of the wordings comes to: the first answer, else the choice of the last, which says most. */
function firstAnswer(wordings: readonly string[], decide: Decide): Decision {
  const decisions = [...new Set(wordings)].map(decide);
  const [first] = decisions;
  return (
    decisions.find(({ kind }) => kind === 'answer') ??
    decisions.findLast(({ kind }) => kind === 'clarify') ??
    first ?? { kind: 'offer', candidates: [] }
  );
}

const ASKS_WHETHER = /能|可以|可不可以|行不行/u;
const ONLY_A_MATTER = /^([^?,。!]{1,10}?)(?:呢|怎么样|行吗|可以吗|行不行|可不可以)[\s?!~。]*$/u;

/** 香蕉呢 after 糖尿病能吃西瓜吗 is 糖尿病能吃香蕉吗: the new matter in the place of the last one. */
function insteadOfMatter(previous: string, matter: string | undefined): string[] {
  const before = mattersOf(previous)
    .filter((word) => illnessIn(word) === '' && word.length > 1 && previous.includes(word))
    .at(-1);
  return matter === undefined || before === undefined ? [] : [previous.replace(before, matter)];
}

/** All that 香蕉呢 names, which asks in no other way. */
function matterIn(rest: string): string | undefined {
  const named = ONLY_A_MATTER.exec(normaliseText(rest))?.[1];
  return named !== undefined && !asksSomething(named) ? named : undefined;
}

function withoutLead(text: string): string {
  return text.trim().replace(LEANS, '');
}

/** The illness that is spoken of, which nobody says twice. */
function illnessIn(text: string): string {
  if (/糖尿病|糖友|血糖|胰岛素|降糖/u.test(text)) return '糖尿病';
  return /血压|降压/u.test(text) ? '高血压' : '';
}
