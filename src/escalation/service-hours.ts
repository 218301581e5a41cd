/** When doctors answer: whole weekdays with one stretch of hours. The roster of a later issue replaces it. */
export interface ServiceHours {
  /** 1 Monday … 7 Sunday. */
  weekdays: readonly number[];
  fromMinutes: number;
  toMinutes: number;
}

/** Out-patient hours of a Chinese hospital: a proposal, set by the operator. */
export const DEFAULT_SERVICE_HOURS: ServiceHours = {
  weekdays: [1, 2, 3, 4, 5],
  fromMinutes: 8 * 60 + 30,
  toMinutes: 17 * 60 + 30,
};

/** A question that arrives this close to the end of service is promised for the next morning. */
const LAST_QUESTION_MINUTES = 120;
const NEXT_MORNING_MINUTES = 12 * 60;

export interface LocalTime {
  year: number;
  month: number;
  day: number;
  /** 1 Monday … 7 Sunday. */
  weekday: number;
  /** Minutes after midnight. */
  minutes: number;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const formats = new Map<string, Intl.DateTimeFormat>();

export function localTime(at: number, timeZone: string): LocalTime {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
  return {
    year: Number(parts.year),
    month: Number(parts.month),
    day: Number(parts.day),
    weekday: WEEKDAYS.indexOf(parts.weekday ?? '') + 1,
    minutes: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

/** Whether a doctor may be expected to look now. */
export function isServiceTime(at: number, timeZone: string, hours: ServiceHours): boolean {
  const { weekday, minutes } = localTime(at, timeZone);
  return hours.weekdays.includes(weekday) && minutes >= hours.fromMinutes && minutes < hours.toMinutes;
}

/** The next beginning of service after `at`; undefined when there is no service on any day. */
export function nextOpening(at: number, timeZone: string, hours: ServiceHours): number | undefined {
  for (let ahead = 0; ahead <= 7; ahead += 1) {
    const opening = instantOf(localTime(at, timeZone), ahead, hours.fromMinutes, timeZone);
    if (opening > at && hours.weekdays.includes(localTime(opening, timeZone).weekday)) return opening;
  }
  return undefined;
}

/** So long before the middle and the end of service, so that there is time to act on it. */
const DIGEST_BEFORE_MINUTES = 60;

/** The next time at which doctors are shown what was gathered: twice on a day of service, late in the morning and in the afternoon. */
export function nextDigest(at: number, timeZone: string, hours: ServiceHours): number {
  const middle = Math.round((hours.fromMinutes + hours.toMinutes) / 2);
  const local = localTime(at, timeZone);
  for (let ahead = 0; ahead <= 7; ahead += 1) {
    for (const end of [middle, hours.toMinutes]) {
      const instant = instantOf(local, ahead, end - DIGEST_BEFORE_MINUTES, timeZone);
      if (instant > at && hours.weekdays.includes(localTime(instant, timeZone).weekday)) return instant;
    }
  }
  return at + 24 * 3_600_000;
}

/** By when an individual question that arrives during service is answered: the end of today, or late in the day the next noon. */
export function promisedBy(at: number, timeZone: string, hours: ServiceHours): number {
  const local = localTime(at, timeZone);
  const closing = instantOf(local, 0, hours.toMinutes, timeZone);
  if (local.minutes <= hours.toMinutes - LAST_QUESTION_MINUTES) return closing;
  const opening = nextOpening(at, timeZone, hours);
  if (opening === undefined) return closing;
  return instantOf(localTime(opening, timeZone), 0, NEXT_MORNING_MINUTES, timeZone);
}

/** The instant at which the clocks of `timeZone` show `minutes` after midnight, `daysAhead` days after `local`. */
function instantOf(local: LocalTime, daysAhead: number, minutes: number, timeZone: string): number {
  const wanted = Date.UTC(local.year, local.month - 1, local.day + daysAhead, 0, minutes);
  let instant = wanted;
  // Twice: the first guess may stand on the other side of a change of summer time.
  for (let pass = 0; pass < 2; pass += 1) {
    const shown = localTime(instant, timeZone);
    const shownAsUtc = Date.UTC(shown.year, shown.month - 1, shown.day, 0, shown.minutes);
    instant += wanted - shownAsUtc;
  }
  return instant;
}
