import type { z } from 'zod';
import { type Clock, startStopwatch } from '../clock.js';
import type { Config } from '../config.js';
import type { Database } from '../db/database.js';
import type { Seal } from '../db/sealed.js';
import type { Ids } from '../ids.js';
import type { Log } from '../log.js';
import { createBreaker } from './breaker.js';
import { deidentify } from './deidentify.js';
import { fillPrompt, type Prompt } from './prompts.js';
import { findAnswer, insertCall, saveAnswer, tokensSince } from './store.js';
import { isUnreadable, OUTPUT_WAYS, type OutputWay } from './ways.js';

const DAY_MS = 24 * 3_600_000;
export const ANSWERS_KEPT_MS = 7 * DAY_MS;
/** A Chinese character is about one token; the other half is for what a provider adds. */
const TOKENS_PER_CHARACTER = 1.5;
const RETRIES = 1;

/** Why there is no answer. The log of calls holds the same words. */
export type NoAnswer =
  | 'over-budget'
  | 'breaker-open'
  | 'time-out'
  | 'rate-limited'
  | 'refused'
  | 'unavailable'
  | 'bad-output';

export type ModelAnswer<T> = { kind: 'answered'; value: T } | { kind: 'none'; why: NoAnswer };

export interface ModelRequest<T> {
  prompt: Prompt;
  /** Goes through `deidentify` before anything leaves. */
  values: Readonly<Record<string, unknown>>;
  answer: z.ZodType<T>;
  /** Whose question it is: their tokens of the day are counted. */
  personId?: string;
  /** Names to be taken out of the values. */
  names?: readonly string[];
  /** Of the time-out, already gone: two questions for one message share it. */
  spentMs?: number;
}

/** A language model behind any OpenAI-compatible endpoint. It never throws for what the endpoint does. */
export interface Model {
  ask<T>(request: ModelRequest<T>): Promise<ModelAnswer<T>>;
}

/** The model of the settings, or undefined where none is set. */
export function createModel(deps: {
  settings: Config['model'];
  db: Database;
  clock: Clock;
  ids: Ids;
  seal: Seal;
  log: Log;
}): Model | undefined {
  const { settings, db, clock, ids, seal, log } = deps;
  if (settings.chat === undefined) return undefined;
  const modelName: string = settings.chat;
  neverTrace();
  const breaker = createBreaker(clock);
  /** The way that this endpoint was found to know. */
  let knownWay: OutputWay | undefined = settings.output === 'auto' ? undefined : settings.output;

  /** The client is loaded when it is first needed: it takes a quarter of a second and 40 MB, and most run without. */
  async function openChat({ temperature, maxTokens }: Prompt) {
    const { ChatOpenAI } = await import('@langchain/openai');
    return new ChatOpenAI({
      model: modelName,
      apiKey: settings.apiKey ?? 'none',
      temperature,
      maxTokens,
      maxRetries: RETRIES,
      onFailedAttempt: giveUpUnlessPassing,
      timeout: settings.timeoutMs,
      streaming: false,
      ...(settings.baseUrl === undefined ? {} : { configuration: { baseURL: settings.baseUrl } }),
    });
  }

  /** Which budget would be overdrawn; the estimate is on the high side. */
  async function isOverBudget(personId: string | undefined, estimate: number): Promise<boolean> {
    const since = clock.now() - DAY_MS;
    if ((await tokensSince(db.reader, { since })) + estimate > settings.dailyTokens) return true;
    if (personId === undefined) return false;
    return (await tokensSince(db.reader, { since, personId })) + estimate > settings.personDailyTokens;
  }

  /** One way after the other until one brings the asked form; all within the same time. */
  async function askInSomeWay<T>(
    { prompt, answer, spentMs = 0 }: ModelRequest<T>,
    user: string,
    spent: { inputTokens: number; outputTokens: number; way: OutputWay | undefined },
  ): Promise<T | undefined> {
    const signal = AbortSignal.timeout(Math.max(1, Math.round(settings.timeoutMs - spentMs)));
    const { askStructured } = await import('./structured.js');
    const chat = await openChat(prompt);
    const ways = knownWay === undefined ? OUTPUT_WAYS : [knownWay];
    for (const way of ways) {
      spent.way = way;
      try {
        const request = { name: prompt.name, system: prompt.system, user, answer, signal };
        const { value, inputTokens, outputTokens } = await askStructured(chat, way, request);
        spent.inputTokens += inputTokens;
        spent.outputTokens += outputTokens;
        if (value === undefined) continue;
        knownWay = way;
        return value;
      } catch (error) {
        // A provider that does not know the way says that the request is wrong; the last way is asked of all.
        if (!isWrongRequest(error) || way === ways.at(-1)) throw error;
      }
    }
    return undefined;
  }

  async function ask<T>(request: ModelRequest<T>): Promise<ModelAnswer<T>> {
    const { prompt, personId, answer } = request;
    const user = fillPrompt(prompt, deidentifyAll(request.values, request.names ?? []));
    const key = seal.hash(JSON.stringify([modelName, prompt.name, prompt.version, prompt.system, user]));
    const known = await findAnswer(db.reader, key, clock.now() - ANSWERS_KEPT_MS);
    if (known !== undefined) return { kind: 'answered', value: answer.parse(JSON.parse(seal.open(known))) };

    const spent = { inputTokens: 0, outputTokens: 0, way: undefined as OutputWay | undefined };
    const watch = startStopwatch();
    const finish = async (outcome: 'answered' | NoAnswer, value?: T): Promise<void> => {
      await db.inTransaction(async (tx) => {
        await insertCall(tx, {
          id: ids.next(),
          prompt: prompt.name,
          prompt_version: prompt.version,
          model: modelName,
          way: spent.way ?? null,
          person_id: personId ?? null,
          outcome,
          input_tokens: spent.inputTokens,
          output_tokens: spent.outputTokens,
          duration_ms: Math.round(watch()),
          created_at: clock.now(),
        });
        if (value !== undefined)
          await saveAnswer(tx, { key, answer_sealed: seal.seal(JSON.stringify(value)), created_at: clock.now() });
      });
    };
    const none = async (why: NoAnswer): Promise<ModelAnswer<T>> => {
      await finish(why);
      return { kind: 'none', why };
    };

    const estimate = Math.ceil((prompt.system.length + user.length) * TOKENS_PER_CHARACTER) + prompt.maxTokens;
    if (await isOverBudget(personId, estimate)) return none('over-budget');
    if (!breaker.mayCall()) return none('breaker-open');
    try {
      const value = await askInSomeWay(request, user, spent);
      breaker.succeeded();
      if (spent.inputTokens === 0) spent.inputTokens = estimate;
      if (value === undefined) return await none('bad-output');
      await finish('answered', value);
      return { kind: 'answered', value };
    } catch (error) {
      breaker.failed();
      const why = reasonOf(error);
      log.warn({ kind: prompt.name, reason: why }, 'the language model did not answer');
      return none(why);
    }
  }

  return { ask };
}

/** LangChain would send prompts to a tracing service when the environment says so; here nothing else leaves. */
function neverTrace(): void {
  for (const name of ['LANGSMITH_TRACING', 'LANGSMITH_TRACING_V2', 'LANGCHAIN_TRACING', 'LANGCHAIN_TRACING_V2'])
    process.env[name] = 'false';
}

function deidentifyAll(values: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return deidentify(value, names);
    if (Array.isArray(value)) return value.map(clean);
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, clean(part)]));
    return value;
  };
  return clean(values) as Record<string, unknown>;
}

/** Asked again only where that may help: a busy or broken server, a lost connection. */
function giveUpUnlessPassing(error: unknown): void {
  const status = statusOf(error);
  const isPassing = status === undefined ? !isUnreadable(error) : status === 408 || status === 429 || status >= 500;
  if (!isPassing) throw error;
}

function statusOf(error: unknown): number | undefined {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : undefined;
}

function isWrongRequest(error: unknown): boolean {
  return [400, 404, 405, 415, 422, 501].includes(statusOf(error) ?? 0);
}

function reasonOf(error: unknown): NoAnswer {
  const status = statusOf(error);
  if (status === 429) return 'rate-limited';
  if (status !== undefined && status < 500) return 'refused';
  const name = error instanceof Error ? error.name : '';
  return /abort|time-?out/iu.test(name) || /abort|timed? ?out/iu.test(String(error)) ? 'time-out' : 'unavailable';
}
