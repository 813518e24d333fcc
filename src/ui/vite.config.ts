/** How the console is built: one page below /ui/, its pieces named after their contents, nothing fetched from elsewhere. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: '/ui/',
  // The server puts a nonce of its own into each answer.
  html: { cspNonce: '__NONCE__' },
  plugins: [react()],
  build: {
    outDir: 'built',
    emptyOutDir: true,
    target: 'es2022',
    // The first that know light-dark(). For older ones it is rewritten to variables that nobody sets, and no color is left.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  logLevel: 'warn',
})
