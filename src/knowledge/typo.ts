import type { Entry } from './entry.js';

const LETTERS_AT_MOST = 4;
/** Signs that carry the meaning of a medical sentence: figures, negations, units, amounts, and what to do. */
const BEARING =
  /[\d.%<>≥≤～~一二三四五六七八九十百两半几不没无未非别勿禁忌停加减多少高低前后早晚上下每次能可要须应克毫升斤勺片粒支杯度天周月年时分秒大小降轻重快慢左右]/gu;

/**
 * Whether nothing but a few letters was mended: the same fields, the same
 * number of texts in each, no sign that bears meaning touched. Such a version
 * needs the second reviewer only (SAFETY.md 6.2).
 */
export function isTypoFix(before: Entry, after: Entry): boolean {
  if (JSON.stringify(factsOf(before)) !== JSON.stringify(factsOf(after))) return false;
  const [old, mended] = [textsOf(before), textsOf(after)];
  if (old.length !== mended.length) return false;
  let letters = 0;
  for (const [i, text] of old.entries()) {
    const other = mended[i] ?? '';
    if (text === other) continue;
    if (bearing(text) !== bearing(other)) return false;
    letters += distance(text, other);
  }
  return letters > 0 && letters <= LETTERS_AT_MOST;
}

/** Everything that is signed but the sentences; a change here is never a matter of letters. */
function factsOf(entry: Entry) {
  const { id, type, topics, audience, contraindicatedAudience, drugMentions, sources, evidence, author } = entry;
  const { variants, notThis, conflictOfInterest, llmRole, sample } = entry;
  return [
    [id, type, topics, audience, contraindicatedAudience, drugMentions, sources, evidence, author],
    [variants, notThis, conflictOfInterest, llmRole, sample, entry.emergencyLine, entry.seeDoctorWhen.length],
  ];
}

function textsOf(entry: Entry): string[] {
  return [entry.question, entry.answerShort, entry.answer, ...entry.seeDoctorWhen];
}

function bearing(text: string): string {
  return (text.match(BEARING) ?? []).join('');
}

/** Characters to change, add or leave out to get from one text to the other. */
function distance(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of a.entries()) {
    const line = [i + 1];
    for (const [j, against] of b.entries()) {
      const changed = (above[j] ?? 0) + (letter === against ? 0 : 1);
      line.push(Math.min(changed, (above[j + 1] ?? 0) + 1, (line[j] ?? 0) + 1));
    }
    above = line;
  }
  return above.at(-1) ?? 0;
}
