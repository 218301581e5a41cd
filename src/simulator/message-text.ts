import { QUOTED_AS } from './wechat-words.js';
import type { MessageContent } from './world-types.js';

/** The thin space that WeChat's phones put after an @name; desktops use a plain space. */
export const MENTION_END = '\u2005';

const QUOTE_RULE = `\n${Array(15).fill('-').join(' ')}\n`;

/** A quote in exactly the form in which WeChat's providers hand it on as text. */
export function renderQuote(quote: { name: string; text: string }, reply: string): string {
  return `「${quote.name}：${quote.text}」${QUOTE_RULE}${reply}`;
}

/** Puts `@name` before the text for every name that the text does not hold already. */
export function renderMentions(names: string[], text: string, end: string): string {
  const missing = names.filter((name) => !text.includes(`@${name}`));
  return missing.map((name) => `@${name}${end}`).join('') + text;
}

/** How a message is shown inside a quote. A quoted quote shows only its reply. */
export function quotedText(content: MessageContent): string {
  switch (content.kind) {
    case 'text':
      return content.body;
    case 'picture':
    case 'video':
    case 'voice':
    case 'emoticon':
    case 'location':
      return QUOTED_AS[content.kind];
    case 'file':
      return content.filename;
    case 'link':
    case 'mini-program':
    case 'chat-history':
    case 'group-note':
      return content.title;
    case 'pat':
    case 'system':
    case 'recall':
      return content.text;
    case 'contact-card':
    case 'red-packet':
    case 'transfer':
      return QUOTED_AS.unknown;
  }
}
