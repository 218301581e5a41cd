import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { createAudit } from '../../src/platform/audit/audit.js';
import { CHAIN_START, firstBrokenLink, linkHash } from '../../src/platform/audit/hash-chain.js';
import { VirtualClock } from '../../src/platform/clock.js';
import type { Database } from '../../src/platform/db/database.js';
import { checkSeal } from '../../src/platform/db/seal-check.js';
import { createSeal, KeyError } from '../../src/platform/db/sealed.js';
import { createIds, seededRandom } from '../../src/platform/ids.js';
import { openTestDatabase } from './open-test-database.js';

const clock = new VirtualClock(Date.parse('2026-03-01T08:00:00Z'), async () => {});
const opened: Database[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

async function open(): Promise<Database> {
  const db = await openTestDatabase(clock);
  opened.push(db);
  return db;
}

describe('the audit', () => {
  const FIELDS = ['action', 'actor_id', 'target_kind', 'target_id', 'details', 'id', 'hash', 'previous_hash'];

  async function openWithRows(count = 5) {
    const db = await open();
    const audit = createAudit({ clock, ids: createIds({ clock, random: seededRandom(3) }) });
    for (let i = 0; i < count; i += 1) {
      await db.inTransaction((tx) =>
        audit.record(tx, { action: `a${i}`, actorId: 'p', target: { kind: 'person', id: `${i}` }, details: { n: i } }),
      );
    }
    // Somebody who may do anything with the file takes the triggers away first.
    const tamper = (statement: string) =>
      db.inTransaction(async (tx) => {
        for (const event of ['update', 'delete']) {
          const on = db.engine.name === 'postgres' ? ' on audit' : '';
          await sql.raw(`drop trigger if exists audit_no_${event}${on}`).execute(tx);
        }
        await sql.raw(statement).execute(tx);
      });
    const rows = await db.reader.selectFrom('audit').selectAll().orderBy('sequence').execute();
    return { db, audit, rows, tamper };
  }

  it('is whole as long as nobody changes it', async () => {
    const { db, audit } = await openWithRows();
    expect(await audit.firstBroken(db.reader)).toBeUndefined();
    expect(await audit.firstBroken((await open()).reader)).toBeUndefined();
  });

  it.each(FIELDS)('shows a changed %s in any row', async (field) => {
    for (const at of [0, 2, 4]) {
      const { db, audit, rows, tamper } = await openWithRows();
      await tamper(`update audit set ${field} = ${field} || 'x' where sequence = ${rows[at]?.sequence}`);
      const broken = await audit.firstBroken(db.reader);
      expect(broken?.replace(/x$/, '')).toBe(rows[at]?.id);
    }
  });

  it('shows a changed time, a removed row, and one that was put in', async () => {
    const changed = await openWithRows();
    await changed.tamper(`update audit set created_at = created_at + 1 where id = '${changed.rows[3]?.id}'`);
    expect(await changed.audit.firstBroken(changed.db.reader)).toBe(changed.rows[3]?.id);

    const removed = await openWithRows();
    await removed.tamper(`delete from audit where id = '${removed.rows[1]?.id}'`);
    expect(await removed.audit.firstBroken(removed.db.reader)).toBe(removed.rows[2]?.id);

    const added = await openWithRows();
    await added.tamper(
      `insert into audit (id, action, actor_id, target_kind, target_id, details, previous_hash, hash, created_at)
       select 'forged', action, actor_id, target_kind, target_id, details, previous_hash, hash, created_at from audit where id = '${added.rows[4]?.id}'`,
    );
    expect(await added.audit.firstBroken(added.db.reader)).toBe('forged');
  });

  it('is one chain when many write at once', async () => {
    const { db, audit } = await openWithRows(0);
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        db.inTransaction((tx) =>
          audit.record(tx, { action: 'x', actorId: 'p', target: { kind: 'person', id: `${i}` } }),
        ),
      ),
    );
    expect(await audit.firstBroken(db.reader)).toBeUndefined();
  });
});

describe('a hash chain', () => {
  it('breaks at the first row that was changed, whichever it is', () => {
    const row = fc.record({ a: fc.string(), n: fc.integer(), z: fc.option(fc.string()) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), fc.nat(), (values, at) => {
        let previous = CHAIN_START;
        const fieldsOf = (r: { a: string; n: number; z: string | null }) => [r.a, r.n, r.z];
        const rows = values.map((value) => {
          const link = { ...value, previous_hash: previous, hash: linkHash(previous, fieldsOf(value)) };
          previous = link.hash;
          return link;
        });
        expect(firstBrokenLink(rows, fieldsOf)).toBeUndefined();
        const position = at % rows.length;
        const changed = rows.map((r, i) => (i === position ? { ...r, n: r.n + 1 } : r));
        expect(firstBrokenLink(changed, fieldsOf)).toBe(position);
        const forged = changed.map((r, i) =>
          i === position ? { ...r, hash: linkHash(r.previous_hash, fieldsOf(r)) } : r,
        );
        expect(firstBrokenLink(forged, fieldsOf)).toBe(position === rows.length - 1 ? undefined : position + 1);
      }),
    );
  });

  it('tells where one field ends and the next begins', () => {
    expect(linkHash(CHAIN_START, ['ab', 'c'])).not.toBe(linkHash(CHAIN_START, ['a', 'bc']));
    expect(linkHash(CHAIN_START, [1])).not.toBe(linkHash(CHAIN_START, ['1']));
    expect(linkHash(CHAIN_START, [null])).not.toBe(linkHash(CHAIN_START, ['null']));
  });
});

describe('the key of a database', () => {
  it('is proved at each start: a lost key file is not replaced in silence', async () => {
    const db = await open();
    const [mine, other] = [createSeal([Buffer.alloc(32, 1)]), createSeal([Buffer.alloc(32, 2)])];
    const rotated = createSeal([Buffer.alloc(32, 3), Buffer.alloc(32, 1)]);
    const check = (seal: typeof mine) => db.inTransaction((tx) => checkSeal(tx, seal, clock));
    await check(mine);
    await check(mine);
    await check(rotated);
    await expect(check(other)).rejects.toBeInstanceOf(KeyError);
    await expect(check(other)).rejects.toThrow('put back the one that belongs to it');
  });
});
