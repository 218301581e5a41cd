import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

/** Two pages, one build: `/` and `/sim`. Served by `src/http/server.ts` under a policy without inline scripts. */
export default defineConfig({
  root: here,
  plugins: [react()],
  build: {
    outDir: `${here}/dist`,
    emptyOutDir: true,
    target: 'es2022',
    // An inlined picture would need a policy of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { index: `${here}/index.html`, sim: `${here}/sim.html` } },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/healthz': 'http://127.0.0.1:8080' } },
});
