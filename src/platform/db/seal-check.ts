import type { Clock } from '../clock.js';
import type { Transaction } from './database.js';
import { KeyError, type Seal } from './sealed.js';

const NAME = 'seal-check';
const PLAIN = 'xinglin';

/**
 * Proves that the key file opens this database, before anything is written with
 * another key: a lost key file would else be replaced by a new one in silence.
 *
 * @throws KeyError
 */
export async function checkSeal(tx: Transaction, seal: Seal, clock: Clock): Promise<void> {
  const row = await tx.selectFrom('meta').select('value').where('key', '=', NAME).executeTakeFirst();
  if (!row) {
    await tx
      .insertInto('meta')
      .values({ key: NAME, value: seal.seal(PLAIN), created_at: clock.now() })
      .execute();
    return;
  }
  try {
    seal.open(row.value);
  } catch (cause) {
    throw new KeyError('the key file does not open this database: put back the one that belongs to it', { cause });
  }
}
