import { join } from 'node:path';
import { loadEntries } from '../src/knowledge/index.js';
import { buildIndex } from '../src/knowledge/search.js';
import { createParser, loadPlausibility } from '../src/observation/index.js';
import { packageDir } from '../src/platform/config.js';
import { assess, loadTriageRules } from '../src/triage/index.js';

/** What one message of the load says, and whether the bot answers it. */
export interface Line {
  text: string;
  answered: boolean;
}

export const MIXES = ['questions', 'mixed'] as const;
export type Mix = (typeof MIXES)[number];

/** Of `mixed`, out of ten messages: the rest is chatter that nobody answers. */
export const SHARE = { questions: 3, checkIns: 3 };

const CHECK_INS = [
  '打卡 空腹6.5 走路30分钟',
  '打卡 空腹5.8',
  '打卡 早餐后2小时7.9 快走40分钟',
  '打卡 空腹6.1 药吃了',
  '打卡 散步45分钟',
  '打卡 睡前6.8 药吃了',
];

const CHATTER = [
  '大家早上好',
  '今天天气真不错,下午一起去公园走走',
  '昨天的讲座我没赶上,有人录了吗',
  '谢谢分享',
  '我家楼下新开了一个菜市场,菜很新鲜',
  '[强]',
  '老姐妹们晚上还跳舞吗',
  '收到',
  '孙子今天放学早,我先去接他',
  '这个群真热闹',
];

/**
 * The lines of a mix, in the order in which they are said over and over. Each
 * question is one that the samples answer in full, found by asking the rules
 * that answer it, so that the measure does not depend on their wording.
 */
export async function linesOf(mix: Mix): Promise<Line[]> {
  const questions = await listAnsweredQuestions();
  if (mix === 'questions') return questions.map((text) => ({ text, answered: true }));
  return questions.flatMap((text, i): Line[] => {
    const perQuestion = (10 - SHARE.questions) / SHARE.questions;
    const others = Math.round((i + 1) * perQuestion) - Math.round(i * perQuestion);
    const unanswered = Array.from({ length: others }, (_, j): Line => {
      const turn = i * 3 + j;
      const isCheckIn = turn % 7 < SHARE.checkIns;
      const list = isCheckIn ? CHECK_INS : CHATTER;
      return { text: list[turn % list.length] ?? '', answered: false };
    });
    return [...unanswered, { text, answered: true }];
  });
}

async function listAnsweredQuestions(): Promise<string[]> {
  const { entries } = await loadEntries(join(packageDir, 'knowledge'));
  const index = buildIndex(entries);
  const rulesDir = join(packageDir, 'knowledge', 'triage');
  const rules = loadTriageRules(rulesDir);
  const parser = createParser(loadPlausibility(rulesDir));
  return entries
    .flatMap((entry) => [entry.question, ...entry.variants])
    .filter((text) => {
      const { readings, items } = parser.read(text);
      const { level } = assess(rules, { text, readings, recent: [], now: 0, role: 'patient' });
      const isQuestion = level === 'information' && items.length === 0;
      return isQuestion && index.decide(text, { topics: ['t2dm'] }).kind === 'answer';
    });
}
