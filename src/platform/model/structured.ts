import { AIMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import type { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import { isUnreadable, type OutputWay } from './ways.js';

export interface StructuredRequest<T> {
  name: string;
  system: string;
  user: string;
  answer: z.ZodType<T>;
  signal: AbortSignal;
}

export interface StructuredAnswer<T> {
  /** Undefined when what came back is not of the asked form. */
  value: T | undefined;
  inputTokens: number;
  outputTokens: number;
}

/**
 * Asks once, in one way. Whatever comes back is read by the schema alone.
 *
 * @throws what the endpoint or the connection failed with, or the abort of the signal.
 */
export async function askStructured<T>(
  chat: ChatOpenAI,
  way: OutputWay,
  { name, system, user, answer, signal }: StructuredRequest<T>,
): Promise<StructuredAnswer<T>> {
  const schema = z.toJSONSchema(answer) as Record<string, unknown>;
  if (way === 'plain') {
    const form = `Answer with one JSON object of this JSON schema and nothing else:\n${JSON.stringify(schema)}`;
    const raw = await chat.invoke([new SystemMessage(`${system}\n\n${form}`), new HumanMessage(user)], { signal });
    return { value: readAnswer(answer, [jsonIn(raw.text)]), ...usageOf(raw) };
  }
  const messages = [new SystemMessage(system), new HumanMessage(user)];
  const method = way === 'tools' ? 'functionCalling' : 'jsonSchema';
  const structured = chat.withStructuredOutput(schema, { name, method, strict: true, includeRaw: true });
  const { raw, parsed } = await structured.invoke(messages, { signal }).catch((error: unknown) => {
    if (isUnreadable(error)) return { raw: new AIMessage(''), parsed: undefined };
    throw error;
  });
  return { value: readAnswer(answer, [parsed, jsonIn(raw.text)]), ...usageOf(raw) };
}

function readAnswer<T>(answer: z.ZodType<T>, found: readonly unknown[]): T | undefined {
  for (const one of found) {
    const read = answer.safeParse(one);
    if (read.success) return read.data;
  }
  return undefined;
}

/** The JSON object of a text that may say more, or fence it. */
function jsonIn(text: string): unknown {
  const from = text.indexOf('{');
  const to = text.lastIndexOf('}');
  if (from === -1 || to <= from) return undefined;
  try {
    return JSON.parse(text.slice(from, to + 1));
  } catch {
    return undefined;
  }
}

function usageOf(raw: unknown): { inputTokens: number; outputTokens: number } {
  const usage = (raw as { usage_metadata?: { input_tokens?: number; output_tokens?: number } }).usage_metadata;
  return { inputTokens: usage?.input_tokens ?? 0, outputTokens: usage?.output_tokens ?? 0 };
}
