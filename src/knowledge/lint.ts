import { countChars, type Entry } from './entry.js';
import { type Guideline, newerEdition } from './guidelines.js';
import { findUnexplained, type Term } from './terms.js';

/** Something in a readable entry that its author should mend before it goes to review. */
export interface LintFinding {
  entryId: string;
  rule: LintRule;
  field: string;
  text: string;
  /** What would mend it, in words of this entry. */
  hint?: string;
}

/** How to mend what a rule found, for the author. */
export const HOW_TO_MEND = {
  'absolute-word': 'say what is known and for whom, without a promise',
  dose: 'take the amount out: the doctor or the leaflet says it',
  commerce: 'take out telephone numbers, addresses, accounts and offers',
  brand: 'use the generic name',
  'orders-a-change-of-drug': 'let the doctor decide: 请和您的医生商量',
  blame: 'say it without blame',
  promise: 'promise nothing that the bot cannot keep',
  'number-without-unit': 'put the unit behind the number, and say when it is measured (空腹, 餐后)',
  'says-你': 'write 您',
  'long-sentence': 'split it: at most 35 characters, one idea each',
  'long-answer': 'at most 300 characters: keep what the question asks for',
  'long-sentences': 'shorten them: 20 characters on average',
  'long-list': 'at most 5 items: join or leave out',
  abbreviations: 'at most 2 in Latin letters: write the Chinese name',
  audience: 'pregnancy and children are named: say in contraindicated_audience whom this is not for',
  'old-source': 'cite the newest edition, or say in why_older why this one still holds',
  'unexplained-term': 'explain it in brackets where it first stands',
  contradiction:
    'a warning: if both are right, say in each for whom and when, or settle it in terms.yaml; else mend one of them',
  'superseded-source':
    'this guideline has a newer edition: cite that one, or say in why_older why this one still holds',
  'same-wording': 'to the search the two are one wording: keep it in the entry that answers it',
} as const;
export type LintRule = keyof typeof HOW_TO_MEND;

const ABSOLUTE =
  /根治|治愈|包治|包好|保证|100%|百分之百|无副作用|没有副作用|最好|最佳|第一(?![步次天个类口滴时])|特效|秘方|排毒|彻底|断根|永不|绝对/u;
/** Tablets, units or milligrams of a drug; sodium on a label and mg/dL are no doses. */
const DOSE = /(?:\d+|[一二两三四五六半])\s*(?:毫克(?!钠|\/|每)|mg(?!\s*\/\s*dl)|微克|单位|片|粒|支|iu\b)/iu;
const COMMERCE = /1[3-9]\d{9}|\d{3,4}-\d{7,8}|https?:|www\.|微信号|加微信|公众号|扫码|私我|下单|优惠/u;
const BRAND =
  /拜唐苹|格华止|诺和(?:灵|锐|平|泰|力|龙)|来得时|优泌|甘舒霖|达美康|亚莫利|捷诺维|安达唐|欧唐静|拜新同|络活喜|代文|科素亚|波依定|倍他乐克|罗氏|三诺|欧姆龙|鱼跃|雅培/u;
const ORDER = /您(?:应该|应当|可以|要|需要|得)(?:停|加|减)/u;
const BLAME = /活该|不听话|自找|后果自负/u;
const PROMISE = /稍等|医生马上|马上就到/u;
/** A decimal without a unit soon after it; the first half of a range borrows the unit of the second. */
const BARE_DECIMAL = /\d+\.\d+(?![\d.]|\s*(?:[–~-]\s*\d|mmol|%|毫|克|℃|公斤|厘米|米|倍|升|小时))/u;
const CHILD_OR_PREGNANT = /孕|哺乳|产后|孩子|儿童|婴/u;
const KNOWN_ABBREVIATIONS = new Set(['mmol', 'mmhg', 'mg', 'dl', 'l', 'lo', 'hi', 'kb']);
const SENTENCE_CHARS_MAX = 35;
const SENTENCE_CHARS_AVERAGE_MAX = 20;
/** One or two sentences have no average to speak of. */
const SENTENCES_FOR_AVERAGE = 3;
const ANSWER_CHARS_MAX = 300;
const GUIDELINE_YEARS_MAX = 5;

/** Length and sentences of the answer, for the readability rules of SAFETY 6.4. */
export function readability(entry: Entry): { chars: number; averageSentence: number; longestSentence: number } {
  const lengths = sentencesOf(entry.answer).map(countChars);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return {
    chars: countChars(entry.answer),
    averageSentence: lengths.length === 0 ? 0 : total / lengths.length,
    longestSentence: Math.max(0, ...lengths),
  };
}

export interface LintOptions {
  /** The current one. */
  year: number;
  guidelines?: readonly Guideline[];
  terms?: readonly Term[];
}

/** The machine checks of SAFETY 6.3 and 6.4 that need no reader. */
export function lintEntry(entry: Entry, { year, guidelines = [], terms = [] }: LintOptions): LintFinding[] {
  const findings: LintFinding[] = [];
  const find = (rule: LintRule, field: string, text: string) => findings.push({ entryId: entry.id, rule, field, text });

  for (const { field, text } of textsOf(entry)) {
    const rules: [LintRule, RegExp][] = [
      ['absolute-word', ABSOLUTE],
      ['dose', DOSE],
      ['commerce', COMMERCE],
      ['brand', BRAND],
      ['orders-a-change-of-drug', ORDER],
      ['blame', BLAME],
      ['promise', PROMISE],
      ['number-without-unit', BARE_DECIMAL],
      ['says-你', /你/u],
    ];
    for (const [rule, pattern] of rules) {
      const hit = pattern.exec(text)?.[0];
      if (hit !== undefined) find(rule, field, hit);
    }
    for (const sentence of sentencesOf(text)) {
      if (countChars(sentence) > SENTENCE_CHARS_MAX) find('long-sentence', field, sentence);
    }
  }
  const { chars, averageSentence } = readability(entry);
  const sentences = sentencesOf(entry.answer).length;
  if (chars > ANSWER_CHARS_MAX) find('long-answer', 'answer', `${chars}`);
  if (sentences >= SENTENCES_FOR_AVERAGE && averageSentence > SENTENCE_CHARS_AVERAGE_MAX)
    find('long-sentences', 'answer', averageSentence.toFixed(1));
  if (longestList(entry.answer) > 5) find('long-list', 'answer', `${longestList(entry.answer)}`);
  const abbreviations = abbreviationsOf(entry.answer);
  if (abbreviations.length > 2) find('abbreviations', 'answer', abbreviations.join(' '));
  if (CHILD_OR_PREGNANT.test(entry.answer) && !entry.contraindicatedAudience.some(namesChildOrPregnant))
    find('audience', 'contraindicated_audience', CHILD_OR_PREGNANT.exec(entry.answer)?.[0] ?? '');
  for (const source of entry.sources) {
    if (source.year !== null && source.year < year - GUIDELINE_YEARS_MAX && source.why_older === null)
      find('old-source', 'sources', source.title);
    if (source.why_older === null && newerEdition(source, guidelines) !== undefined)
      find('superseded-source', 'sources', source.title);
  }
  return [...findings, ...unexplainedTerms(entry, terms)];
}

/** The short answer may stand alone; the others are read one behind the other. */
function unexplainedTerms(entry: Entry, terms: readonly Term[]): LintFinding[] {
  const [short, ...rest] = textsOf(entry);
  return [short ? [short] : [], rest].flatMap((texts) => {
    const whole = texts.map(({ text }) => text).join('\n');
    return findUnexplained(whole, terms).map(({ name, gloss, at }): LintFinding => {
      const field = texts.find(
        (_, i) => at < texts.slice(0, i + 1).reduce((end, { text }) => end + text.length + 1, 0),
      );
      return {
        entryId: entry.id,
        rule: 'unexplained-term',
        field: field?.field ?? 'answer',
        text: name,
        hint: `${name}（${gloss}）`,
      };
    });
  });
}

function namesChildOrPregnant(audience: string): boolean {
  return /妊娠|孕|产后|哺乳|18岁|儿童|^无/.test(audience);
}

/** What reaches a patient, by field. */
function textsOf(entry: Entry): { field: string; text: string }[] {
  return [
    { field: 'answer_short', text: entry.answerShort },
    { field: 'answer', text: entry.answer },
    ...entry.seeDoctorWhen.map((text) => ({ field: 'see_doctor_when', text })),
    ...(entry.emergencyLine === null ? [] : [{ field: 'emergency_line', text: entry.emergencyLine }]),
  ];
}

function sentencesOf(text: string): string[] {
  return text
    .split(/[。！？!?；\n]/u)
    .map((sentence) => sentence.replace(/^\s*\d+[.)）]\s*/u, '').trim())
    .filter((sentence) => sentence !== '');
}

function longestList(text: string): number {
  let longest = 0;
  let run = 0;
  for (const line of text.split('\n')) {
    run = /^\s*\d+[.)）]/.test(line) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function abbreviationsOf(text: string): string[] {
  const words = text.match(/[A-Za-z]+\d*/g) ?? [];
  return [...new Set(words.map((word) => word.toLowerCase()))].filter((word) => !KNOWN_ABBREVIATIONS.has(word));
}
