/** `2026-03-01`: a day of a campaign. It sorts as text. */
export type LocalDay = string;

export interface DaySettings {
  /** IANA name. */
  timeZone: string;
  /** Minutes after midnight at which a day starts; before it, it is still yesterday. */
  dayStartMinutes: number;
}

const MINUTE_MS = 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The local day of an instant: the date on the wall of `timeZone`, one day
 * earlier before the day's start (CHECKIN-AND-POINTS 2.1).
 *
 * A day starts when the clock on the wall first shows its start. So a clock
 * that is set back past the start does not bring yesterday back: later
 * instants never have an earlier day.
 */
export function localDay(instant: number, settings: DaySettings): LocalDay {
  const wall = wallTime(instant, settings.timeZone);
  const day = dayOf(wall - settings.dayStartMinutes * MINUTE_MS);
  const next = addDays(day, 1);
  return instant >= dayStart(next, settings) ? next : day;
}

/** The first instant of a local day. */
export function dayStart(day: LocalDay, { timeZone, dayStartMinutes }: DaySettings): number {
  const wanted = Date.parse(`${day}T00:00:00Z`) + dayStartMinutes * MINUTE_MS;
  // The offset before and after any change near that time; a clock shows `wanted` first under the one or the other.
  const [one, other] = [-1, 1].map((sign) => {
    const near = wanted + sign * 26 * 60 * MINUTE_MS;
    return wanted - (wallTime(near, timeZone) - near);
  }) as [number, number];
  const [earlier, later] = [Math.min(one, other), Math.max(one, other)];
  if (wallTime(earlier, timeZone) >= wanted) return earlier;
  // The clock jumps over the start: the day begins at the jump, between the two.
  let [before, from] = [earlier, later];
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (wallTime(middle, timeZone) >= wanted) from = middle;
    else before = middle;
  }
  return from;
}

/** Calendar arithmetic: a day is not always 24 hours long. */
export function addDays(day: LocalDay, days: number): LocalDay {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return dayOf(date.getTime());
}

export function earlierDay(one: LocalDay, other: LocalDay): LocalDay {
  if (one < other) return one;
  return other;
}

/** Every day from `first` to `last`, both included; none when `last` is earlier. */
export function daysBetween(first: LocalDay, last: LocalDay): LocalDay[] {
  const days: LocalDay[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

/** What the clock on the wall shows, as if it were UTC. */
function wallTime(instant: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timeZone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  // The format has no parts of a second; offsets are whole seconds, so they are those of the instant.
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1000) + 1000) % 1000);
}

function dayOf(wall: number): LocalDay {
  return new Date(wall).toISOString().slice(0, 10);
}
