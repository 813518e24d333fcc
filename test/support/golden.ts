/**
 * Golden files: captured bytes, and what they were read as. A capture is a text file: lines that begin with `#` say where
 * it came from (program, version, how it was caught), all others are hexadecimal digits; blanks do not count.
 *
 * `UPDATE_GOLDEN=1 npm test` rewrites the expectations beside the captures; the difference is reviewed like code.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'

const TESTS = resolve(import.meta.dirname, '..')

/** @param path below test/, as `dhcp/golden/discover.hex` */
export function goldenBytes(path: string): Uint8Array {
  const [first = '', ...rest] = readFileSync(join(TESTS, path), 'utf8').split('\n')
  if (!first.startsWith('# ')) throw new Error(`${path}: the first line must say where it came from, as "# …"`)
  const digits = rest
    .filter((line) => !line.startsWith('#'))
    .join('')
    .replace(/\s/g, '')
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw new Error(`${path}: not pairs of hexadecimal digits`)
  return Uint8Array.from(Buffer.from(digits, 'hex'))
}

/** The paths of a folder's captures, below test/. */
export function goldenFiles(folder: string): string[] {
  return readdirSync(join(TESTS, folder))
    .filter((name) => name.endsWith('.hex'))
    .sort()
    .map((name) => `${folder}/${name}`)
}

/** Compares a value with the JSON in the file at `path` (not named .json: nobody shall format it). A missing file fails: an expectation that wrote itself proves nothing. */
export function expectGolden(path: string, value: unknown): void {
  const file = join(TESTS, path)
  const text = `${JSON.stringify(value, null, 2)}\n`
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text)
  if (!existsSync(file)) throw new Error(`${path} is missing; UPDATE_GOLDEN=1 writes it, then read it`)
  expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(file, 'utf8')))
}
