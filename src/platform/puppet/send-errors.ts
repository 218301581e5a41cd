import { NotSentError, RateLimitedError, RejectedError, UnknownOutcomeError } from './door.js';
import { redactTokens } from './token.js';

const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;
/** INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED. */
const REFUSED: ReadonlySet<number> = new Set([3, 5, 7]);

const NEVER_CONNECTED =
  /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|No connection established|Name resolution failed|NO CLIENT|no grpc manager|not (yet )?logged in|not connected|cannot be reached|was not sent/i;
const RATE_LIMITED = /操作过于频繁|操作频繁|\b20001\b|RESOURCE_EXHAUSTED/;
const REJECTED =
  /not found|(no such|there is no|has no) (room|contact|conversation)|不是(你的)?好友|not (a|your) friend|开启了(朋友|好友)验证|拒收|不在(该)?群|移出群聊|not (a )?(member|in) (of )?(the )?room/i;

/** What an error of the platform means for one message: was it sent, and does trying again help? */
export function sendError(error: unknown): Error {
  if (isSendError(error)) return error;
  const text = errorText(error);
  const code = grpcCode(error);
  const options = { cause: safeCause(error) };
  if (code === 8 || RATE_LIMITED.test(text)) return new RateLimitedError('the platform asks to slow down', options);
  if (code === UNAUTHENTICATED) return new NotSentError('the token is not accepted', options);
  if (code !== DEADLINE_EXCEEDED && NEVER_CONNECTED.test(text)) return new NotSentError('not connected', options);
  if ((code !== undefined && REFUSED.has(code)) || REJECTED.test(text)) {
    return new RejectedError('the platform refuses this message', options);
  }
  return new UnknownOutcomeError('the platform did not say whether it sent the message', options);
}

/** The line to the gateway failed, not the call itself: it may work on another connection. */
export function isLineFailure(error: unknown): boolean {
  const code = grpcCode(error);
  if (code === CANCELLED || code === DEADLINE_EXCEEDED || code === UNAVAILABLE) return true;
  return code === undefined && /NO CLIENT|no grpc manager/.test(errorText(error));
}

/** The gRPC status of an error, also where it is only in its text. */
export function grpcCode(error: unknown): number | undefined {
  if (error && typeof error === 'object' && 'code' in error && typeof error.code === 'number') return error.code;
  const number = /^(?:\w*Error: )?(\d{1,2}) [A-Z_]{2,}/.exec(errorText(error))?.[1];
  return number === undefined ? undefined : Number(number);
}

export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (error && typeof error === 'object' && 'message' in error) return String(error.message);
  return String(error);
}

function isSendError(error: unknown): error is Error {
  return (
    error instanceof NotSentError ||
    error instanceof RateLimitedError ||
    error instanceof RejectedError ||
    error instanceof UnknownOutcomeError
  );
}

/** The original error may quote the token. */
function safeCause(error: unknown): Error {
  const cause = new Error(redactTokens(errorText(error)));
  if (error instanceof Error) cause.name = error.name;
  return cause;
}
