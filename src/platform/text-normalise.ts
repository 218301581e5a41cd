import { Converter } from 'opencc-js/t2cn';

const ROUNDS_AT_MOST = 8;
const toSimplified = Converter({ from: 't', to: 'cn' });
const ZERO_WIDTH = /\u200b|\u200c|\u200d|\u200e|\u200f|[\u202a-\u202e\u2060-\u2064]|\ufeff|\ufe0e|\ufe0f|\u20e3/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/**
 * One spelling for what people see as the same: full width to half width
 * (NFKC), traditional to simplified, no zero-width or control characters,
 * white space of any kind as single spaces, lower case. Idempotent.
 */
export function normaliseText(text: string): string {
  let before = text;
  // What one step takes away can let another one join what then stands together; plain text is done in one round.
  for (let round = 0; round < ROUNDS_AT_MOST; round += 1) {
    const after = normaliseOnce(before);
    if (after === before) return after;
    before = after;
  }
  return before;
}

function normaliseOnce(text: string): string {
  const plain = text.replace(ZERO_WIDTH, '').replace(CONTROL, '').toLowerCase().normalize('NFKC');
  return toSimplified(plain).replace(/\s+/g, ' ').trim();
}
