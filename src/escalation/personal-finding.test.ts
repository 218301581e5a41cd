import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPersonal, holdsPersonalFinding } from './personal-finding.js';

describe('holdsPersonalFinding', () => {
  it.each([
    '您空腹7.8,先不用着急',
    '血糖 13 有点高',
    '昨晚那个 16.7 要复测',
    '高压一百六,先坐下歇会儿',
    '血压150/95,明天上午再量',
    '130 / 80 挺好',
    '糖化百分之七:糖化7%',
    '二甲双胍每次0.5g,早晚各一次',
    '先吃一片,晚上再看',
    '半片就行',
    '胰岛素减2个单位',
    '晚上打八单位',
    '二甲双胍500mg随餐',
    '您的化验单显示肌酐偏高',
    '尿蛋白阳性,要来复查',
    '心电图没问题',
    '从片子看是老毛病',
    '血糖偏低的话',
    '您这是低血糖反应,症状不重',
    '考虑是胃食管反流',
    '多半是感染,怀疑肺炎',
    '您没有糖尿病',
    '孩子应该是肠胃炎',
    '诊断为高血压',
    '体重130斤要减一减',
  ])('personal: %s', (text) => {
    expect(holdsPersonalFinding(text)).toBe(true);
  });

  it.each([
    '随餐吃,观察三天,不舒服就来门诊',
    '请到内分泌科门诊看看,带上最近的记录',
    '每天走路30分钟,饭后1小时再走',
    '可以吃,少量,放在两餐之间',
    '建议查一下糖化和眼底',
    '这药一般随餐吃,不要自己停',
    '先别着急,注意休息,多喝水',
    '周三上午8:30我在门诊',
    '糖友一般可以吃一片西瓜',
    '别的药不一定适合您,请当面问医生',
    '加重的话马上打120',
    '挂号请在公众号预约,提前3天放号',
    '您说的情况要当面看才好判断',
    '量的时候先坐5分钟,胳膊和心脏一样高',
  ])('not personal: %s', (text) => {
    expect(findPersonal(text)).toBeUndefined();
  });

  it('a reading in any of the common spellings is personal, whatever stands around it', () => {
    const around = fc.constantFrom('', '好的', '您', '明天来,', '嗯 ');
    const reading = fc.oneof(
      fc.integer({ min: 11, max: 333 }).map((n) => `血糖${(n / 10).toFixed(1)}`),
      fc.tuple(fc.integer({ min: 80, max: 220 }), fc.integer({ min: 40, max: 130 })).map(([s, d]) => `${s}/${d}`),
      fc.integer({ min: 1, max: 60 }).map((n) => `${n}单位`),
      fc.integer({ min: 1, max: 900 }).map((n) => `${n} mg`),
    );
    fc.assert(
      fc.property(around, reading, around, (before, value, after) => holdsPersonalFinding(before + value + after)),
    );
  });
});
