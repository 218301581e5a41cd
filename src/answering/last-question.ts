import type { Clock } from '../platform/clock.js';
import type { Reader } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import { normaliseText } from '../platform/text-normalise.js';
import { leansOnBefore } from './asked.js';
import { findLastAsked, listLastAsked } from './store.js';

const STILL_MEANT_MS = 10 * 60_000;

interface Asker {
  personId: string;
  place: string;
}

interface Deps {
  clock: Clock;
  seal: Seal;
  /** The words without the name of the bot in front. */
  withoutAddress(words: string): string;
}

/** What this person asked last in this place and still means: the question of a bare 转医生. */
export function createLastQuestion({ clock, seal, withoutAddress }: Deps) {
  return async (reader: Reader, { personId, place }: Asker): Promise<string | undefined> => {
    const sealed = await findLastAsked(reader, { personId, place, since: clock.now() - STILL_MEANT_MS });
    return sealed === undefined ? undefined : withoutAddress(seal.open(sealed));
  };
}

/** What a question leans on: the last one of this person in this place that leans on nothing itself. */
export function createLastTopic({ clock, seal, withoutAddress }: Deps) {
  return async (reader: Reader, { personId, place }: Asker): Promise<string | undefined> => {
    const asked = await listLastAsked(reader, { personId, place, since: clock.now() - STILL_MEANT_MS });
    const words = asked.map((sealed) => withoutAddress(seal.open(sealed)));
    return words.find((one) => !leansOnBefore(normaliseText(one))) ?? words[0];
  };
}
