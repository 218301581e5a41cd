// `node bench/search.mjs [--entries N]`: the search beside MiniSearch and SQLite FTS5 on the same entries and questions.
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
  await server.ssrLoadModule('/bench/search.ts');
} finally {
  await server.close();
}
