/** Readability on a phone; WeChat itself takes about 2,000. */
export const PART_CHARS = 600;
const PARTS_AT_MOST = 3;

/**
 * Cuts a long text at paragraph ends, else sentence ends, into at most three
 * parts that end in `(1/3)`. A short text is one part without a mark. What
 * would need a fourth part stays in the third: nothing is lost.
 */
export function splitText(text: string, maxChars = PART_CHARS): string[] {
  if ([...text].length <= maxChars) return [text];
  const parts: string[] = [];
  let rest = text;
  while (parts.length < PARTS_AT_MOST - 1 && [...rest].length > maxChars) {
    const cut = cutAt(rest, maxChars);
    parts.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  parts.push(rest);
  return parts.map((part, i) => `${part}\n(${i + 1}/${parts.length})`);
}

function cutAt(text: string, maxChars: number): number {
  const head = [...text].slice(0, maxChars).join('');
  for (const end of ['\n\n', '\n', '。', '!', '?', ';']) {
    const at = head.lastIndexOf(end);
    if (at > head.length / 3) return at + end.length;
  }
  return head.length;
}
