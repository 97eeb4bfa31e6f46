import { fileURLToPath, URL } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import type { Plugin } from 'vite'
import { sentences } from './scripts/sentences.ts'

/**
 * Moves demo.html to demo/index.html and leaves its links as "./…": both pages then obey one rule of the server, which
 * serves the files under /a/<hash of the build>/ and rewrites ="./ in the page accordingly.
 */
function demoPage(): Plugin {
  return {
    name: 'demo-page',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = bundle['demo.html']
      if (page) page.fileName = 'demo/index.html'
    },
  }
}

const vendor = (name: string, packages: string) => ({ name, test: new RegExp(`node_modules[\\\\/](${packages})[\\\\/]`) })

export default defineConfig({
  base: './',
  plugins: [vue(), tailwindcss(), demoPage(), sentences()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
  },
  build: {
    outDir: process.env.OUT ?? '../pb_public',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: 'index.html', demo: 'demo.html' },
      output: {
        // Stable names: a change of one line changes two committed files, not all of them.
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/[name][extname]',
        codeSplitting: {
          groups: [
            vendor('vue', '@vue|vue|vue-router|vue-i18n|@intlify'),
            vendor('sdk', 'pocketbase'),
            vendor('virtua', 'virtua'),
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8090', '/demo/api': 'http://127.0.0.1:8090' } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts', 'tests/unit/**/*.test.ts'] },
})
