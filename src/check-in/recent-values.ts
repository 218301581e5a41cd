import type { Community } from '../community/index.js';
import type { ObservationStore } from '../observation/index.js';
import type { Clock } from '../platform/clock.js';
import type { Reader } from '../platform/db/database.js';
import { checkIn as text } from '../text/zh-CN/check-in.js';
import { recentDays } from './record-chat.js';
import type { CheckIn } from './service.js';

/** The values of the last seven days in words, for the answering doctor alone; undefined when there are none. */
export function createRecentValues(deps: {
  clock: Clock;
  community: Community;
  observations: ObservationStore;
  checkIn: CheckIn;
}): (reader: Reader, personId: string) => Promise<string | undefined> {
  const { clock, community } = deps;
  return async (reader, personId) => {
    const roomIds = (await community.listRoomsOfPerson(reader, personId)).map((room) => room.id);
    const days = await recentDays(reader, deps, { personId, at: clock.now(), roomIds });
    return days.length > 0 ? text.days(days) : undefined;
  };
}
