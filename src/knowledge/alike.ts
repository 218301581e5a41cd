import { readWording } from './wording.js';

/** From here on two questions are one for the editors: shared runs of characters, both ways. */
const ALIKE = 0.5;

/** What a question is about, without how it is asked: 二甲双胍 of 二甲双胍什么时候吃. */
export function contentWordsOf(text: string): string[] {
  return [...readWording(text).words];
}

export function mattersOf(text: string): string[] {
  return [...readWording(text).weighty];
}

/** Groups of questions that ask alike, each as places in `texts`, in the order of their first ones. */
export function groupAlike(texts: readonly string[]): number[][] {
  const groups: { grams: ReadonlySet<string>; key: string; members: number[] }[] = [];
  for (const [i, text] of texts.entries()) {
    const { grams, key } = readWording(text);
    const group = groups.find((one) => one.key === key || dice(one.grams, grams) >= ALIKE);
    if (group) group.members.push(i);
    else groups.push({ grams, key, members: [i] });
  }
  return groups.map(({ members }) => members);
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((part) => b.has(part)).length;
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size);
}
