/**
 * A libvirtd of a test's own: its network, its settings and its state are in namespaces, so that one that runs on this
 * machine is not touched, and nothing is left behind.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LIBVIRT_PACKAGES, startLibvirt } from '../../devenv/libvirt/daemon.ts'
import { needPackages } from './debian.ts'
import { makeNamespace, type Namespace } from './namespace.ts'

export interface Libvirtd {
  readonly namespace: Namespace
  /** On 127.0.0.1 of the namespace. */
  readonly tcp: string
  /** The path of its socket, which can be reached from everywhere. */
  readonly socket: string
  /**
   * Makes a domain that has no disk and boots by network, without a network.
   * @param looks with a serial line, on which its BIOS asks for a key, and a VNC display
   */
  define(name: string, looks?: boolean): Promise<void>
  stop(): Promise<void>
}

const PORT = 65_001

export async function startLibvirtd(): Promise<Libvirtd> {
  await needPackages(...LIBVIRT_PACKAGES)
  const namespace = await makeNamespace()
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-libvirt-'))
  const listening = { address: '127.0.0.1', port: PORT }
  const libvirt = await startLibvirt(folder, { tcp: listening, around: (...command) => namespace.command(...command) })
  const tcp = `qemu+tcp://127.0.0.1:${PORT}/system`
  const virsh = (...args: string[]) => namespace.exec('virsh', ['--connect', tcp, ...args])

  return {
    namespace,
    tcp,
    socket: libvirt.socket,
    async define(name, looks = false) {
      const os = looks ? "<bootmenu enable='yes' timeout='30000'/><bios useserial='yes'/>" : ''
      const devices = looks
        ? `<serial type='pty'/><graphics type='vnc'><listen type='socket' socket='${folder}/vnc'/></graphics>`
        : ''
      const file = join(folder, 'domain.xml')
      writeFileSync(
        file,
        `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
        <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='network'/>${os}</os>
        <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${devices}</devices></domain>`,
      )
      await virsh('define', file)
    },
    async stop() {
      for (const name of (await virsh('list', '--name')).split('\n').filter((line) => line !== '')) {
        await virsh('destroy', '--domain', name)
      }
      await libvirt.stop()
      await namespace.remove()
      rmSync(folder, { recursive: true })
    },
  }
}
