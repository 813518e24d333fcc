/**
 * The programs around the provider in 2011 and 2012, by their calls: the devenv's `cobbler-setup` and `api-list`, and MAAS,
 * which drove the same server. In HTTP/1.0, as the provider.
 */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { callMethod, Fault, type Struct, type Value } from '../support/ensemble-client-xmlrpc.ts'
import { type Site, startSite } from './ensemble-site.ts'

let site: Site
let token: string
const call = (method: string, ...args: Value[]) => {
  const [host = '', port = ''] = site.server.split(':')
  return callMethod({ host, port: Number(port) }, method, args)
}
beforeAll(async () => {
  site = await startSite([])
  token = String(await call('login', 'cobbler', 'cobbler'))
})

const NODES = ['01', '02', '03'].map((digits) => ({ name: `node${digits}`, digits }))

function fieldsOf({ name, digits }: (typeof NODES)[number], profile: string): [string, Value][] {
  return [
    ['name', name],
    ['hostname', name],
    ['power_address', 'qemu+tcp://192.168.123.1:65001'],
    ['power_id', name],
    ['power_type', 'virsh'],
    ['profile', profile],
    ['netboot_enabled', true],
    [
      'modify_interface',
      {
        'macaddress-eth0': `00:16:3e:3e:aa:${digits}`,
        'ipaddress-eth0': `192.168.123.1${digits}`,
        'static-eth0': true,
      },
    ],
    ['mgmt_classes', ['foo-available']],
  ]
}

/** What the devenv does for a node: away with an old one of its name, then every field by itself, in whatever order. */
async function setUp(name: string, fields: readonly (readonly [string, Value])[]): Promise<void> {
  const found = (await call('find_system', { name })) as readonly string[]
  if (found.length > 0) {
    await call('remove_system', name, token)
    await call('update')
  }
  const handle = await call('new_system', token)
  for (const [key, value] of fields)
    expect([key, await call('modify_system', handle, key, value, token)]).toEqual([key, true])
  expect(await call('save_system', handle, token)).toBe(true)
}

describe("the devenv's cobbler-setup", () => {
  test('registers its nodes, and registers them anew', async () => {
    for (const profile of ['oneiric-x86_64', 'oneiric-x86_64-juju']) {
      for (const node of NODES) await setUp(node.name, fieldsOf(node, profile))
      const systems = (await call('get_systems')) as readonly Struct[]
      expect(systems.map(({ name }) => name)).toEqual(['node01', 'node02', 'node03'])
      expect(systems[1]).toMatchObject({
        hostname: 'node02',
        power_address: 'qemu+tcp://192.168.123.1:65001',
        power_id: 'node02',
        power_type: 'virsh',
        profile,
        netboot_enabled: true,
        mgmt_classes: ['foo-available'],
        interfaces: {
          eth0: { mac_address: '00:16:3e:3e:aa:02', ip_address: '192.168.123.102', static: true },
        },
      })
    }
  })

  test('may set its fields in any order', async () => {
    const [node = { name: '', digits: '' }] = NODES
    const all = fieldsOf(node, 'oneiric-x86_64')
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }), (fields) =>
        setUp(node.name, fields),
      ),
      { numRuns: 15 },
    )
  })

  test('leaves machines that the provider takes', async () => {
    for (const node of NODES) await setUp(node.name, fieldsOf(node, 'oneiric-x86_64'))
    const client = site.client()
    expect((await client.look())['name']).toBe('node01')
    await client.take(await client.look())
    expect((await site.system('node01')).mgmtClasses).toEqual(['foo-acquired'])
  })
})

test("the devenv's api-list has what it prints", async () => {
  for (const distro of (await call('get_distros')) as readonly Struct[]) {
    expect(distro).toMatchObject({ name: 'oneiric-x86_64', breed: 'ubuntu', os_version: 'oneiric', mgmt_classes: [] })
  }
  for (const profile of (await call('get_profiles')) as readonly Struct[]) {
    expect(profile).toMatchObject({
      distro: 'oneiric-x86_64',
      parent: expect.any(String),
      kickstart: expect.any(String),
    })
  }
  const addresses = ((await call('get_systems')) as readonly Struct[]).map(({ interfaces }) => interfaces)
  expect(addresses).toHaveLength(3)
})

describe('MAAS', () => {
  const faultOf = async (...args: Parameters<typeof call>) => {
    const error = await call(...args).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(Fault)
    return (error as Fault).message
  }

  test('edits, and adds when the fault says that there is nothing to edit', async () => {
    const edit = (how: string) =>
      ['xapi_object_edit', 'system', 'maas-1', how, { profile: 'oneiric-x86_64', name: 'maas-1' }, token] as const
    expect(await faultOf(...edit('edit'))).toContain('internal error, unknown ')
    expect(await call(...edit('add'))).toBe(true)
    expect(await call(...edit('edit'))).toBe(true)
    expect(await call('find_system', { name: 'maas-1' })).toEqual(['maas-1'])
    expect(await call('get_system', 'maas-1')).toMatchObject({ name: 'maas-1' })
    expect(await call('get_system', 'maas-2')).toBe('~')
  })

  test('tells faults apart by their words', async () => {
    expect(await faultOf('login', 'cobbler', 'wrong')).toMatch(/:'login failed/)
    expect(await faultOf('new_system', 'no token')).toMatch(/:'invalid token: /)
    const edit = ['xapi_object_edit', 'system', 'maas-1', 'edit', { profile: 'nope' }, token] as const
    expect(await faultOf(...edit)).toMatch(/:'invalid profile name/)
  })

  test('keeps its preseeds and snippets on the server', async () => {
    const preseed = '/var/lib/cobbler/kickstarts/maas.preseed'
    const snippet = '/var/lib/cobbler/snippets/maas_proxy'
    expect(await call('read_or_write_kickstart_template', preseed, false, 'd-i x/y string z\n', token)).toBe(true)
    expect(await call('read_or_write_kickstart_template', preseed, true, '', token)).toBe('d-i x/y string z\n')
    expect(await call('get_kickstart_templates', token)).toContain(preseed)
    expect(await call('read_or_write_snippet', snippet, false, 'proxy\n', token)).toBe(true)
    expect(await call('read_or_write_snippet', snippet, true, '', token)).toBe('proxy\n')
    expect(await call('get_snippets', token)).toContain(snippet)
    expect(await call('sync', token)).toBe(true)
  })

  test('powers by handle and in the background, and removes with all that hangs on it', async () => {
    await site.addSystem('maas-3', { mgmtClasses: [] })
    const handle = await call('get_system_handle', 'maas-1', token)
    // No power type: MAAS is told so.
    expect(await faultOf('power_system', handle, 'on', token)).toMatch(/maas-1/)
    expect(await call('background_power_system', { power: 'on', systems: ['maas-1'] }, token)).toMatch(/_power/)
    expect(await call('remove_profile', 'oneiric-x86_64', token, true)).toBe(true)
    expect(await call('get_system', 'maas-1')).toBe('~')
  })
})
