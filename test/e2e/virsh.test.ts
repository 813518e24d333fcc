/** The virsh driver with a real libvirtd: its test driver, and a QEMU domain that is turned on and off. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Exec, exec } from '../../src/lib/exec.ts'
import type { PowerTarget, PowerTools } from '../../src/power/driver.ts'
import { virsh } from '../../src/power/drivers/virsh.ts'
import { type Libvirtd, startLibvirtd } from '../support/libvirtd.ts'

let libvirtd: Libvirtd
beforeAll(async () => {
  libvirtd = await startLibvirtd()
  await libvirtd.define('vm one')
}, 300_000)
afterAll(() => libvirtd.stop())

const signal = new AbortController().signal
const tools: PowerTools = { exec, signal }
const target = (address: string, id = 'vm one'): PowerTarget => ({
  ...{ name: 'node01', macs: [] },
  power: { type: 'virsh', address, user: '', pass: '', id, options: '' },
})

describe('a QEMU domain', () => {
  test.each(['by its socket', 'by TCP'])('is turned on and off, and seen (%s)', async (way) => {
    const address = way === 'by TCP' ? libvirtd.tcp : `qemu+unix:///system?socket=${libvirtd.socket}`
    // TCP is that of the namespace.
    const inside: Exec = (program, args, options) => libvirtd.namespace.exec(program, args, options)
    const there = way === 'by TCP' ? { exec: inside, signal } : tools
    const vm = target(address)
    expect(await virsh.state(vm, there)).toBe('off')
    await virsh.act(vm, 'on', there)
    expect(await virsh.state(vm, there)).toBe('on')
    await virsh.act(vm, 'on', there)
    await virsh.act(vm, 'off', there)
    expect(await virsh.state(vm, there)).toBe('off')
    await virsh.act(vm, 'off', there)
  })

  test('that is not there is named', async () => {
    const nobody = target(`qemu+unix:///system?socket=${libvirtd.socket}`, 'vm two')
    await expect(virsh.act(nobody, 'on', tools)).rejects.toMatchObject({
      fault: 'wrong-id',
      message: expect.stringMatching(/domain vm two: failed to get domain/),
    })
  })
})

test("libvirt's test driver is turned off and on", async () => {
  const address = `test+unix:///default?socket=${libvirtd.socket}`
  // Its state lasts as long as somebody is connected.
  const stays = spawn('virsh', ['--connect', address], { stdio: ['pipe', 'pipe', 'ignore'] })
  await once(stays.stdout, 'data')
  const vm = target(address, 'test')
  expect(await virsh.state(vm, tools)).toBe('on')
  await virsh.act(vm, 'off', tools)
  expect(await virsh.state(vm, tools)).toBe('off')
  await virsh.act(vm, 'on', tools)
  expect(await virsh.state(vm, tools)).toBe('on')
  stays.stdin.end('quit\n')
  await once(stays, 'exit')
})

test('a libvirtd that is not there does not answer', async () => {
  await expect(virsh.state(target('qemu+tcp://127.0.0.1:9'), tools)).rejects.toMatchObject({ fault: 'no-answer' })
  await expect(virsh.state(target('qemu+tcp://nowhere.invalid:9'), tools)).rejects.toMatchObject({
    fault: 'wrong-address',
  })
})
