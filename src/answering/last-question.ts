import type { Clock } from '../platform/clock.js';
import type { Reader } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import { findLastAsked } from './store.js';

const STILL_MEANT_MS = 10 * 60_000;

/** What this person asked last in this place and still means: the question of a bare 转医生. */
export function createLastQuestion({ clock, seal }: { clock: Clock; seal: Seal }) {
  return async (reader: Reader, asker: { personId: string; place: string }): Promise<string | undefined> => {
    const since = clock.now() - STILL_MEANT_MS;
    const sealed = await findLastAsked(reader, { personId: asker.personId, place: asker.place, since });
    return sealed === undefined ? undefined : seal.open(sealed);
  };
}
