import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { getMeta } from '../community/index.js';
import { describeProblem, lintEntry, loadEntries, loadGuidelines, loadTerms } from '../knowledge/index.js';
import { loadPlausibility } from '../observation/index.js';
import { createAudit } from '../platform/audit/audit.js';
import { SystemClock } from '../platform/clock.js';
import {
  type Config,
  findDataDirProblem,
  packageDir,
  readConfig,
  readEnvironment,
  SettingsError,
} from '../platform/config.js';
import { type Database, openDatabase } from '../platform/db/database.js';
import { migrationState } from '../platform/db/migrate.js';
import { checkSeal } from '../platform/db/seal-check.js';
import { createSeal, loadSeal } from '../platform/db/sealed.js';
import { createIds, secureRandom } from '../platform/ids.js';
import { createPoints } from '../points/index.js';
import { listSafetyFiles, loadTriageRules } from '../triage/index.js';
import { describeCause } from './failures.js';

/** Further lines of a finding stand under its first one. */
const NEXT_LINE = `\n${' '.repeat(19)}`;

interface Finding {
  ok: boolean;
  /** Worth telling, but no reason for a bad exit code. */
  warning?: boolean;
  text: string;
}

/** Looks at one thing and prints what was found; a failure of the look is a finding too. */
type Run = (name: string, look: () => Promise<Finding> | Finding) => Promise<boolean>;

/** `xinglin check`: a line for each thing that must be in order; exit code 1 when one is not. Changes nothing. */
export async function check(): Promise<void> {
  let failed = false;
  const run: Run = async (name, look) => {
    const finding = await Promise.resolve()
      .then(look)
      .catch((error: unknown) => ({ ok: false, text: describeCause(error), warning: false }));
    const isFailure = !finding.ok && !finding.warning;
    if (isFailure) failed = true;
    const mark = finding.ok ? 'ok  ' : isFailure ? 'FAIL' : 'warn';
    process.stdout.write(`${mark}  ${name.padEnd(12)} ${finding.text}\n`);
    return !isFailure;
  };

  let config: Config | undefined;
  await run('settings', () => {
    try {
      config = readConfig(readEnvironment());
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      return { ok: false, text: error.message.replaceAll('\n', NEXT_LINE) };
    }
    return { ok: true, text: `puppet ${config.puppet}, pace ${config.pace}, time zone ${config.timeZone}` };
  });
  if (config) await checkState(config, run);
  await checkFiles(run);
  if (config) await checkOutside(config, run);
  process.exitCode = failed ? 1 : 0;
}

/** What the bot keeps: folder, database, key, books, audit. */
async function checkState(config: Config, run: Run): Promise<void> {
  await run('data folder', () => {
    const problem = findDataDirProblem(config.dataDir);
    if (problem) return { ok: false, text: `${problem.name} ${problem.problem}` };
    return { ok: true, text: `${config.dataDir}${existsSync(config.dataDir) ? '' : ': the first start makes it'}` };
  });
  const file = config.databaseUrl.startsWith('sqlite:') ? config.databaseUrl.slice('sqlite:'.length) : undefined;
  if (file && !existsSync(file)) {
    await run('database', () => ({ ok: true, text: `${file}: the first start makes it` }));
    return;
  }
  let db: Database | undefined;
  try {
    const sound = await run('database', async () => {
      db = openDatabase(config.databaseUrl, { synchronous: config.synchronous });
      return lookAtDatabase(db, config);
    });
    if (db && sound && (await migrationState(db)).applied > 0) await checkContents(db, config, run);
  } finally {
    await db?.close();
  }
}

async function lookAtDatabase(db: Database, config: Config): Promise<Finding> {
  const problems = db.engine.integrityProblems?.() ?? [];
  if (problems.length > 0) return { ok: false, text: `is damaged (${firstOf(problems)}): restore a backup` };
  const { applied, known } = await migrationState(db);
  if (applied > known)
    return { ok: false, text: `is of version ${applied}, this program knows ${known}: start the newer program` };
  if (applied === 0) return { ok: true, text: 'is empty: the next start fills it' };
  const kind = await getMeta(db.reader, 'puppet');
  if (kind !== undefined && kind !== config.puppet)
    return { ok: false, text: `belongs to the ${kind} puppet, and the settings ask for ${config.puppet}` };
  const version = applied === known ? `version ${applied}` : `version ${applied}, the next start brings it to ${known}`;
  return { ok: true, text: `sound, ${version}` };
}

async function checkContents(db: Database, config: Config, run: Run): Promise<void> {
  const clock = new SystemClock();
  const ids = createIds({ clock, random: secureRandom });
  await run('key file', async () => {
    const { dataKeyFile } = config;
    if (!existsSync(dataKeyFile)) return { ok: false, text: `${dataKeyFile} is not there: put back your copy` };
    if ((await getMeta(db.reader, 'seal-check')) === undefined) return { ok: true, text: 'nothing is sealed yet' };
    await db.inTransaction((tx) => checkSeal(tx, loadSeal(dataKeyFile), clock));
    return { ok: true, text: `${dataKeyFile} opens the database` };
  });
  await run('books', async () => {
    // The sums are in the clear: no key is needed, and none is made.
    const seal = createSeal([Buffer.alloc(32)]);
    const problems = await createPoints({ clock, ids, seal }).checkBooks(db.reader);
    return problems.length === 0
      ? { ok: true, text: 'add up' }
      : { ok: false, text: `${problems.length} problems, the first: ${problems[0]?.kind}` };
  });
  await run('audit', async () => {
    const broken = await createAudit({ clock, ids }).firstBroken(db.reader);
    return broken === undefined
      ? { ok: true, text: 'chain is whole' }
      : { ok: false, text: `row ${broken} was changed, or one before it removed` };
  });
}

function firstOf(problems: readonly string[]): string {
  const lines = problems.flatMap((problem) => problem.split('\n')).filter((line) => !line.startsWith('***'));
  const [first = 'unknown'] = lines;
  return lines.length > 1 ? `${first}, and ${lines.length - 1} more` : first;
}

/** What comes with the program: knowledge and safety files. */
async function checkFiles(run: Run): Promise<void> {
  await run('knowledge', async () => {
    const { entries, problems } = await loadEntries(join(packageDir, 'knowledge'));
    if (problems.length > 0) return { ok: false, text: problems.map(describeProblem).join(NEXT_LINE) };
    const { terms } = loadTerms();
    const year = new Date(new SystemClock().now()).getUTCFullYear();
    const guidelines = await loadGuidelines(join(packageDir, 'knowledge', 'guidelines.yaml'));
    const findings = entries.flatMap((entry) =>
      lintEntry(entry, { year, guidelines, terms }).map(
        (finding) => `${finding.entryId} ${finding.field}: ${finding.text}`,
      ),
    );
    return findings.length === 0
      ? { ok: true, text: `${entries.length} entries, no problems` }
      : { ok: false, warning: true, text: findings.join(NEXT_LINE) };
  });
  await run('safety files', () => {
    const dir = join(packageDir, 'knowledge', 'triage');
    loadTriageRules(dir);
    loadPlausibility(dir);
    const files = listSafetyFiles(dir);
    const unsigned = files.filter((file) => !file.signed).map((file) => file.file);
    return unsigned.length === 0
      ? { ok: true, text: `${files.length} files, all signed` }
      : { ok: false, warning: true, text: `active but unsigned: ${unsigned.join(', ')}` };
  });
}

/** What is reached over the network. */
async function checkOutside(config: Config, run: Run): Promise<void> {
  await run('puppet', () => checkPuppet(config));
  await run('model', () => checkModel(config));
}

async function checkPuppet(config: Config): Promise<Finding> {
  if (config.puppet === 'simulator') return { ok: true, text: 'simulator, nothing to reach' };
  const { endpoint } = config.service;
  if (!endpoint)
    return { ok: false, warning: true, text: 'no endpoint is set: its address would be asked of api.chatie.io' };
  const { hostname, port } = new URL(`tcp://${endpoint}`);
  const reached = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), timeout: 5_000 });
    const end = (ok: boolean) => {
      socket.destroy();
      resolve(ok);
    };
    socket
      .on('connect', () => end(true))
      .on('timeout', () => end(false))
      .on('error', () => end(false));
  });
  return reached
    ? { ok: true, text: `${endpoint} answers` }
    : { ok: false, text: `${endpoint} does not answer: is the puppet service running?` };
}

async function checkModel(config: Config): Promise<Finding> {
  if (!config.model.chat) return { ok: true, text: 'off; everything works without one' };
  const base = config.model.baseUrl ?? 'https://api.openai.com/v1';
  const response = await fetch(`${base}/models`, {
    headers: { authorization: `Bearer ${config.model.apiKey ?? ''}` },
    signal: AbortSignal.timeout(8_000),
  }).catch(() => undefined);
  if (!response) return { ok: false, text: `${base} does not answer; the bot goes on without it` };
  return response.ok
    ? { ok: true, text: `${base} answers` }
    : { ok: false, text: `${base} answers ${response.status}: is OPENAI_API_KEY right?` };
}
