/** The log's redactions, as a reader of the log sees them: written by a process of its own to its standard output. */
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'

const LOG = resolve(import.meta.dirname, '../../src/lib/log.ts')

/** What a log of this format writes when it is told `bindings`. */
function written(format: 'json' | 'text', bindings: object): Promise<string> {
  const program = `import { createLog } from ${JSON.stringify(LOG)}
    createLog('info', '${format}').info(${JSON.stringify(bindings)}, 'a sentence')`
  return exec(process.execPath, ['--input-type=module', '-e', program])
}

const SECRETS = [
  'password',
  'power_pass',
  'powerPass',
  'pass',
  'token',
  'authorization',
  'USER_DATA_BASE64',
  'userData',
]

test.each(SECRETS)('%s never reaches the log, at the top or inside', async (key) => {
  for (const format of ['json', 'text'] as const) {
    const output = await written(format, {
      [key]: 'hunter2',
      system: { [key]: 'hunter2', power: { [key]: 'hunter2' } },
    })
    expect(output).toContain('a sentence')
    expect(output).toContain('[redacted]')
    expect(output).not.toContain('hunter2')
  }
})

test('what is no secret stays', async () => {
  const line = JSON.parse(await written('json', { mac: '52:54:00:77:00:01', system: { name: 'node1' } }))
  expect(line).toMatchObject({ mac: '52:54:00:77:00:01', system: { name: 'node1' }, msg: 'a sentence', level: 30 })
})

test('nor does one that is deep inside, in a list or in an error', async () => {
  const program = `import { createLog } from ${JSON.stringify(LOG)}
    const log = createLog('info', 'json')
    const secrets = { list: [{ one: { two: { token: 'hunter2' } } }] }
    const before = JSON.stringify(secrets)
    log.info(secrets, 'deep')
    log.error({ err: Object.assign(new Error('broken'), { power: { pass: 'hunter2' } }) }, 'error')
    if (JSON.stringify(secrets) !== before) throw new Error('the caller has it changed')`
  const output = await exec(process.execPath, ['--input-type=module', '-e', program])
  expect(output.match(/\[redacted\]/g)).toHaveLength(2)
  expect(output).not.toContain('hunter2')
  expect(output).toContain('broken')
})
