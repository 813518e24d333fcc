/** `npm run check`: what can be said of the code without running it. Every check runs, and each counts in the last line. */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { closingLine, emptyTally } from './support/report.ts'

const ROOT = resolve(import.meta.dirname, '..')
const bin = (name: string) => join(ROOT, 'node_modules/.bin', name)

const CHECKS: readonly [string, string, readonly string[]][] = [
  ['types', bin('tsc'), ['-p', '.']],
  ['types of the console', bin('tsc'), ['-p', 'src/ui']],
  ['style and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['dead code and dependencies', bin('knip'), ['--no-progress']],
  [
    'architecture',
    bin('vitest'),
    ['run', '--config', 'test/vitest.config.ts', '--project', 'unit', 'test/architecture.test.ts'],
  ],
]

const tally = emptyTally()
for (const [what, program, args] of CHECKS) {
  console.log(`\n— ${what}`)
  const { status, error } = spawnSync(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    // The tools of npm start with whatever `node` is first in PATH: let that be the one that runs this.
    env: { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}` },
  })
  if (error) console.error(error.message)
  if (status === 0) tally.passed++
  else tally.failed++
  console.log(status === 0 ? `${what}: good` : `${what}: FAILED`)
}
console.log(`\n${closingLine(tally)}`)
process.exitCode = tally.failed === 0 ? 0 : 1
