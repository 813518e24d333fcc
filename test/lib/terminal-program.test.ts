/** A program on a terminal, run for real: what it says, what is typed, and that its end is seen. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openTerminal } from '../../src/lib/terminal-program.ts'
import { PowerError } from '../../src/power/driver.ts'
import { openVirshConsole } from '../../src/power/virsh-console.ts'

const run = (script: string, signal = new AbortController().signal) => openTerminal('sh', ['-c', script], signal)

test('a program that ends has closed, with its last words and its exit code', async () => {
  const program = run('echo gone; exit 3')
  let said = ''
  program.on('data', (bytes) => {
    said += bytes
  })
  await once(program, 'close')
  expect([said, await program.exited]).toEqual(['gone\r\n', 3])
})

test('what is typed is read by it', async () => {
  const program = run('read line; echo "it was $line"')
  program.write('typed\n')
  let said = ''
  program.on('data', (bytes) => {
    said += bytes
  })
  await once(program, 'close')
  expect(said).toContain('it was typed')
})

test('a signal ends it', async () => {
  const stopping = new AbortController()
  const program = run('echo ready; sleep 600', stopping.signal)
  await once(program, 'data')
  stopping.abort()
  await once(program, 'close')
  expect(await program.exited).not.toBeUndefined()
})

test('a virsh that fails before it is a console is told with its own words', async () => {
  const opening = openVirshConsole({
    openTerminal: (_program, _args, signal) => run('echo "error: domain \'one\' is not running"; exit 1', signal),
    args: [],
    signal: new AbortController().signal,
    failure: (said) => new PowerError('refused', said.trim()),
  })
  await expect(opening).rejects.toThrow("error: domain 'one' is not running")
})
