const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/**
 * The instant at which quiet hours end, or undefined when `now` is not in them.
 * Hours are minutes after local midnight; they may pass midnight (22:00–7:00).
 */
export function quietUntil(
  now: number,
  hours: { fromMinutes: number; toMinutes: number; timeZone: string },
): number | undefined {
  const { fromMinutes, toMinutes } = hours;
  const minute = minuteOfDay(now, hours.timeZone);
  const quiet =
    fromMinutes <= toMinutes
      ? minute >= fromMinutes && minute < toMinutes
      : minute >= fromMinutes || minute < toMinutes;
  if (!quiet) return undefined;
  const left = (toMinutes - minute + DAY_MINUTES) % DAY_MINUTES;
  return Math.floor(now / MINUTE_MS) * MINUTE_MS + left * MINUTE_MS;
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
