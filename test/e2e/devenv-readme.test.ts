/** The lab's walk-through is typed as it stands in its document, block by block, in one shell. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DevenvHost, makeDevenvHost } from '../support/devenv.ts'
import { ROOT } from '../support/source.ts'

const MINUTES = 60_000
let host: DevenvHost
beforeAll(async () => {
  host = await makeDevenvHost()
}, 10 * MINUTES)
afterAll(() => host.devenv('down').catch(() => ''))

/** The blocks of the walk-through that are marked as shell. */
function blocks(): string[] {
  const text = readFileSync(join(ROOT, 'devenv/README.md'), 'utf8')
  const walk = /## A walk through it\n([\s\S]*?)\n## /.exec(text)?.[1] ?? ''
  return [...walk.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
}

test('51. the walk-through works word for word', { timeout: 10 * MINUTES }, async () => {
  const typed = blocks()
  expect(typed.length).toBeGreaterThan(5)
  const script = typed.map((block, index) => `echo "--- ${index}"\n${block}`).join('\n')
  const said = await host.namespace.exec('sh', ['-eu', '-c', script], {
    cwd: ROOT,
    timeout: 8 * MINUTES,
    env: { TMPDIR: host.temp, HOME: host.temp, PATH: process.env['PATH'] ?? '' },
  })
  const parts = said.split(/--- \d+\n/).slice(1)
  const part = (words: string) => parts[typed.findIndex((block) => block.includes(words))] ?? ''
  expect(part('devenv check')).toMatch(/✓ packages[\s\S]*node03 +off/)
  expect(part('devenv setup')).toMatch(/node03 is registered[\s\S]*mini-x86_64[\s\S]*00:16:3e:3e:aa:01/)
  expect(part('trace node01')).toMatch(/node01.*on[\s\S]*vncviewer[\s\S]*the installed system called back/)
  expect(part('power off')).toMatch(/node01 +on +192\.168\.123\.101/)
  expect(part('devenv down')).toContain('are gone')
})
