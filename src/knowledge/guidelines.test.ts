import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageDir } from '../platform/config.js';
import type { Entry, EntrySource } from './entry.js';
import { loadEntries } from './folder.js';
import { citesOlder, findGuideline, loadGuidelines, newerEdition, titledGuideline, titleKey } from './guidelines.js';
import { lintEntry } from './lint.js';

const guidelines = await loadGuidelines(join(packageDir, 'knowledge', 'guidelines.yaml'));
const { entries } = await loadEntries(join(packageDir, 'knowledge'));
const folder = mkdtempSync(join(tmpdir(), 'xinglin-guidelines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = (changes: Partial<EntrySource>): EntrySource => ({
  title: '国家基层糖尿病防治管理指南',
  org: '某学会',
  edition: null,
  year: null,
  section: null,
  url: null,
  accessed: null,
  checked: 'memory',
  quote: null,
  why_older: null,
  ...changes,
});
const cited = (words: string) => {
  const found = findGuideline(guidelines, words);
  if (!found) throw new Error(`the registry does not know ${words}`);
  return found;
};

describe('titleKey', () => {
  it.each([
    ['《中国糖尿病防治指南（2024版）》', '中国糖尿病防治指南'],
    ['中国高血压防治指南(2024年修订版)', '中国高血压防治指南'],
    ['国家基层高血压防治管理指南2025版', '国家基层高血压防治管理指南'],
    ['中国家庭血压监测指南 2019', '中国家庭血压监测指南'],
    ['国家基层高血压防治管理指南2025版发布（诊断标准摘要）', '国家基层高血压防治管理指南2025版发布诊断标准摘要'],
  ])('%s', (title, expected) => {
    expect(titleKey(title)).toBe(expected);
  });
});

describe('findGuideline', () => {
  it.each([
    ['CDS24', 'CDS24'],
    ['cds24', 'CDS24'],
    ['中国糖尿病防治指南（2020年版）', 'CDS24'],
    ['JC22', 'JC25'],
    ['Standards of Care in Diabetes', 'ADA25'],
  ])('%s is %s', (words, key) => {
    expect(findGuideline(guidelines, words)?.key).toBe(key);
  });
  it('knows no other', () => {
    expect(findGuideline(guidelines, '某某指南')).toBeUndefined();
  });
});

describe('newerEdition', () => {
  it.each([
    [{ edition: '2022' }, '国家基层糖尿病防治管理指南（2025）'],
    [{ year: 2022 }, '国家基层糖尿病防治管理指南（2025）'],
    [{ title: '国家基层糖尿病防治管理指南（2022）' }, '国家基层糖尿病防治管理指南（2025）'],
    [{ edition: '2025版' }, undefined],
    [{}, undefined],
    [{ title: '中国糖尿病防治指南', edition: '2020年版' }, '中国糖尿病防治指南（2024版）'],
    [{ title: '中国糖尿病防治指南', edition: '2024版', year: 2025 }, undefined],
    [{ title: '低血糖管理专家共识', year: 2012 }, undefined],
    [{ title: '某某指南', year: 2012 }, undefined],
  ])('%o: %s', (changes, expected) => {
    expect(newerEdition(source(changes), guidelines)).toBe(expected);
  });
});

describe('lint', () => {
  const [sample] = entries;
  const rules = (sources: EntrySource[]) =>
    lintEntry({ ...(sample as Entry), sources }, { year: 2026, guidelines }).map(({ rule }) => rule);

  it('tells of an older edition, unless the entry says why it still holds', () => {
    expect(rules([source({ edition: '2022', year: 2022 })])).toContain('superseded-source');
    expect(rules([source({ edition: '2022', year: 2022, why_older: '新版未改这一条' })])).not.toContain(
      'superseded-source',
    );
    expect(rules([source({ edition: '2025', year: 2025 })])).not.toContain('superseded-source');
  });

  it('finds nothing of the kind in the entries that come with the program', () => {
    const found = entries.flatMap((entry) => lintEntry(entry, { year: 2026, guidelines }));
    expect(found.filter(({ rule }) => rule === 'superseded-source')).toEqual([]);
  });
});

describe('citesOlder', () => {
  it.each([
    [{ title: '中国糖尿病防治指南', edition: '2024版' }, 'CDS24', '2026版', true],
    [{ title: '中国糖尿病防治指南', edition: '2026版' }, 'CDS24', '2026版', false],
    [{ title: '中国糖尿病防治指南' }, 'CDS24', '2026版', true],
    [{ title: '国家基本公共卫生服务规范', edition: '第三版' }, 'GGW3', '第四版', true],
    [{ title: '国家基本公共卫生服务规范', edition: '第四版' }, 'GGW3', '第四版', false],
    [{ title: '中国高血压防治指南', edition: '2024年修订版' }, 'CDS24', '2026版', false],
  ])('%o, %s %s: %s', (changes, code, edition, expected) => {
    expect(citesOlder({ sources: [source(changes)] }, cited(code), edition)).toBe(expected);
  });

  it('goes by the title where the registry does not know the guideline', () => {
    expect(citesOlder({ sources: [source({ title: '某某指南' })] }, titledGuideline('某某指南'), '2026版')).toBe(true);
  });
});

describe('the registry', () => {
  const load = (text: string) => {
    const file = join(folder, 'guidelines.yaml');
    writeFileSync(file, text);
    return loadGuidelines(file);
  };

  it.each([
    [
      'two of one code',
      '- { code: A1, title: 某指南, checked: memory }\n- { code: A1, title: 某指南, checked: memory }',
      'here twice',
    ],
    [
      'a successor that is not there',
      '- { code: A1, title: 某指南, checked: memory, superseded_by: B1 }',
      'superseded_by',
    ],
    [
      'a circle',
      '- { code: A1, title: 某指南, checked: memory, superseded_by: B1 }\n- { code: B1, title: 某指南, checked: memory, superseded_by: A1 }',
      'superseded_by',
    ],
    ['seen, but nobody says where', '- { code: A1, title: 某指南, checked: seen }', 'say where'],
    ['an unknown field', '- { code: A1, title: 某指南, checked: memory, publisher: x }', 'publisher'],
  ])('refuses %s', async (_, list, words) => {
    await expect(load(`guidelines:\n${list.replace(/^/gm, '  ')}`)).rejects.toThrow(words);
  });

  it('refuses what is no YAML, and names the file', async () => {
    await expect(load('guidelines: [')).rejects.toThrow(/guidelines\.yaml: this is not valid YAML/);
  });
});
