import { z } from 'zod';
import { contentWordsOf, type ServedEntry } from '../knowledge/index.js';
import { normaliseText } from '../platform/text-normalise.js';

/** What a model makes of one entry for one question; `null` where the entry does not answer it. */
export const groundedSchema = z.strictObject({ text: z.string().max(600).nullable() });

const LONGEST = 400;
const NUMBER = /\d+(?:\.\d+)?/gu;
/** A number with what stands behind it: 15克, 3.9mmol/l, 120. */
const MEASURED = /\d+(?:\.\d+)?\s*(?:%|[a-z]+(?:\/[a-z]+)?|\p{Script=Han})?/gu;
const CHINESE_NUMBER =
  /[零一二两三四五六七八九十百千半]+\s*(?:克|毫克|毫升|升|片|粒|颗|次|天|日|周|个?月|年|岁|小时|分钟|勺|杯|碗|个|单位|倍|成)/gu;
const NEGATION = /不|别|勿|没|无|非|禁|忌|避免|停|未|拒/u;
/** Names of drugs by how their classes end. */
const DRUG =
  /\p{Script=Han}{0,3}(?:列净|列汀|沙坦|普利|地平|洛尔|他汀|双胍|鲁肽|波糖|胰岛素|噻嗪|呋塞米|螺内酯|阿司匹林|格列\p{Script=Han}{1,2})/gu;
const LINK = /https?:|www\.|[@\uff20]|微信|加我|扫码|公众号/u;
/** Words of courtesy and order that say nothing about health. */
const HARMLESS: ReadonlySet<string> = new Set(
  '您 请 可以 是 的 了 和 也 都 就 要 会 有 在 对 把 被 让 给 先 再 然后 如果 因为 所以 但 但是 或 或者 以及 以下 一般 通常 主要 比较 建议 记得 注意 需要 应该 问题 情况 时候 时 您好 好 这 那 这个 这样 等 还 还有 另外 如 比如 例如 具体 来说 简单 总之 能 能够 做 做到 进行 通过 根据 关于 方面 包括 以 为 与 及'.split(
    ' ',
  ),
);
/** Of the words of a sentence so many must stand in the entry or the question. */
const WORDS_KNOWN = 0.85;

/**
 * Whether a model's wording says nothing that its entry does not: every number
 * with its unit, every negation with what it negates, every drug and nearly every word must come from the entry. In doubt no,
 * for then the entry itself is sent (DESIGN principle 1).
 */
export function isGrounded(text: string, { entry }: Pick<ServedEntry, 'entry'>, question: string): boolean {
  const said = normaliseText(text);
  const known = normaliseText(
    [entry.question, entry.answerShort, entry.answer, ...entry.seeDoctorWhen, entry.emergencyLine ?? ''].join('\n'),
  );
  if (said.trim() === '' || text.length > LONGEST || LINK.test(said)) return false;
  const inEntry = (part: string) => known.replace(/\s/gu, '').includes(part.replace(/\s/gu, ''));
  if (!(said.match(MEASURED) ?? []).every(inEntry)) return false;
  const numbers = new Set(known.match(NUMBER));
  if (!(said.match(NUMBER) ?? []).every((number) => numbers.has(number))) return false;
  if (!(said.match(CHINESE_NUMBER) ?? []).every(inEntry)) return false;
  if (!(said.match(DRUG) ?? []).every(inEntry)) return false;
  const sentences = known.split(SENTENCE_END);
  const words = new Set([...contentWordsOf(known), ...contentWordsOf(normaliseText(question))]);
  return said.split(SENTENCE_END).every((sentence) => isSaidSo(sentence, { sentences, words, known }));
}

/** A point between digits ends nothing. */
const SENTENCE_END = /(?:[!?;,:\n\u3002\uff0c\uff01\uff1f\uff1b\uff1a\u3001]|\.(?!\d))+/u;
/** 不 and 没 that deny nothing. */
const NO_DENIAL = /不(?:要紧|错|同|仅|但|光|只|管|论|如|过|少|妨)|没关系|非常|忌口|停留/gu;

/** One clause: its words are known, and it denies exactly what the entry denies of the same matter. */
function isSaidSo(
  clause: string,
  { sentences, words, known }: { sentences: readonly string[]; words: ReadonlySet<string>; known: string },
): boolean {
  if (known.includes(clause.trim())) return true;
  const own = contentWordsOf(clause).filter((word) => !HARMLESS.has(word));
  if (own.length === 0) return !isDenied(clause);
  const share = own.filter((word) => words.has(word) || known.includes(word)).length / own.length;
  return share >= WORDS_KNOWN && isDenied(clause) === isDenied(nearest(own, sentences));
}

function isDenied(clause: string): boolean {
  return NEGATION.test(clause.replace(NO_DENIAL, ''));
}

/** The entry's clause that shares most words with these. */
function nearest(words: readonly string[], clauses: readonly string[]): string {
  let [best, most] = ['', -1];
  for (const clause of clauses) {
    const shared = words.filter((word) => clause.includes(word)).length / Math.sqrt(clause.length + 4);
    if (shared > most) [best, most] = [clause, shared];
  }
  return best;
}
