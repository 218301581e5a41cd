// Runs the specs that ship compiled inside the wechaty packages against our simulator in the place of their mock.
// `npm run conformance`; prints one summary, and fails on a failed assertion, on too few, or when the simulator was
// not what ran. Needs the built program in dist/.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

// Left out: specs that look up outside hosts (io, url-link), expect an unpublished tree (package-json, electron),
// need packages that are not published with them (uuid-file-box), or hold only skipped tests (post, performance).
const SPECS = [
  'wechaty/dist/esm/src/config.spec.js',
  'wechaty/dist/esm/src/plugin.spec.js',
  'wechaty/dist/esm/src/user-modules/contact.spec.js',
  'wechaty/dist/esm/src/user-modules/message.spec.js',
  'wechaty/dist/esm/src/user-modules/room.spec.js',
  'wechaty/dist/esm/src/wechaty-builder.spec.js',
  'wechaty/dist/esm/src/wechaty-mixins/plugin-mixin.spec.js',
  'wechaty/dist/esm/src/wechaty/wechaty-base.spec.js',
  'wechaty/dist/esm/src/wechaty/wechaty-impl.spec.js',
  'wechaty-puppet-mock/dist/esm/src/mock/mocker.spec.js',
  'wechaty-puppet-mock/dist/esm/src/puppet-mock.spec.js',
  'wechaty-puppet-mock/dist/esm/tests/integration.spec.js',
  'wechaty-puppet-service/dist/esm/src/client/duck/epic-recover.spec.js',
  'wechaty-puppet-service/dist/esm/src/client/puppet-service.spec.js',
  'wechaty-puppet-service/dist/esm/tests/grpc-client.spec.js',
  'wechaty-puppet-service/dist/esm/tests/grpc-stream.spec.js',
  'wechaty-puppet-service/dist/esm/tests/integration.spec.js',
  'wechaty-puppet-service/dist/esm/tests/ready-event.spec.js',
];

// On Node 24 sinon's fake timers clash with a recurring timer of the platform: this subtest is excused there.
const FAKE_TIMERS = ['PluginMixin smoke testing'];
const onNode24 = process.versions.node.startsWith('24.');
const ASSERTIONS_MIN = onNode24 ? 158 : 160;
// Reads settings only: every other spec must have made at least one simulator puppet.
const WITHOUT_PUPPET = ['wechaty/dist/esm/src/config.spec.js'];
const SPEC_TIMEOUT_MS = 60_000;

/** What one spec printed, as TAP: the assertions are the indented lines below `# Subtest: <name>`. */
function readTap(output) {
  const result = { passed: 0, excused: 0, failures: [] };
  let subtest = '';
  for (const line of output.split('\n')) {
    subtest = line.match(/^ *# Subtest: (.*)$/)?.[1] ?? subtest;
    const assertion = line.match(/^ +(not ok|ok) \d+(?: - (.*))?$/);
    if (!assertion) continue;
    if (assertion[1] === 'ok') result.passed += 1;
    else if (onNode24 && FAKE_TIMERS.includes(subtest)) result.excused += 1;
    else result.failures.push(`${subtest}: ${assertion[2] ?? 'failed'}`);
  }
  return result;
}

function runSpec(spec, ledger) {
  return new Promise((done) => {
    const register = join(root, 'test/conformance/register.mjs');
    const child = spawn(process.execPath, ['--import', register, join(root, 'node_modules', spec)], {
      cwd: root,
      env: { ...process.env, CONFORMANCE_LEDGER: ledger, WECHATY_LOG: 'error' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: SPEC_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const printed = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      printed.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      printed.stderr += chunk;
    });
    child.on('close', (code) => done({ code, stderr: printed.stderr, ...readTap(printed.stdout) }));
  });
}

/** Why a spec that printed no failed assertion failed nevertheless. */
function crash({ code, excused, failures, stderr }) {
  if (code === 0 || excused > 0 || failures.length > 0) return [];
  return [`exit code ${code}: ${stderr.trim().split('\n').slice(-3).join(' | ')}`];
}

async function main() {
  if (!existsSync(join(root, 'dist/simulator/simulator-puppet.js'))) {
    console.error('dist/ is missing: run `npm run build` first.');
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'xinglin-conformance-'));
  const total = { passed: 0, excused: 0, puppets: 0, problems: [] };
  for (const [index, spec] of SPECS.entries()) {
    const ledger = join(folder, String(index));
    const result = await runSpec(spec, ledger);
    const puppets = existsSync(ledger) ? Number(readFileSync(ledger, 'utf8')) : 0;
    const problems = [...result.failures, ...crash(result)];
    if (puppets === 0 && !WITHOUT_PUPPET.includes(spec)) problems.push('did not use the simulator');
    total.passed += result.passed;
    total.excused += result.excused;
    total.puppets += puppets;
    total.problems.push(...problems.map((problem) => `${spec}: ${problem}`));
  }
  rmSync(folder, { recursive: true });

  if (total.passed < ASSERTIONS_MIN) {
    total.problems.push(`only ${total.passed} assertions passed, at least ${ASSERTIONS_MIN} are expected`);
  }
  for (const problem of total.problems) console.error(`not ok: ${problem}`);
  const excused = total.excused > 0 ? ` (and ${total.excused} excused on Node 24)` : '';
  console.log(`conformance: ${SPECS.length} specs, ${total.puppets} simulator puppets, Node ${process.versions.node}`);
  console.log(`${total.passed} passed, ${total.problems.length} failed${excused}`);
  return total.problems.length === 0 ? 0 : 1;
}

process.exitCode = await main();
