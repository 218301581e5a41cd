import {
  asksSomething,
  isAdvert,
  isBare,
  isComplaint,
  isEveryday,
  isForService,
  isKnock,
  isPrivacyComplaint,
  isRumour,
  isTalk,
} from '../answering/index.js';
import type { Decision } from '../knowledge/index.js';
import type { MessageReading } from '../observation/index.js';
import { normaliseText } from '../platform/text-normalise.js';
import type { Assessment } from '../triage/index.js';

/** Where a message to the bot goes, the most pressing first (SAFETY.md 4). */
export const ROUTES = [
  'emergency',
  'urgent',
  'clinical',
  'checkin',
  'ad',
  'rumor',
  'faq',
  'complaint',
  'chitchat',
] as const;
export type Route = (typeof ROUTES)[number];

export interface Routed {
  route: Route;
  /** Ids of flags, rows and entries, and names of rules: never words of the message. */
  why: string;
}

/** Commands about check-ins, as people say them; the rest of them start with 打卡 or hold values. */
const ABOUT_CHECK_IN =
  /^\/?(?:打卡|签到|补卡|补签|更正|改成|打错了?|请假|销假|我的(?:打卡|积分|排名|连续|记录)|排行榜|积分|check[\s-]?in)/u;
const ASKS_HOW = /怎[么样]|如何|咋|什么|规则|有什么用|[?吗]/u;

/** Which way a message takes with the model off, as if it were said to the bot by a patient. */
export function routeOf(
  text: string,
  { assessment, reading, decision }: { assessment: Assessment; reading: MessageReading; decision: Decision },
): Routed {
  const said = normaliseText(text);
  const { level } = assessment;
  const reasons = [...assessment.flags.map(({ id }) => id), ...assessment.valueRows.map(({ row }) => row)];
  if (level === 'emergency' || level === 'urgent') return { route: level, why: reasons.join(' ') || level };
  if (isPrivacyComplaint(text)) return { route: 'complaint', why: 'privacy' };
  const isCheckIn = reading.items.length + reading.doubts.length > 0 && !reading.asks;
  if (level === 'clinical' && !(isCheckIn && reading.explicit)) {
    const passedOn = isAdvert(text) ? 'ad' : isRumour(text) ? 'rumor' : undefined;
    return passedOn
      ? { route: passedOn, why: 'passed on, about nobody' }
      : { route: 'clinical', why: 'about a person' };
  }
  if (isCheckIn) return { route: 'checkin', why: [...reading.items.map(({ kind }) => kind), 'values'].join(' ') };
  if (ABOUT_CHECK_IN.test(said) && !ASKS_HOW.test(said)) return { route: 'checkin', why: 'command' };
  if (isAdvert(text)) return { route: 'ad', why: 'sells or recruits' };
  if (isRumour(text)) return { route: 'rumor', why: 'hearsay' };
  if (decision.kind === 'answer') return { route: 'faq', why: `answer ${decision.entryId}` };
  if (isComplaint(text)) return { route: 'complaint', why: 'complains' };
  if (isKnock(said) || isBare(said) || isEveryday(said)) return { route: 'chitchat', why: 'everyday words' };
  if (isForService(said)) return { route: 'faq', why: 'service' };
  if (decision.kind === 'clarify') return { route: 'faq', why: 'clarify' };
  if (isTalk(said) || !asksSomething(said)) return { route: 'chitchat', why: 'nothing is asked' };
  return isOfHealth(said) ? { route: 'faq', why: 'offer' } : { route: 'chitchat', why: 'not about health' };
}

/** Words of health that hardly stand in other talk. */
const HEALTH =
  /[病糖药胰疼痛晕麻肿痒症肾肝肺癌炎孕咳喘泻尿]|血[压糖脂管型尿]|打针|疫苗|体检|检查|化验|医[生院保]|护士|患者|健康|营养|维生素|蛋白|减肥|体重|运动|锻炼|失眠|睡眠|发烧|感冒|过敏|胰岛|心脏|心率|食[物品谱]|饮食|忌口|主食|水果|蔬菜|能吃|可以吃|能喝|可以喝|吃什么|不能吃|打卡|积分|小杏|机器人|群里/u;

function isOfHealth(said: string): boolean {
  return HEALTH.test(said);
}
