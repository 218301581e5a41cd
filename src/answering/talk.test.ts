import { describe, expect, it } from 'vitest';
import { isAdvert, isComplaint, isPrivacyComplaint, isRumour, isTalk } from './talk.js';

describe('an advert', () => {
  it.each([
    '加微信abc12345，低价出售血糖试纸',
    '祖传降糖秘方，一盒只要198元，扫码下单',
    '招代理，月入过万，有意私聊我',
    '降糖茶限时优惠，原价399现价99元包邮',
    '急用钱？秒批贷款，加vx dk88888',
    '医保卡余额提现，秒到账，联系电话13800000000',
  ])('%s', (text) => expect(isAdvert(text)).toBe(true));

  it.each([
    '胰岛素多少钱一支',
    '血糖仪哪里买便宜',
    '二甲双胍医保报销吗',
    '我每个月买药要花300元',
    '免费的义诊几点开始',
    '这个月打卡的奖品是什么',
    '糖尿病能喝白酒吗',
  ])('%s: not one', (text) => expect(isAdvert(text)).toBe(false));
});

describe('a rumour', () => {
  it.each([
    '听说有祖传秘方七天就能根治糖尿病',
    '网传打疫苗会得糖尿病',
    '据权威机构最新研究显示，每天喝一杯苦瓜汁，三个月就可以让血糖完全恢复正常，再也不用吃药，大家赶紧试一试吧，身边的人都说好',
    '手指放血可以救中风，转发功德无量',
    '我邻居亲测，倒立能治好脑梗',
  ])('%s', (text) => expect(isRumour(text)).toBe(true));

  it.each([
    '听说糖尿病能吃柚子',
    '医生说我要打胰岛素',
    '二甲双胍伤肾吗',
    '最近研究发现什么新药吗',
    '我最近血糖一直下不来，吃了两种药还是高，昨天空腹有9，晚上也睡不好，是不是应该去医院看看啊，很着急',
  ])('%s: not one', (text) => expect(isRumour(text)).toBe(false));
});

describe('a complaint', () => {
  it.each([
    '我要投诉，三天了没人回我',
    '你们医生态度太差了',
    '积分少给我算了10分',
    '什么破机器人，答非所问',
    '建议：打卡能不能改到晚上十二点',
  ])('%s', (text) => expect(isComplaint(text)).toBe(true));

  it.each(['怎么投诉', '在哪里投诉管理员', '血糖仪质量差怎么办', '我睡眠不好'])('%s: not one', (text) =>
    expect(isComplaint(text)).toBe(false),
  );

  it('about private data is known as such; a question about the rule is not', () => {
    expect(isPrivacyComplaint('谁允许你们把我的血糖发到群里的')).toBe(true);
    expect(isPrivacyComplaint('我的病历被泄露了')).toBe(true);
    expect(isPrivacyComplaint('我的数据会不会泄露')).toBe(false);
    expect(isPrivacyComplaint('我的血糖12.3')).toBe(false);
  });
});

it('talk neither asks nor speaks of health', () => {
  expect(isTalk('今天天气真不错')).toBe(true);
  expect(isTalk('血糖')).toBe(false);
  expect(isTalk('几点开始')).toBe(false);
});
