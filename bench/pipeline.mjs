// Bundles the measurement with the program's sources, so that an older build is never what is measured, and runs it:
// `node bench/pipeline.mjs --help`. The bundle lies two folders below the root, as the sources do: they look for
// `knowledge/` and `data/samples/` from where they are.
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(root, 'node_modules', '.xinglin-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

await build({
  configFile: false,
  root,
  logLevel: 'warn',
  build: {
    ssr: true,
    outDir: folder,
    target: 'node20',
    sourcemap: true,
    rollupOptions: {
      input: { pipeline: join(root, 'bench', 'pipeline.ts'), worker: join(root, 'bench', 'worker.ts') },
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
    },
  },
});
await import(pathToFileURL(join(folder, 'pipeline.mjs')).href);
