import { isMap, isNode, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Entry, entryFileSchema, toEntry } from './entry.js';

/** Something wrong in one place of one file, in words that its author understands. */
export interface EntryProblem {
  file: string;
  line: number;
  /** The field, as a path (`sources.0.year`); empty where it is the file as a whole. */
  field: string;
  message: string;
}

export type ParsedEntry = { kind: 'entry'; entry: Entry } | { kind: 'problems'; problems: EntryProblem[] };

export function describeProblem({ file, line, field, message }: EntryProblem): string {
  return `${file}:${line}: ${field === '' ? '' : `${field}: `}${message}`;
}

/**
 * Reads one entry: YAML front matter between two lines of `---` holds every
 * field but `answer`, which is the text below it, exactly as it is sent. All
 * problems are reported at once, each with its line.
 */
export function parseEntry(file: string, text: string): ParsedEntry {
  const parts = splitFrontMatter(text);
  if (!parts) {
    const message = 'the file must start with a line ---, then the fields, then another line ---, then the answer';
    return { kind: 'problems', problems: [{ file, line: 1, field: '', message }] };
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(parts.frontMatter, { lineCounter, prettyErrors: false });
  const lineAt = (offset: number) => lineCounter.linePos(offset).line + 1;
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file,
      line: lineAt(error.pos[0]),
      field: '',
      message: `this is not valid YAML: ${error.message}`,
    }));
    return { kind: 'problems', problems };
  }
  const fields: unknown = document.toJS();
  if (fields === null || typeof fields !== 'object' || Array.isArray(fields)) {
    return { kind: 'problems', problems: [{ file, line: 2, field: '', message: 'there are no fields here' }] };
  }
  const problems: EntryProblem[] = [];
  if ('answer' in fields) {
    const line = lineOf(document.contents, ['answer'], lineAt);
    problems.push({ file, line, field: 'answer', message: 'belongs below the second ---, not here' });
  }
  const parsed = entryFileSchema.safeParse({ ...fields, answer: parts.body }, { error: inPlainWords });
  for (const issue of parsed.error?.issues ?? []) {
    for (const { path, message } of spread(issue)) {
      const line = path[0] === 'answer' ? parts.bodyLine : lineOf(document.contents, path, lineAt);
      problems.push({ file, line, field: path.join('.'), message });
    }
  }
  problems.push(...markupInBody(file, parts));
  if (parsed.success && problems.length === 0) return { kind: 'entry', entry: toEntry(parsed.data) };
  problems.sort((a, b) => a.line - b.line);
  return { kind: 'problems', problems };
}

interface FileParts {
  frontMatter: string;
  body: string;
  bodyLine: number;
}

function splitFrontMatter(text: string): FileParts | undefined {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '---') return undefined;
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  if (end === -1) return undefined;
  const rest = lines.slice(end + 1);
  const blank = Math.max(
    0,
    rest.findIndex((line) => line.trim() !== ''),
  );
  return { frontMatter: lines.slice(1, end).join('\n'), body: rest.join('\n').trim(), bodyLine: end + 2 + blank };
}

/** The answer is sent to WeChat as it is, where marks of Markdown would be read out as signs. */
function markupInBody(file: string, { body, bodyLine }: FileParts): EntryProblem[] {
  return body.split('\n').flatMap((line, index) =>
    /^#|\*\*|^\s*[-*] |`|\]\(|^\|/.test(line)
      ? [
          {
            file,
            line: bodyLine + index,
            field: 'answer',
            message: 'plain text only: no headings, bold, links or tables; number a list as 1. 2. 3.',
          },
        ]
      : [],
  );
}

/** One entry for each unknown field, so that each is shown on its own line. */
function spread(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'there is no such field; is it misspelt?' }));
}

const KIND_IN_WORDS: Record<string, string> = {
  array: 'a list',
  string: 'text',
  number: 'a whole number',
  boolean: 'true or false',
  object: 'a group of fields',
};

function inPlainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      if (issue.input === null) return 'must not be empty';
      return `must be ${KIND_IN_WORDS[String(issue.expected)] ?? String(issue.expected)}`;
    case 'invalid_value':
      if (issue.input === undefined) return 'is missing';
      return `must be one of: ${issue.values.map(String).join(', ')}`;
    case 'too_small': {
      const has = Array.isArray(issue.input) ? `, there are ${issue.input.length}` : '';
      return `at least ${issue.minimum} needed${has}`;
    }
    case 'too_big': {
      const has = Array.isArray(issue.input) ? `, there are ${issue.input.length}` : '';
      return `at most ${issue.maximum} allowed${has}`;
    }
    default:
      return 'is not valid';
  }
}

/** The line of the innermost part of the file that the path leads to. */
function lineOf(root: Node | null, path: readonly PropertyKey[], lineAt: (offset: number) => number): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isNode(item.key) && String(item.key) === String(step));
      if (!pair) break;
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = pair.value;
    } else {
      node = isNode(node) && 'items' in node && Array.isArray(node.items) ? node.items[Number(step)] : undefined;
      if (!isNode(node)) break;
      offset = node.range?.[0] ?? offset;
    }
  }
  return lineAt(offset);
}
