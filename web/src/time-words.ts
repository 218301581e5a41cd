/** Wall-clock parts of an instant in the community's time zone. */
interface LocalTime {
  year: number;
  month: number;
  day: number;
  weekday: number;
  clock: string;
  /** Counts calendar days, so that yesterday is one less in any zone. */
  dayNumber: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}

function localTime(at: number, timeZone: string): LocalTime {
  const parts = Object.fromEntries(
    formatFor(timeZone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
  const [year, month, day] = [Number(parts.year), Number(parts.month), Number(parts.day)];
  const midnight = new Date(Date.UTC(year, month - 1, day));
  return {
    year,
    month,
    day,
    weekday: midnight.getUTCDay(),
    clock: `${parts.hour}:${parts.minute}`,
    dayNumber: Math.round(midnight.getTime() / 86_400_000),
  };
}

const WEEKDAYS = ['星期日', '星期一', '星期二', '星期三', '星期四', '星期五', '星期六'];

/** As WeChat writes it between messages: 8:05, 昨天 8:05, 星期三 8:05, 3月1日 8:05. */
export function separatorTime(at: number, now: number, timeZone: string): string {
  const then = localTime(at, timeZone);
  return [dayWords(then, localTime(now, timeZone)), then.clock].filter(Boolean).join(' ');
}

/** As WeChat writes it in the list of conversations. */
export function listTime(at: number, now: number, timeZone: string): string {
  const then = localTime(at, timeZone);
  return dayWords(then, localTime(now, timeZone)) || then.clock;
}

/** 2026年3月1日 星期日 08:05 */
export function fullTime(at: number, timeZone: string): { day: string; clock: string } {
  const then = localTime(at, timeZone);
  return { day: `${then.year}年${then.month}月${then.day}日 ${WEEKDAYS[then.weekday]}`, clock: then.clock };
}

function dayWords(then: LocalTime, today: LocalTime): string {
  const days = today.dayNumber - then.dayNumber;
  if (days === 0) return '';
  if (days === 1) return '昨天';
  if (days > 1 && days < 7) return WEEKDAYS[then.weekday] ?? '';
  return then.year === today.year ? `${then.month}月${then.day}日` : `${then.year}年${then.month}月${then.day}日`;
}
