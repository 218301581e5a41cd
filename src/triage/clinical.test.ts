import { describe, expect, it } from 'vitest';
import { listen } from '../../test/triage/listen.js';
import { isPersonalClinical } from './clinical.js';

describe('a question about a particular person', () => {
  it.each([
    ['a drug: stop', '我血糖正常了,二甲双胍能停吗'],
    ['a drug: change', '我妈想把降压药换成中药行不行'],
    ['a drug: dose', '我每天打12个单位胰岛素够吗'],
    ['a missed dose', '我昨晚的胰岛素漏打了怎么办'],
    ['an interaction', '我吃阿司匹林能喝酒吗'],
    ['a comorbidity', '我肾不好还能吃二甲双胍吗'],
    ['a comorbidity without 我', '肾不好还能吃二甲双胍吗'],
    ['a result', '我妈空腹12.6要紧吗'],
    ['a result without a person', '空腹12.6要紧吗'],
    ['a sheet', '我的化验单肌酐高是怎么回事'],
    ['a symptom', '我最近老是头晕'],
    ['a symptom without a person', '这两天脚麻得厉害'],
    ['a diagnosis', '我是不是得了糖尿病'],
    ['a choice of treatment', '我爸这种情况要做手术吗'],
    ['pregnancy', '我怀孕了血糖高怎么办'],
    ['pregnancy, nobody named', '孕妇能吃二甲双胍吗'],
    ['breast-feeding', '哺乳期可以吃降压药吗'],
    ['a child', '孩子血糖高怎么办'],
    ['side effects', '我吃了这个药一直拉肚子'],
    ['a target', '我血糖控制在多少好'],
    ['a vaccine', '我有糖尿病能打流感疫苗吗'],
    ['the mind', '我最近心情很差老想哭'],
    ['fasting on drugs', '我在吃降糖药,能断食吗'],
    ['asking the crowd', '群里谁吃过达格列净'],
    ['a prescription', '给我开点降糖药'],
    ['a story', '血压高三年了,一直吃药,上个月检查说心脏有点大,需要住院吗'],
  ])('%s: %s', (_what, text) => {
    expect(isPersonalClinical(text)).toBe(true);
    expect(listen(text).level).not.toBe('information');
  });
});

describe('knowledge, check-ins and talk', () => {
  it.each([
    '二甲双胍什么时候吃',
    '糖尿病能吃西瓜吗',
    '血糖多少算正常',
    '空腹血糖几点测',
    '餐后2小时从哪一刻算起',
    '糖化血红蛋白是什么,多久查一次',
    '胰岛素怎么保存',
    '针头要不要每次换',
    '高血压能运动吗',
    '降压药早上吃还是晚上吃',
    '低血糖有哪些表现',
    '怎么预防中风',
    '血糖仪怎么校准',
    '糖友要打流感疫苗吗',
    '门诊慢特病怎么报销',
    '我想问一下糖尿病能喝豆浆吗',
    '打卡 空腹6.5 走路30分钟',
    '打卡 血压130/80',
    '空腹 6.5',
    '更正 空腹6.8',
    '我的积分',
    '早上好',
    '谢谢李医生',
    '今天天气真好,走了一万步',
    '群里好热闹',
    '门诊几点上班',
    '怎样退群',
    '',
  ])('%s', (text) => {
    expect(isPersonalClinical(text)).toBe(false);
    expect(listen(text)).toMatchObject({ level: 'information', flags: [] });
  });
});
