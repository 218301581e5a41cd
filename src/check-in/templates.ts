import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { itemKindSchema } from '../observation/index.js';
import type { CampaignDefinition } from './types.js';

const whole = z.number().int().min(0);

/** A campaign as a file has it, and as it is kept with each version. */
export const definitionSchema = z
  .strictObject({
    name: z.string().min(1).max(30),
    days: z.number().int().min(1).max(366),
    items: z.array(itemKindSchema).min(1),
    stackable: z.boolean(),
    points: z.strictObject({
      first: whole,
      further: whole,
      further_max: whole,
      daily_cap: whole,
      milestones: z.array(z.strictObject({ days: z.number().int().min(2), points: z.number().int().min(1) })),
    }),
  })
  .transform(({ points: { further_max, daily_cap, ...points }, ...rest }): CampaignDefinition => {
    return { ...rest, points: { ...points, furtherMax: further_max, dailyCap: daily_cap } };
  });

export interface Template {
  /** The file's name without its ending. */
  id: string;
  definition: CampaignDefinition;
}

/** A campaign file that cannot be used; one problem a line. */
class TemplateError extends Error {
  override name = 'TemplateError';
  code = 'campaign-template';
}

/** The built-in campaigns, by name. Throws `TemplateError` with every problem of every file at once. */
export function loadTemplates(dir: string): Template[] {
  const problems: string[] = [];
  const templates: Template[] = [];
  for (const file of readdirSync(dir).sort()) {
    if (!file.endsWith('.yaml')) continue;
    const result = definitionSchema.safeParse(parse(readFileSync(join(dir, file), 'utf8')));
    if (result.success) templates.push({ id: file.slice(0, -'.yaml'.length), definition: result.data });
    else problems.push(...result.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`));
  }
  if (problems.length > 0) throw new TemplateError(problems.join('\n'));
  return templates;
}

/** The definition as a version of a campaign keeps it. */
export function serialiseDefinition({ points, ...rest }: CampaignDefinition): string {
  const { furtherMax, dailyCap, ...others } = points;
  return JSON.stringify({ ...rest, points: { ...others, further_max: furtherMax, daily_cap: dailyCap } });
}
