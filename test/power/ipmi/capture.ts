/** Conversations of ipmitool with a BMC, as they were caught: lines of `>` for what the console said, `<` for the answers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Said {
  readonly by: 'console' | 'bmc'
  readonly bytes: Buffer
}

/** @param name of a file in golden/ */
export function readCapture(name: string): Said[] {
  const [first = '', ...lines] = readFileSync(join(import.meta.dirname, 'golden', name), 'utf8')
    .trimEnd()
    .split('\n')
  if (!first.startsWith('# ')) throw new Error(`${name}: the first line must say where it came from, as "# …"`)
  return lines.map((line) => {
    const match = /^([<>]) ((?:[0-9a-f]{2})+)$/.exec(line)
    if (!match) throw new Error(`${name}: not "> hex" or "< hex": ${line}`)
    return { by: match[1] === '>' ? 'console' : 'bmc', bytes: Buffer.from(match[2] ?? '', 'hex') }
  })
}
