/**
 * The lab's settings: what stands in settings.yaml, checked, with every address worked out. All backends, `npm run lab` and the
 * tests have their network and their machines from here.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { asIpv4, asMac, asSubnet, type Ipv4, type Mac, type Subnet } from '../src/model/address.ts'

export type NodeFirmware = 'bios' | 'uefi'

/** How a machine is turned on where it is not the backend's own way; the fields of a system's power settings. */
export interface PowerOfYourOwn {
  readonly type: string
  readonly address: string
  readonly user: string
  readonly id: string
}

export interface LabNode {
  readonly name: string
  readonly mac: Mac
  readonly ip: Ipv4
  readonly firmware: NodeFirmware
  /** Megabytes. */
  readonly mem: number
  readonly cpus: number
  /** Megabytes. */
  readonly disk: number
  readonly power: 'own' | PowerOfYourOwn
  /** Path of the XML of its domain. */
  readonly template: string
}

export interface LabServer {
  readonly name: string
  readonly ip: Ipv4
  readonly mac: Mac
  readonly mem: number
  readonly where: 'host' | 'vm'
  /** Of its disk, where it is a machine: the one that `build-image` made. */
  readonly image: string
  readonly template: string
}

export interface LabNetwork {
  readonly name: string
  readonly bridge: string
  /** `192.168.123` */
  readonly prefix: string
  readonly subnet: Subnet
  readonly netmask: Ipv4
  /** Of this host, where libvirt is. */
  readonly host: Ipv4
  readonly pool: { readonly first: Ipv4; readonly last: Ipv4 }
  readonly template: string
}

export interface LabSettings {
  readonly backend: 'qemu' | 'libvirt'
  readonly network: LabNetwork
  readonly server: LabServer
  readonly nodes: readonly LabNode[]
}

export const SETTINGS_FILE = join(import.meta.dirname, 'settings.yaml')
/** The last number of the first machine's address. */
const FIRST_NODE = 101

const word = (most: number, meaning: string) =>
  z
    .string()
    .regex(
      new RegExp(`^[A-Za-z][A-Za-z0-9-]{0,${most - 1}}$`),
      `${meaning} has letters, digits and dashes, at most ${most}`,
    )
const last = z
  .number()
  .int()
  .min(1, 'the last number of an address is 1 to 254')
  .max(254, 'the last number of an address is 1 to 254')
const megabytes = (least: number) => z.number().int().min(least)
const template = (name: string) => z.string().default(name)

const nodeFields = {
  mem: megabytes(64).default(512),
  cpus: z.number().int().min(1).max(64).default(1),
  disk: megabytes(16).default(256),
  firmware: z.enum(['bios', 'uefi']).default('bios'),
  power: z
    .union([
      z.literal('own'),
      z.strictObject({
        type: z.string().min(1),
        address: z.string().default(''),
        user: z.string().default(''),
        id: z.string().default(''),
      }),
    ])
    .default('own'),
  template: template('libvirt/domain.xml'),
}

const schema = z.strictObject({
  backend: z.enum(['qemu', 'libvirt']).default('qemu'),
  network: z.strictObject({
    name: word(50, 'the name of a network'),
    // An interface's name has 15 characters, and there are others named after it.
    bridge: word(13, 'the name of a bridge'),
    ip_pre: z
      .string()
      .refine((text) => asIpv4(`${text}.0`) !== undefined, 'three numbers and two dots, like 192.168.123'),
    ip: last.default(1),
    netmask: z.literal('255.255.255.0', { error: 'the lab is one /24: 255.255.255.0' }).default('255.255.255.0'),
    dhcp: z
      .strictObject({ range: z.strictObject({ start: last, end: last }) })
      .default({ range: { start: 10, end: 99 } })
      .refine(({ range }) => range.start <= range.end, 'the range ends before it starts'),
    template: template('libvirt/network.xml'),
  }),
  systems: z.strictObject({
    orchestra: z.strictObject({
      ip: last.default(2),
      mac: z.string(),
      mem: megabytes(256).default(2048),
      where: z.enum(['host', 'vm']).default('host'),
      image: z.string().default('server.qcow2'),
      template: template('libvirt/server.xml'),
    }),
  }),
  nodes: z.strictObject({
    ...nodeFields,
    // `tap-`, the name and two digits are an interface's name.
    prefix: word(9, "a machine's prefix"),
    mac_pre: z.string().refine((text) => asMac(`${text}:00`) !== undefined, 'five bytes of a MAC, like 00:16:3e:3e:aa'),
    count: z
      .number()
      .int()
      .min(1)
      .max(254 - FIRST_NODE),
    each: z
      .record(
        z.string(),
        z
          .strictObject({
            mem: megabytes(64),
            cpus: nodeFields.cpus.unwrap(),
            disk: megabytes(16),
            firmware: nodeFields.firmware.unwrap(),
            power: nodeFields.power.unwrap(),
            template: z.string(),
          })
          .partial(),
      )
      .default({}),
  }),
})

/** @throws Error with all faults of the file, each with the field's name */
export function readLabSettings(file: string = SETTINGS_FILE): LabSettings {
  return parseLabSettings(readFileSync(file, 'utf8'), resolve(file))
}

/** @param file its path: templates are found beside it, and faults name it */
export function parseLabSettings(text: string, file: string): LabSettings {
  const read = schema.safeParse(parsed(text, file))
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => `  ${path.join('.') || 'the whole'}: ${message}`)
    throw new Error(`${file}:\n${faults.join('\n')}`)
  }
  const { backend, network, systems, nodes } = read.data
  const at = (number: number) => `${network.ip_pre}.${number}` as Ipv4
  const subnet = asSubnet(`${network.ip_pre}.0/24`) as Subnet
  const beside = (path: string) => resolve(dirname(file), path)
  const { orchestra } = systems
  const { count, each, prefix, mac_pre: macs, ...shared } = nodes
  const names = Array.from({ length: count }, (_, index) => `${prefix}${`${index + 1}`.padStart(2, '0')}`)
  const stranger = Object.keys(each).find((name) => !names.includes(name))
  const serverMac = asMac(orchestra.mac)
  const faults = [
    ...(stranger === undefined ? [] : [`nodes.each.${stranger}: there is no such machine, only ${names.join(', ')}`]),
    ...(serverMac ? [] : [`systems.orchestra.mac: "${orchestra.mac}" is not a MAC address`]),
    ...(orchestra.ip === network.ip ? [`systems.orchestra.ip: ${at(network.ip)} is this host's`] : []),
  ]
  if (faults.length > 0 || !serverMac) throw new Error(`${file}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
  const { start, end } = network.dhcp.range
  return {
    backend,
    network: {
      ...{ name: network.name, bridge: network.bridge, prefix: network.ip_pre, subnet },
      ...{ netmask: network.netmask as Ipv4, host: at(network.ip), pool: { first: at(start), last: at(end) } },
      template: beside(network.template),
    },
    server: {
      ...{ name: 'orchestra', ip: at(orchestra.ip), mac: serverMac, mem: orchestra.mem, where: orchestra.where },
      ...{ image: beside(orchestra.image), template: beside(orchestra.template) },
    },
    nodes: names.map((name, index): LabNode => {
      const own = Object.fromEntries(Object.entries(each[name] ?? {}).filter(([, value]) => value !== undefined))
      const { template: path, ...rest } = { ...shared, ...own } as typeof shared
      const mac = asMac(`${macs}:${(index + 1).toString(16).padStart(2, '0')}`) as Mac
      return { name, mac, ip: at(FIRST_NODE + index), ...rest, template: beside(path) }
    }),
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    if (cause instanceof YAMLParseError) throw new Error(`${file}: ${cause.message}`, { cause })
    throw cause
  }
}
