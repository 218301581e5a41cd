import { expect, it } from 'vitest';
import { NotSentError, RateLimitedError, RejectedError, UnknownOutcomeError } from './door.js';
import { isLineFailure, sendError } from './send-errors.js';

it.each([
  ['14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1', NotSentError],
  ['14 UNAVAILABLE: Name resolution failed for target dns:nowhere', NotSentError],
  ['no grpc manager', NotSentError],
  ['not logged in, no this.__currentUserId yet.', NotSentError],
  ['16 UNAUTHENTICATED: Invalid Wechaty TOKEN "xinglin_x"', NotSentError],
  ['2 UNKNOWN: 操作过于频繁，请稍后再试', RateLimitedError],
  ['2 UNKNOWN: errcode 20001', RateLimitedError],
  ['8 RESOURCE_EXHAUSTED: slow down', RateLimitedError],
  ['14 UNAVAILABLE: Connection dropped', UnknownOutcomeError],
  ['14 UNAVAILABLE: read ECONNRESET', UnknownOutcomeError],
  ['4 DEADLINE_EXCEEDED: Deadline exceeded after 15.0s, remote_addr=10.0.0.5:8788', UnknownOutcomeError],
  ['13 INTERNAL: TIMEOUT', UnknownOutcomeError],
  ['1 CANCELLED: Cancelled on client', UnknownOutcomeError],
  ['something else', UnknownOutcomeError],
  ['2 UNKNOWN: 张三开启了朋友验证，你还不是他（她）朋友。', RejectedError],
  ['2 UNKNOWN: conversation x not found', RejectedError],
  ['5 NOT_FOUND: room', RejectedError],
])('%s', (text, expected) => {
  expect(sendError(new Error(text))).toBeInstanceOf(expected);
});

it('keeps what is an answer already, and never the token', () => {
  const known = new RejectedError('no');
  expect(sendError(known)).toBe(known);
  const told = sendError(new Error('16 UNAUTHENTICATED: Invalid Wechaty TOKEN "my_secret"'));
  expect(String(told.cause)).not.toContain('my_secret');
});

it.each([
  [Object.assign(new Error('x'), { code: 14 }), true],
  [new Error('4 DEADLINE_EXCEEDED: late'), true],
  [new Error('NO CLIENT'), true],
  [new Error('2 UNKNOWN: no payload'), false],
])('%s is a failure of the line: %s', (error, expected) => {
  expect(isLineFailure(error)).toBe(expected);
});
