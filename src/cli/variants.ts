import { join } from 'node:path';
import { z } from 'zod';
import { buildIndex, createEntryStore } from '../knowledge/index.js';
import { SystemClock } from '../platform/clock.js';
import { packageDir, prepareDataDir, readConfig, readEnvironment } from '../platform/config.js';
import { openDatabase } from '../platform/db/database.js';
import { migrate } from '../platform/db/migrate.js';
import { loadSeal } from '../platform/db/sealed.js';
import { NotFoundError } from '../platform/errors.js';
import { createIds, secureRandom } from '../platform/ids.js';
import { createLog } from '../platform/log.js';
import { createModel } from '../platform/model/model.js';
import { loadPrompts, promptNamed } from '../platform/model/prompts.js';

const MOST = 30;
const variantsSchema = z.strictObject({ variants: z.array(z.string().min(2).max(60)).max(2 * MOST) });

/**
 * `xinglin kb variants ID`: what the model thinks people would say, each with
 * what speaks against it. Prints only: an editor takes over what is good.
 */
export async function variantsCommand(id: string, options: { count: string }): Promise<void> {
  const count = Number(options.count);
  if (!Number.isInteger(count) || count < 1 || count > MOST)
    throw new NotFoundError(`--count is a number from 1 to ${MOST}, not ${options.count}`);
  const config = readConfig(readEnvironment());
  prepareDataDir(config.dataDir);
  const clock = new SystemClock();
  const ids = createIds({ clock, random: secureRandom });
  const db = openDatabase(config.databaseUrl, { synchronous: config.synchronous });
  try {
    await migrate(db, clock);
    const seal = loadSeal(config.dataKeyFile);
    const model = createModel({ settings: config.model, db, clock, ids, seal, log: createLog('silent') });
    if (!model) throw new NotFoundError('no language model is set: XINGLIN_CHAT_MODEL and OPENAI_BASE_URL name one');
    const records = await createEntryStore({ clock, ids }).listAll(db.reader);
    const entry = records.find((record) => record.entry.id === id.toUpperCase())?.entry;
    if (!entry) throw new NotFoundError(`there is no entry ${id}: xinglin kb list names them all`);
    const { question, answer, variants, notThis } = entry;
    const read = await model.ask({
      prompt: promptNamed(loadPrompts(join(packageDir, 'prompts')), 'variants'),
      values: { question, answer, known: [question, ...variants], not_this: notThis, count },
      answer: variantsSchema,
    });
    if (read.kind === 'none') {
      process.stdout.write(
        `the language model gave no wordings (${read.why}): xinglin check looks whether it answers\n`,
      );
      process.exitCode = 1;
      return;
    }
    const search = buildIndex(records.map((record) => record.entry));
    const known = new Set(records.flatMap((record) => [record.entry.question, ...record.entry.variants]));
    process.stdout.write(`${entry.id}  ${question}\nproposed by a language model; nothing was changed\n`);
    for (const wording of [...new Set(read.value.variants)].slice(0, count)) {
      const decision = search.decide(wording);
      const [first] = decision.candidates;
      const against = known.has(wording)
        ? 'is there already'
        : decision.kind === 'answer' && first?.entryId !== entry.id
          ? `is answered with ${first?.entryId}`
          : first?.entryId === entry.id
            ? ''
            : `comes nearest to ${first?.entryId ?? 'nothing'}`;
      process.stdout.write(`  ${wording}${against === '' ? '' : `    (${against})`}\n`);
    }
  } finally {
    await db.close();
  }
}
