import pino from 'pino';
import { redactTokens } from './puppet/token.js';

export type Log = pino.Logger;

/**
 * The log: JSON lines, pretty on a terminal. Of an object only ids and plain
 * numbers come through; names, message text and values have no way in, since
 * the serialisers drop every field that is not on the list.
 */
export function createLog(level: string, { pretty = false } = {}): Log {
  return pino({
    level,
    base: null,
    formatters: { log: keepKnownFields },
    ...(pretty ? { transport: { target: 'pino-pretty', options: { colorize: true, ignore: 'pid,hostname' } } } : {}),
  });
}

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
    else if (typeof value === 'string') kept[key] = redactTokens(value);
    else if (typeof value === 'number' || typeof value === 'boolean') kept[key] = value;
  }
  return kept;
}

/** Name, code and where it happened; not the message, which may quote what a person wrote. */
function describeError(error: Error): Record<string, unknown> {
  const code = 'code' in error ? String(error.code) : undefined;
  const at = error.stack
    ?.split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 6)
    .map((line) => line.trim());
  return { name: error.name, ...(code ? { code } : {}), at };
}
