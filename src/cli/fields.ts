/** The fields of objects as Cobbler's command line names them: one table for add, edit, find and report. */
import { Option } from 'commander'
import type { Json, JsonObject } from '../lib/json.ts'
import { INHERIT } from '../model/item.ts'
import type { ItemType } from '../model/items.ts'
import { formatOptions, parseList, parseOptions } from '../model/options.ts'
import { CliError } from './io.ts'

export interface Field {
  /** Commander's words: Cobbler 2's name first, Cobbler 3's second where there are two. */
  readonly flags: string
  readonly help: string
  /** Where it stands in the object: by itself, in `power`, or in each of `interfaces`. */
  readonly of: 'item' | 'power' | 'interface'
  readonly key: string
  readonly kind: 'text' | 'secret' | 'flag' | 'list' | 'options'
  /** As `report` prints it. */
  readonly label: string
}

type Row = readonly [flags: string, key: string, label: string, help: string]

const of =
  (place: Field['of'], kind: Field['kind']) =>
  (row: Row): Field => {
    const [flags, key, label, help] = row
    return { flags, key, label, help, of: place, kind }
  }
const [text, flag, list, options] = [of('item', 'text'), of('item', 'flag'), of('item', 'list'), of('item', 'options')]
const [power, secret] = [of('power', 'text'), of('power', 'secret')]
const [nic, nicFlag] = [of('interface', 'text'), of('interface', 'flag')]

const KERNEL: readonly Field[] = [
  options(['--kopts, --kernel-options <options>', 'kernelOptions', 'Kernel Options', 'for the installer: "a=1 b"']),
  options([
    '--kopts-post, --kernel-options-post <options>',
    'kernelOptionsPost',
    'Kernel Options (Post Install)',
    'for the installed system',
  ]),
  options(['--ksmeta, --autoinstall-meta <options>', 'meta', 'Autoinstall Metadata', 'values for templates: "a=1 b"']),
]
const COMMON: readonly Field[] = [
  list(['--mgmt-classes <classes>', 'mgmtClasses', 'Management Classes', 'parted by blanks']),
  list(['--owners <users>', 'owners', 'Owners', 'parted by blanks']),
  text(['--comment <text>', 'comment', 'Comment', 'for people']),
]
const INSTALL: readonly Field[] = [
  text(['--kickstart, --autoinstall <file>', 'autoinstall', 'Autoinstall Template', 'file name of the preseed']),
  list(['--name-servers <addresses>', 'nameServers', 'Name Servers', 'parted by blanks']),
  list(['--name-servers-search <domains>', 'nameServersSearch', 'Name Servers Search Path', 'parted by blanks']),
  text(['--server-override <host>', 'server', 'Server Override', 'what machines fetch from']),
]

export const FIELDS: { readonly [Type in ItemType]: readonly Field[] } = {
  distro: [
    text(['--kernel <path>', 'kernel', 'Kernel', 'absolute path on the server']),
    text(['--initrd <path>', 'initrd', 'Initrd', 'absolute path on the server']),
    text(['--arch <arch>', 'arch', 'Architecture', 'x86_64, i386, aarch64']),
    text(['--breed <breed>', 'breed', 'Breed', 'debian, ubuntu']),
    text(['--os-version <version>', 'osVersion', 'OS Version', 'trixie, noble']),
    ...KERNEL,
    ...COMMON,
  ],
  profile: [
    text(['--distro <name>', 'distro', 'Distribution', 'what it installs']),
    text(['--parent <profile>', 'parent', 'Parent Profile', 'inherit from a profile instead of a distro']),
    ...INSTALL,
    ...KERNEL,
    ...COMMON,
  ],
  system: [
    text(['--profile <name>', 'profile', 'Profile', 'what it gets']),
    text(['--image <name>', 'image', 'Image', 'instead of a profile']),
    flag(['--netboot-enabled <yes|no>', 'netbootEnabled', 'Netboot Enabled', 'yes: the next boot installs']),
    text(['--status <word>', 'status', 'Status', 'production, testing …']),
    text(['--hostname <name>', 'hostname', 'Hostname', '']),
    text(['--gateway <address>', 'gateway', 'Gateway', '']),
    ...INSTALL,
    ...KERNEL,
    ...COMMON,
    power(['--power-type <driver>', 'type', 'Power Management Type', 'ipmi, redfish, wol, virsh …']),
    power(['--power-address <host>', 'address', 'Power Management Address', 'host, URL or libvirt URI']),
    power(['--power-user <user>', 'user', 'Power Management Username', '']),
    secret([
      '--power-pass <password>',
      'pass',
      'Power Management Password',
      '"-" asks for it, or reads standard input',
    ]),
    power(['--power-id <id>', 'id', 'Power Management ID', 'domain, outlet or system id']),
    power(['--power-options <options>', 'options', 'Power Management Options', 'for the driver']),
    nic(['--mac, --mac-address <mac>', 'macAddress', 'MAC Address', '']),
    nic(['--ip, --ip-address <address>', 'ipAddress', 'IP Address', 'a fixed address']),
    nic(['--subnet, --netmask <mask>', 'netmask', 'Subnet Mask', '']),
    nic(['--if-gateway <address>', 'gateway', 'Per-Interface Gateway', '']),
    nic(['--dns-name <name>', 'dnsName', 'DNS Name', '']),
    nicFlag(['--static <yes|no>', 'static', 'Is Static?', 'yes: the installed system uses no DHCP']),
    nicFlag(['--management <yes|no>', 'management', 'Management Interface', '']),
    nic(['--mtu <bytes>', 'mtu', 'MTU', '']),
  ],
  mgmtclass: [
    text(['--class-name <name>', 'className', 'Class Name', 'for configuration management']),
    flag(['--is-definition <yes|no>', 'isDefinition', 'Is Definition?', '']),
    options(['--params <options>', 'params', 'Parameters/Variables', '"a=1 b"']),
    ...COMMON.filter(({ key }) => key !== 'mgmtClasses'),
  ],
}

export function optionOf({ flags, help }: Field): Option {
  return new Option(flags, help)
}

/** The text that was given for a field; undefined when it was not. */
export function givenFor(field: Field, given: Readonly<Record<string, unknown>>): string | undefined {
  const value = given[optionOf(field).attributeName()]
  return typeof value === 'string' ? value : undefined
}

/** @throws CliError when the text is none of that kind */
export function parseField({ kind, flags }: Field, text: string): Json {
  switch (kind) {
    case 'text':
    case 'secret':
      return text
    case 'list':
      return text === INHERIT ? text : parseList(text)
    case 'options':
      return text === INHERIT ? text : parseOptions(text)
    case 'flag': {
      const isYes = asFlag(text)
      if (isYes === undefined) throw new CliError(`${flags.split(' ')[0]} is yes or no, not "${text}"`)
      return isYes
    }
  }
}

/** Cobbler's words for yes, and the same for no. */
export function asFlag(text: string): boolean | undefined {
  if (/^(true|1|on|yes|y)$/i.test(text)) return true
  return /^(false|0|off|no|n)$/i.test(text) ? false : undefined
}

/** A value as `report` prints it, and as `edit` takes it. */
export function formatField({ kind }: Field, value: Json | undefined): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map((word) => (/\s/.test(String(word)) ? `"${word}"` : String(word))).join(' ')
  return kind === 'options' && value ? formatOptions(value as JsonObject) : ''
}
