/**
 * `npm run fuzz`: every property of the unit tests, for as long as one likes, with its runs and its seed.
 *
 *     npm run fuzz                                    five minutes for all of them
 *     npm run fuzz -- --seconds 3600 test/dns         an hour for those of DNS
 *     npm run fuzz -- --seed 4711 test/dns -t bytes   the same inputs again
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readFiles } from './support/source.ts'

const ROOT = resolve(import.meta.dirname, '..')
const VITEST = 'node_modules/vitest/vitest.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '300' },
    seed: { type: 'string' },
    testNamePattern: { type: 'string', short: 't' },
  },
})
const isWanted = (path: string) => positionals.length === 0 || positionals.some((part) => path.includes(part))
const files = readFiles('test', /\.test\.ts$/)
  .filter(({ path }) => !/^test\/(e2e|debian)\//.test(path) && isWanted(path))
  .map(({ path, text }) => ({ path, properties: text.split('fc.assert(').length - 1 }))
  .filter(({ properties }) => properties > 0)
const properties = files.reduce((sum, file) => sum + file.properties, 0)
if (properties === 0) throw new Error(`there is no property in ${positionals.join(' ') || 'test'}`)

const atOnce = Math.min(availableParallelism(), files.length)
const each = Math.max(1, (Number(values.seconds) * atOnce) / properties)
console.log(
  `${properties} properties in ${files.length} files, ${each.toFixed(1)} seconds each, ${atOnce} files at once`,
)
const child = spawn(
  process.execPath,
  [
    ...[VITEST, 'run', '--config', 'test/fuzz.config.ts', '--reporter=dot', `--maxWorkers=${atOnce}`],
    ...(values.testNamePattern === undefined ? [] : ['-t', values.testNamePattern]),
    ...files.map(({ path }) => path),
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, FUZZ_SECONDS: `${each}`, ...(values.seed !== undefined && { FUZZ_SEED: values.seed }) },
  },
)
const [code] = (await once(child, 'exit')) as [number | null]
process.exitCode = code ?? 1
