/**
 * A kickstart distribution up to the first requests of its installer, as Anaconda makes them: the kernel line names its answers
 * and its tree, the answers are a kickstart, and what it calls at its end ends the install. Whole installs need the distribution's
 * medium: test/debian/media.test.ts.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

const NODE = '127.0.0.21'
let daemon: Daemon
const curl = (...args: string[]) => exec('curl', ['-sSf', '--interface', NODE, ...args])

beforeAll(async () => {
  await needPackages('curl')
  daemon = await startDaemon()
  const folder = temporaryFolder()
  for (const file of ['images/pxeboot/vmlinuz', 'images/pxeboot/initrd.img']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), file)
  }
  await api('POST', '/api/import', {
    path: join(folder, 'images/pxeboot'),
    ...{ name: 'rocky-9-x86_64', breed: 'redhat', osVersion: 'rhel9', arch: 'x86_64' },
  })
  await api('PATCH', '/api/profiles/rocky-9-x86_64', { meta: { tree: 'http://mirror.example/BaseOS/x86_64/os/' } })
  await api('POST', '/api/systems', {
    ...{ name: 'node1', profile: 'rocky-9-x86_64' },
    interfaces: { eth0: { macAddress: '52:54:00:77:00:21', ipAddress: NODE } },
  })
}, 600_000)

async function api(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const headers = {
    authorization: `Bearer ${await daemon.token()}`,
    ...(body && { 'content-type': 'application/json' }),
  }
  const answer = await fetch(`${daemon.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

test('Anaconda is led to its kickstart and its tree by the kernel line', async () => {
  const config = await curl(`${daemon.url}/boot/grub/grub.cfg-01-52-54-00-77-00-21`)
  const answers = /\binst\.ks=(\S+)/.exec(config)?.[1] ?? ''
  expect(config).toMatch(/\binst\.ks\.sendmac\b/)
  expect(config).toContain(' inst.repo=http://mirror.example/BaseOS/x86_64/os/')

  const kickstart = await curl('-H', 'X-RHN-Provisioning-MAC-0: eth0 52:54:00:77:00:21', answers)
  expect(kickstart).toMatch(/^network --bootproto=dhcp --onboot=yes --hostname='node1/m)
  expect(kickstart).toContain("url --url='http://mirror.example/BaseOS/x86_64/os/'")
  for (const part of ['%packages', '%post', '%end']) expect(kickstart).toContain(`\n${part}`)

  expect(await api('GET', '/api/systems/node1')).toMatchObject({ netbootEnabled: true })
  const end = /https?:\/\/\S*nopxe\/system\/node1/.exec(kickstart)?.[0] ?? ''
  await curl(end)
  expect(await api('GET', '/api/systems/node1')).toMatchObject({ netbootEnabled: false })
})
