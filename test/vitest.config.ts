/**
 * Three projects: `unit` is quick and alone; `e2e` runs real clients against real daemons, one file at a time; `debian` installs
 * whole systems, takes the better part of an hour, and is run by its name alone.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          root: '.',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/debian/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          root: '.',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'debian',
          root: '.',
          include: ['test/debian/**/*.test.ts'],
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
