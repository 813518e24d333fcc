/**
 * The Ensemble client of 2011 and 2012, in our own words (see ensemble-client.ts), against a real daemon over a real socket:
 * each command with all that it puts on the wire, and what it finds afterwards.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import type { EnsembleClient } from '../support/ensemble-client.ts'
import { cloudConfig } from '../support/ensemble-client-documents.ts'
import { MachinesNotFound, ProviderError } from '../support/ensemble-client-session.ts'
import { type Site, startSite } from './ensemble-site.ts'

const ACQUIRED = ['rack1', 'foo-acquired', 'ssd']
const AVAILABLE = ['rack1', 'foo-available', 'ssd']
const base64 = (text: string) => Buffer.from(text).toString('base64')

const LOOK = ['find_system', 'get_system']
const CHANGE_FIRST = ['find_system', 'get_system_handle', 'modify_system', 'login', 'modify_system', 'save_system']
const change = (fields: number) => [
  'find_system',
  'get_system_handle',
  ...Array<string>(fields).fill('modify_system'),
  'save_system',
]
const start = (fields: number) => ['get_systems', ...change(fields), 'background_power_system', 'get_systems']
const release = ['get_systems', ...change(3), 'background_power_system']

const sinceThen = async (client: EnsembleClient, act: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = client.wire.length
  await act()
  return client.wire.slice(before)
}

describe.each(['2011', '2012'] as const)('the client of %s', (generation) => {
  const fields = generation === '2012' ? 3 : 2
  const launch = (userData: string) => ({ userData, series: 'oneiric' })
  let site: Site
  let admin: EnsembleClient
  beforeAll(async () => {
    site = await startSite(['node01', 'node02', 'node03'])
    admin = site.client(generation)
  })

  test('30. 31. 44. 45. bootstraps: one machine is taken, given its user data, and powered on', async () => {
    const userData = cloudConfig('0', ['localhost'])
    const { machine, launched } = await admin.bootstrap(launch(userData))
    expect([machine.name, machine.state, launched]).toEqual(['node01', 'pending', true])
    // It goes through a shell line and through YAML, both unquoted.
    expect(machine.uid).toMatch(/^[A-Za-z0-9._=-]+$/)
    expect(admin.wire).toEqual([
      'GET provider-state',
      'PUT bootstrap-verify',
      ...LOOK,
      ...CHANGE_FIRST,
      ...start(fields),
      'PUT provider-state',
    ])
    await site.wasSwitched('node01 on')
    expect(await site.system('node01')).toMatchObject({
      uid: machine.uid,
      mgmtClasses: ACQUIRED,
      meta: { keep: 'me', MACHINE_ID: '0', USER_DATA_BASE64: base64(userData) },
      netbootEnabled: true,
      profile: generation === '2012' ? 'oneiric-x86_64-juju' : 'oneiric-x86_64',
    })
    expect(String(await admin.storage.get('provider-state'))).toBe(`zookeeper-instances: [${machine.uid}]\n`)
    expect(String(await admin.storage.get('bootstrap-verify'))).toBe('storage is writable')
  })

  test('bootstraps again without taking another', async () => {
    const again = await sinceThen(admin, async () => {
      expect(await admin.bootstrap(launch('unused'))).toMatchObject({ machine: { name: 'node01' }, launched: false })
    })
    expect(again).toEqual(['GET provider-state', 'get_systems'])
  })

  test('33. deploys from another machine: a second machine is taken and powered on', async () => {
    const agent = site.client(generation)
    await agent.storage.put('local_3a_oneiric_2f_mysql-11_3a_0badc0de', Buffer.alloc(3_000_000, 'bundle\0'))
    const userData = cloudConfig('1', ['node01'])
    expect(await agent.deploy('1', launch(userData))).toMatchObject({ name: 'node02', state: 'pending' })
    expect(agent.wire).toEqual([
      'PUT local_3a_oneiric_2f_mysql-11_3a_0badc0de',
      'GET provider-state',
      'get_systems',
      ...LOOK,
      ...CHANGE_FIRST,
      ...start(fields),
    ])
    await site.wasSwitched('node02 on')
    expect(await site.system('node02')).toMatchObject({
      mgmtClasses: ACQUIRED,
      meta: { keep: 'me', MACHINE_ID: '1', USER_DATA_BASE64: base64(userData) },
    })
    expect(await lateScriptOf(site, 'node02')).toContain(base64(userData))
    const bundle = await fetch(agent.storage.urlOf('local_3a_oneiric_2f_mysql-11_3a_0badc0de'))
    expect(Buffer.from(await bundle.arrayBuffer()).equals(Buffer.alloc(3_000_000, 'bundle\0'))).toBe(true)
  })

  test('sees a machine become provisioned when its installer has ended', async () => {
    expect((await admin.status()).map(({ name, state }) => [name, state])).toEqual([
      ['node01', 'pending'],
      ['node02', 'pending'],
    ])
    const answer = await fetch(`${site.daemon.url}/cblr/svc/op/nopxe/system/node02`)
    expect(await answer.text()).toBe('True')
    const seen = await sinceThen(admin, async () => {
      expect((await admin.status()).map(({ state }) => state)).toEqual(['pending', 'provisioned'])
    })
    expect(seen).toEqual(['GET provider-state', 'get_systems', 'get_systems'])
  })

  test('terminates a machine: its own keys go, the others stay, and the next boot would install', async () => {
    const { uid } = await site.system('node02')
    const seen = await sinceThen(admin, () => admin.terminate(uid))
    expect(seen).toEqual(['get_systems', ...release])
    await site.wasSwitched('node02 off')
    const system = await site.system('node02')
    expect(system).toMatchObject({ uid, mgmtClasses: AVAILABLE, netbootEnabled: true })
    expect(system.meta).toEqual({ keep: 'me' })
    expect(await lateScriptOf(site, 'node02')).toContain('nocloud-net')
    expect(await lateScriptOf(site, 'node02')).not.toContain(base64('#cloud-config\napt_update').slice(0, 30))
    await expect(admin.terminate(uid)).rejects.toThrow(MachinesNotFound)
  })

  test('destroys its environment and bootstraps anew on the machines that it gave back', async () => {
    await admin.deploy('1', launch('#cloud-config\n'))
    const seen = await sinceThen(admin, () => admin.destroyEnvironment())
    expect(seen).toEqual(['PUT provider-state', 'get_systems', 'get_systems', ...release, ...release])
    expect(String(await admin.storage.get('provider-state'))).toBe('{}\n')
    for (const name of ['node01', 'node02', 'node03']) {
      expect(await site.system(name)).toMatchObject({ mgmtClasses: AVAILABLE, netbootEnabled: true })
    }
    expect(await admin.bootstrap(launch('#cloud-config\n'))).toMatchObject({ launched: true })
    await admin.destroyEnvironment()
  })

  test('forgets a machine whose record was removed, and is told so in between', async () => {
    await site.addSystem('node00')
    const seen = await admin.look()
    expect(seen['name']).toBe('node00')
    await site.rest('DELETE', '/api/systems/node00')
    await expect(admin.take(seen)).rejects.toThrow(MachinesNotFound)
    expect((await admin.look())['name']).toBe('node01')
  })

  test('says that none is free when none is, or when netboot is off', async () => {
    for (const name of ['node01', 'node02', 'node03']) {
      await site.rest('PATCH', `/api/systems/${name}`, { netbootEnabled: false })
    }
    await expect(admin.launch('9', launch('x'))).rejects.toThrow(ProviderError)
    for (const name of ['node01', 'node02', 'node03']) {
      await site.rest('PATCH', `/api/systems/${name}`, { netbootEnabled: true })
    }
  })

  test('gives a machine back when it cannot be started', async () => {
    await site.rest('PATCH', '/api/systems/node01', { mgmtClasses: ['foo-available'], power: { type: 'lab' } })
    const words = base64('x')
    const failing = () => {
      throw new Error('the user data could not be made')
    }
    await expect(admin.launch('9', { userData: failing, series: 'oneiric' })).rejects.toThrow('could not be made')
    const system = await site.system('node01')
    expect(system).toMatchObject({ mgmtClasses: ['foo-available'], netbootEnabled: true })
    expect(system.meta).toEqual({ keep: 'me' })
    expect(JSON.stringify(system)).not.toContain(words)
  })
})

describe('the client of 2012', () => {
  test('asks for classes, all of which must match, and looks at the arch in the name of the profile', async () => {
    const site = await startSite([])
    await site.rest('POST', '/api/profiles', { name: 'plain', distro: 'oneiric-x86_64' })
    await site.addSystem('odd', { profile: 'plain', mgmtClasses: ['foo-available', 'fast', 'near'] })
    await site.addSystem('slow', { mgmtClasses: ['near', 'foo-available'] })
    await site.addSystem('right', { mgmtClasses: ['near', 'foo-available', 'fast', 'other'] })
    const client = site.client('2012')
    expect((await client.look({ classes: ['fast', 'near'] }))['name']).toBe('right')
    await expect(client.look({ classes: ['fast', 'nowhere'] })).rejects.toThrow(ProviderError)
    const { mgmtClasses } = await site.system('right')
    await client.launch('3', { userData: '#cloud-config\n', classes: ['fast'], series: 'oneiric' })
    expect((await site.system('right')).mgmtClasses).toEqual(
      mgmtClasses.map((name) => (name === 'foo-available' ? 'foo-acquired' : name)),
    )
  })
})

test('a profile that there is not fails the launch of 2012, and the machine is given back as it was', async () => {
  const site = await startSite(['node01'])
  const client = site.client('2012')
  const launch = client.launch('0', { userData: 'never run', series: 'lucid' })
  await expect(launch).rejects.toThrow(/invalid profile name/)
  expect(client.wire.at(-1)).toBe('background_power_system')
  const system = await site.system('node01')
  expect(system).toMatchObject({ mgmtClasses: AVAILABLE, profile: 'oneiric-x86_64', netbootEnabled: true })
  expect(system.meta).toEqual({ keep: 'me' })
  expect((await client.launch('0', { userData: 'run', series: 'oneiric' })).name).toBe('node01')
})

describe('the client of July 2011', () => {
  test('36. 37. writes a late command, which the preseed runs as it was given, and takes it back', async () => {
    const site = await startSite(['node01'])
    const command = `echo ${base64('#!/bin/sh\necho "ensemble $HOME" >/root/mark\n')} | base64 -d >/target/root/go; sh /target/root/go`
    const client = site.client('july 2011')
    const machine = await client.launch('0', { userData: command })
    expect((await site.system('node01')).meta).toEqual({ keep: 'me', ENSEMBLE_LATE_COMMAND: command })
    expect(await lateScriptOf(site, 'node01')).toContain(command)
    await client.terminate(machine.uid)
    expect((await site.system('node01')).meta).toEqual({ keep: 'me' })
  })
})

/** The script that the target's installer runs in the end, out of the one word that it is in the preseed. */
async function lateScriptOf(site: Site, name: string): Promise<string> {
  const answer = await fetch(`${site.daemon.url}/cblr/svc/op/ks/system/${name}`)
  expect(answer.status).toBe(200)
  const line = /^d-i preseed\/late_command string .*$/m.exec(await answer.text())?.[0] ?? ''
  return Buffer.from(/echo (\S+) \| base64 -d/.exec(line)?.[1] ?? '', 'base64').toString()
}
