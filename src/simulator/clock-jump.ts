const MORNING_HOUR = 8;

/** How far it is to the next 8:00 on the wall clock of the time zone. */
export function msToNextMorning(now: number, timeZone: string): number {
  const wall = wallTime(now, timeZone);
  const day = wall.getUTCHours() < MORNING_HOUR ? 0 : 1;
  return instantOf(moved(wall, day, MORNING_HOUR, 0), timeZone, now) - now;
}

/** How far it is to the same time on the wall clock seven days on. */
export function msToNextWeek(now: number, timeZone: string): number {
  const wall = wallTime(now, timeZone);
  return instantOf(moved(wall, 7, wall.getUTCHours(), wall.getUTCMinutes()), timeZone, now) - now;
}

/** The wall clock's date and time, dressed as UTC for calendar arithmetic. */
function wallTime(at: number, timeZone: string): Date {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

function moved(wall: Date, days: number, hour: number, minute: number): number {
  return Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate() + days, hour, minute);
}

/** The instant at which the wall clock shows this. */
function instantOf(wall: number, timeZone: string, near: number): number {
  const offsetAt = (at: number) => wallTime(at, timeZone).getTime() - Math.floor(at / 1000) * 1000;
  // The first guess may lie on the other side of a change to or from summer time.
  const guess = wall - offsetAt(near);
  return wall - offsetAt(guess);
}
