import { createHash } from 'node:crypto';

/** What the first row of a chain follows. */
export const CHAIN_START = '0'.repeat(64);

/** A row of an append-only table, linked to the one before it. Shared by the audit and the ledger. */
export interface Link {
  previous_hash: string;
  hash: string;
}

/** The hash of a row: over the previous row's hash and its own fields in the order given. */
export function linkHash(previousHash: string, fields: readonly (string | number | null)[]): string {
  return createHash('sha256')
    .update(JSON.stringify([previousHash, ...fields]))
    .digest('hex');
}

/**
 * The position of the first row that does not follow from the one before it,
 * or undefined when the chain is whole. `fieldsOf` gives the fields that
 * `linkHash` was made from.
 */
export function firstBrokenLink<Row extends Link>(
  rows: readonly Row[],
  fieldsOf: (row: Row) => readonly (string | number | null)[],
): number | undefined {
  let previous = CHAIN_START;
  for (const [position, row] of rows.entries()) {
    if (row.previous_hash !== previous || row.hash !== linkHash(previous, fieldsOf(row))) return position;
    previous = row.hash;
  }
  return undefined;
}
