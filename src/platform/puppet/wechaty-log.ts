import { log as wechatyLog } from 'wechaty-puppet';
import { redactTokens } from './token.js';

/** The part of pino that the door needs. */
export interface DoorLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

interface BrologClass {
  instance(): typeof wechatyLog;
}

/**
 * Sends what Wechaty logs to our log, at warn and above. Only the place and a
 * gRPC status come through: the rest of such a line may quote messages or names.
 */
export function routeWechatyLog(log: DoorLog): void {
  // wechaty-puppet has a logger of its own; some of its libraries use Brolog's shared one.
  const shared = (wechatyLog.constructor as unknown as BrologClass).instance();
  for (const logger of new Set([wechatyLog, shared])) {
    logger.level('warn');
    logger.enableLogging((title: string, text?: string) => {
      const line = describeLogLine(text ?? '');
      if (title === 'ERR') log.error(line, 'wechaty reports an error');
      else log.warn(line, 'wechaty warns');
    });
  }
}

export function describeLogLine(text: string): { reason: string; code?: string } {
  const place = /\b(?:ERR|WARN|INFO|VERB|SILL) ([\w<>.-]+ (?:[\w.]+\(\))?)/.exec(text)?.[1]?.trim() ?? 'Wechaty';
  const code = grpcStatus(text);
  return { reason: redactTokens(place), ...(code && { code }) };
}

/** `14 UNAVAILABLE` out of an error text. */
export function grpcStatus(text: string): string | undefined {
  return /\b(\d{1,2} [A-Z]+(?:_[A-Z]+)*)(?=:|$)/.exec(text)?.[1];
}
