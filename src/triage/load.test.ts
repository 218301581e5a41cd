import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RULES_DIR, rules } from '../../test/triage/listen.js';
import { compileExpression } from './expression.js';
import { loadTriageRules } from './load.js';

describe('the safety files', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'triage-'));
    cpSync(RULES_DIR, dir, { recursive: true });
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const change = (file: string, from: string, to: string): void => {
    const path = join(dir, file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
  };

  it('are unsigned and say so', () => {
    expect(rules.unsignedFiles).toEqual(
      expect.arrayContaining(['red-flags.yaml', 'suppression.yaml', 'thresholds.yaml', 'cards.yaml']),
    );
    change('cards.yaml', 'signed_by: null', 'signed_by: somebody');
    expect(loadTriageRules(dir).unsignedFiles).not.toContain('cards.yaml');
  });

  it('hold 24 groups of at least 8 expressions each', () => {
    const content: unknown = parse(readFileSync(join(RULES_DIR, 'red-flags.yaml'), 'utf8'));
    expect(content).toHaveProperty('flags');
    expect(rules.flags.map(({ id }) => id)).toEqual(
      Array.from({ length: 24 }, (_, index) => `RF-${String(index + 1).padStart(2, '0')}`),
    );
    for (const flag of rules.flags) {
      const count = flag.rules.flatMap(({ groups }) => groups.flatMap(({ expressions }) => expressions)).length;
      expect(count, flag.id).toBeGreaterThanOrEqual(8);
    }
  });

  it('never suppress by a word that plays down', () => {
    const text = readFileSync(join(RULES_DIR, 'suppression.yaml'), 'utf8').replace(/^\s*#.*$/gmu, '');
    expect(text).not.toMatch(/没事|没啥|不要紧|老毛病|忍忍|家里人说/u);
  });

  it.each([
    ['red-flags.yaml', 'id: RF-02', 'id: RF-2', 'red-flags.yaml:'],
    ['red-flags.yaml', 'card: stroke', 'card: strok', 'cards.yaml has no card "strok"'],
    ['red-flags.yaml', '翻(了|)白眼', '翻(了|白眼', 'a ")" is missing'],
    ['red-flags.yaml', 'within_day: true', 'within_days: true', 'within_days'],
    ['thresholds.yaml', 'symptoms: altered', 'symptoms: alterd', 'no symptom list "alterd"'],
    ['thresholds.yaml', 'for: [pregnant]', 'for: [pregnent]', 'not a condition'],
    ['suppression.yaml', 'news:', 'newz:', 'newz'],
    ['cards.yaml', 'crisis:', 'crysis:', 'cards.yaml'],
  ])('%s with a mistake is refused in words', (file, from, to, message) => {
    change(file, from, to);
    expect(() => loadTriageRules(dir)).toThrow(message);
  });

  it('name file and line of a mistake', () => {
    change('red-flags.yaml', 'id: RF-02', 'id: RF-2');
    const line =
      readFileSync(join(dir, 'red-flags.yaml'), 'utf8')
        .split('\n')
        .findIndex((text) => text.includes('id: RF-2')) + 1;
    expect(() => loadTriageRules(dir)).toThrow(`red-flags.yaml:${line}:`);
  });
});

describe('an expression', () => {
  const finds = (source: string, text: string): boolean => {
    const expression = compileExpression(source, { pain: ['疼', '痛'] });
    const found = expression.findAll(text).length > 0;
    if (found) expect(expression.possibleIn(new Set(text))).toBe(true);
    return found;
  };

  it.each([
    ['胸口疼', '我胸口疼', true],
    ['胸口(疼|痛)', '胸口痛', true],
    ['(好|)疼', '疼', true],
    ['胸口~{pain}', '胸口一阵阵疼', true],
    ['胸口~{pain}', '胸口特别疼', true],
    ['胸口~{pain}', '胸口不疼', false],
    ['胸口~{pain}', '胸口,疼', false],
    ['胸口…{pain}', '胸口发闷,还疼', true],
    ['胸口…{pain}', '胸口闷。头疼', false],
    ['血压<180-260>', '血压180', true],
    ['血压<180-260>', '血压1800', false],
    ['血压<180-260>', '血压179', false],
    ['烧到<38.0-42.9>', '烧到39.5度', true],
    ['烧到<38-42>', '烧到39.5度', false],
    ['死了$', '死了', true],
    ['死了$', '死了吗', false],
    ['3+', '3+', true],
  ])('%s in %s: %s', (source, text, expected) => {
    expect(finds(source, text)).toBe(expected);
  });

  it.each(['(', 'a)', '{unknown}', '<9-1>', '<a-b>', '~', '(|)', ''])('"%s" is refused', (source) => {
    expect(() => compileExpression(source)).toThrow();
  });
});
