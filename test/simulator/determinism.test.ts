import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'vite';
import { afterAll, expect, it } from 'vitest';
import { hashTrace, recordTrace } from './trace.js';

const root = resolve(import.meta.dirname, '../..');
// Below node_modules, so that the bundle finds the packages and git does not see it; two folders below the root, as src/.
const folder = resolve(root, `node_modules/.xinglin-trace-${process.pid}`);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The script as plain JavaScript: a child process cannot read TypeScript on every Node that we support. */
async function bundle(): Promise<string> {
  await build({
    configFile: false,
    root,
    logLevel: 'silent',
    build: {
      ssr: resolve(import.meta.dirname, 'trace-child.ts'),
      outDir: folder,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'trace.mjs' } },
    },
  });
  return resolve(folder, 'trace.mjs');
}

function runChild(file: string, TZ: string): string | undefined {
  const printed = execFileSync(process.execPath, [file, '7'], { encoding: 'utf8', env: { ...process.env, TZ } });
  return printed.trim().split('\n').at(-1);
}

it('the same script has the same trace: twice here, and in two other processes', async () => {
  const here = [await hashTrace(7), await hashTrace(7)];
  const file = await bundle();
  const there = ['UTC', 'Asia/Shanghai'].map((TZ) => runChild(file, TZ));
  expect(new Set([...here, ...there]).size).toBe(1);
  expect(here[0]).toMatch(/^[0-9a-f]{64}$/);
});

it('another seed has another trace, and every kind of event is in it', async () => {
  const trace = await recordTrace(8);
  expect(await hashTrace(7)).not.toBe(await hashTrace(8));
  for (const kind of ['world', 'heartbeat', 'login', 'friendship', 'message', 'unsent']) {
    expect(trace.some((line) => line.includes(`"${kind}"`))).toBe(true);
  }
});
