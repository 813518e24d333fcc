/** The lab's network and domains in libvirt, by virsh: made, and taken away, those of this lab and no others. */
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../../src/lib/exec.ts'
import type { DomainFiles } from './definitions.ts'

export interface Domains {
  /** Defines and starts it, on a bridge that is there. @throws Error when there is one of that name that is not this lab's */
  makeNetwork(xml: string): Promise<void>
  /** Defines it. @throws Error when there is one of that name that is not this lab's */
  define(name: string, xml: string): Promise<void>
  start(name: string): Promise<void>
  /** What this lab has, also what one that was killed has left. */
  removeAll(): Promise<void>
}

/** @param network its name is the title of every domain of the lab, by which they are told from others */
export function domainsOf(uri: string, network: string, bridge: string, folder: string): Domains {
  const virsh = (...args: string[]) => exec('virsh', ['--connect', uri, ...args])
  const names = async (...args: string[]) => (await virsh(...args, '--name')).split('\n').filter((name) => name !== '')
  const isOurs = async (name: string) => (await virsh('desc', '--title', name)).trim() === network

  async function told(xml: string, kind: string): Promise<void> {
    const file = join(folder, 'definition.xml')
    writeFileSync(file, xml)
    await virsh(kind, file)
    rmSync(file)
  }

  return {
    async makeNetwork(xml) {
      if ((await names('net-list', '--all')).includes(network)) {
        throw new Error(`libvirt has a network ${network} already; give the lab's another name in its settings`)
      }
      await told(xml, 'net-define')
      await virsh('net-start', network)
    },

    async define(name, xml) {
      if ((await names('list', '--all')).includes(name) && !(await isOurs(name))) {
        throw new Error(
          `libvirt has a machine ${name} that is not this lab's; give the lab's another prefix in its settings`,
        )
      }
      await told(xml, 'define')
    },

    start: async (name) => void (await virsh('start', name)),

    async removeAll() {
      for (const name of await names('list', '--all')) {
        if (!(await isOurs(name))) continue
        await virsh('destroy', name).catch(() => '')
        await virsh('undefine', name, '--nvram')
      }
      if (!(await names('net-list', '--all')).includes(network)) return
      const isTheBridge = (await virsh('net-dumpxml', network)).includes(`name='${bridge}'`)
      if (!isTheBridge) return
      await virsh('net-destroy', network).catch(() => '')
      await virsh('net-undefine', network)
    },
  }
}

/** An empty disk, and no settings of UEFI. @param megabytes of the disk */
export async function makeDisk({ disk, nvram }: DomainFiles, megabytes: number, isShared: boolean): Promise<void> {
  rmSync(nvram, { force: true })
  rmSync(disk, { force: true })
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', disk, `${megabytes}M`])
  // The hypervisor's own user writes to it.
  if (isShared) chmodSync(disk, 0o666)
}

/** A disk that begins as an image is, and leaves that as it is. @throws Error when there is no image */
export async function makeOverlay({ disk }: DomainFiles, image: string): Promise<void> {
  if (!existsSync(image)) {
    throw new Error(
      `there is no image ${image}; make one: orchestra devenv build-image --output ${image} trixie amd64 8G`,
    )
  }
  rmSync(disk, { force: true })
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, disk])
}
