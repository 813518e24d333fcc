/**
 * Beside another DHCP server, Debian's dnsmasq: it gives the addresses, we tell machines what to boot. Real firmware takes both
 * answers together: iPXE's ROM of a BIOS machine, and OVMF's PXE client. And who would be the second of two servers stays off.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RecordedEvent } from '../../src/model/event.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { clientMachine } from '../support/dhcp-clients.ts'
import { startDnsmasq } from '../support/dnsmasq.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'
import { callInside } from '../support/namespace-api.ts'
import { PXE_PACKAGES, pxeMachine } from '../support/pxe-machine.ts'

const MINUTES = 60_000
const [BIOS, UEFI] = ['52:54:00:77:06:01', '52:54:00:77:06:02']
const SUBNET = '10.77.0.0/24'
let server: Namespace
let daemon: Daemon

beforeAll(async () => {
  await needPackages(...PXE_PACKAGES, 'dnsmasq-base', 'isc-dhcp-client', 'curl', 'ipxe')
  server = await makeNamespace()
  await server.bridge('br0', '10.77.0.1/24')
  await startDnsmasq(server, 'br0')
  daemon = await startDaemon({
    namespace: server,
    config: { dhcp: { subnets: [{ subnet: SUBNET, mode: 'proxy' }] } },
    env: {
      ...{ ORCHESTRA_HTTP__LISTEN: '10.77.0.1:80', ORCHESTRA_TFTP__LISTEN: '10.77.0.1:69' },
      ORCHESTRA_DHCP__PROBE: undefined,
    },
  })
  const folder = temporaryFolder()
  for (const file of ['linux', 'initrd.gz']) writeFileSync(join(folder, file), 'nothing that runs')
  await call('POST', '/api/distros', {
    ...{ name: 'trixie', breed: 'debian', osVersion: 'trixie', arch: 'x86_64' },
    ...{ kernel: join(folder, 'linux'), initrd: join(folder, 'initrd.gz') },
  })
  await call('POST', '/api/profiles', { name: 'web', distro: 'trixie' })
  for (const [name, macAddress] of [
    ['bios', BIOS],
    ['uefi', UEFI],
  ]) {
    await call('POST', '/api/systems', { name, profile: 'web', interfaces: { eth0: { macAddress } } })
  }
}, 10 * MINUTES)

// biome-ignore lint/suspicious/noExplicitAny: each test says what it looks for
const call = (method: 'GET' | 'POST', path: string, body?: unknown): Promise<any> =>
  callInside(server, daemon, [method, path, body])

const steps = async (name: string) =>
  ((await call('GET', '/api/events.json?limit=1000')) as RecordedEvent[])
    .filter(({ name: of, payload }) => of === 'boot.step' && (payload as { system?: string }).system === name)
    .map(({ payload }) => (payload as { step: string }).step)

test('who only wants an address gets it from the other server, and hears nothing of us', async () => {
  const machine = await clientMachine(server, 'br0', '52:54:00:77:06:03')
  const told = await machine.dhclient()
  expect(told['new_dhcp_server_identifier']).toBe('10.77.0.53')
  expect(await call('GET', '/api/leases')).toEqual([])
})

test.each([
  // Its ROM is iPXE, which asks for its script at once.
  ['bios', BIOS, ['config', 'kernel']],
  // Its own PXE client loads iPXE by TFTP, and that asks again.
  ['uefi', UEFI, ['loader', 'config', 'kernel']],
] as const)(
  'a %s machine takes its address from one and its boot file from the other',
  { timeout: 4 * MINUTES },
  async (firmware, mac, wanted) => {
    const machine = await pxeMachine(server, 'br0', { name: firmware, mac, firmware })
    machine.on()
    await expect
      .poll(() => steps(firmware), { timeout: 3 * MINUTES, interval: 500, message: 'it does not boot' })
      .toEqual(expect.arrayContaining([...wanted]))
    await machine.off()
    const [boot] = await call('GET', `/api/systems/${firmware}/boots?limit=1`)
    const { entries } = await call('GET', `/api/boots/${boot.id}`)
    const said = entries.map(({ text }: { text: string }) => text).join('\n')
    expect(said).toMatch(/DISCOVER .*: told, to boot /)
    expect(said).toMatch(/REQUEST .*: it has 10\.77\.0\.2\d\d from 10\.77\.0\.53/)
    expect(await call('GET', '/api/leases')).toEqual([])
  },
)

test('the networks say how it is, and the other server is no news', async () => {
  const { dhcp, subnets } = await call('GET', '/api/networks')
  expect(dhcp).toMatchObject({ enabled: true, mode: 'proxy', because: expect.stringContaining('what to boot') })
  expect(subnets).toMatchObject([{ subnet: SUBNET, mode: 'proxy' }])
})

describe.each([
  ['authoritative', 'stays off'],
  ['beside', 'serves'],
] as const)('as the %s server of a subnet', (mode, outcome) => {
  test(`it ${outcome} when another one answers`, { timeout: MINUTES }, async () => {
    const second = await makeNamespace()
    await server.link(second, 'br0', 'eth0')
    await second.exec('ip', ['address', 'add', '10.77.0.2/24', 'dev', 'eth0'])
    const late = await startDaemon({
      namespace: second,
      config: { dhcp: { subnets: [{ subnet: SUBNET, pool: '10.77.0.100-10.77.0.120', mode }] } },
      env: { ORCHESTRA_DHCP__PROBE: undefined },
    })
    expect(late.listening().dhcp).toEqual(mode === 'beside' ? ['eth0 (10.77.0.2)'] : [])
    const said = late
      .records()
      .filter(({ level }) => Number(level) >= 50)
      .map(({ msg }) => msg)
    if (mode === 'beside') expect(said).toEqual([])
    else
      expect(said).toEqual([expect.stringMatching(/^DHCP on eth0 stays off: .*10\.77\.0\.53.*mode: proxy or beside/)])
    // All else is there.
    // biome-ignore lint/suspicious/noExplicitAny: it says below what it looks for
    const { dhcp, foreign } = (await callInside(second, late, ['GET', '/api/networks'])) as any
    expect(dhcp.enabled).toBe(mode === 'beside')
    if (mode === 'authoritative') {
      expect(dhcp.because).toContain('10.77.0.53')
      expect(foreign).toMatchObject([{ server: '10.77.0.53' }])
    }
    expect(await late.stop()).toBe(0)
  })
})
