/**
 * The lab whose server is a machine of its own: it boots from an overlay that leaves its image as it is, and reaches libvirt from
 * its own address alone, to turn the others on.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { temporaryFolder } from '../support/daemon.ts'
import { type DevenvHost, makeDevenvHost } from '../support/devenv.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'

const MINUTES = 60_000
const image = join(temporaryFolder(), 'server.qcow2')
let host: DevenvHost
let settings = ''
const devenv = (...args: string[]) => host.devenv('--settings', settings, '--backend', 'libvirt', ...args)
const checksum = () => createHash('sha256').update(readFileSync(image)).digest('hex')

beforeAll(async () => {
  host = await makeDevenvHost()
  // What is in it does not matter here: it finds nothing to boot.
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', image, '64M'])
  settings = host.settings((text) =>
    text.replace('where: host', 'where: vm').replace('server.qcow2', image).replace('mem: 2048', 'mem: 256'),
  )
}, 10 * MINUTES)
afterAll(() => devenv('down').catch(() => ''))

/** Another machine on the lab's network. */
async function neighbour(address: string): Promise<Namespace> {
  const other = await makeNamespace()
  await host.namespace.link(other, 'orchestra0', 'eth0')
  await other.exec('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0'])
  return other
}

test('17. 23. the server is a machine on an overlay, and libvirt answers its address and no other', {
  timeout: 5 * MINUTES,
}, async () => {
  const before = checksum()
  const said = await devenv('up')
  expect(said).toMatch(/Server +orchestra at 192\.168\.123\.2: a machine on an overlay/)
  expect(said).toMatch(/Relay +libvirt at 192\.168\.123\.1:65001, for 192\.168\.123\.2 alone/)

  const uri = ['--connect', 'qemu+tcp://192.168.123.1:65001/system']
  const server = await neighbour('192.168.123.2')
  const virsh = (...args: string[]) => server.exec('virsh', [...uri, ...args])
  expect((await virsh('list', '--all', '--name')).trim().split('\n').sort()).toEqual([
    'node01',
    'node02',
    'node03',
    'orchestra',
  ])
  await virsh('start', 'node01')
  expect(await devenv('status')).toMatch(/node01 +on/)
  const stranger = await neighbour('192.168.123.77')
  await expect(stranger.exec('virsh', [...uri, 'list'], { timeout: MINUTES })).rejects.toThrow()

  // Its passwords are its own.
  await expect(devenv('setup')).rejects.toThrow(/--server http:\/\/192\.168\.123\.2 --user NAME --password-file FILE/)
  await devenv('down')
  await expect(virsh('list')).rejects.toThrow()
  expect(checksum()).toBe(before)
})

test('12. without an image it says how to make one, and leaves nothing', { timeout: 2 * MINUTES }, async () => {
  settings = host.settings((text) => text.replace('where: host', 'where: vm').replace('server.qcow2', `${image}.none`))
  expect(await devenv('check').catch((error: Error) => error.message)).toBeDefined()
  await expect(devenv('up')).rejects.toThrow(/there is no image .*build-image --output/)
  expect(await host.namespace.exec('ip', ['-o', 'link', 'show', 'type', 'bridge'])).not.toContain('orchestra0')
})
