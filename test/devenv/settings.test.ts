/** The lab's settings: one file, from which every address follows. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { daemonConfig } from '../../devenv/daemon-config.ts'
import { type LabSettings, parseLabSettings, readLabSettings, SETTINGS_FILE } from '../../devenv/settings.ts'

const shipped = () => parse(readFileSync(SETTINGS_FILE, 'utf8'))

/** The shipped settings, changed. */
function changed(change: (settings: ReturnType<typeof shipped>) => void): LabSettings {
  const settings = shipped()
  change(settings)
  return parseLabSettings(stringify(settings), '/a/b/settings.yaml')
}

test('the shipped lab is the network, the server and the three machines of 2011', () => {
  const { network, server, nodes } = readLabSettings()
  expect([network.prefix, network.host, server.ip, server.mac]).toEqual([
    ...['192.168.123', '192.168.123.1', '192.168.123.2', '00:16:3e:3e:a9:1a'],
  ])
  expect(nodes.map(({ name, mac, ip, firmware }) => [name, mac, ip, firmware])).toEqual([
    ['node01', '00:16:3e:3e:aa:01', '192.168.123.101', 'bios'],
    ['node02', '00:16:3e:3e:aa:02', '192.168.123.102', 'uefi'],
    ['node03', '00:16:3e:3e:aa:03', '192.168.123.103', 'bios'],
  ])
})

test('13. with another prefix every address is another', () => {
  const settings = changed(({ network }) => {
    network.ip_pre = '10.9.8'
  })
  const told = JSON.stringify(settings) + daemonConfig(settings)
  expect(told).not.toContain('192.168')
  expect(settings.nodes[2]?.ip).toBe('10.9.8.103')
  expect(parse(daemonConfig(settings))).toMatchObject({
    http: { url: 'http://10.9.8.2' },
    dhcp: { subnets: [{ subnet: '10.9.8.0/24', pool: '10.9.8.10-10.9.8.99', dns: ['10.9.8.2'] }] },
  })
  expect(parse(daemonConfig(settings, true))).toMatchObject({ dhcp: { subnets: [{ ipv6: 'fd77::/64' }] } })
})

test('there may be any number of machines, each with what is its own', () => {
  const { nodes } = changed(({ nodes }) => {
    nodes.count = 40
    nodes.mem = 768
    nodes.each = { node40: { firmware: 'uefi', mem: 4096, disk: 9000, power: { type: 'ipmi', address: '10.0.0.5' } } }
  })
  expect(nodes).toHaveLength(40)
  expect(new Set(nodes.map(({ mac }) => mac)).size).toBe(40)
  expect(nodes[9]).toMatchObject({ name: 'node10', mac: '00:16:3e:3e:aa:0a', ip: '192.168.123.110', mem: 768 })
  expect(nodes[39]).toMatchObject({
    ...{ name: 'node40', firmware: 'uefi', mem: 4096, disk: 9000, cpus: 1 },
    power: { type: 'ipmi', address: '10.0.0.5', user: '', id: '' },
  })
  // The name of an interface has at most 15 characters.
  for (const { name } of nodes) expect(`tap-${name}`.length).toBeLessThan(16)
})

test.each<[string, (settings: ReturnType<typeof shipped>) => void, RegExp]>([
  ['no prefix', ({ network }) => (network.ip_pre = '192.168'), /network\.ip_pre: three numbers and two dots/],
  ['a word that nobody knows', ({ nodes }) => (nodes.memory = 1), /nodes: .*memory/],
  ['no firmware', ({ nodes }) => (nodes.firmware = 'efi'), /nodes\.firmware: .*"bios"\|"uefi"/],
  [
    'a machine that is not there',
    ({ nodes }) => (nodes.each = { node09: {} }),
    /nodes\.each\.node09: .*only node01, node02, node03/,
  ],
  [
    "the server at this host's address",
    ({ systems }) => (systems.orchestra.ip = 1),
    /systems\.orchestra\.ip: 192\.168\.123\.1/,
  ],
  ['too many machines', ({ nodes }) => (nodes.count = 200), /nodes\.count/],
  [
    'a pool that ends before it starts',
    ({ network }) => (network.dhcp.range.start = 200),
    /network\.dhcp: the range ends/,
  ],
])('%s is told by the name of its field', (_, change, complaint) => {
  expect(() => changed(change)).toThrow(complaint)
})

test('all faults are told at once, and what is no YAML by its line', () => {
  const both = () =>
    changed(({ network, nodes }) => {
      network.ip_pre = 'x'
      nodes.count = 0
    })
  expect(both).toThrow(/ip_pre[\s\S]*nodes\.count/)
  expect(() => parseLabSettings('network: {\n', '/a/settings.yaml')).toThrow(/\/a\/settings\.yaml: .*line/)
})
