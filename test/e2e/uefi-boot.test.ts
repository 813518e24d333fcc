/**
 * UEFI as it is delivered: OVMF with Secure Boot on and Microsoft's keys takes Debian's signed shim by PXE, that the signed GRUB,
 * and that a signed kernel; OVMF's HTTP Boot gets the same over HTTP alone. None of the files was touched by us.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { fetchKernel } from '../../devenv/kernel.ts'
import { CACHE } from '../../devenv/lab-run.ts'
import { findOs } from '../../devenv/packages.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'
import { callInside } from '../support/namespace-api.ts'
import { PXE_PACKAGES, pxeMachine } from '../support/pxe-machine.ts'

const MINUTES = 60_000
const MACS = { secure: '52:54:00:77:07:01', http: '52:54:00:77:07:02' } as const
let server: Namespace
let daemon: Daemon

beforeAll(async () => {
  await needPackages(...PXE_PACKAGES, 'curl', 'cpio', 'shim-signed', 'grub-efi-amd64-signed', 'ipxe')
  const kernel = await fetchKernel(findOs(), CACHE)
  server = await makeNamespace()
  await server.bridge('br0', '10.77.0.1/24')
  daemon = await startDaemon({
    namespace: server,
    config: { dhcp: { interfaces: ['br0'], subnets: [{ subnet: '10.77.0.0/24', pool: '10.77.0.100-10.77.0.120' }] } },
    env: { ORCHESTRA_HTTP__LISTEN: '10.77.0.1:80', ORCHESTRA_TFTP__LISTEN: '10.77.0.1:69' },
  })
  const folder = temporaryFolder()
  const [linux, initrd] = [join(folder, 'vmlinuz'), join(folder, 'initrd.gz')]
  execFileSync('cp', [kernel.image, linux])
  // Nothing in it: the kernel is what is to be seen.
  writeFileSync(initrd, gzipSync(execFileSync('cpio', ['--create', '--quiet', '--format=newc'], { input: '' })))
  await add('distros', { name: 'signed', breed: 'debian', arch: 'x86_64', kernel: linux, initrd })
  await add('profiles', { name: 'signed', distro: 'signed', kernelOptions: { console: 'ttyS0' } })
  for (const [name, macAddress] of Object.entries(MACS)) {
    await add('systems', { name, profile: 'signed', interfaces: { eth0: { macAddress } } })
  }
}, 10 * MINUTES)

const add = (kind: string, body: object) => callInside(server, daemon, ['POST', `/api/${kind}`, body])

const plain = (text: string) => text.replace(/\x1b\[[0-9;?=]*[A-Za-z]/g, '')

test('Secure Boot: shim, GRUB and kernel are taken as Debian has signed them', { timeout: 5 * MINUTES }, async () => {
  const machine = await pxeMachine(server, 'br0', {
    ...{ name: 'secure', mac: MACS.secure, firmware: 'uefi', mem: 768 },
    ovmf: { code: '/usr/share/OVMF/OVMF_CODE_4M.secboot.fd', vars: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd' },
    edit: (args) => [
      ...args.map((arg) => (arg === 'q35' ? 'q35,smm=on' : arg)),
      ...['-global', 'driver=cfi.pflash01,property=secure,value=on'],
    ],
  })
  machine.on()
  const said = () => plain(machine.serial())
  await expect.poll(said, { timeout: 4 * MINUTES, interval: 500 }).toMatch(/Secure boot enabled/i)
  await machine.off()
  expect(daemon.log()).toMatch(/shimx64\.efi[^\n]*"outcome":"done"/)
  expect(daemon.log()).toMatch(/grubx64\.efi[^\n]*"outcome":"done"/)
})

test('HTTP Boot: the loader, its config and the kernel come over HTTP', { timeout: 5 * MINUTES }, async () => {
  const machine = await pxeMachine(server, 'br0', {
    ...{ name: 'http', mac: MACS.http, firmware: 'uefi', mem: 768 },
    // Without PXE before it, HTTP is the first that it tries.
    edit: (args) => [
      ...args,
      ...['IPv4PXESupport', 'IPv6PXESupport'].flatMap((name) => [
        '-fw_cfg',
        `name=opt/org.tianocore/${name},string=no`,
      ]),
    ],
  })
  const before = daemon.log().length
  machine.on()
  const said = () => plain(machine.serial())
  await expect.poll(said, { timeout: 4 * MINUTES, interval: 500 }).toMatch(/Linux version/)
  await machine.off()
  expect(said()).toMatch(/Start HTTP Boot over IPv4/)
  expect(said()).toMatch(/URI: http:\/\/10\.77\.0\.1\/boot\//)
  // Not one packet of TFTP.
  expect(daemon.log().slice(before)).not.toMatch(/TFTP/)
})
