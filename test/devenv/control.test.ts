/** The lab's switches over their socket, and the environments.yaml that goes with a lab. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { serveControl } from '../../devenv/control.ts'
import { isAnswered, runInside, switchDaemon } from '../../devenv/control-client.ts'
import { environments } from '../../devenv/environments.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
const socket = join(folder, 'control.sock')
const done: string[] = []
beforeAll(() =>
  serveControl(socket, new Map(), {
    start: async () => void done.push('start'),
    stop: async (signal) => void done.push(signal),
    pid: () => undefined,
  }),
)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the switches', () => {
  test('start and end the daemon, and refuse what they do not know', async () => {
    for (const action of ['start', 'stop', 'kill']) await switchDaemon(socket, action)
    expect(done).toEqual(['start', 'SIGTERM', 'SIGKILL'])
    await expect(switchDaemon(socket, 'paint')).rejects.toThrow('is not start, stop or kill')
  })

  test('run a program with its input, and tell how it ended', async () => {
    const ran = await runInside(socket, {
      program: 'sh',
      args: ['-c', 'cat; echo "$0" >&2; exit 3', 'a b'],
      stdin: 'in',
    })
    expect(ran).toEqual({ code: 3, stdout: 'in', stderr: 'a b\n' })
    const none = runInside(socket, { program: '/no/such/program', args: [], stdin: '' })
    await expect(none).rejects.toThrow('/no/such/program was not run in the lab')
  })

  test('tell a lab that runs from a socket that was left behind', async () => {
    expect(await isAnswered(socket)).toBe(true)
    expect(await isAnswered(join(folder, 'other.sock'))).toBe(false)
  })
})

test('the environment is YAML, whatever the password is', () => {
  expect(parse(environments('192.168.123.2', 'it\'s "x": #1', 'mini'))).toMatchObject({
    environments: {
      lab: {
        type: 'orchestra',
        'orchestra-server': '192.168.123.2',
        'orchestra-user': 'cobbler',
        'orchestra-pass': 'it\'s "x": #1',
        'acquired-mgmt-class': 'foo-acquired',
        'available-mgmt-class': 'foo-available',
        'default-series': 'mini',
      },
    },
  })
})
