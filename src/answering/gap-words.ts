import { mattersOf } from '../knowledge/index.js';
import { normaliseText } from '../platform/text-normalise.js';
import type { Ask } from './gaps.js';

/** How a gap is named to people who did not ask it. */
export type GapWords = { kind: 'wording'; text: string } | { kind: 'matters'; words: string[] } | { kind: 'hidden' };

/** Somebody's own case, or that of somebody they know. */
const OF_SOMEBODY =
  /我|俺|咱|本人|自己|家里|家属|[爸妈爹娘]|父亲|母亲|老[公婆伴头]|丈夫|妻子|爱人|儿子|女儿|闺女|爷爷|奶奶|姥[姥爷]|外[公婆]|[岳公婆]父|岳母|公公|婆婆|[哥姐弟妹]|叔|伯|姨|舅|姑|邻居|同事|朋友|亲戚|孩子|宝宝/u;
/** Who they are, where they live, how to reach them. */
const IDENTIFIES =
  /[@\u27e6\u27e7]|[叫姓](?=\p{Script=Han})|先生|女士|小姐|师傅|大[爷妈姐哥嫂]|阿姨|住在|家住|来自|小区|街道|村|单位|公司|身份证|病历|床号|卡号|微信|电话|手机|地址|生日|岁|[a-z]{6,}/u;
/** Numbers that belong to a matter and not to a person. */
const NUMBERS_OF_MATTERS = /[12]\s*型|(?:餐后|饭后)?\s*[12]\s*个?(?:半)?小时|(?:sglt|glp|dpp)-?\d|hba1c|120|15-15/gu;
const NUMBER = /\d|[零一二三四五六七八九十百]+点[零一二三四五六七八九]|[一二三四五六七八九]?十[一二三四五六七八九]/u;
/** Whoever writes more than this tells a story. */
const CHARS_AT_MOST = 40;
const WORDS_AT_MOST = 4;
const NAME_CHARS_AT_LEAST = 2;

/**
 * A wording that says nothing of a person; else the words that at least two
 * people used; else nothing. `names` are those of the people of the community.
 * In doubt it is hidden.
 */
export function wordsOfGap(asks: readonly Ask[], names: readonly string[]): GapWords {
  const plain = asks.find(({ text }) => isPlain(text, names));
  if (plain) return { kind: 'wording', text: plain.text.replace(/\s+/gu, ' ').trim() };
  const users = new Map<string, Set<string>>();
  for (const { personId, text } of asks)
    for (const word of mattersOf(text)) users.set(word, (users.get(word) ?? new Set()).add(personId));
  const shared = [...users].filter(([word, people]) => people.size > 1 && isPlain(word, names)).map(([word]) => word);
  return shared.length > 0 ? { kind: 'matters', words: shared.slice(0, WORDS_AT_MOST) } : { kind: 'hidden' };
}

function isPlain(text: string, names: readonly string[]): boolean {
  const said = normaliseText(text);
  if (said.length > CHARS_AT_MOST || OF_SOMEBODY.test(said) || IDENTIFIES.test(said)) return false;
  if (NUMBER.test(said.replace(NUMBERS_OF_MATTERS, ' '))) return false;
  return !names.some((name) => holdsName(said, name));
}

/** A name as it stands, or without what people put in brackets behind it. */
function holdsName(said: string, name: string): boolean {
  const whole = normaliseText(name);
  return [whole, whole.replace(/\(.*$/u, '').trim()].some(
    (one) => one.length >= NAME_CHARS_AT_LEAST && said.includes(one),
  );
}
