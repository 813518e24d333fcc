/** What the virsh driver refuses to pass on, and how it reads what virsh says; the real one is asked in test/e2e. */
import { describe, expect, test } from 'vitest'
import { ExecError } from '../../src/lib/exec.ts'
import type { PowerSettings } from '../../src/model/system.ts'
import type { PowerTarget, PowerTools } from '../../src/power/driver.ts'
import { parseDisplay, parseDomainState, virsh } from '../../src/power/drivers/virsh.ts'

const settings = (power: Partial<PowerSettings>): PowerSettings => ({
  ...{ type: 'virsh', address: 'qemu:///system', user: '', pass: '', id: '', options: '' },
  ...power,
})
const target = (power: Partial<PowerSettings> = {}): PowerTarget => ({
  name: 'node01',
  macs: [],
  power: settings(power),
})
const toolsOf = (exec: PowerTools['exec']): PowerTools => ({ exec, signal: new AbortController().signal })

describe('a libvirt URI', () => {
  test.each([
    'qemu:///system',
    'qemu+tcp://192.168.123.1:65001',
    'qemu+ssh://root@host/system',
    'qemu+unix:///system?socket=/run/lab/libvirt-sock',
    'test:///default',
    'test+tcp://127.0.0.1:65001/default',
  ])('%s is good', (address) => {
    expect(virsh.fault?.(settings({ address }))).toBeUndefined()
  })

  test.each([
    ['10.0.0.1', /is no libvirt URI/],
    ['', /is no libvirt URI/],
    ['qemu+ext:///system?command=/tmp/x', /transport "ext" .* not allowed/],
    ['qemu+ssh://host/system?command=/tmp/x', /"command" in a libvirt URI is not allowed/],
    ['qemu+ssh://host/system?netcat=/tmp/x', /"netcat" in a libvirt URI is not allowed/],
    ['qemu+ssh://-oProxyCommand=x/system', /begins with a dash/],
    ['qemu+ssh://root@-oProxyCommand=x/system', /begins with a dash/],
  ])('%s is refused', async (address, words) => {
    expect(virsh.fault?.(settings({ address }))).toMatch(words)
    const never = toolsOf(async () => expect.unreachable('it was run'))
    await expect(virsh.act(target({ address }), 'on', never)).rejects.toMatchObject({ code: 'power.unsupported' })
  })

  test('without a path gets the one that the devenv of 2011 meant', async () => {
    let called: readonly string[] = []
    const exec: PowerTools['exec'] = async (_program, args) => {
      called = args
      return 'running\n\n'
    }
    expect(await virsh.state(target({ address: 'qemu+tcp://10.0.0.1:65001', id: 'vm one' }), toolsOf(exec))).toBe('on')
    expect(called).toEqual(['--connect', 'qemu+tcp://10.0.0.1:65001/system', 'domstate', '--domain', 'vm one'])
  })
})

test.each([
  ['running', 'on'],
  ['in shutdown', 'on'],
  ['paused', 'on'],
  ['shut off', 'off'],
  ['crashed', 'off'],
  ['no state', 'unknown'],
  ['', 'unknown'],
])('a domain that is "%s" is %s', (word, state) => {
  expect(parseDomainState(`${word}\n\n`)).toBe(state)
})

test.each([
  ['error: failed to connect to the hypervisor\nerror: Failed to connect socket: No such file', 'no-answer'],
  ["error: failed to get domain 'x'", 'wrong-id'],
  ['error: authentication failed: no', 'wrong-password'],
  ["error: Unable to resolve address 'nowhere' service '1': Name or service not known", 'wrong-address'],
])('a virsh that says %j has met %s', async (stderr, fault) => {
  const exec = async () => Promise.reject(new ExecError('virsh', 1, stderr))
  await expect(virsh.state(target(), toolsOf(exec))).rejects.toMatchObject({ fault })
})

test.each([
  ['vnc://127.0.0.1:0\n\n', { host: '127.0.0.1', port: 5900 }],
  ['vnc://localhost:12', { host: 'localhost', port: 5912 }],
  ['vnc://:secret@10.0.0.2:3', { host: '10.0.0.2', port: 5903 }],
  ['vnc://[fd00::1]:1', { host: 'fd00::1', port: 5901 }],
  ['vnc+unix:///run/vm/vnc.sock', { path: '/run/vm/vnc.sock' }],
  ['spice://127.0.0.1:5900', undefined],
  ['', undefined],
])('%j is the display %j', (answer, display) => {
  expect(parseDisplay(answer)).toEqual(display)
})
