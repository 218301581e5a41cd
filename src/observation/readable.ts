import { normaliseText } from '../platform/text-normalise.js';

/** Longer messages are forwarded articles; their start is enough to know that. */
const LENGTH_MAX = 4000;

const ENTITIES: Record<string, string> = { '&nbsp;': ' ', '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
/** What stands in brackets and is no picture: 【打卡】 is text, [强] is a face. */
const BRACKETED_TEXT = /\d|打卡|签到|空腹|餐|饭|血|压|糖|药|体重|运动|睡前|补卡|更正|心率|步|接龙/;
const CIRCLED = /[①-⒛❶-❿➀-➓⓪⓫-⓴㈠-㈩㊀-㊉]/gu;
const KEYCAP_MARKER = /(?<![\d.,])\d\ufe0f?\u20e3(?!\ufe0f?[\d.。,点])/gu;
/** `1、` `1.` `1)` `(1)` `一、` before something that is no digit, at the start of an entry. */
const LIST_MARKER =
  /(^|[\n\s,，;；。!！])[(（]?(?:\d{1,2}|[一二三四五六七八九十])(?:[、)）]|[.．](?=\s*[^\s\d]))(?=\s*[^\s\d.])/gu;

/**
 * The text that the parser works on, and to which spans refer
 * (CHECKIN-AND-POINTS 3.2.1): without markup, pictures in brackets and list
 * markers, then normalised line by line. List markers go first: NFKC would
 * glue ① to a reading. Chinese numerals stay as written. Idempotent.
 */
export function readableText(text: string): string {
  let readable = text.slice(0, LENGTH_MAX);
  for (;;) {
    const next = withoutListMarkers(withoutMarkup(readable))
      .split(/\r\n|[\n\r\u0085\u2028\u2029]/u)
      .map(normaliseText)
      .filter((line) => line !== '')
      .join('\n');
    // What normalising brings out (`１、`), or one marker hid behind another, is removed as well; every round shortens.
    if (next === readable) return readable;
    readable = next;
  }
}

function withoutMarkup(text: string): string {
  return text
    .replace(/<br\s*\/?>/giu, '\n')
    .replace(/<\/?[a-z][^<>\n]{0,300}>/giu, ' ')
    .replace(/&(?:nbsp|amp|lt|gt|quot);/giu, (entity) => ENTITIES[entity.toLowerCase()] ?? ' ')
    .replace(/\[([^[\]\n]{1,8})\]/gu, (whole, inner: string) => (BRACKETED_TEXT.test(inner) ? whole : ' '));
}

/** (1)空腹6.5(2)餐后8.2: bracketed markers stand anywhere once the list begins with one. */
const BRACKETED_START = /(?:^|[\s:：])[(（]1[)）]/u;
const BRACKETED_MARKER = /[(（]\d{1,2}[)）](?=\s*[^\s\d.])/gu;

function withoutListMarkers(text: string): string {
  const entries = BRACKETED_START.test(text) ? text.replace(BRACKETED_MARKER, ' ') : text;
  return entries.replace(CIRCLED, ' ').replace(KEYCAP_MARKER, ' ').replace(LIST_MARKER, '$1');
}
