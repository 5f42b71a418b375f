import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  plugins: [preact()],
  build: {
    target: 'es2022',
    outDir: 'dist/web',
    emptyOutDir: true,
    // Nothing inline: the Content-Security-Policy forbids it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  html: { cspNonce: 'CSP-NONCE' },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
