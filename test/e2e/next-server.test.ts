/** A site's own DHCP server, Debian's dnsmasq, with the lines that we print for it: machines on its bridge install from here. */
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CACHE } from '../../devenv/lab-run.ts'
import { buildMiniImage } from '../../devenv/mini-image.ts'
import { needLabPackages } from '../../devenv/packages.ts'
import type { RecordedEvent } from '../../src/model/event.ts'
import { startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { startDnsmasq } from '../support/dnsmasq.ts'
import { makeNamespace } from '../support/namespace.ts'
import { callInside } from '../support/namespace-api.ts'
import { pxeMachine } from '../support/pxe-machine.ts'

const MINUTES = 60_000
const MAC = '52:54:00:77:29:01'

test('29. machines of a bridged network install by a DHCP server that names Orchestra as next-server', {
  timeout: 10 * MINUTES,
}, async () => {
  await needLabPackages(() => {})
  await needPackages('dnsmasq-base')
  const [folder, { folder: tree }] = [temporaryFolder(), await buildMiniImage(CACHE)]
  const site = await makeNamespace()
  await site.bridge('br0', '10.77.0.1/24')
  const daemon = await startDaemon({
    namespace: site,
    // No DHCP of ours at all.
    config: { http: { url: 'http://10.77.0.1' } },
    env: { ORCHESTRA_HTTP__LISTEN: '10.77.0.1:80', ORCHESTRA_TFTP__LISTEN: '10.77.0.1:69' },
  })
  // biome-ignore lint/suspicious/noExplicitAny: what is looked for is said where it is asked
  const call = (method: 'GET' | 'POST', path: string, body?: unknown): Promise<any> =>
    callInside(site, daemon, [method, path, body])
  const main = join(import.meta.dirname, '../../src/main.ts')
  const env = { PATH: process.env['PATH'] ?? '', ORCHESTRA_DATA: daemon.data }
  const config = join(folder, 'dnsmasq.conf')
  writeFileSync(config, await site.exec(process.execPath, [main, 'doctor', 'net', '--snippet', 'dnsmasq'], { env }))
  await startDnsmasq(site, 'br0', config, ['--no-ping'])

  await call('POST', '/api/import', {
    ...{ path: tree, name: 'mini-x86_64', arch: 'x86_64', breed: 'debian', osVersion: 'mini' },
    kernelOptions: {
      ...{ console: 'ttyS0,115200', 'ipv6.disable': '1', quiet: null },
      'mini/kernel': 'http://10.77.0.1/boot/images/mini-x86_64/vmlinuz',
    },
  })
  const interfaces = { eth0: { macAddress: MAC } }
  await call('POST', '/api/systems', { name: 'rack1', profile: 'mini-x86_64', interfaces })

  const disk = join(folder, 'rack1.raw')
  writeFileSync(disk, '')
  truncateSync(disk, 256 * 1_048_576)
  const withDisk = (arg: string) =>
    arg.includes('driver=null-co') ? `id=disk,if=none,format=raw,cache=unsafe,file=${disk}` : arg
  const plan = {
    name: 'rack1',
    mac: MAC,
    firmware: 'bios' as const,
    edit: (args: readonly string[]) => args.map(withDisk),
  }
  const machine = await pxeMachine(site, 'br0', plan)
  machine.on()
  const steps = async () =>
    ((await call('GET', '/api/events.json?limit=1000')) as RecordedEvent[]).flatMap(({ name, payload }) =>
      name === 'boot.step' ? [(payload as { step: string }).step] : [],
    )
  await expect
    .poll(steps, { timeout: 4 * MINUTES, interval: 500, message: 'it does not install' })
    .toEqual(expect.arrayContaining(['config', 'kernel', 'preseed', 'installing', 'installed', 'first-boot', 'ready']))
  expect(machine.serial()).toContain('orchestra-mini: address 10.77.0.2')
  expect(await call('GET', '/api/leases')).toEqual([])
  await machine.off()
})
