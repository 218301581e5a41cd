import type { Writable } from 'node:stream';
import pino from 'pino';
import { redactTokens } from './puppet/token.js';

/** Without pino's `child`, whose fields no formatter sees. */
export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

/**
 * The log: JSON lines, pretty on a terminal. Of an object only ids and plain
 * numbers come through; names, message text and values have no way in, since
 * every field that is not on the list is dropped, and an error's own message too.
 */
export function createLog(level: string, { pretty = false, to }: { pretty?: boolean; to?: Writable } = {}): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    formatters: { log: keepKnownFields },
    hooks: {
      // Pino would take the message of an error for that of the line, and fill in what follows the text.
      logMethod([first, second], method) {
        if (typeof first === 'string') method.call(this, first);
        else method.call(this, fieldsOf(first), typeof second === 'string' ? second : 'no words');
      },
    },
    ...(pretty ? { transport: { target: 'pino-pretty', options: { colorize: true, ignore: 'pid,hostname' } } } : {}),
  };
  return to ? pino(options, to) : pino(options);
}

function fieldsOf(first: unknown): object {
  if (first instanceof Error) return { err: first };
  return typeof first === 'object' && first !== null ? first : {};
}

const TEXT_CHARS = 300;

/** Fields a log line may carry; anything else is dropped. */
const KNOWN = new Set([
  'messageId',
  'personId',
  'roomId',
  'accountId',
  'ticketId',
  'jobId',
  'outboxId',
  'communityId',
  'campaignId',
  'entryId',
  'errorId',
  'kind',
  'state',
  'reason',
  'count',
  'attempt',
  'tries',
  'ms',
  'port',
  'version',
  'file',
  'code',
  'level',
  'slot',
  'signal',
  'err',
  'error',
  'feature',
  'url',
  'from',
  'to',
]);

function keepKnownFields(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (!KNOWN.has(key)) continue;
    if (value instanceof Error) kept[key] = describeError(value);
    else if (typeof value === 'string') kept[key] = plainText(key, value);
    else if (typeof value === 'number' || typeof value === 'boolean') kept[key] = value;
  }
  return kept;
}

function plainText(key: string, value: string): string {
  // The name, password and key of an address are secrets.
  const shown = key === 'url' ? value.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/, '') : value;
  return redactTokens(shown).slice(0, TEXT_CHARS);
}

/** Name, code and where it happened; not the message, which may quote what a person wrote. */
function describeError(error: Error): Record<string, unknown> {
  const code = 'code' in error ? String(error.code) : undefined;
  const cause = error.cause instanceof Error ? describeError(error.cause) : undefined;
  return { name: error.name, ...(code ? { code } : {}), at: placesOf(error), ...(cause ? { cause } : {}) };
}

/** The lines of the stack; the message stands before them, and one of its own lines may begin like theirs. */
function placesOf(error: Error): string[] {
  const stack = error.stack ?? '';
  const after = stack.indexOf(error.message) + error.message.length;
  return stack
    .slice(after)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .*(:\d+:\d+\)?|<anonymous>\)?|\(native\))$/.test(line))
    .slice(0, 6);
}
