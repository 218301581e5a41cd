import { z } from 'zod';
import { LEVELS } from '../triage/index.js';
import type { TicketEvent } from './types.js';

/** What triage found at one message of an emergency, as the ticket keeps it (SAFETY.md 2.5.4). */
const emergencyFlags = z.object({
  level: z.enum(LEVELS),
  flags: z.array(z.string()),
  rows: z.array(z.string()),
  ruleVersion: z.string(),
  privateOnly: z.boolean(),
  /** Doctors and admins were told of this one. */
  alerted: z.boolean(),
  at: z.number(),
});

export type EmergencyFlags = z.infer<typeof emergencyFlags>;

export function readFlags(event: TicketEvent): EmergencyFlags | undefined {
  if (event.kind !== 'flags' || event.text === undefined) return undefined;
  const parsed = emergencyFlags.safeParse(JSON.parse(event.text));
  return parsed.success ? parsed.data : undefined;
}

/** Opened for a value that somebody wrote down: they asked nothing, and are owed no word about it. */
export function isAboutValues(events: readonly TicketEvent[]): boolean {
  const flags = events.flatMap((event) => readFlags(event) ?? []);
  return flags.length > 0 && flags.every((one) => one.level === 'clinical');
}

/** Something in it was about suicide: a reply goes to the person alone and no group hears of it. */
export function isPrivateOnly(events: readonly TicketEvent[]): boolean {
  const flags = events.flatMap((event) => readFlags(event) ?? []);
  return flags.some((one) => one.privateOnly);
}
