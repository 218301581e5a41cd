import { z } from 'zod';
import { itemKindSchema, itemSchema } from '../observation/index.js';

/** What the data of open questions holds; it comes back from the database as JSON. */
export const originSchema = z.object({
  messageId: z.string(),
  sentAt: z.number(),
  receivedAt: z.number(),
  roomId: z.string(),
});

export const VALUE_QUESTION = 'check-in-value';
export const WHERE_QUESTION = 'check-in-where';
export const CORRECTION_QUESTION = 'check-in-correct-which';

export const valueSchema = z.object({ roomId: z.string(), kind: itemKindSchema, correction: z.boolean() });
export const whereSchema = z.object({
  message: originSchema.omit({ roomId: true }),
  roomIds: z.array(z.string()),
  items: z.array(itemSchema),
});
export const correctionSchema = z.object({ origin: originSchema, item: itemSchema, ids: z.array(z.string()) });

/** A bare number as the whole message, within the choices offered; its position from 0. */
export function pickOf(normalised: string, choices: number): number | undefined {
  const match = /^[([]?([1-9])[)\].、。]?$/.exec(normalised);
  const position = match ? Number(match[1]) - 1 : -1;
  return position >= 0 && position < choices ? position : undefined;
}

export const isYes = (normalised: string) => /^(?:是|是的|好|好的|对|yes|y)[。.!~]*$/.test(normalised);
