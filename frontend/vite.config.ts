import { fileURLToPath } from 'node:url';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { i18n } from './i18n.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One HTML entry a page; the server fills in title, link preview and language. */
const PAGES = ['home', 'viewer', 'moderate', 'host', 'overlay', 'replay', 'notice'];

export default defineConfig({
  plugins: [
    paraglideVitePlugin(i18n),
    svelte(),
  ],
  resolve: {
    alias: {
      $core: here('./src/core'),
      $messages: here('./src/paraglide/messages'),
      $runtime: here('./src/paraglide/runtime'),
      $ui: here('./src/ui'),
      $wire: here('./src/wire'),
    },
    // Vitest would otherwise take Svelte's server half, in which no state is reactive.
    ...(process.env.VITEST ? { conditions: ['browser'] } : {}),
  },
  build: {
    outDir: '../app/web/dist',
    emptyOutDir: true,
    target: 'es2023',
    // The pages' policy allows no data: addresses but for pictures, and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: Object.fromEntries(PAGES.map((page) => [page, here(`./${page}.html`)])),
    },
  },
  test: {
    include: ['src/**/*.test.ts'],
    restoreMocks: true,
  },
});
