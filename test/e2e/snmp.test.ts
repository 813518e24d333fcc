/** The snmp driver with Debian's snmpd, whose outlets are a script of the test's: v2c, v3, what is wrong each by its name. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { PowerSettings } from '../../src/model/system.ts'
import type { PowerTarget, PowerTools } from '../../src/power/driver.ts'
import { snmpOutlets } from '../../src/power/drivers/snmp.ts'
import { needPackages } from '../support/debian.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-snmp-'))
const OUTLETS = '.1.3.6.1.4.1.318.1.1.12.3.3.1.1.4'
let daemon: ChildProcess
let port: number

beforeAll(async () => {
  await needPackages('snmpd')
  port = await freePort()
  const script = join(folder, 'outlet')
  // `pass` of snmpd.conf: -g OID reads, -s OID TYPE VALUE writes. There are the outlets 1 to 8.
  writeFileSync(
    script,
    `#!/bin/sh
case "$2" in ${OUTLETS}.[1-8]) ;; *) exit 0;; esac
outlet=\${2##*.}
case "$1" in
  -g) echo "$2"; echo integer; cat ${folder}/outlet-$outlet 2>&- || echo 2;;
  -s) echo "$4" >${folder}/outlet-$outlet;;
esac
`,
  )
  chmodSync(script, 0o755)
  writeFileSync(
    join(folder, 'snmpd.conf'),
    [
      `agentaddress udp:127.0.0.1:${port}`,
      'rwcommunity hunter2 127.0.0.1',
      'rwuser ann authPriv',
      'createUser ann SHA "hunter22" AES "hunter22"',
      'sysObjectID 1.3.6.1.4.1.318.1.3.4.5',
      `pass ${OUTLETS} ${script}`,
    ].join('\n'),
  )
  const args = ['-f', '-Lo', '-C', '-c', join(folder, 'snmpd.conf'), '-p', join(folder, 'pid')]
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SNMP_PERSISTENT_DIR: join(folder, 'state') }
  daemon = spawn('snmpd', args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const part of daemon.stdout ?? []) if (String(part).includes('NET-SNMP version')) break
}, 300_000)
afterAll(async () => {
  if (daemon.exitCode === null && daemon.kill()) await once(daemon, 'exit')
  rmSync(folder, { recursive: true })
})

async function freePort(): Promise<number> {
  const { createSocket } = await import('node:dgram')
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port: free } = socket.address()
  socket.close()
  return free
}

const tools: PowerTools = { exec, signal: new AbortController().signal }
const target = (power: Partial<PowerSettings> = {}): PowerTarget => ({
  ...{ name: 'node01', macs: [] },
  power: { type: 'snmp', address: `127.0.0.1:${port}`, user: '', pass: 'hunter2', id: '3', options: '', ...power },
})

describe('an outlet', () => {
  test.each([
    ['v2c', {}],
    ['v3', { user: 'ann', pass: 'hunter22' }],
    ['an object that is named', { options: `oid=${OUTLETS.slice(1)} on=1 off=2` }],
  ])('is switched and seen by %s', async (_, power) => {
    await snmpOutlets.act(target(power), 'on', tools)
    expect(readFileSync(join(folder, 'outlet-3'), 'utf8').trim()).toBe('1')
    expect(await snmpOutlets.state(target(power), tools)).toBe('on')
    await snmpOutlets.act(target(power), 'off', tools)
    expect(await snmpOutlets.state(target(power), tools)).toBe('off')
    await snmpOutlets.act(target(power), 'reboot', tools)
    expect(readFileSync(join(folder, 'outlet-3'), 'utf8').trim()).toBe('3')
  })

  test.each([
    ['wrong-id', { id: '9' }, /has no outlet 9/],
    ['no-answer', { pass: 'wrong' }, /does not answer: it is not there, or the community/],
    ['wrong-password', { user: 'ann', pass: 'hunter23' }, /does not know ann with this password/],
    ['wrong-password', { user: 'bob', pass: 'hunter22' }, /does not know bob with this password/],
    ['wrong-address', { address: 'nowhere.invalid' }, /no host of the name/],
  ])('says %s for %j', async (fault, power, words) => {
    const asked = snmpOutlets.state(target(power), tools)
    await expect(asked).rejects.toMatchObject({ fault, message: expect.stringMatching(words) })
  })

  test.each([
    [{ pass: '' }, /power_pass is empty/],
    [{ id: '' }, /is no number of an outlet/],
    [{ user: 'ann', pass: 'short' }, /too short/],
    [{ options: 'oid=hello' }, /is no object identifier/],
  ])('is refused with %j', (power, words) => {
    expect(snmpOutlets.fault?.(target(power).power)).toMatch(words)
  })
})
