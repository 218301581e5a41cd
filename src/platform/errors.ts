/** A bug: something that the code promises is not so. Not caught in the domain. */
export class InvariantError extends Error {
  override name = 'InvariantError';
  code = 'invariant';
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

export class NotFoundError extends Error {
  override name = 'NotFoundError';
  code = 'not-found';
}
