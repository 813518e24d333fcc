/** Names and addresses of the fleet, from the catalog and the leases. */
import { expect, test } from 'vitest'
import { parseIpv4, parseMac } from '../../src/model/address.ts'
import type { Ipv6 } from '../../src/model/address6.ts'
import { emptyInterface } from '../../src/model/system.ts'
import { createGivenIpv6 } from '../../src/services/given-ipv6.ts'
import { hostNames } from '../../src/services/host-names.ts'
import { openLeases } from '../../src/services/leases.ts'
import { addProfile, testStore } from '../support/store.ts'

test('a system is found by its name, host name and interface names, with and without the domain, and by its address', async () => {
  const { db, clock, catalog, close } = await testStore()
  await addProfile(catalog)
  const leases = await openLeases({
    db,
    clock,
    subnets: [],
    ownAddresses: [],
    systemByMac: catalog.systemByMac,
    systemByIp: catalog.systemByIp,
    known: (system) => ({ system, blend: { ok: false, because: 'not asked' } }),
    policy: () => ({ enlist: undefined }),
  })
  const given = createGivenIpv6(clock)
  const names = hostNames({ catalog, leases, given, domain: 'Lab.Example' })
  expect(names.addresses('node01')).toEqual([])

  const eth0 = {
    ...emptyInterface(),
    macAddress: parseMac('52:54:00:00:00:01'),
    ipAddress: parseIpv4('10.77.0.11'),
    dnsName: 'www.lab.example',
    other: { cnames: ['mirror', 'Proxy.lab.example', 'Node01'] },
  }
  await catalog.save('system', {
    ...catalog.draft('system'),
    name: 'Node01',
    hostname: 'web',
    profile: 'debian-13',
    interfaces: { eth0 },
  })
  for (const asked of ['node01', 'NODE01.lab.example', 'web', 'web.lab.example', 'www', 'www.lab.example']) {
    expect(names.addresses(asked), asked).toEqual(['10.77.0.11'])
  }
  expect(names.addresses('node01.other.example')).toEqual([])
  expect(names.names(parseIpv4('10.77.0.11'))).toEqual(['node01.lab.example', 'web.lab.example', 'www.lab.example'])
  expect(names.names(parseIpv4('10.77.0.12'))).toEqual([])
  for (const asked of ['mirror', 'MIRROR.lab.example', 'proxy']) {
    expect(names.addresses(asked), asked).toEqual([])
    expect(names.alias(asked), asked).toBe('www.lab.example')
  }
  expect(names.alias('www')).toBeUndefined()

  // Of IPv6 what DHCPv6 has given counts where nothing is set.
  const [mac, ip] = [parseMac('52:54:00:00:00:01'), 'fd77::d06:5254:0:1' as Ipv6]
  given.give(mac, ip, 600)
  expect(names.addresses('node01')).toEqual(['10.77.0.11', ip])
  expect(names.names(ip)).toEqual(['node01.lab.example', 'web.lab.example', 'www.lab.example'])
  clock.advance(600_000)
  expect(names.addresses('node01')).toEqual(['10.77.0.11'])
  given.give(mac, ip, 600)
  given.give(mac, ip, 0)
  expect(names.addresses('node01')).toEqual(['10.77.0.11'])
  given.give(mac, ip, 600)
  const set = { ipv6_address: 'FD77::11/64', ipv6_secondaries: ['fd78::11', 'none', 7], ipv6_prefix: '64' }
  await catalog.save('system', {
    ...(catalog.get('system', 'Node01') ?? expect.fail('it is there')),
    interfaces: { eth0: { ...eth0, other: set } },
  })
  expect(names.addresses('node01')).toEqual(['10.77.0.11', 'fd77::11', 'fd78::11'])
  expect(names.names('fd78::11' as Ipv6)).toContain('web.lab.example')
  // Whoever makes himself an address of his MAC says by it who he is.
  expect(names.names('fd77::5054:ff:fe00:1' as Ipv6)).toContain('web.lab.example')
  expect(names.names('fd77::5054:ff:fe00:2' as Ipv6)).toEqual([])
  await close()
})
