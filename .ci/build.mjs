// Builds what is stale: dist/ from src/, web/dist/ from web/. Prints a line for each step that it runs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', ...name);

function* files(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!['node_modules', 'dist'].includes(entry.name)) yield* files(path);
    } else yield path;
  }
}

/** The state of the inputs as one hash: names, sizes and contents. */
function fingerprint(inputs) {
  const hash = createHash('sha256').update(process.version.split('.')[0]);
  for (const input of inputs) {
    const list = statSync(join(root, input)).isDirectory() ? [...files(input)].sort() : [input];
    for (const file of list) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function step(name, inputs, output, run) {
  const stamp = join(root, output, '.built-from');
  const now = fingerprint(inputs);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  const started = process.hrtime.bigint();
  process.stdout.write(`building ${name} … `);
  try {
    run();
  } catch (error) {
    process.stdout.write('failed\n');
    process.stdout.write(`${error.stdout ?? ''}${error.stderr ?? ''}`);
    process.exit(1);
  }
  mkdirSync(join(root, output), { recursive: true });
  writeFileSync(stamp, now);
  process.stdout.write(`${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s\n`);
}

const quietly = { cwd: root, stdio: 'pipe', encoding: 'utf8' };
step('the program', ['src', 'tsconfig.json', 'package-lock.json'], 'dist', () => {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  execFileSync(process.execPath, [bin(['typescript', 'bin', 'tsc']), '-p', 'src/tsconfig.json'], quietly);
});
step('the pages', ['web', 'package-lock.json'], 'web/dist', () => {
  execFileSync(process.execPath, [bin(['vite', 'bin', 'vite.js']), 'build', 'web', '--logLevel', 'warn'], quietly);
});
