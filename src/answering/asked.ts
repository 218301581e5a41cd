import type { ChatMessage, Room } from '../community/index.js';
import { type Decision, mattersOf } from '../knowledge/index.js';
import { normaliseText } from '../platform/text-normalise.js';
import { asksSomething } from './talk.js';

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
const LEANS = /^(?:那么?|还有|另外|再问(?:一?下)?|要是|如果是?|换成)[\s,]*/u;
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
  const rest = withoutLead(text);
  const tries = [rest, `${illnessIn(previous)}${rest}`, `${mattersOf(previous).join('')}${rest}`];
  return { decision: firstAnswer(tries, decide), several: [], unanswered: 0 };
}

/** The best that one of the wordings comes to: an answer, else a choice. */
function firstAnswer(wordings: readonly string[], decide: Decide): Decision {
  const decisions = [...new Set(wordings)].map(decide);
  const [first] = decisions;
  return (
    decisions.find(({ kind }) => kind === 'answer') ??
    decisions.find(({ kind }) => kind === 'clarify') ??
    first ?? { kind: 'offer', candidates: [] }
  );
}

function withoutLead(text: string): string {
  return text.trim().replace(LEANS, '');
}

/** The illness that is spoken of, which nobody says twice. */
function illnessIn(text: string): string {
  if (/糖尿病|糖友|血糖|胰岛素|降糖/u.test(text)) return '糖尿病';
  return /血压|降压/u.test(text) ? '高血压' : '';
}
