/** The unit tests with fast-check replaced by what runs each property for a time: for `npm run fuzz`. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const FUZZING = join(import.meta.dirname, 'support/fuzzing.ts')

export default defineConfig({
  plugins: [
    {
      name: 'fuzzing',
      enforce: 'pre',
      // For all but itself, which needs the real one.
      resolveId: (source, importer) => (source === 'fast-check' && importer !== FUZZING ? FUZZING : undefined),
    },
  ],
  test: { name: 'fuzz', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', 'test/debian/**'], testTimeout: 0 },
})
