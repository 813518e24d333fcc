/** The real Cheetah and Jinja (Debian's python3-cheetah and python3-jinja2), to compare our renderings with theirs. */
import { join } from 'node:path'
import { exec } from '../../src/lib/exec.ts'
import type { JsonObject } from '../../src/lib/json.ts'
import { needPackages } from './debian.ts'

export interface Case {
  /** cobbler: as its first line says, with what Cobbler does around it. */
  readonly engine: 'cheetah' | 'jinja' | 'cobbler'
  readonly text: string
  readonly data: JsonObject
  readonly snippets: Readonly<Record<string, string>>
  /** Names that are not there stay as they are (Cheetah) or are empty (Jinja), as in Cobbler. */
  readonly keep: boolean
}

export type Answer = { readonly out: string } | { readonly error: string }

const SCRIPT = join(import.meta.dirname, 'template-reference.py')

/** One answer for each case. */
export async function renderWithPython(cases: readonly Case[]): Promise<Answer[]> {
  await needPackages('python3-cheetah', 'python3-jinja2')
  const stdin = cases.map((one) => `${JSON.stringify(one)}\n`).join('')
  const stdout = await exec('/usr/bin/python3', [SCRIPT], { stdin, timeout: 300_000, env: { LC_ALL: 'C.UTF-8' } })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
}
