import { grpcCode } from './send-errors.js';
import type { DoorLog } from './wechaty-log.js';

/**
 * A listener that can neither throw nor reject. Wechaty awaits no listener: a
 * rejection in one would end the process, whether or not `error` is listened to.
 */
export function safely<A extends unknown[]>(
  log: DoorLog,
  feature: string,
  listener: (...args: A) => unknown,
): (...args: A) => void {
  const report = (error: unknown) => log.error({ feature, ...describeError(error) }, 'a listener of the door failed');
  return (...args) => {
    try {
      const result = listener(...args);
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
  };
}

/** What may be logged of an error: its kind, not its text, which may quote a message or a name. */
export function describeError(error: unknown): { kind: string; code?: string } {
  const code = grpcCode(error);
  return {
    kind: error instanceof Error ? error.name : typeof error,
    ...(code !== undefined && { code: `gRPC ${code}` }),
  };
}
