import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describeProblem, lintEntry, loadEntries } from '../knowledge/index.js';
import { loadPlausibility } from '../observation/index.js';
import { createAudit } from '../platform/audit/audit.js';
import { SystemClock } from '../platform/clock.js';
import { type Config, packageDir, readConfig, readEnvironment } from '../platform/config.js';
import { openDatabase } from '../platform/db/database.js';
import { migrationState } from '../platform/db/migrate.js';
import { loadSeal } from '../platform/db/sealed.js';
import { createIds, secureRandom } from '../platform/ids.js';
import { createPoints } from '../points/index.js';
import { listSafetyFiles, loadTriageRules } from '../triage/index.js';
import { describeFailure } from './failures.js';

/** Further lines of a finding stand under its first one. */
const NEXT_LINE = `\n${' '.repeat(19)}`;

interface Finding {
  ok: boolean;
  /** Worth telling, but no reason for a bad exit code. */
  warning?: boolean;
  text: string;
}

/** `xinglin check`: a line for each thing that must be in order; exit code 1 when one is not. */
export async function check(): Promise<void> {
  let failed = false;
  const print = (name: string, finding: Finding) => {
    if (!finding.ok && !finding.warning) failed = true;
    process.stdout.write(
      `${finding.ok ? 'ok  ' : finding.warning ? 'warn' : 'FAIL'}  ${name.padEnd(12)} ${finding.text}\n`,
    );
  };
  const run = async (name: string, look: () => Promise<Finding> | Finding) => {
    try {
      print(name, await look());
    } catch (error) {
      print(name, { ok: false, text: describeFailure(error).replace(/^Cannot go on: /, '') });
    }
  };

  let config: Config | undefined;
  await run('settings', () => {
    config = readConfig(readEnvironment());
    return { ok: true, text: `puppet ${config.puppet}, data in ${config.dataDir}` };
  });
  if (config) await checkWith(config, run);
  process.exitCode = failed ? 1 : 0;
}

async function checkWith(
  config: Config,
  run: (name: string, look: () => Promise<Finding> | Finding) => Promise<void>,
): Promise<void> {
  await checkDatabase(config, run);
  await run('knowledge', async () => {
    const { entries, problems } = await loadEntries(join(packageDir, 'knowledge'));
    if (problems.length > 0) return { ok: false, text: problems.map(describeProblem).join(NEXT_LINE) };
    const year = new Date(new SystemClock().now()).getUTCFullYear();
    const findings = entries.flatMap((entry) =>
      lintEntry(entry, { year }).map((finding) => `${finding.entryId} ${finding.field}: ${finding.text}`),
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
  await run('puppet', () => checkPuppet(config));
  await run('model', () => checkModel(config));
}

async function checkDatabase(
  config: Config,
  run: (name: string, look: () => Promise<Finding> | Finding) => Promise<void>,
): Promise<void> {
  const file = config.databaseUrl.startsWith('sqlite:') ? config.databaseUrl.slice('sqlite:'.length) : undefined;
  if (file && !existsSync(file)) {
    await run('database', () => ({ ok: true, text: `${file} does not exist yet: the first start makes it` }));
    return;
  }
  const db = openDatabase(config.databaseUrl, { synchronous: config.synchronous });
  try {
    await run('database', async () => {
      const problems = db.engine.integrityProblems?.() ?? [];
      const state = await migrationState(db);
      if (problems.length > 0) return { ok: false, text: `not sound: ${problems.join('; ')}. Restore a backup` };
      return state.applied > state.known
        ? {
            ok: false,
            text: `is of version ${state.applied}, this program knows ${state.known}: start the newer program`,
          }
        : { ok: true, text: `sound, version ${state.applied} of ${state.known}` };
    });
    const clock = new SystemClock();
    const ids = createIds({ clock, random: secureRandom });
    await run('books', async () => {
      const problems = await createPoints({ clock, ids, seal: loadSeal(config.dataKeyFile) }).checkBooks(db.reader);
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
  } finally {
    await db.close();
  }
}

async function checkPuppet(config: Config): Promise<Finding> {
  if (config.puppet === 'simulator') return { ok: true, text: 'simulator, nothing to reach' };
  const { endpoint } = config.service;
  if (!endpoint)
    return { ok: false, warning: true, text: 'no endpoint is set: its address would be asked of api.chatie.io' };
  const [host, port] = endpoint.split(':') as [string, string];
  const reached = await new Promise<boolean>((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: 5_000 });
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
  if (!response) return { ok: false, warning: true, text: `${base} does not answer; the bot works without it` };
  return response.ok
    ? { ok: true, text: `${base} answers` }
    : { ok: false, warning: true, text: `${base} answers ${response.status}: is the key right?` };
}
