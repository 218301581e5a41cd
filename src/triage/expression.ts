/**
 * The small language of `knowledge/triage/*.yaml`, made so that a physician can
 * read and write it:
 *
 * - plain text stands for itself
 * - `(疼|痛|)` one of these; an empty branch makes it optional
 * - `{chest}` one of the expressions of the list `chest`
 * - `~` up to 5 characters within a clause, `…` up to 14 within a sentence; neither
 *   steps over a negation (不, 没, 无, 未, 别; 特别, 时不时 and the like are none)
 * - `<180-299>` a whole number in this range, `<38.0-42.9>` one with one decimal place
 * - `$` the end of a clause
 */
export interface Expression {
  readonly source: string;
  /** What every match needs: of each group at least one character. */
  readonly needed: readonly (readonly string[])[];
  /** False when the text cannot match because a character is missing: a cheap look before the real one. */
  possibleIn(characters: ReadonlySet<string>): boolean;
  /** All places where it matches, as [start, end). */
  findAll(text: string): [number, number][];
}

type Node =
  | { kind: 'text'; text: string }
  | { kind: 'choice'; branches: Node[][] }
  | { kind: 'gap'; pattern: string }
  | { kind: 'number'; spellings: readonly string[] }
  | { kind: 'end' };

export type ExpressionLists = Readonly<Record<string, readonly string[]>>;

export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Words that hold a negating character and negate nothing. */
const HARMLESS = '特别|时不时|动不动|无缘无故|不知怎么|不知道怎么';
const WITHIN_CLAUSE = `(?:${HARMLESS}|[^不没无未别,。!?;:]){0,5}?`;
const WITHIN_SENTENCE = `(?:${HARMLESS}|[^不没无未别。!?;]){0,14}?`;
const WIDEST_RANGE = 1000;

export function compileExpression(source: string, lists: ExpressionLists = {}): Expression {
  const nodes = parse(source, lists, []);
  if (matchesEmpty(nodes)) throw new ExpressionError(`"${source}" would match everywhere`);
  const needed = neededCharacters(nodes);
  const pattern = new RegExp(nodes.map(toPattern).join(''), 'gu');
  return {
    source,
    needed,
    possibleIn: (characters) => needed.every((group) => group.some((character) => characters.has(character))),
    findAll: (text) => [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]),
  };
}

/** One expression that matches where any of `sources` does. */
export function compileAny(sources: readonly string[], lists: ExpressionLists = {}): Expression {
  return compileExpression(`(${sources.join('|')})`, lists);
}

/**
 * Finds those of many expressions that are possible in a text without asking
 * each: an expression is only asked when its rarest character is there.
 */
export function createExpressionIndex(
  expressions: readonly Expression[],
): (characters: ReadonlySet<string>) => ReadonlySet<Expression> {
  const frequency = new Map<string, number>();
  for (const character of expressions.flatMap(({ needed }) => needed.flat())) {
    frequency.set(character, (frequency.get(character) ?? 0) + 1);
  }
  const weight = (group: readonly string[]) =>
    group.reduce((sum, character) => sum + (frequency.get(character) ?? 0), 0);
  const always: Expression[] = [];
  const byCharacter = new Map<string, Expression[]>();
  for (const expression of expressions) {
    const [rarest] = [...expression.needed].sort((a, b) => weight(a) - weight(b));
    if (!rarest) always.push(expression);
    for (const character of rarest ?? []) {
      byCharacter.set(character, [...(byCharacter.get(character) ?? []), expression]);
    }
  }
  return (characters) => {
    const possible = new Set(always);
    for (const character of characters) {
      for (const expression of byCharacter.get(character) ?? []) {
        if (expression.possibleIn(characters)) possible.add(expression);
      }
    }
    return possible;
  };
}

function parse(source: string, lists: ExpressionLists, within: readonly string[]): Node[] {
  const reader = { rest: source, source };
  const branches = parseBranches(reader, lists, within);
  if (reader.rest !== '') throw new ExpressionError(`"${source}" has a ")" too many`);
  const [only] = branches;
  return branches.length === 1 && only ? only : [{ kind: 'choice', branches }];
}

interface Reader {
  rest: string;
  readonly source: string;
}

/** Reads up to the closing bracket or the end: branches of one choice. */
function parseBranches(reader: Reader, lists: ExpressionLists, within: readonly string[]): Node[][] {
  const branches: Node[][] = [[]];
  while (reader.rest !== '' && reader.rest[0] !== ')') {
    if (reader.rest[0] === '|') {
      reader.rest = reader.rest.slice(1);
      branches.push([]);
      continue;
    }
    branches.at(-1)?.push(parseNode(reader, lists, within));
  }
  return branches;
}

function parseNode(reader: Reader, lists: ExpressionLists, within: readonly string[]): Node {
  const head = reader.rest[0];
  if (head === '(') return parseGroup(reader, lists, within);
  if (head === '{') return parseList(reader, lists, within);
  if (head === '<') return parseNumber(reader);
  if (head === '~' || head === '…') {
    reader.rest = reader.rest.slice(1);
    return { kind: 'gap', pattern: head === '~' ? WITHIN_CLAUSE : WITHIN_SENTENCE };
  }
  if (head === '$') {
    reader.rest = reader.rest.slice(1);
    return { kind: 'end' };
  }
  const text = /^[^(){}<>|~…$]+/u.exec(reader.rest)?.[0];
  if (text === undefined) throw new ExpressionError(`"${reader.source}": unexpected "${head}"`);
  reader.rest = reader.rest.slice(text.length);
  return { kind: 'text', text };
}

function parseGroup(reader: Reader, lists: ExpressionLists, within: readonly string[]): Node {
  reader.rest = reader.rest.slice(1);
  const branches = parseBranches(reader, lists, within);
  if (reader.rest[0] !== ')') throw new ExpressionError(`"${reader.source}": a ")" is missing`);
  reader.rest = reader.rest.slice(1);
  return { kind: 'choice', branches };
}

function parseList(reader: Reader, lists: ExpressionLists, within: readonly string[]): Node {
  const found = /^\{([a-z0-9-]+)\}/u.exec(reader.rest);
  const name = found?.[1];
  const entries = name === undefined ? undefined : lists[name];
  if (!found || name === undefined || !entries) throw new ExpressionError(`"${reader.source}": unknown list`);
  if (within.includes(name)) throw new ExpressionError(`list "${name}" contains itself`);
  reader.rest = reader.rest.slice(found[0].length);
  return { kind: 'choice', branches: entries.map((entry) => parse(entry, lists, [...within, name])) };
}

function parseNumber(reader: Reader): Node {
  const found = /^<(\d+(?:\.\d)?)-(\d+(?:\.\d)?)>/u.exec(reader.rest);
  const places = found?.[1]?.includes('.') ? 1 : 0;
  const [from, to] = [Number(found?.[1]), Number(found?.[2])].map((limit) => Math.round(limit * 10 ** places));
  if (!found || from === undefined || to === undefined || !(from <= to) || to - from > WIDEST_RANGE) {
    throw new ExpressionError(`"${reader.source}": a number range looks like <180-299> or <38.0-42.9>`);
  }
  reader.rest = reader.rest.slice(found[0].length);
  const spellings = Array.from({ length: to - from + 1 }, (_, index) =>
    ((from + index) / 10 ** places).toFixed(places),
  );
  return { kind: 'number', spellings };
}

function toPattern(node: Node): string {
  switch (node.kind) {
    case 'text':
      return node.text.replace(/[.*+?^${}()|[\]\\/-]/gu, '\\$&');
    case 'gap':
      return node.pattern;
    case 'end':
      return '(?=[.…~\\s]*(?:$|[,。!;]))';
    case 'choice':
      return `(?:${node.branches.map((branch) => branch.map(toPattern).join('')).join('|')})`;
    case 'number': {
      const numbers = node.spellings.map((number) => number.replace('.', '\\.')).join('|');
      return `(?<![\\d.])(?:${numbers})(?![\\d.]*\\d)`;
    }
  }
}

/**
 * What a match needs: of each group at least one character. The shortest
 * groups come first, since they fail soonest.
 */
function neededCharacters(nodes: readonly Node[]): readonly (readonly string[])[] {
  return nodes
    .flatMap((node) => {
      if (node.kind === 'text') return [...node.text].map((character) => [character]);
      if (node.kind === 'number') return [DIGITS];
      return node.kind === 'choice' ? neededOfChoice(node.branches) : [];
    })
    .sort((a, b) => a.length - b.length);
}

/** One character of each branch; nothing where a branch needs none. */
function neededOfChoice(branches: readonly Node[][]): string[][] {
  const ofBranches = branches.map((branch) => neededCharacters(branch)[0]);
  const known = ofBranches.filter((needed) => needed !== undefined);
  return known.length < branches.length ? [] : [[...new Set(known.flat())]];
}

const DIGITS = [...'0123456789'];

function matchesEmpty(nodes: readonly Node[]): boolean {
  return nodes.every((node) => {
    if (node.kind === 'choice') return node.branches.some((branch) => matchesEmpty(branch));
    return node.kind === 'gap' || node.kind === 'end' || (node.kind === 'text' && node.text === '');
  });
}
