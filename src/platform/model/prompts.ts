import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const frontMatter = z.strictObject({
  name: z.string().regex(/^[a-z-]+$/),
  version: z.int().min(1),
  purpose: z.string().min(1),
  temperature: z.number().min(0).max(2).default(0),
  /** Of the answer. */
  max_tokens: z.int().min(1).max(4_000),
});

/** What a model is asked, with holes `{{name}}` for the values of the moment. */
export interface Prompt {
  name: string;
  /** Higher after every change: cached answers of another version do not count. */
  version: number;
  temperature: number;
  maxTokens: number;
  system: string;
  user: string;
}

/** A prompt file that cannot be used; the message says which and why. */
export class PromptError extends Error {
  override name = 'PromptError';
  code = 'bad-prompt';
}

const FILE =
  /^---\r?\n(?<fields>[\s\S]*?)\r?\n---\r?\n\s*# system\r?\n(?<system>[\s\S]*?)\r?\n# user\r?\n(?<user>[\s\S]*)$/u;
const HOLE = /\{\{([a-z_]+)\}\}/gu;

/**
 * All prompts of a folder, by name.
 *
 * @throws PromptError for a file without front matter or its two parts, a field that is wrong, or a name used twice.
 */
export function loadPrompts(dir: string): ReadonlyMap<string, Prompt> {
  const prompts = new Map<string, Prompt>();
  for (const file of readdirSync(dir).sort()) {
    if (!file.endsWith('.md')) continue;
    const prompt = readPrompt(file, readFileSync(join(dir, file), 'utf8'));
    if (prompts.has(prompt.name)) throw new PromptError(`${file}: the name ${prompt.name} is used twice`);
    prompts.set(prompt.name, prompt);
  }
  return prompts;
}

/** @throws PromptError when there is none of that name. */
export function promptNamed(prompts: ReadonlyMap<string, Prompt>, name: string): Prompt {
  const prompt = prompts.get(name);
  if (!prompt) throw new PromptError(`there is no prompt ${name}`);
  return prompt;
}

/** @throws PromptError */
export function readPrompt(file: string, text: string): Prompt {
  const parts = FILE.exec(text)?.groups;
  if (!parts)
    throw new PromptError(`${file}: must be front matter between lines of ---, then "# system", then "# user"`);
  const read = frontMatter.safeParse(parse(parts.fields ?? ''));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new PromptError(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { name, version, temperature, max_tokens } = read.data;
  const [system = '', user = ''] = [parts.system?.trim(), parts.user?.trim()];
  // Rules of the program come from the program alone: what people wrote stands in the user's part.
  if (system.search(HOLE) >= 0) throw new PromptError(`${file}: values belong below "# user", never below "# system"`);
  return { name, version, temperature, maxTokens: max_tokens, system, user };
}

/**
 * The user's part with its values, each as JSON, so that no text can end its own quotation.
 *
 * @throws PromptError when a hole has no value or a value no hole.
 */
export function fillPrompt({ name, user }: Prompt, values: Readonly<Record<string, unknown>>): string {
  const used = new Set<string>();
  const filled = user.replace(HOLE, (_hole, key: string) => {
    if (!(key in values)) throw new PromptError(`${name}: no value for {{${key}}}`);
    used.add(key);
    return JSON.stringify(values[key]);
  });
  const unused = Object.keys(values).find((key) => !used.has(key));
  if (unused !== undefined) throw new PromptError(`${name}: {{${unused}}} is nowhere in the prompt`);
  return filled;
}
