/** Readability on a phone; WeChat itself takes about 2,000. */
export const PART_CHARS = 600;
const PARTS_AT_MOST = 3;
/** What a name takes on the screen, about: a placeholder in the text is longer. */
const NAME_CHARS = 5;
const SENTENCE_ENDS = ['。', '!', '?', ';', '！', '？', '；'];

/**
 * Cuts a long text at paragraph ends, else line ends, else sentence ends, into
 * at most three parts that end in `(1/3)`. A short text is one part without a
 * mark. What is too long for three parts makes all of them longer: nothing is
 * lost, and no `⟦name⟧` is cut through.
 */
export function splitText(text: string, maxChars = PART_CHARS): string[] {
  const length = widthOf(text);
  if (length <= maxChars) return [text];
  const limit = Math.max(maxChars, Math.ceil(length / PARTS_AT_MOST));
  const parts: string[] = [];
  let rest = text;
  while (parts.length < PARTS_AT_MOST - 1 && widthOf(rest) > limit) {
    const head = cutOff(rest, limit);
    parts.push(head.trimEnd());
    rest = rest.slice(head.length).trimStart();
  }
  if (rest) parts.push(rest);
  return parts.length === 1 ? parts : parts.map((part, i) => `${part}\n(${i + 1}/${parts.length})`);
}

/** Characters as a person counts them, and each placeholder as one piece. */
function piecesOf(text: string): string[] {
  return text.match(/\u27e6[^\u27e7]+\u27e7|./gsu) ?? [];
}

function width(piece: string): number {
  return piece.length > 2 ? NAME_CHARS : 1;
}

function widthOf(text: string): number {
  return piecesOf(text).reduce((sum, piece) => sum + width(piece), 0);
}

/** The first part of a text: as much as fits, up to the last good place to stop. */
function cutOff(text: string, maxChars: number): string {
  let head = '';
  let used = 0;
  for (const piece of piecesOf(text)) {
    used += width(piece);
    if (used > maxChars) break;
    head += piece;
  }
  for (const ends of [['\n\n'], ['\n'], SENTENCE_ENDS]) {
    const at = Math.max(...ends.map((end) => head.lastIndexOf(end)));
    if (at > head.length / 3) return head.slice(0, at + (ends[0] ?? '').length);
  }
  return head;
}
