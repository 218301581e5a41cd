import type { ChatMessage, Command } from '../community/index.js';
import { roomKindNames } from '../text/zh-CN/community.js';

type Verdict = 'yes' | 'not-allowed' | 'not-here' | 'silence';

/** May this person run this command here, and if not, should they be told? */
export function mayRun(command: Command, message: ChatMessage): Verdict {
  const place = message.room?.kind ?? 'private';
  const called = message.addressed;
  if (command.needsAddress && !called) return 'silence';
  const { standing } = message;
  const allowed =
    command.who === 'anyone' ||
    (command.who === 'doctor' && (standing.doctor || standing.unverifiedDoctor)) ||
    (command.who === 'admin' && standing.admin) ||
    (command.who === 'owner' && standing.owner);
  if (!allowed) return called && !(place === 'unset') ? 'not-allowed' : 'silence';
  if (!command.where.includes(place)) return called ? 'not-here' : 'silence';
  return 'yes';
}

export function placesOf(command: Command): string {
  return command.where
    .filter((place) => place !== 'unset' && place !== 'test')
    .map((place) => roomKindNames[place])
    .join('或');
}
