import SQLite from 'better-sqlite3';
import { createAudit } from '../../src/platform/audit/audit.js';
import { SystemClock } from '../../src/platform/clock.js';
import { openDatabase } from '../../src/platform/db/database.js';
import { loadSeal } from '../../src/platform/db/sealed.js';
import { createIds, secureRandom } from '../../src/platform/ids.js';
import { createPoints } from '../../src/points/index.js';
import type { SimulatedWechat } from '../../src/simulator/world.js';

/** What the database holds, read beside the program, also when that is dead. */
export class Records {
  readonly #db: SQLite.Database;

  constructor(file: string) {
    this.#db = new SQLite(file, { readonly: true });
  }

  close(): void {
    this.#db.close();
  }

  /** The platform's ids of the messages that were taken in. */
  messageIds(): Set<string> {
    return new Set(this.#column<string>('select platform_id from message'));
  }

  unhandled(): number {
    return this.#count('message where handled_at is null');
  }

  /** Messages whose handling failed at least once. */
  troubled(): number {
    return this.#count('message where error_id is not null');
  }

  /** Rows that are on their way, or whose fate is not known. Gathered acknowledgements wait for their time. */
  unsettled(): number {
    return this.#count(`outbox where state in ('sending', 'unknown') or (state = 'queued' and gather_key is null)`);
  }

  /** By the platform's id of the person: what they told, what they were given for it, and what the books say. */
  standings(): Map<string, Standing> {
    const rows = this.#db
      .prepare(
        `select i.external_id as id,
           (select count(*) from observation o where o.person_id = i.person_id) as observations,
           (select group_concat(rule || ' ' || slot || ' ' || points, ', ') from
             (select * from checkin_award a where a.person_id = i.person_id order by rule)) as awards,
           (select coalesce(sum(amount), 0) from ledger_entry e where instr(e.account, i.person_id) > 0) as points,
           (select count(*) from ticket t where t.asker_id = i.person_id and t.level = 'emergency') as emergencies
         from external_identity i where i.kind = 'contact'`,
      )
      .all() as (Standing & { id: string })[];
    return new Map(rows.map(({ id, ...standing }) => [id, standing]));
  }

  #count(what: string): number {
    return this.#column<number>(`select count(*) from ${what}`)[0] ?? 0;
  }

  #column<T>(query: string): T[] {
    return this.#db.prepare(query).pluck().all() as T[];
  }
}

export interface Standing {
  observations: number;
  awards: string | null;
  points: number;
  emergencies: number;
}

/** What is wrong with books, audit and database; empty when all is well. As `xinglin check` looks at them. */
export async function faultsOf(file: string, keyFile: string): Promise<string[]> {
  const clock = new SystemClock();
  const ids = createIds({ clock, random: secureRandom });
  const db = openDatabase(`sqlite:${file}`, { synchronous: 'full' });
  try {
    const books = await createPoints({ clock, ids, seal: loadSeal(keyFile) }).checkBooks(db.reader);
    const broken = await createAudit({ clock, ids }).firstBroken(db.reader);
    return [
      ...(db.engine.integrityProblems?.() ?? []),
      ...books.map((problem) => JSON.stringify(problem)),
      ...(broken === undefined ? [] : [`audit row ${broken}`]),
    ];
  } finally {
    await db.close();
  }
}

/** How often the bot wrote something in a place that holds all these words. */
export function timesWritten(world: SimulatedWechat, conversationId: string, ...words: string[]): number {
  return world
    .history(conversationId, 20_000)
    .filter(({ talkerId, content }) => talkerId === world.botId && 'text' in content && holds(content.text, words))
    .length;
}

function holds(text: string, words: string[]): boolean {
  return words.every((word) => text.includes(word));
}
