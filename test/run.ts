/**
 * `npm test`: the unit tests, then the ends against real clients, one file at a time, and one line that counts them all.
 * What it does not know itself (paths, `-t name`, `--coverage`) it hands to vitest.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { exec } from '../src/lib/exec.ts'
import { addTallies, closingLine, emptyTally, readReport, type Tally } from './support/report.ts'

const ROOT = resolve(import.meta.dirname, '..')
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')

interface Part {
  readonly project: 'unit' | 'e2e' | 'debian'
  readonly args: readonly string[]
}
const UNIT: Part = { project: 'unit', args: ['--reporter=default'] }
const E2E: Part = { project: 'e2e', args: ['--reporter=verbose', '--no-file-parallelism'] }

const DEBIAN: Part = { project: 'debian', args: ['--reporter=verbose', '--no-file-parallelism'] }

const APART: Readonly<Record<string, Part>> = { '--unit': UNIT, '--e2e': E2E, '--debian': DEBIAN }
const given = process.argv.slice(2)
const forwarded = given.filter((arg) => !(arg in APART))
const named = given.flatMap((arg) => APART[arg] ?? [])
const parts = named.length > 0 ? named : [UNIT, E2E]

/** Names the network namespaces of this run, so that those which a killed test left behind can be told from others. */
const run = `${process.pid}`
const folder = mkdtempSync(join(tmpdir(), 'orchestra-run-'))
try {
  process.exitCode = await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function main(): Promise<number> {
  let total = emptyTally()
  const complaints: string[] = []
  for (const part of parts) {
    const { tally, complaint } = await runPart(part)
    total = addTallies(total, tally)
    if (complaint) complaints.push(complaint)
  }
  const left = await removeNamespaces()
  if (left.length > 0) complaints.push(`network namespaces were left behind (removed now): ${left.join(' ')}`)
  if (total.passed + total.failed === 0) complaints.push('no test ran')

  for (const reason of total.reasons) console.log(`skipped: ${reason}`)
  for (const sentence of [...total.broken, ...complaints]) console.log(`failed: ${sentence}`)
  // What is wrong without being a test is counted all the same: the last line never says 0 failed of a bad run.
  total.failed += complaints.length
  console.log(closingLine(total))
  return total.failed === 0 ? 0 : 1
}

async function runPart({ project, args }: Part): Promise<{ tally: Tally; complaint: string | undefined }> {
  const report = join(folder, `${project}.json`)
  const child = spawn(
    process.execPath,
    [
      VITEST,
      'run',
      ...['--config', 'test/vitest.config.ts', '--project', project, '--passWithNoTests'],
      ...args,
      ...['--reporter=./test/support/report.ts', '--reporter=json', `--outputFile.json=${report}`],
      ...forwarded,
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, TEST_RUN: run } },
  )
  // Ctrl-C reaches vitest by the terminal; a SIGTERM to us does not.
  const passOn = () => void child.kill('SIGTERM')
  process.on('SIGTERM', passOn).on('SIGINT', ignore)
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  process.off('SIGTERM', passOn).off('SIGINT', ignore)

  if (!existsSync(report)) {
    return { tally: emptyTally(), complaint: `vitest wrote no report for ${project} (it ended with ${signal ?? code})` }
  }
  const tally = readReport(report)
  if (code !== 0 && tally.failed === 0) {
    return { tally, complaint: `vitest found errors outside of the ${project} tests; they are above` }
  }
  const allSkipped = tally.skipped > 0 && tally.passed + tally.failed === 0
  if (project !== 'unit' && allSkipped && !forwarded.some((arg) => /^(-t|--testNamePattern)\b/.test(arg))) {
    return { tally, complaint: 'every test against real clients was skipped' }
  }
  return { tally, complaint: undefined }
}

function ignore(): void {}

/** Removes the namespaces of tests that were killed, with what runs inside; answers their names. */
async function removeNamespaces(): Promise<string[]> {
  const listed = await exec('ip', ['netns', 'list']).catch(() => '')
  const mine = listed
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(`orchestra-${run}-`))
  for (const name of mine) {
    for (const pid of (await exec('ip', ['netns', 'pids', name])).split('\n').filter(Boolean)) {
      await exec('kill', ['-9', pid]).catch(ignore)
    }
    await exec('ip', ['netns', 'delete', name])
  }
  return mine
}
