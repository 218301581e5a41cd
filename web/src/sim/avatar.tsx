import type { SimOverview, SimRoom } from '../../../src/simulator/wire.js';
import { findPerson } from './conversations';

/** A coloured tile with the first character of the name; the colour follows the place in the list of people. */
export function Avatar({ overview, contactId }: { overview: SimOverview; contactId: string }) {
  return (
    <span className={`avatar ${tint(overview, contactId)}`} aria-hidden="true">
      {firstCharacter(overview, contactId)}
    </span>
  );
}

/** The faces of a room in a grid, as WeChat draws them. */
export function RoomAvatar({ overview, room }: { overview: SimOverview; room: SimRoom }) {
  const shown = room.memberIds.slice(0, 9);
  return (
    <span className={`avatar grid ${shown.length > 4 ? 'nine' : 'four'}`} aria-hidden="true">
      {shown.map((contactId) => (
        <span key={contactId} className={tint(overview, contactId)}>
          {firstCharacter(overview, contactId)}
        </span>
      ))}
    </span>
  );
}

function firstCharacter(overview: SimOverview, contactId: string): string {
  const name = contactId === overview.botId ? '杏' : (findPerson(overview, contactId)?.name ?? '?');
  return [...name][0] ?? '?';
}

const TINTS = 10;

function tint(overview: SimOverview, contactId: string): string {
  if (contactId === overview.botId) return 'tint-bot';
  const index = overview.people.findIndex((person) => person.contactId === contactId);
  return `tint-${Math.max(0, index) % TINTS}`;
}
