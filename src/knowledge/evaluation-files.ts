import { z } from 'zod';
import type { SearchableEntry } from './search.js';

const entryLine = z.object({
  id: z.string().min(1),
  question: z.string().min(1),
  alternatives: z.array(z.string().min(1)).default([]),
  answer: z.string().optional(),
});

const queryLine = z.object({
  id: z.string().optional(),
  text: z.string(),
  /** The entries that answer it; none: no entry fits. */
  gold: z.array(z.string()),
  type: z.string().optional(),
  domain: z.string().optional(),
});
export type FaqQuery = z.infer<typeof queryLine>;

/** A line of a labelled file that cannot be read; the message says which and why. */
export class LabelledFileError extends Error {
  override name = 'LabelledFileError';
  code = 'labelled-file';
}

/** A corpus for an evaluation, a JSON object a line. @throws LabelledFileError with file and line */
export function readFaqEntries(text: string, file: string): SearchableEntry[] {
  return readLines(text, file, entryLine).map(({ id, question, alternatives, answer }) => ({
    id,
    topics: ['general'],
    question,
    variants: alternatives,
    notThis: [],
    ...(answer === undefined ? {} : { answer }),
  }));
}

/** Labelled questions, a JSON object a line. @throws LabelledFileError with file and line */
export function readFaqQueries(text: string, file: string): FaqQuery[] {
  return readLines(text, file, queryLine);
}

/** A JSON object a line. @throws LabelledFileError with file and line */
export function readLines<T>(text: string, file: string, schema: z.ZodType<T>): T[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const where = `${file}:${i + 1}`;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw new LabelledFileError(`${where}: is not JSON; each line is one object`);
    }
    const read = schema.safeParse(json);
    if (read.success) return [read.data];
    const [issue] = read.error.issues;
    throw new LabelledFileError(`${where}: ${issue?.path.join('.') || 'line'}: ${issue?.message}`);
  });
}
