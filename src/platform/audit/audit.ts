import type { Selectable } from 'kysely';
import type { Clock } from '../clock.js';
import type { Reader, Transaction } from '../db/database.js';
import type { Schema } from '../db/schema.js';
import type { Ids } from '../ids.js';
import { CHAIN_START, firstBrokenLink, linkHash } from './hash-chain.js';

/** Who did what to whom. Ids only: no names, no values, no text. */
export interface AuditRecord {
  action: string;
  /** A person's id, or `system`. */
  actorId: string;
  target: { kind: string; id: string };
  details?: Record<string, string | number | boolean>;
}

export interface Audit {
  record(tx: Transaction, record: AuditRecord): Promise<void>;
  /** The id of the first row that was changed or removed, or undefined when the chain is whole. */
  firstBroken(reader: Reader): Promise<string | undefined>;
}

export function createAudit({ clock, ids }: { clock: Clock; ids: Ids }): Audit {
  return {
    async record(tx, { action, actorId, target, details = {} }) {
      const last = await tx.selectFrom('audit').select('hash').orderBy('sequence', 'desc').limit(1).executeTakeFirst();
      const previous_hash = last?.hash ?? CHAIN_START;
      const row = {
        id: ids.next(),
        action,
        actor_id: actorId,
        target_kind: target.kind,
        target_id: target.id,
        details: JSON.stringify(details),
        previous_hash,
        created_at: clock.now(),
      };
      await tx
        .insertInto('audit')
        .values({ ...row, hash: linkHash(previous_hash, fieldsOf(row)) })
        .execute();
    },
    async firstBroken(reader) {
      const rows = await reader.selectFrom('audit').selectAll().orderBy('sequence').execute();
      const broken = firstBrokenLink(rows, fieldsOf);
      return broken === undefined ? undefined : rows[broken]!.id;
    },
  };
}

function fieldsOf(row: Omit<Selectable<Schema['audit']>, 'sequence' | 'hash' | 'previous_hash'>) {
  return [row.id, row.action, row.actor_id, row.target_kind, row.target_id, row.details, row.created_at];
}
