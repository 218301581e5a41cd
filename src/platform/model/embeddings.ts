import type { OpenAIEmbeddings } from '@langchain/openai';
import { type Clock, startStopwatch } from '../clock.js';
import type { Config } from '../config.js';
import type { Database } from '../db/database.js';
import type { Seal } from '../db/sealed.js';
import type { Ids } from '../ids.js';
import type { Log } from '../log.js';
import { createBreaker } from './breaker.js';
import { deidentify } from './deidentify.js';
import { findVectors, insertCall, saveVectors, tokensSince } from './store.js';

const AT_ONCE = 64;
const DAY_MS = 24 * 3_600_000;

/** Vectors of texts by an OpenAI-compatible endpoint, kept in the database by model and text. */
export interface Embeddings {
  /** A vector of unit length for each text, in their order; undefined when the endpoint does not answer. */
  embed(texts: readonly string[], names?: readonly string[]): Promise<Float32Array[] | undefined>;
}

/** The embeddings of the settings, or undefined where none are set. */
export function createEmbeddings(deps: {
  settings: Config['model'];
  db: Database;
  clock: Clock;
  ids: Ids;
  seal: Seal;
  log: Log;
}): Embeddings | undefined {
  const { settings, db, clock, ids, seal, log } = deps;
  if (settings.embedding === undefined) return undefined;
  const model: string = settings.embedding;
  const breaker = createBreaker(clock);
  let endpoint: OpenAIEmbeddings | undefined;

  /** The client is loaded when it is first needed. */
  async function open(): Promise<OpenAIEmbeddings> {
    const { OpenAIEmbeddings } = await import('@langchain/openai');
    return new OpenAIEmbeddings({
      model,
      apiKey: settings.apiKey ?? 'none',
      maxRetries: 1,
      timeout: settings.timeoutMs,
      batchSize: AT_ONCE,
      encodingFormat: 'float',
      stripNewLines: false,
      ...(settings.baseUrl === undefined ? {} : { configuration: { baseURL: settings.baseUrl } }),
    });
  }

  async function fetchMissing(missing: readonly { hash: string; text: string }[]): Promise<Map<string, string>> {
    const fetched = new Map<string, string>();
    endpoint ??= await open();
    for (let i = 0; i < missing.length; i += AT_ONCE) {
      const part = missing.slice(i, i + AT_ONCE);
      const vectors = await endpoint.embedDocuments(part.map(({ text }) => text));
      const rows = part.map(({ hash }, k) => ({
        model,
        text_hash: hash,
        vector: encode(unit(vectors[k] ?? [])),
        created_at: clock.now(),
      }));
      await db.inTransaction((tx) => saveVectors(tx, rows));
      for (const { text_hash, vector } of rows) fetched.set(text_hash, vector);
    }
    return fetched;
  }

  /** The call in the log, without its words; a Chinese character is about a token. */
  async function note(outcome: string, tokens: number, ms: number): Promise<void> {
    const call = { id: ids.next(), prompt: 'embedding', prompt_version: 0, model, way: null, person_id: null, outcome };
    await db.inTransaction((tx) =>
      insertCall(tx, {
        ...call,
        input_tokens: tokens,
        output_tokens: 0,
        duration_ms: Math.round(ms),
        created_at: clock.now(),
      }),
    );
  }

  return {
    async embed(texts, names = []) {
      const wanted = texts.map((text) => {
        const clean = deidentify(text, names);
        return { text: clean, hash: seal.hash(clean) };
      });
      const known = await findVectors(db.reader, model, [...new Set(wanted.map(({ hash }) => hash))]);
      const missing = wanted.filter(
        ({ hash }, i) => !known.has(hash) && wanted.findIndex((w) => w.hash === hash) === i,
      );
      if (missing.length > 0) {
        const tokens = missing.reduce((sum, { text }) => sum + text.length, 0);
        const spent = await tokensSince(db.reader, { since: clock.now() - DAY_MS });
        if (spent + tokens > settings.dailyTokens || !breaker.mayCall()) return undefined;
        const elapsed = startStopwatch();
        try {
          for (const [hash, vector] of await fetchMissing(missing)) known.set(hash, vector);
          breaker.succeeded();
          await note('answered', tokens, elapsed());
        } catch (error) {
          breaker.failed();
          await note('unavailable', 0, elapsed());
          log.warn({ err: error instanceof Error ? error.name : 'error' }, 'the embedding model did not answer');
          return undefined;
        }
      }
      return wanted.map(({ hash }) => decode(known.get(hash) ?? ''));
    },
  };
}

function unit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return Float32Array.from(vector, (part) => part / length);
}

function encode(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

function decode(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  // A copy: a view would have to begin at a multiple of four.
  return new Float32Array(new Uint8Array(bytes).buffer);
}
