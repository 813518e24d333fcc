/** What libvirt is told of the lab, and who gets to what: templates, closed folders, the relay's one client. */

import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { closedAbove, readersOf } from '../../devenv/libvirt/access.ts'
import { filesOf, networkXml, nodeXml, serverXml } from '../../devenv/libvirt/definitions.ts'
import { startRelay } from '../../devenv/libvirt/relay.ts'
import { type LabNode, readLabSettings } from '../../devenv/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const settings = readLabSettings()
const [bios] = settings.nodes as [LabNode]
const xmlOf = (node: LabNode) => nodeXml(node, settings.network.name, 'qemu', filesOf(node.name, '/lab'))

describe('15. XML from templates', () => {
  test('a machine boots by network, then from its disk, and shows itself', () => {
    const xml = xmlOf(bios)
    expect(xml.indexOf('<boot dev="network"/>')).toBeLessThan(xml.indexOf('<boot dev="hd"/>'))
    for (const part of [
      ...['<domain type="qemu">', '<name>node01</name>', '<mac address="00:16:3e:3e:aa:01"/>'],
      ...['<source network="orchestra-devnet"/>', '<source file="/lab/node01-disk0.qcow2"/>'],
      ...[
        '<graphics type="vnc" autoport="yes" listen="127.0.0.1"/>',
        '<serial type="pty">',
        '<on_reboot>restart</on_reboot>',
      ],
    ])
      expect(xml).toContain(part)
    expect(xml).not.toContain('pflash')
  })

  test('the network has no DHCP of libvirt, no address, and no way out', () => {
    const xml = networkXml(settings)
    expect(xml).toContain('<bridge name="orchestra0"/>')
    expect(xml).not.toMatch(/<dhcp|<ip |nat|route"/)
  })

  test('the server boots from its disk alone', () => {
    const xml = serverXml(settings.server, 'net', 'kvm', filesOf('orchestra', '/lab'))
    expect(xml).toContain('<boot dev="hd"/>')
    expect(xml).not.toContain('<boot dev="network"/>')
  })

  test('an edited template shows, with all the words that it may use', () => {
    const template = join(folder, 'mine.xml')
    writeFileSync(
      template,
      '<network>{{name}} {{bridge}} {{ip_pre}} {{host}} {{netmask}} {{range_start}} {{range_end}}{{#each all_systems}} {{this.name}}={{this.mac}}={{this.ip}}{{/each}}</network>',
    )
    const xml = networkXml({ ...settings, network: { ...settings.network, template } })
    expect(xml).toBe(
      '<network>orchestra-devnet orchestra0 192.168.123 192.168.123.1 255.255.255.0 192.168.123.10 192.168.123.99' +
        ' orchestra=00:16:3e:3e:a9:1a=192.168.123.2 node01=00:16:3e:3e:aa:01=192.168.123.101' +
        ' node02=00:16:3e:3e:aa:02=192.168.123.102 node03=00:16:3e:3e:aa:03=192.168.123.103</network>',
    )
  })

  test('a word that nobody knows is told with its file and line', () => {
    const template = join(folder, 'wrong.xml')
    writeFileSync(template, '<domain>\n{{nobody_knows}}\n</domain>\n')
    expect(() => xmlOf({ ...bios, template })).toThrow(/wrong\.xml.*2.*nobody_knows|nobody_knows.*wrong\.xml/s)
    expect(() => xmlOf({ ...bios, template: join(folder, 'none.xml') })).toThrow('template that is not there')
  })
})

test('6. an image below a closed folder is found out, with what to do', () => {
  const home = join(folder, 'home')
  mkdirSync(join(home, 'images'), { recursive: true })
  chmodSync(folder, 0o755)
  chmodSync(join(home, 'images'), 0o755)
  const image = join(home, 'images/server.qcow2')
  writeFileSync(image, '', { mode: 0o644 })
  chmodSync(home, 0o700)
  expect(closedAbove(image)).toBe(home)
  expect(readersOf(image, true)).toMatchObject({ isGood: false, because: expect.stringContaining(`chmod o+x ${home}`) })
  // Where the lab has a libvirt of its own, its machines run as root.
  expect(readersOf(image, false).isGood).toBe(true)
  chmodSync(home, 0o755)
  expect(readersOf(image, true).isGood).toBe(true)
  expect(readersOf(join(home, 'none.qcow2'), true).because).toContain('build-image --output')
})

test('23. the relay leads one address to libvirt, and hangs up on all others', async () => {
  const path = join(folder, 'libvirt-sock')
  const libvirt = createServer((socket) => socket.pipe(socket)).listen(path)
  await once(libvirt, 'listening')
  const relay = await startRelay(path, '127.0.0.1', '127.0.0.2', 0)
  const from = (localAddress: string) => connect({ host: '127.0.0.1', port: relay.port, localAddress })

  const friend = from('127.0.0.2')
  friend.write('hello')
  expect(String((await once(friend, 'data'))[0])).toBe('hello')
  const stranger = from('127.0.0.3')
  let heard = ''
  stranger.on('data', (part) => {
    heard += part
  })
  stranger.on('error', () => {}).write('hello')
  await once(stranger, 'close')
  expect(heard).toBe('')
  friend.destroy()
  await relay.close()
  libvirt.close()
})
