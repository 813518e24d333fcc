/** What libvirt is told of the lab: the XML of its network and its machines, from the templates that the settings name. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '../../src/lib/json.ts'
import { renderTemplate } from '../../src/render/template.ts'
import { OVMF_PARTS } from '../machines.ts'
import type { LabNode, LabServer, LabSettings } from '../settings.ts'

export interface DomainFiles {
  /** A qcow2. */
  readonly disk: string
  /** What it said on its serial line. */
  readonly log: string
  /** The settings of its UEFI. */
  readonly nvram: string
}

export const filesOf = (name: string, folder: string): DomainFiles => ({
  disk: join(folder, `${name}-disk0.qcow2`),
  log: join(folder, `${name}.log`),
  nvram: join(folder, `${name}.vars`),
})

export function networkXml({ network, server, nodes }: LabSettings): string {
  return fill(network.template, {
    ...{ name: network.name, bridge: network.bridge, ip_pre: network.prefix, host: network.host },
    ...{ netmask: network.netmask, range_start: network.pool.first, range_end: network.pool.last },
    all_systems: [server, ...nodes].map(({ name, mac, ip }) => ({ name, mac, ip })),
  })
}

/** @param type `kvm` where it works, else `qemu` */
export function nodeXml(node: LabNode, network: string, type: 'qemu' | 'kvm', files: DomainFiles): string {
  const isUefi = node.firmware === 'uefi'
  return fill(node.template, {
    ...common(node, network, type, files),
    ...{ cpus: node.cpus, uefi: isUefi, nvram: files.nvram },
    ...{ firmware: isUefi ? OVMF_PARTS.code() : '', firmware_settings: isUefi ? OVMF_PARTS.vars() : '' },
  })
}

export function serverXml(server: LabServer, network: string, type: 'qemu' | 'kvm', files: DomainFiles): string {
  return fill(server.template, { ...common(server, network, type, files), cpus: 2 })
}

function common(
  { name, mac, mem }: Pick<LabNode, 'name' | 'mac' | 'mem'>,
  network: string,
  type: 'qemu' | 'kvm',
  { disk, log }: DomainFiles,
) {
  return { name, mac, mem, network, type, disk0: disk, log }
}

/** @throws OrchestraError that names file and line of what is wrong in a template */
function fill(path: string, data: Readonly<Record<string, Json>>): string {
  if (!existsSync(path)) throw new Error(`the settings name a template that is not there: ${path}`)
  return renderTemplate({ path, text: readFileSync(path, 'utf8'), snippet: () => undefined }, data)
}
