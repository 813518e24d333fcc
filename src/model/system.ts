/** System: what we know about one machine. */
import type { JsonObject } from '../lib/json.ts'
import type { Ipv4, Mac } from './address.ts'
import { OrchestraError } from './errors.ts'
import type { Inheritable, Item, Options } from './item.ts'

export interface System extends Item {
  /** Name of the profile; empty when an image is set instead. */
  readonly profile: string
  readonly image: string
  /** True: the next boot installs. False: the next boot goes to the disk. */
  readonly netbootEnabled: boolean
  readonly hostname: string
  readonly gateway: string
  readonly nameServers: Inheritable<readonly string[]>
  readonly nameServersSearch: Inheritable<readonly string[]>
  readonly status: string
  readonly kernelOptions: Inheritable<Options>
  readonly kernelOptionsPost: Inheritable<Options>
  readonly meta: Inheritable<Options>
  readonly autoinstall: Inheritable<string>
  readonly server: Inheritable<string>
  readonly bootLoaders: Inheritable<readonly string[]>
  readonly filename: Inheritable<string>
  /** By interface name, `eth0` … */
  readonly interfaces: Readonly<Record<string, Interface>>
  readonly power: PowerSettings
}

export interface Interface {
  readonly macAddress: Mac | ''
  readonly ipAddress: Ipv4 | ''
  readonly netmask: string
  readonly gateway: string
  readonly dnsName: string
  readonly static: boolean
  readonly management: boolean
  readonly mtu: string
  /** Cobbler's interface fields that Orchestra keeps and does not act on. */
  readonly other: JsonObject
}

export interface PowerSettings {
  /** Name of a driver: ipmi, redfish, wol, virsh, lab … ; Cobbler's names are mapped by the drivers. */
  readonly type: string
  /** Host, host:port, URL or libvirt URI. */
  readonly address: string
  readonly user: string
  readonly pass: string
  /** Domain, outlet or system id. */
  readonly id: string
  readonly options: string
}

export function emptyInterface(): Interface {
  return {
    macAddress: '',
    ipAddress: '',
    netmask: '',
    gateway: '',
    dnsName: '',
    static: false,
    management: false,
    mtu: '',
    other: {},
  }
}

export function macsOf(system: System): Mac[] {
  return Object.values(system.interfaces).flatMap(({ macAddress }) => (macAddress === '' ? [] : [macAddress]))
}

export function interfaceByMac(system: System, mac: Mac): Interface | undefined {
  return Object.values(system.interfaces).find(({ macAddress }) => macAddress === mac)
}

/** The MAC of the interface that has this fixed address. */
export function macByIp(system: System | undefined, ip: Ipv4): Mac | undefined {
  const found = Object.values(system?.interfaces ?? {}).find(({ ipAddress }) => ipAddress === ip)
  return found?.macAddress || undefined
}

/** @throws OrchestraError item.invalid */
export function checkSystem(system: System): void {
  if (system.profile === '' && system.image === '') {
    throw new OrchestraError('item.invalid', `Error with system ${system.name} - profile or image is required`, {
      field: 'profile',
    })
  }
  const macs = macsOf(system)
  const twice = macs.find((mac, index) => macs.indexOf(mac) !== index)
  if (twice)
    throw new OrchestraError('item.invalid', `two interfaces of system ${system.name} have the MAC address ${twice}`, {
      field: 'interfaces',
    })
}
