import { normaliseText } from '../platform/text-normalise.js';

/** Thanks and other polite endings: not forwarded to the doctor. */
const POLITE =
  /^(?:好的?|好嘞|好吧|嗯+|哦+|行|可以|谢谢?|谢了|多谢|感谢|非常感谢|太感谢了?|辛苦了?|收到|知道了?|明白了?|了解了?|懂了|ok|okay|thanks?|thank you|医生|大夫|主任|老师|您|你|啦|了|哈|呀|啊|的|[李王张刘陈杨赵黄周吴])+$/u;

export function isThanks(text: string): boolean {
  const words = normaliseText(text).replace(/[\p{P}\p{S}\s]/gu, '');
  return words === '' || POLITE.test(words);
}

/** Talk among colleagues under a card rather than words for the patient. In doubt the doctor is asked. */
const COLLEAGUES = [
  /^@/u,
  /(?:患者|病人|病号|这位|家属)/u,
  /[她他](?!们说)/u,
  /(?:咱们?|我们科|谁(?:来|有空|值班|接|回|看)|哪位|帮我|帮忙看|大家(?:看|觉得|怎么)|你们?(?:看|觉得|来|接|回|先)|要不要(?:转|收|叫|让|联系)|先别(?:回|发)|我(?:来|去)?(?:回|问|查|接|看)一?下|我来(?:回|接|处理)|怎么看$|怎么回)/u,
  /^[\p{Script=Han}]{0,2}(?:主任|老师|教授|医生|大夫)[,::,!\s]/u,
];

export function soundsLikeColleagues(text: string): boolean {
  const normalised = normaliseText(text);
  return COLLEAGUES.some((pattern) => pattern.test(normalised));
}

/** 收到，我马上打电话: said to the bot or the colleagues, more likely than to the patient. */
export function startsAsReceipt(text: string): boolean {
  return /^(?:收到|我?接了?|知道了)[,:;.!\s]/u.test(normaliseText(text).replaceAll('。', '.'));
}

/** A quoted message that asks for an answer: the card of a ticket, an alert, or what the asker added. */
export function isCard(quoted: string): boolean {
  return /引用本条直接写|联系上后回|^[^#\p{Script=Han}]{0,4}#\d+\s(?:【测试群】)?(?:新问题|新事务|⚠|.{1,24}补充:)/u.test(
    normaliseText(quoted),
  );
}

/** The ticket a quoted message is about: the number it starts with, or the only one in it. */
export function ticketNumberIn(quoted: string): number | undefined {
  const normalised = normaliseText(quoted);
  const leading = /^[^#\d\p{Script=Han}]{0,4}#(\d{1,7})/u.exec(normalised)?.[1];
  if (leading) return Number(leading);
  const all = new Set([...normalised.matchAll(/#(\d{1,7})/gu)].map((found) => Number(found[1])));
  const [only] = all;
  return all.size === 1 ? only : undefined;
}

/** What is done to a ticket, and the words that do it. */
export type Verb =
  | 'reply'
  | 'claim'
  | 'acknowledge'
  | 'hand-over'
  | 'ask-back'
  | 'reply-private'
  | 'note'
  | 'correct'
  | 'close'
  | 'solved'
  | 'suggested'
  | 'draft';

const VERBS: readonly (readonly [Verb, RegExp])[] = [
  ['claim', /^(?:接|我接|接单|claim)[。.!\uff01]?$/iu],
  ['acknowledge', /^(?:收到|ack|acknowledged?)[。.!\uff01]?$/iu],
  ['solved', /^(?:已?解决了?|solved)[。.!\uff01]?$/iu],
  ['suggested', /^[1-9]$/u],
  ['draft', /^(?:草稿|起草|draft)[。.!\uff01]?$/iu],
  // 转王医生 and 转 王 are meant for colleagues; 转氨酶高了要复查 is meant for the patient.
  [
    'hand-over',
    /^(?:转给?(?:\s*[:\uff1a@]\s*|\s+|$)(?=\S{0,12}$)|转给(?=\S{1,6}$)|转(?=\S{1,4}(?:医生|大夫|主任|医师|老师)$)|hand(?:\s+over)?(?:\s+to)?(?:\s+|$)(?=\S{0,12}$))/iu,
  ],
  ['ask-back', /^(?:追问|ask(?=[\s:\uff1a]))[\s:,\uff1a\uff0c]*/iu],
  ['reply-private', /^(?:私聊|private(?:ly)?(?=[\s:\uff1a]))[\s:,\uff1a\uff0c]*/iu],
  ['note', /^(?:备注|note(?=[\s:\uff1a]))[\s:,\uff1a\uff0c]*/iu],
  ['correct', /^(?:更正|correct(?:ion)?(?=[\s:\uff1a]))[\s:,\uff1a\uff0c]*/iu],
  ['close', /^(?:关闭|close(?=\s|$))[\s:,\uff1a\uff0c]*/iu],
];

/** Splits what stands after `#12`, or under a quoted card, into what to do and the words for it, kept as written. */
export function readVerb(text: string): { verb: Verb; rest: string } {
  const trimmed = text.trim();
  for (const [verb, pattern] of VERBS) {
    const found = pattern.exec(trimmed);
    if (found) return { verb, rest: trimmed.slice(found[0].length).trim() };
  }
  return { verb: 'reply', rest: trimmed };
}

/** `#12 …` as written: the number and what follows. Digits and the sign may be full width. */
export function readTicketLine(text: string): { number: number; rest: string } | undefined {
  const found =
    /^\s*[/\uff0f]?\s*(?:回复|答复|回答|回)?\s*[:\uff1a]?\s*[#\uff03]\s*([\d\uff10-\uff19]{1,7})(?![\d\uff10-\uff19])[\s,:\uff0c\uff1a\u3001]*([\s\S]*)$/u.exec(
      text,
    );
  if (!found) return undefined;
  return { number: Number((found[1] ?? '').normalize('NFKC')), rest: (found[2] ?? '').trim() };
}
