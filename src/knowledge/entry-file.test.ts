import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Entry } from './entry.js';
import { entryToFile } from './entry-file.js';
import { loadEntries } from './folder.js';
import { parseEntry } from './parse.js';

const { entries } = await loadEntries(fileURLToPath(new URL('../../knowledge', import.meta.url)));
const read = (entry: Entry) => {
  const parsed = parseEntry('KB.md', entryToFile(entry));
  return parsed.kind === 'entry' ? parsed.entry : parsed.problems;
};

it('every shipped entry is read back from its own file as it was', () => {
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) expect(read(entry)).toEqual(entry);
});

it('so is any text, whatever YAML would make of it', () => {
  const text = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.constantFrom('#', 'no', '5.0', '- 一', 'a: b', "'", '"', '是：否', '~', '2026-01-01', '*', '&x', '|', '>'),
    )
    .filter((words) => words.trim() !== '' && !/[\r\n\p{C}\p{Z}]/u.test(words));
  const [entry] = entries as [Entry];
  fc.assert(
    fc.property(fc.array(text, { minLength: 8, maxLength: 8 }), text, (variants, question) => {
      const { hash, ...changed } = { ...entry, variants, question, notThis: variants };
      expect(read({ ...changed, hash })).toMatchObject(changed);
    }),
    { numRuns: 200 },
  );
});
