/** Wake-on-LAN against a listener on this machine, and an ssh that is a program of ours: what it is called with is seen. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ExecError } from '../../src/lib/exec.ts'
import { type Mac, parseMac } from '../../src/model/address.ts'
import type { PowerSettings } from '../../src/model/system.ts'
import type { PowerTarget, PowerTools } from '../../src/power/driver.ts'
import { wol } from '../../src/power/drivers/wol.ts'
import { magicPacket } from '../../src/power/wol-packet.ts'

const MAC = parseMac('52:54:00:12:34:56')
let listener: Socket
let port: number
beforeEach(async () => {
  listener = createSocket('udp4').bind(0, '127.0.0.1')
  await once(listener, 'listening')
  port = listener.address().port
})
afterEach(() => void listener.close())

const tools: PowerTools = { exec: async () => '', signal: new AbortController().signal }
const target = (power: Partial<PowerSettings> = {}, macs: readonly Mac[] = [MAC]): PowerTarget => ({
  name: 'node01',
  macs,
  power: { type: 'wol', address: `127.0.0.1:${port}`, user: '', pass: '', id: '', options: '', ...power },
})
const heard = async () => ((await once(listener, 'message')) as [Buffer])[0].toString('hex')

describe('the magic packet', () => {
  test('is six bytes of ones and the address sixteen times, with the password behind it', () => {
    expect(Buffer.from(magicPacket(MAC)).toString('hex')).toBe('f'.repeat(12) + '525400123456'.repeat(16))
    expect(Buffer.from(magicPacket(MAC, parseMac('01:02:03:04:05:06'))).toString('hex')).toMatch(/3456010203040506$/)
  })

  test('reaches who listens', async () => {
    const packet = heard()
    await wol.act(target(), 'on', tools)
    expect(await packet).toBe('f'.repeat(12) + '525400123456'.repeat(16))
  })

  test('is for the MAC of power_id, when there is one', async () => {
    const packet = heard()
    await wol.act(target({ id: '52-54-00-AA-BB-CC', pass: '01:02:03:04:05:06' }), 'on', tools)
    expect(await packet).toBe(`${'f'.repeat(12)}${'525400aabbcc'.repeat(16)}010203040506`)
  })
})

describe('wol', () => {
  test('never claims to see', async () => {
    expect(wol.can).not.toContain('state')
    await expect(wol.state(target(), tools)).rejects.toThrow(/cannot see whether node01 is on/)
  })

  test('says what a machine without a MAC lacks', async () => {
    await expect(wol.act(target({}, []), 'on', tools)).rejects.toMatchObject({
      fault: 'wrong-id',
      message: 'node01 has no MAC address to wake; give an interface one',
    })
  })

  test.each([
    [{ address: 'nowhere' }, /is no IPv4 address/],
    [{ address: '300.1.1.1' }, /is no IPv4 address/],
    [{ id: 'node01' }, /is no MAC address/],
    [{ pass: 'secret' }, /^power_pass is no SecureOn password/],
    [{ options: 'ssh=-oProxyCommand=x' }, /is no user@host/],
    [{ options: 'ssh=root@-oProxyCommand' }, /is no user@host/],
    [{ options: 'key=id' }, /is no whole path/],
  ])('refuses %j', async (power, words) => {
    expect(wol.fault?.(target(power).power)).toMatch(words)
    await expect(wol.act(target(power), 'on', tools)).rejects.toMatchObject({ code: 'power.unsupported' })
  })

  test('turns off by ssh where that is set up', async () => {
    const calls: (readonly string[])[] = []
    const exec = async (program: string, args: readonly string[]) => {
      calls.push([program, ...args])
      return ''
    }
    await wol.act(target({ options: 'ssh=root@node01.lab key=/root/.ssh/id' }), 'off', { ...tools, exec })
    expect(calls).toEqual([
      ['ssh', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-i', '/root/.ssh/id'].concat(
        ...[['--', 'root@node01.lab', 'sudo', '-n', 'poweroff']],
      ),
    ])
    await expect(wol.act(target(), 'off', tools)).rejects.toMatchObject({
      code: 'power.unsupported',
      message: expect.stringMatching(/set power_options to ssh=user@host/),
    })
  })

  test.each([
    [255, 'Connection to node01 closed by remote host.', undefined],
    [255, 'root@node01: Permission denied (publickey).', 'wrong-password'],
    [255, 'ssh: connect to host node01 port 22: Connection timed out', 'no-answer'],
    ['ENOENT', '', 'no-program'],
  ])('reads how ssh ended: %s %s', async (code, stderr, fault) => {
    const exec = async () => Promise.reject(new ExecError('ssh', code, stderr))
    const ended = wol.act(target({ options: 'ssh=root@node01' }), 'off', { ...tools, exec })
    if (fault === undefined) await expect(ended).resolves.toBeUndefined()
    else await expect(ended).rejects.toMatchObject({ fault })
  })
})
