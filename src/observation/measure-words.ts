import type { ForeignUnit } from './units.js';

/** The unit written behind a number: canonical, foreign, or `count` for what is counted but not measured (两个, 3碗). */
export type WrittenUnit =
  | ForeignUnit
  | 'mmol/L'
  | 'kg'
  | 'km'
  | 'min'
  | 'steps'
  | '/min'
  | 'mmHg'
  | '%'
  | 'Cel'
  | 'degree'
  | 'points-or-min'
  | 'mg'
  | 'g'
  | 'tablet'
  | 'U'
  | 'times'
  | 'month'
  | 'day-of-month'
  | 'plus'
  | 'count'
  /** 三组, 10层. */
  | 'set'
  /** 3人: only behind small whole numbers, because 200/110头疼 is none. */
  | 'piece';

/** Sticky, in order: the first that matches wins. Latin units must end where the letters end. */
const patterns: readonly (readonly [WrittenUnit, RegExp])[] = [
  ['mmol/mol', /mmol\/mol/y],
  ['mmol/L', /mmol ?\/ ?l(?![a-z])|mmoi ?\/ ?l|mmoll?(?![a-z])|mm0l\/l|毫摩尔?(?:每升|\/升|\/l)?/y],
  ['mg/dL', /mg ?\/ ?dl(?![a-z])|mgdl(?![a-z])|毫克(?:\/|每)分升/y],
  ['mmHg', /mm ?hg(?![a-z])|mgh(?![a-z])|毫米汞柱|毫米水银柱|汞柱/y],
  ['kPa', /kpa(?![a-z])|千帕/y],
  ['/min', /次 ?[/每] ?分钟?|次每分钟?|bpm(?![a-z])|\/min(?![a-z])|跳\/分|beats?\/min/y],
  ['h', /个?小时|个?钟头|个?多小时|个?钟(?!情)|hours?(?![a-z])|hrs(?![a-z])|h(?![a-z])/y],
  ['min', /分钟|分鐘|mins?(?![a-z])|minutes?(?![a-z])|'(?!')|′/y],
  ['points-or-min', /分(?![享数析组别钟])/y],
  ['steps', /步|steps?(?![a-z])/y],
  ['km', /公里|km(?![a-z])|千米|k(?![a-z])/y],
  ['li', /里地|里路|华里|里(?![面边外头程])/y],
  ['m', /米(?![饭粥粉线面糊汤])|m(?![a-z])/y],
  ['kg', /公斤|kgs?(?![a-z])|千克|kilos?(?![a-z])/y],
  ['jin', /市?斤/y],
  ['mg', /mg(?![a-z])|毫克/y],
  ['tablet', /片|粒|颗|丸|tablets?(?![a-z])|tabs?(?![a-z])|pills?(?![a-z])/y],
  ['U', /个?单位|iu(?![a-z])|u(?![a-z])|units?(?![a-z])/y],
  ['%', /%/y],
  ['Cel', /°c(?![a-z])|℃|摄氏度/y],
  ['Fahrenheit', /°f(?![a-z])|℉|华氏度/y],
  ['degree', /度(?!假|过)|°/y],
  ['g', /g(?![a-z])|克/y],
  ['times', /次|遍|回(?!来|家)/y],
  ['month', /个月|月(?!经|份)|月份/y],
  ['day-of-month', /[日号](?!线|楼|群|胰)/y],
  ['plus', /\+(?!\d)|个?加(?=号|$|[,。!?\s怎])/y],
  ['set', /个|组|下|层|圈|盘|套/y],
  ['piece', /人|位|床|口|根|条|支|瓣|场|只|棵|朵|头|斗|名|家|页/y],
  [
    'count',
    /ml(?![a-z])|毫升|cm(?![a-z])|厘米|mm(?![a-z])|毫米|kcal(?![a-z])|大卡|千卡|卡路里|umol(?:\/l)?(?![a-z])|天|岁|周(?![一二三四五六日天])|年|元|块|杯|碗|勺|盒|瓶|袋|包|两(?![小百千万])|升|倍|楼|栋|顿|秒|届|期|级|章|节课|集|折|点钟|刻钟|l(?![a-z])/y,
  ],
];

interface UnitMatch {
  unit: WrittenUnit;
  end: number;
}

/** The unit at `from`, one space allowed before it. */
export function matchUnit(text: string, from: number): UnitMatch | null {
  const start = text[from] === ' ' ? from + 1 : from;
  for (const [unit, pattern] of patterns) {
    pattern.lastIndex = start;
    if (pattern.test(text)) return { unit, end: pattern.lastIndex };
  }
  return null;
}
