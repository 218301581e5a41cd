import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Entry } from './entry.js';
import { loadEntries } from './folder.js';
import { lintEntry, readability } from './lint.js';
import { describeProblem, parseEntry } from './parse.js';
import { loadTerms } from './terms.js';

const { terms } = loadTerms();
const shipped = fileURLToPath(new URL('../../knowledge', import.meta.url));

const sound = `---
id: KB-900
version: 1
type: faq
topics: [t2dm]
status: draft
sample: true
question: 糖友能吃这个吗？
variants:
  - 说法一
  - 说法二
  - 说法三
  - 说法四
  - 说法五
  - 说法六
  - 说法七
  - 说法八
not_this: [别的一, 别的二, 别的三]
answer_short: 能吃，少量。
see_doctor_when: [血糖高于13.9 mmol/L]
emergency_line: 无
audience: 成年2型糖友
contraindicated_audience: [妊娠]
drug_mentions: []
sources:
  - title: 某指南
    org: 某学会
    year: 2024
    checked: memory
evidence: { level: 专家共识, scheme: 指南原文分级 }
author: { name: 示例组, role: 示例作者 }
conflict_of_interest: 无
llm_role: none
---

能吃，少量。
1. 放在两餐之间。
`;

const problemsOf = (text: string) => {
  const parsed = parseEntry('knowledge/diabetes/KB-900.md', text);
  return parsed.kind === 'problems' ? parsed.problems.map(describeProblem) : [];
};

const entryOf = (text: string): Entry => {
  const parsed = parseEntry('knowledge/diabetes/KB-900.md', text);
  if (parsed.kind === 'problems') throw new Error(parsed.problems.map(describeProblem).join('\n'));
  return parsed.entry;
};

describe('reading an entry', () => {
  it('takes the answer from below the fields, as it is sent', () => {
    expect(entryOf(sound)).toMatchObject({
      id: 'KB-900',
      answer: '能吃，少量。\n1. 放在两餐之间。',
      emergencyLine: null,
      reviewer1: null,
      sample: true,
    });
    expect(entryOf(sound.replaceAll('\n', '\r\n')).answer).toBe(entryOf(sound).answer);
  });

  it('tells every problem at once, each with its line', () => {
    const broken = sound
      .replace('version: 1', 'version: one')
      .replace('type: faq', 'type: question')
      .replace('  - 说法八\n', '')
      .replace('audience: 成年2型糖友\n', '')
      .replace('year: 2024', 'year: 1800')
      .replace('llm_role: none', 'llm_roll: none');
    expect(problemsOf(broken)).toEqual([
      'knowledge/diabetes/KB-900.md:2: audience: is missing',
      'knowledge/diabetes/KB-900.md:2: llm_role: is missing',
      'knowledge/diabetes/KB-900.md:3: version: must be a whole number',
      'knowledge/diabetes/KB-900.md:4: type: must be one of: faq, emergency_card, rumor_rebuttal, policy, community_rule',
      'knowledge/diabetes/KB-900.md:9: variants: at least 8 needed, there are 7',
      'knowledge/diabetes/KB-900.md:26: sources.0.year: at least 1990 needed',
      'knowledge/diabetes/KB-900.md:31: llm_roll: there is no such field; is it misspelt?',
    ]);
  });

  it.each([
    ['no front matter', sound.replace('---\n', ''), ':1: the file must start with a line ---'],
    ['broken YAML', sound.replace('version: 1', 'version: [1'), ': this is not valid YAML'],
    ['fields that are a list', '---\n- a\n---\nx', ':2: there are no fields here'],
    ['no answer', `${sound.split('\n---\n')[0]}\n---\n`, ': answer: must not be empty'],
    ['an answer among the fields', sound.replace('sample: true', 'answer: 能'), ':7: answer: belongs below'],
    ['bold print', sound.replace('能吃，少量。\n1.', '**能吃**\n1.'), ':36: answer: plain text only'],
    ['a long question', sound.replace('糖友能吃这个吗？', '长'.repeat(31)), ':8: question: must have at most 30'],
    ['a bare 无', sound.replace('[妊娠]', '[无]'), ':23: contraindicated_audience: give the reason'],
    [
      'a card without 120',
      sound.replace('type: faq', 'type: emergency_card'),
      ':21: emergency_line: an emergency card',
    ],
    ['a source seen nowhere', sound.replace('memory', 'seen'), 'sources.0: a source that was seen needs'],
    ['a published sample', sound.replace('status: draft', 'status: published'), ':6: status: a sample cannot'],
    ['an unreviewed entry', sound.replace('status: draft', 'status: published'), 'reviewer1: needed'],
    ['a bad id', sound.replace('id: KB-900', 'id: 31'), ':2: id: must be text'],
  ])('refuses %s', (_what, text, message) => {
    expect(problemsOf(text).join('\n')).toContain(message);
  });

  it('signs the content: a review does not change the hash, a word does', () => {
    const hash = entryOf(sound).hash;
    expect(
      entryOf(sound.replace('version: 1', 'version: 2').replace('status: draft', 'status: in_review_1')).hash,
    ).toBe(hash);
    expect(entryOf(sound.replace('两餐', '三餐')).hash).not.toBe(hash);
    expect(entryOf(sound.replace('别的三', '别的四')).hash).not.toBe(hash);
  });
});

describe('reading the folder', () => {
  let dir: string;
  const write = async (folder: string, name: string, text: string) => {
    await mkdir(join(dir, folder), { recursive: true });
    await writeFile(join(dir, folder, name), text);
  };
  const load = async (files: [string, string, string][]) => {
    dir = await mkdtemp(join(tmpdir(), 'knowledge-'));
    for (const file of files) await write(...file);
    const { entries, problems } = await loadEntries(dir);
    const name = dir.split('/').at(-1) ?? '';
    return {
      ids: entries.map(({ id }) => id),
      problems: problems.map((p) => describeProblem(p).replace(`${name}/`, '')),
    };
  };
  const other = sound.replace('KB-900', 'KB-901').replace(/说法/g, '讲法').replace('糖友能吃这个吗', '糖友能吃那个吗');
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('reads what is there, and nothing is nothing', async () => {
    expect(
      await load([
        ['diabetes', 'KB-900.md', sound],
        ['diabetes', 'README.md', 'x'],
      ]),
    ).toEqual({
      ids: ['KB-900'],
      problems: [],
    });
    expect(await load([])).toEqual({ ids: [], problems: [] });
  });

  it('leaves out a broken file and serves the rest', async () => {
    const { ids, problems } = await load([
      ['diabetes', 'KB-900.md', sound],
      ['diabetes', 'KB-901.md', 'x'],
    ]);
    expect(ids).toEqual(['KB-900']);
    expect(problems[0]).toMatch(/^diabetes\/KB-901\.md:1: /);
  });

  it('an id in two files, a wording of two entries, a file in the wrong place', async () => {
    expect(
      (
        await load([
          ['diabetes', 'KB-900.md', sound],
          ['general', 'KB-900.md', other.replace('KB-901', 'KB-900')],
        ])
      ).problems,
    ).toEqual(['general/KB-900.md:2: id: this entry belongs in diabetes/KB-900.md']);
    expect(
      await load([
        ['diabetes', 'KB-900.md', sound],
        ['diabetes', 'KB-901.md', other.replace('讲法三', '说法三!')],
      ]),
    ).toEqual({
      ids: ['KB-900'],
      problems: ['diabetes/KB-901.md:12: variants: 「说法三!」 is also a wording of KB-900'],
    });
    expect((await load([['diabetes', 'KB-901.md', other.replace('讲法三', '讲法二')]])).problems).toEqual([
      'diabetes/KB-901.md:12: variants: 「讲法二」 is here twice',
    ]);
    expect((await load([['diabetes', 'KB-901.md', other.replace('别的三', '讲法二')]])).problems).toEqual([
      'diabetes/KB-901.md:11: not_this: 「讲法二」 is also a wording of this entry itself',
    ]);
  });
});

describe('the entries that are shipped', async () => {
  const { entries, problems } = await loadEntries(shipped);

  it('load without a problem: 70 on diabetes, 30 on hypertension, 20 general', () => {
    expect(problems.map(describeProblem)).toEqual([]);
    const count = (topic: string) => entries.filter(({ topics }) => topics[0] === topic).length;
    expect([count('t2dm'), count('htn'), count('general')]).toEqual([70, 30, 20]);
  });

  it('pass every machine check of a reviewed text', () => {
    const findings = entries.flatMap((entry) => lintEntry(entry, { year: 2026, terms }));
    expect(findings.map(({ entryId, rule, field, text }) => `${entryId} ${field} ${rule}: ${text}`)).toEqual([]);
  });

  it('are honest samples: drafts, nobody signed, written with a model, nothing seen without an address', () => {
    for (const entry of entries) {
      expect(entry).toMatchObject({
        status: 'draft',
        sample: true,
        llmRole: 'draft',
        reviewer1: null,
        reviewer2: null,
      });
      expect(entry.author.name).toContain('示例');
      expect(entry.reviewedOn).toBeNull();
    }
  });

  it('include the emergency cards', () => {
    const cards = entries.filter(({ type }) => type === 'emergency_card').map(({ id }) => id);
    expect(cards.sort()).toEqual(['KB-027', 'KB-028', 'KB-047', 'KB-094', 'KB-096', 'KB-097']);
  });
});

describe('lint', () => {
  const rulesOf = (answer: string) =>
    lintEntry({ ...entryOf(sound), answer }, { year: 2026, terms }).map(({ rule }) => rule);

  it.each([
    ['这个方法能根治糖尿病。', 'absolute-word'],
    ['保证有效。', 'absolute-word'],
    ['它是第一的选择。', 'absolute-word'],
    ['每天吃500毫克。', 'dose'],
    ['一次吃两片。', 'dose'],
    ['早上打10单位。', 'dose'],
    ['加微信详聊。', 'commerce'],
    ['打13800138000。', 'commerce'],
    ['您应该停药。', 'orders-a-change-of-drug'],
    ['您活该。', 'blame'],
    ['稍等，医生就来。', 'promise'],
    ['血糖7.8就高了。', 'number-without-unit'],
    ['你可以吃。', 'says-你'],
    [`${'长'.repeat(36)}。`, 'long-sentence'],
    ['1. 一\n2. 二\n3. 三\n4. 四\n5. 五\n6. 六', 'long-list'],
    ['先看CGM、TIR和BMI。', 'abbreviations'],
  ])('%s → %s', (answer, rule) => {
    expect(rulesOf(answer)).toContain(rule);
  });

  it.each([
    ['第一步，先洗手。'],
    ['血糖3.9 mmol/L是低血糖，目标4.4–7.0 mmol/L。'],
    ['400毫克钠约等于1克盐。'],
    ['126毫克/分升是126 mg/dL。'],
    ['不要自己停药。'],
    ['立即打120。'],
  ])('%s passes', (answer) => {
    expect(rulesOf(answer)).toEqual([]);
  });

  it('an old guideline needs a reason, words about children an audience', () => {
    const entry = entryOf(sound.replace('year: 2024', 'year: 2016').replace('[妊娠]', '[肝病]'));
    expect(lintEntry({ ...entry, answer: '孩子能吃。' }, { year: 2026, terms }).map(({ rule }) => rule)).toEqual([
      'audience',
      'old-source',
    ]);
  });

  it.each([
    ['先查肌酐，再用药。', '肌酐（看肾好不好的指标）'],
    ['心衰的人少喝水。心衰（心脏没力气泵血）要治。', '心衰（心脏没力气泵血）'],
    ['查尿白蛋白肌酐比。', '尿白蛋白肌酐比（看肾有没有早期受伤）'],
  ])('%s: a term that nothing explains where it first stands, with a proposal', (answer, hint) => {
    const found = lintEntry({ ...entryOf(sound), answer }, { year: 2026, terms });
    expect(found).toEqual([expect.objectContaining({ rule: 'unexplained-term', field: 'answer', hint })]);
  });

  it.each([
    ['先查肌酐（肾的指标），再用药。后来又查肌酐。'],
    ['一起身血压就掉（体位性低血压）。'],
    ['缓释片、控释片（慢慢放药）不能嚼。'],
    ['列净类药（如达格列净）要喝水。'],
    ['黎明现象：天亮前血糖自己升高。'],
    ['查抗体（身体里攻击自己的东西）和C肽。\nC肽能看出自己还产多少胰岛素。'],
  ])('%s: explained', (answer) => expect(rulesOf(answer)).toEqual([]));

  it('a term in the short answer is explained there, one of the last line in its own field', () => {
    const entry = {
      ...entryOf(sound),
      answerShort: '要查肌酐。',
      answer: '查肌酐（肾的指标）。',
      seeDoctorWhen: ['有房颤'],
    };
    expect(lintEntry(entry, { year: 2026, terms }).map(({ field, text }) => `${field}: ${text}`)).toEqual([
      'answer_short: 肌酐',
      'see_doctor_when: 房颤',
    ]);
  });

  it('measures what a reader meets', () => {
    expect(readability({ ...entryOf(sound), answer: '能吃。\n1. 少吃一点。' })).toEqual({
      chars: 10,
      averageSentence: 3,
      longestSentence: 4,
    });
  });
});
