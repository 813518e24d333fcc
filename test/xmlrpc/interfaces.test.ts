import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'vitest'
import type { Value } from '../../src/xmlrpc/value.ts'
import { aServer, furnish, type TestServer } from './support.ts'

const CX = "<class 'cobbler.cexceptions.CX'>:"
type Shown = Record<string, Value>
let server: TestServer
let token: string

beforeEach(async () => {
  server = await aServer()
  token = await server.login()
  await furnish(server, token, 'node1', 'node2')
})

const modify = (attribute: string, value: Value, name = 'node1') =>
  server.call('modify_system', `system::${name}`, attribute, value, token)
const modifyFault = (attribute: string, value: Value) =>
  server.fault('modify_system', 'system::node1', attribute, value, token)
const save = (name = 'node1') => server.call('save_system', `system::${name}`, token)
async function interfaces(name = 'node1'): Promise<Record<string, Shown>> {
  const { interfaces: shown } = (await server.call('get_system', name)) as Shown
  return JSON.parse(JSON.stringify(shown)) as Record<string, Shown>
}

describe('modify_interface', () => {
  test('gives an interface its 23 fields', async () => {
    assert.equal(await modify('modify_interface', { 'macaddress-eth0': '52:54:00:AA:00:01' }), true)
    await save()
    const { eth0 = {} } = await interfaces()
    assert.equal(Object.keys(eth0).length, 23)
    assert.equal(eth0['mac_address'], '52:54:00:aa:00:01')
    assert.equal(eth0['interface_type'], 'na')
    assert.deepEqual(eth0['cnames'], [])
  })

  test('takes the spellings of all generations', async () => {
    await modify('modify_interface', {
      'mac_address-eth0': '52:54:00:00:00:01',
      'ip_address-eth0': '10.77.0.5',
      'subnet-eth0': '255.255.255.0',
      'static-eth0': '1',
      'dnsname-eth0': 'node1.lab',
      'ifgateway-eth0': '10.77.0.1',
      'cnames-eth0': 'www mail',
      'bonding-bond0': 'bond',
      'bondingmaster-eth1': 'bond0',
      'bonding_opts-bond0': 'mode=1',
      'virtbridge-eth0': 'br0',
      'nonsense-eth0': 'x',
      'mtu-eth0.100': '1400',
      'mtu-eth-1': '1300',
    })
    await save()
    const { eth0 = {}, eth1 = {}, bond0 = {}, ...others } = await interfaces()
    assert.deepEqual(
      [eth0['ip_address'], eth0['netmask'], eth0['static'], eth0['dns_name'], eth0['if_gateway'], eth0['cnames']],
      ['10.77.0.5', '255.255.255.0', true, 'node1.lab', '10.77.0.1', ['www', 'mail']],
    )
    assert.equal(eth0['virt_bridge'], 'br0')
    assert.deepEqual([bond0['interface_type'], bond0['bonding_opts']], ['bond', 'mode=1'])
    assert.equal(eth1['interface_master'], 'bond0')
    assert.deepEqual([others['eth0.100']?.['mtu'], others['eth-1']?.['mtu']], ['1400', '1300'])
  })

  test('makes up a free address for random', async () => {
    await modify('modify_interface', { 'macaddress-eth0': 'random', 'macaddress-eth1': 'random' })
    await save()
    const { eth0, eth1 } = await interfaces()
    assert.match(String(eth0?.['mac_address']), /^00:16:3e(:[0-9a-f]{2}){3}$/)
    assert.notEqual(eth0?.['mac_address'], eth1?.['mac_address'])
  })

  test('refuses what is no address, and then changes nothing', async () => {
    assert.equal(
      await modifyFault('modify_interface', { 'mtu-eth7': '9000', 'macaddress-eth7': 'not-a-mac' }),
      `${CX}'Invalid mac address format (not-a-mac)'`,
    )
    assert.equal(
      await modifyFault('modify_interface', { 'ipaddress-eth0': '300.1.1.1' }),
      `${CX}'Invalid IPv4 address format (300.1.1.1)'`,
    )
    assert.match(
      await modifyFault('modify_interface', { macaddress: '52:54:00:00:00:01' }),
      /must be <field>-<interface>/,
    )
    assert.match(await modifyFault('modify_interface', 'x'), /modify_interface must be a struct/)
    assert.match(await modifyFault('modify_interface', { 'mtu-__proto__': '1' }), /invalid interface name/)
    await modify('comment', 'x')
    await save()
    assert.deepEqual(await interfaces(), {})
  })

  test("refuses another system's address at once", async () => {
    await modify('modify_interface', { 'macaddress-eth0': '52:54:00:00:00:02', 'ipaddress-eth0': '10.77.0.2' }, 'node2')
    await save('node2')
    assert.equal(
      await modifyFault('modify_interface', { 'macaddress-eth0': '52:54:00:00:00:02' }),
      `${CX}'MAC address duplicate found "52:54:00:00:00:02". Object with the conflict has the name "node2"'`,
    )
    assert.match(await modifyFault('modify_interface', { 'ipaddress-eth0': '10.77.0.2' }), /IP address duplicate found/)
  })

  test('deletes and renames interfaces in both dialects', async () => {
    await modify('modify_interface', { 'mtu-eth0': '1', 'mtu-eth1': '2', 'mtu-eth2': '3' })
    assert.equal(await modify('delete_interface', 'eth0'), true)
    assert.equal(await modify('delete_interface', 'eth0'), true)
    assert.equal(await modify('delete_interface', { interface: 'eth1' }), true)
    assert.equal(await modify('rename_interface', ['eth2', 'eno1']), true)
    assert.equal(await modify('rename_interface', { interface: 'eno1', rename_interface: 'eno2' }), true)
    await save()
    assert.deepEqual(Object.keys(await interfaces()), ['eno2'])
    assert.match(
      await modifyFault('rename_interface', ['eth9', 'eth8']),
      /interface eth9 of system node1 does not exist/,
    )
    assert.match(await modifyFault('rename_interface', 'eth9'), /named by a string/)
  })
})
