import type { Community } from '../community/index.js';
import type { Clock } from '../platform/clock.js';
import type { Reader } from '../platform/db/database.js';
import type { Moment } from '../text/zh-CN/escalation.js';
import {
  DEFAULT_SERVICE_HOURS,
  isServiceTime,
  localTime,
  nextDigest,
  nextOpening,
  promisedBy,
  type ServiceHours,
} from './service-hours.js';

/** What can honestly be promised at this moment. */
export type ServicePromise =
  | { kind: 'on-duty'; by: number }
  | { kind: 'off-duty'; from: number; night: boolean }
  | { kind: 'no-doctors' };

const EVENING_FROM = 17 * 60;
const MORNING_AT = 6 * 60;

export type Duty = ReturnType<typeof createDuty>;

/** Who may be expected to look, and when: there are doctors, and it is service time. Never more than that is promised. */
export function createDuty(deps: {
  clock: Clock;
  community: Community;
  timeZone: string;
  hours?: ServiceHours | undefined;
}) {
  const { clock, community, timeZone } = deps;
  const hours = deps.hours ?? DEFAULT_SERVICE_HOURS;

  return {
    hours,

    async isOnDuty(reader: Reader, communityId: string): Promise<boolean> {
      const doctors = await community.listDoctors(reader, communityId);
      return doctors.length > 0 && isServiceTime(clock.now(), timeZone, hours);
    },

    async promise(reader: Reader, communityId: string): Promise<ServicePromise> {
      const now = clock.now();
      const doctors = await community.listDoctors(reader, communityId);
      if (doctors.length === 0) return { kind: 'no-doctors' };
      if (isServiceTime(now, timeZone, hours)) return { kind: 'on-duty', by: promisedBy(now, timeZone, hours) };
      const from = nextOpening(now, timeZone, hours);
      if (from === undefined) return { kind: 'no-doctors' };
      const { minutes } = localTime(now, timeZone);
      return { kind: 'off-duty', from, night: minutes >= EVENING_FROM || minutes < MORNING_AT };
    },

    /** When what was gathered for the doctors is shown to them next. */
    nextDigestAt: (): number => nextDigest(clock.now(), timeZone, hours),

    /** The doctor that alone can be meant, where there is but one. */
    async onlyDoctor(reader: Reader, communityId: string): Promise<string | undefined> {
      const doctors = await community.listDoctors(reader, communityId);
      return doctors.length === 1 ? doctors[0]?.personId : undefined;
    },

    momentOf(at: number): Moment {
      return momentOf(at, clock.now(), timeZone);
    },
  };
}

/** An instant as people would name it today. */
function momentOf(at: number, now: number, timeZone: string): Moment {
  const then = localTime(at, timeZone);
  const days = dayNumber(at, timeZone) - dayNumber(now, timeZone);
  if (days === 0) return { day: 'today', minutes: then.minutes };
  if (days === 1) return { day: 'tomorrow', minutes: then.minutes };
  if (days > 1 && days < 7) return { day: { weekday: then.weekday }, minutes: then.minutes };
  return { day: { month: then.month, day: then.day }, minutes: then.minutes };
}

/** Days since 1970 of the local date: dates are counted, not hours. */
function dayNumber(at: number, timeZone: string): number {
  const { year, month, day } = localTime(at, timeZone);
  return Math.round(Date.UTC(year, month - 1, day) / 86_400_000);
}
