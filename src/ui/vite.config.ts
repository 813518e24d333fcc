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
    ...{ outDir: 'built', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 },
    // These know light-dark(); what stands for it in older ones needs the color scheme in this very style sheet.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
  logLevel: 'warn',
})
