import type { Door, ExternalConversation } from '../puppet/door.js';
import { PLACEHOLDER } from './outbox.js';

/** A text with the names of the moment, and whom it calls. */
export interface Rendered {
  text: string;
  mentionIds: string[];
}

interface Deps {
  door: Pick<Door, 'displayName'>;
  contactOf(personId: string): Promise<string | undefined>;
}

const NAMELESS = '群友';

/** Puts people's names in the place of their ids: in a room as real mentions, in private as plain names. */
export async function render(text: string, to: ExternalConversation, deps: Deps): Promise<Rendered> {
  const roomId = to.kind === 'room' ? to.externalRoomId : undefined;
  const names = new Map<string, string>();
  const mentionIds: string[] = [];
  const mentioned = new Set<string>();
  for (const [, at, personId] of text.matchAll(PLACEHOLDER)) {
    if (!personId) continue;
    const contactId = await deps.contactOf(personId);
    if (!names.has(personId)) {
      names.set(personId, contactId ? await deps.door.displayName(contactId, roomId) : NAMELESS);
    }
    if (at && roomId !== undefined && contactId && !mentioned.has(personId)) {
      mentioned.add(personId);
      mentionIds.push(contactId);
    }
  }
  const named = text.replace(PLACEHOLDER, (_, at: string, personId: string) => {
    const name = names.get(personId) ?? NAMELESS;
    return at && roomId !== undefined ? `@${name}\u2005` : name;
  });
  // A real mention ends in its own narrow space; the plain one behind it would show as two.
  return { text: named.replaceAll('\u2005 ', '\u2005'), mentionIds };
}
