const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A time of the week as the clock on the wall shows it. */
export interface WeeklyTime {
  /** 0 Sunday … 6 Saturday. */
  weekday: number;
  /** Minutes after midnight. */
  minutes: number;
  /** IANA name. */
  timeZone: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The first such time after `after`, also across a change of summer time; for the `recurs` of a job. */
export function nextWeekly(after: number, { weekday, minutes, timeZone }: WeeklyTime): { dueAt: number; slot: string } {
  const today = Math.floor(wallTime(after, timeZone) / DAY_MS) * DAY_MS;
  const ahead = (weekday - new Date(today).getUTCDay() + 7) % 7;
  const wanted = today + ahead * DAY_MS + minutes * MINUTE_MS;
  const thisWeek = instantOf(wanted, timeZone);
  const dueAt = thisWeek > after ? thisWeek : instantOf(wanted + 7 * DAY_MS, timeZone);
  return { dueAt, slot: String(dueAt) };
}

/** When the clock on the wall shows `wall`. */
function instantOf(wall: number, timeZone: string): number {
  let instant = wall;
  // Twice: the first guess may stand on the other side of a change of summer time.
  for (let pass = 0; pass < 2; pass += 1) instant += wall - wallTime(instant, timeZone);
  return instant;
}

/** What the clock on the wall shows, to the minute, as if it were UTC. */
function wallTime(at: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute);
}
