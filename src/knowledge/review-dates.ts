import type { Entry } from './entry.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const DAY_MINUTES = 24 * 60;
const NINE_MINUTES = 9 * 60;
/** How long an edition that is no longer the newest may still be relied on. */
const AFTER_GUIDELINE_DAYS = 60;

const EMERGENCY_NUMBER = /[打拨][^。；，]{0,4}1[12]0|12356/u;
const EMERGENCY = /低血糖|酮症|高渗|中风|心梗/u;
const PREGNANT_OR_CHILD = /孕|妊娠|哺乳|产后|孩子|儿童|婴/u;

/** How long a signature holds (SAFETY.md 6.2): in days where telephone numbers may change, else in months. */
export function reviewPeriod(entry: Entry): { days: number } | { months: number } {
  if (entry.type === 'emergency_card' || EMERGENCY_NUMBER.test(entry.answer)) return { days: 180 };
  const text = `${entry.question}${entry.audience}${entry.answer}`;
  const soon =
    entry.drugMentions.length > 0 ||
    entry.type === 'policy' ||
    EMERGENCY.test(entry.question) ||
    PREGNANT_OR_CHILD.test(text);
  return { months: soon ? 6 : 12 };
}

/** Until when an entry that is signed now is served, in UTC ms: a morning at nine, when people are there to see it. */
export function dueAfterReview(entry: Entry, { now, timeZone }: { now: number; timeZone: string }): number {
  const period = reviewPeriod(entry);
  return nineBefore('days' in period ? now + period.days * DAY_MS : addMonths(now, period.months), timeZone);
}

export function dueAfterGuideline({ now, timeZone }: { now: number; timeZone: string }): number {
  return nineBefore(now + AFTER_GUIDELINE_DAYS * DAY_MS, timeZone);
}

/** The next local nine o'clock after an instant. */
export function nextNine(after: number, timeZone: string): number {
  const minute = Math.floor(after / MINUTE_MS);
  const ahead = (NINE_MINUTES - minuteOfDay(after, timeZone) + DAY_MINUTES) % DAY_MINUTES;
  return (minute + (ahead || DAY_MINUTES)) * MINUTE_MS;
}

function nineBefore(at: number, timeZone: string): number {
  const minute = Math.floor(at / MINUTE_MS);
  const since = (minuteOfDay(at, timeZone) - NINE_MINUTES + DAY_MINUTES) % DAY_MINUTES;
  return (minute - since) * MINUTE_MS;
}

/** The same day of a later month, or that month's last day. */
function addMonths(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime();
}

function minuteOfDay(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return value('hour') * 60 + value('minute');
}
