// `node bench/fit-search.mjs --entries FILE.jsonl --queries FILE.jsonl`: fits the weights of the search and writes
// `knowledge/search-model.json`. Runs the TypeScript sources as they are.
import { resolve } from 'node:path';
import { createServer } from 'vite';

const server = await createServer({
  configFile: false,
  root: resolve(import.meta.dirname, '..'),
  logLevel: 'warn',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
try {
  await server.ssrLoadModule('/bench/fit-search.ts');
} finally {
  await server.close();
}
