import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { doubtOf, loadPlausibility, PlausibilityFileError } from './plausibility.js';
import type { Item, ItemKind } from './types.js';
import { coding, pressureParts, toCanonical, valueText } from './units.js';

const DIR = 'knowledge/triage';
const rules = loadPlausibility(DIR);
const item = (kind: ItemKind, value: number): Item => ({
  kind,
  value,
  context: null,
  original: String(value),
  span: [0, 1],
});
const pressure = (systolic: number, diastolic: number): Item => ({ ...item('blood-pressure', systolic), diastolic });

/** SAFETY 3.4, each bound and one step beyond. */
const bounds: [kind: ItemKind, value: number, kept: boolean, offered: number[]][] = [
  ['glucose', 1.0, false, [1.0]],
  ['glucose', 1.1, true, []],
  ['glucose', 33.3, true, []],
  ['glucose', 33.4, false, [3.34, 1.9]],
  ['glucose', 65, false, [6.5, 3.6]],
  ['glucose', 126, false, [12.6, 7.0]],
  ['glucose', 54, false, [5.4, 3.0]],
  ['glucose', 300, false, [30.0, 16.7]],
  ['glucose', 600, false, [33.3]],
  ['glucose', 601, false, []],
  ['glucose', 0.5, false, []],
  ['heart-rate', 34, false, [34]],
  ['heart-rate', 35, true, []],
  ['heart-rate', 200, true, []],
  ['heart-rate', 221, false, []],
  ['weight', 89, true, []],
  ['weight', 142, false, [71, 142]],
  ['temperature', 35, true, []],
  ['temperature', 365, false, [36.5]],
  ['temperature', 98.6, false, [37]],
  ['hba1c', 16, true, []],
  ['hba1c', 68, false, [6.8, 8.4]],
  ['spo2', 69, false, [69]],
  ['spo2', 101, false, []],
  ['exercise', 301, false, [301]],
  ['steps', 50_001, false, [50_001]],
  ['ketone', 8.1, false, [8.1]],
];
it.each(bounds)('%s %d', (kind, value, kept, offered) => {
  const doubt = doubtOf(item(kind, value), rules, false);
  expect(doubt === undefined).toBe(kept);
  expect(doubt?.candidates.map((c) => c.value) ?? []).toEqual(offered);
});

const pressures: [systolic: number, diastolic: number, reason: string | undefined, offered: string[]][] = [
  [130, 80, undefined, []],
  [70, 40, undefined, []],
  [260, 150, undefined, []],
  [261, 150, 'implausible', ['261/150']],
  [120, 106, 'implausible', ['120/106']],
  [120, 111, 'implausible', []],
  [250, 100, 'implausible', ['250/100']],
  [80, 130, 'swapped', ['130/80']],
  [100, 105, 'swapped', []],
  [17, 11, 'unit', ['128/83']],
];
it.each(pressures)('%d/%d', (systolic, diastolic, reason, offered) => {
  const doubt = doubtOf(pressure(systolic, diastolic), rules, false);
  expect(doubt?.reason).toBe(reason);
  expect(doubt?.candidates.map(valueText) ?? []).toEqual(offered);
});

describe('the file', () => {
  const original = readFileSync(join(DIR, 'plausibility.yaml'), 'utf8');
  const problemsOf = (text: string): readonly string[] => {
    const dir = mkdtempSync(join(tmpdir(), 'plausibility-'));
    writeFileSync(join(dir, 'plausibility.yaml'), text);
    try {
      loadPlausibility(dir);
      return [];
    } catch (error) {
      if (error instanceof PlausibilityFileError) return error.problems.map((p) => p.slice(dir.length + 1));
      throw error;
    } finally {
      rmSync(dir, { recursive: true });
    }
  };

  it('is active and unsigned', () => {
    expect(rules).toMatchObject({ signed_by: null, signed_on: null });
    expect(problemsOf(original)).toEqual([]);
  });
  it('names file and line of every mistake', () => {
    const broken = original
      .replace('accept: [1.1, 33.3]', 'accept: [33.3, 1.1]')
      .replace('signed_on: null', 'signed_on: soon');
    const line = (text: string) => broken.slice(0, broken.indexOf(text)).split('\n').length;
    expect(problemsOf(broken)).toEqual([
      expect.stringMatching(`^plausibility.yaml:${line('signed_on: soon')}: signed_on`),
      expect.stringMatching(`^plausibility.yaml:${line('accept: [33.3')}: items.glucose.accept`),
    ]);
  });
  it('names the line of broken YAML, and a missing file', () => {
    expect(problemsOf(`${original}\n  : [`)[0]).toMatch(/^plausibility\.yaml:\d+: /);
    expect(() => loadPlausibility('no/such/folder')).toThrow(PlausibilityFileError);
  });
});

it('units', () => {
  expect(toCanonical(117, 'mg/dL')).toBe(6.5);
  expect(toCanonical(17.3, 'kPa')).toBe(130);
  expect(toCanonical(142, 'jin')).toBe(71);
  expect(toCanonical(6, 'li')).toBe(3);
  expect([pressureParts.systolic.loinc, pressureParts.diastolic.loinc]).toEqual(['8480-6', '8462-4']);
  expect(coding.glucose).toEqual({ loinc: '15074-8', ucum: 'mmol/L' });
  expect(valueText(item('glucose', 6))).toBe('6.0');
  expect(valueText(pressure(130, 80))).toBe('130/80');
});
