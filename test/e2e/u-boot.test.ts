/** A board with U-Boot, as Debian has built it for QEMU's ARM machine: it finds its own config at our TFTP server, and starts what is named there. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { makeNamespace, type Namespace, whyNoNamespaces } from '../support/namespace.ts'
import { callInside } from '../support/namespace-api.ts'

const MAC = '52:54:00:77:08:01'
let site: Namespace
let daemon: Daemon

beforeAll(async () => {
  if (whyNoNamespaces()) return
  await needPackages('qemu-system-arm', 'u-boot-qemu', 'iproute2', 'curl')
  site = await makeNamespace()
  await site.bridge('br0', '10.77.0.1/24')
  daemon = await startDaemon({
    namespace: site,
    env: { ORCHESTRA_HTTP__LISTEN: '10.77.0.1:80', ORCHESTRA_TFTP__LISTEN: '10.77.0.1:69' },
    config: {
      dhcp: {
        interfaces: ['br0'],
        probe: false,
        subnets: [{ subnet: '10.77.0.0/24', pool: '10.77.0.100-10.77.0.120' }],
      },
    },
  })
  const folder = temporaryFolder()
  const [kernel, initrd] = [join(folder, 'linux'), join(folder, 'initrd.gz')]
  writeFileSync(kernel, switchOffKernel())
  writeFileSync(initrd, Buffer.alloc(300_000, 'initrd'))
  const add = (kind: string, body: object) => callInside(site, daemon, ['POST', `/api/${kind}`, body])
  await add('distros', { name: 'board', breed: 'debian', arch: 'aarch64', kernel, initrd })
  await add('profiles', { name: 'board', distro: 'board', kernelOptions: { console: 'ttyAMA0' } })
  await add('systems', { name: 'node1', profile: 'board', interfaces: { eth0: { macAddress: MAC } } })
}, 600_000)

test.skipIf(whyNoNamespaces())(
  'U-Boot starts its kernel with the command line of its machine',
  async () => {
    // Before its machine is on, a bridge that has nothing else has no carrier.
    await site.tap('board', 'br0')
    const { child, says, type } = board()
    const ended = once(child, 'exit')
    await says(/Hit any key to stop autoboot/)
    type('')
    await says(/=> $/)
    // What a board's own script does; QEMU's has no `pxe` in it, and keeps the device tree elsewhere.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: U-Boot's own
    type('setenv fdt_addr ${fdtcontroladdr}; setenv autoload no; dhcp; pxe get; pxe boot')
    await says(/append: .*console=ttyAMA0/)
    await says(/Starting kernel/)
    // The kernel does what it is there for: it turns the machine off.
    expect(await ended).toEqual([0, null])
    expect(daemon.log()).toMatch(/pxelinux\.cfg\/01-52-54-00-77-08-01[^\n]*"outcome":"done"/)
  },
  60_000,
)

function board(): { child: ChildProcess; says: (what: RegExp) => Promise<void>; type: (line: string) => void } {
  const child = site.spawn(
    'qemu-system-aarch64',
    [
      ...['-machine', 'virt', '-cpu', 'cortex-a53', '-m', '512', '-nodefaults', '-display', 'none', '-serial', 'stdio'],
      ...['-bios', '/usr/lib/u-boot/qemu_arm64/u-boot.bin'],
      ...['-netdev', 'tap,id=net,ifname=board,script=no,downscript=no'],
      ...['-device', `virtio-net-device,netdev=net,mac=${MAC}`],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  let said = ''
  let told = () => {}
  child.stdout?.setEncoding('latin1').on('data', (text: string) => {
    said += text
    told()
  })
  return {
    child,
    type: (line) => void child.stdin?.write(`${line}\n`),
    async says(what) {
      while (!what.test(said)) await new Promise<void>((heard) => (told = heard))
      said = said.slice(said.search(what))
    },
  }
}

/** An arm64 Image (Linux, Documentation/arch/arm64/booting.rst) that asks the firmware to switch the machine off (PSCI 0.2). */
function switchOffKernel(): Buffer {
  const image = Buffer.alloc(4096)
  image.writeUInt32LE(0x14000010, 0) // b 0x40
  image.writeBigUInt64LE(BigInt(image.length), 16)
  image.write('ARM\x64', 56, 'latin1')
  // mov w0, PSCI's SYSTEM_OFF (0x84000008); hvc 0; b .
  for (const [at, code] of [0x52800100, 0x72b08000, 0xd4000002, 0x14000000].entries()) {
    image.writeUInt32LE(code, 64 + 4 * at)
  }
  return image
}
