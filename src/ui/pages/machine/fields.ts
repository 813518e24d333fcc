/**
 * A system as flat texts, one for each field that can be edited: `hostname`, `power.user`, `interfaces.eth0.macAddress`. What
 * a person changed, what another changed meanwhile, and one laid over the other are all told by comparing two of them.
 */
import type { Json } from '../../../lib/json.ts'
import { INHERIT, type Options } from '../../../model/item.ts'
import { parseList, parseOptions } from '../../../model/options.ts'
import type { System } from '../../../model/system.ts'

export type Fields = Readonly<Record<string, string>>

const TEXTS = [
  'profile',
  'image',
  'hostname',
  'gateway',
  'status',
  'comment',
  'autoinstall',
  'server',
  'filename',
] as const
const LISTS = ['owners', 'mgmtClasses', 'nameServers', 'nameServersSearch', 'bootLoaders'] as const
const OPTIONS = ['kernelOptions', 'kernelOptionsPost', 'meta'] as const
const INTERFACE_TEXTS = ['macAddress', 'ipAddress', 'netmask', 'gateway', 'dnsName', 'mtu'] as const
const INTERFACE_FLAGS = ['static', 'management'] as const
const POWER = ['type', 'address', 'user', 'pass', 'id', 'options'] as const

const flag = (value: boolean) => (value ? 'yes' : 'no')

/** What is inherited is an empty text: nothing of its own. */
export function fieldsOf(system: System): Fields {
  const fields = new Map<string, string>([['netbootEnabled', flag(system.netbootEnabled)]])
  for (const key of TEXTS) fields.set(key, system[key] === INHERIT ? '' : system[key])
  for (const key of LISTS) {
    const list = system[key]
    fields.set(key, list === INHERIT ? '' : list.join(' '))
  }
  for (const key of OPTIONS) {
    const options = system[key]
    fields.set(key, options === INHERIT ? '' : textOf(options))
  }
  for (const key of POWER) fields.set(`power.${key}`, system.power[key])
  for (const [name, one] of Object.entries(system.interfaces)) {
    for (const key of INTERFACE_TEXTS) fields.set(`interfaces.${name}.${key}`, one[key])
    for (const key of INTERFACE_FLAGS) fields.set(`interfaces.${name}.${key}`, flag(one[key]))
  }
  return Object.fromEntries(fields)
}

/** As parseOptions reads it back: quoted for a shell, line breaks and all. */
function textOf(options: Options): string {
  return Object.entries(options)
    .flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((one: Json) => word(key, one)))
    .join(' ')
}

function word(key: string, value: Json): string {
  if (value === null) return quoted(key)
  return `${quoted(key)}=${quoted(typeof value === 'string' ? value : JSON.stringify(value))}`
}

const INTERFACE_NAME = /^interfaces\.(.+)\.([A-Za-z]+)$/

/** The names of the interfaces, in their order. */
export function interfacesOf(fields: Fields): readonly string[] {
  return [...new Set(Object.keys(fields).flatMap((key) => INTERFACE_NAME.exec(key)?.[1] ?? []))]
}

/** A new interface without anything in it. */
export function emptyInterfaceFields(name: string): Fields {
  return Object.fromEntries([
    ...INTERFACE_TEXTS.map((key) => [`interfaces.${name}.${key}`, '']),
    ...INTERFACE_FLAGS.map((key) => [`interfaces.${name}.${key}`, 'no']),
  ])
}

export function withoutInterface(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => INTERFACE_NAME.exec(key)?.[1] !== name))
}

/** The fields in which two differ, in the order of the first. */
export function changedKeys(before: Fields, after: Fields): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.filter((key) => before[key] !== after[key])
}

/** As PATCH takes it: what was changed, and nothing else. */
export function patchOf(before: Fields, after: Fields): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  const power: Record<string, string> = {}
  const interfaces: Record<string, Record<string, unknown> | null> = {}
  const left = new Set(interfacesOf(after))
  for (const key of changedKeys(before, after)) {
    const value = after[key] ?? ''
    const [, name, field] = INTERFACE_NAME.exec(key) ?? []
    if (name !== undefined && field !== undefined) {
      if (!left.has(name)) interfaces[name] = null
      else interfaces[name] = { ...interfaces[name], [field]: isIn(INTERFACE_FLAGS, field) ? value === 'yes' : value }
    } else if (key.startsWith('power.')) power[key.slice('power.'.length)] = value
    else patch[key] = wordValue(key, value)
  }
  if (Object.keys(power).length > 0) patch['power'] = power
  if (Object.keys(interfaces).length > 0) patch['interfaces'] = interfaces
  return patch
}

const isIn = (all: readonly string[], one: string) => all.includes(one)

function wordValue(key: string, value: string): unknown {
  if (key === 'netbootEnabled') return value === 'yes'
  if (isIn(LISTS, key)) return parseList(value)
  if (isIn(OPTIONS, key)) return parseOptions(value)
  return value
}

export interface Conflict {
  readonly key: string
  readonly before: string
  /** What the other made of it. */
  readonly theirs: string
  /** What the person has entered, if he has changed it as well. */
  readonly mine: string | undefined
}

/** What another changed since the person began; undefined stands for nothing. */
export function conflictsOf(before: Fields, theirs: Fields, mine: Fields): readonly Conflict[] {
  const own = new Set(changedKeys(before, mine))
  return changedKeys(before, theirs).map((key) => ({
    key,
    before: before[key] ?? '',
    theirs: theirs[key] ?? '',
    mine: own.has(key) && mine[key] !== theirs[key] ? (mine[key] ?? '') : undefined,
  }))
}

/** What the person has changed, laid over what the other has saved. */
export function laidOver(before: Fields, theirs: Fields, mine: Fields): Fields {
  const result = new Map(Object.entries(theirs))
  for (const key of changedKeys(before, mine)) {
    const value = mine[key]
    if (value === undefined) result.delete(key)
    else result.set(key, value)
  }
  return Object.fromEntries(result)
}

/** The option of `orchestra system edit` for each field. */
const FLAGS: Readonly<Record<string, string>> = {
  netbootEnabled: 'netboot-enabled',
  profile: 'profile',
  image: 'image',
  hostname: 'hostname',
  gateway: 'gateway',
  status: 'status',
  comment: 'comment',
  autoinstall: 'autoinstall',
  server: 'server',
  owners: 'owners',
  mgmtClasses: 'mgmt-classes',
  nameServers: 'name-servers',
  nameServersSearch: 'name-servers-search',
  bootLoaders: 'boot-loaders',
  filename: 'filename',
  kernelOptions: 'kernel-options',
  kernelOptionsPost: 'kernel-options-post',
  meta: 'autoinstall-meta',
  'power.type': 'power-type',
  'power.address': 'power-address',
  'power.user': 'power-user',
  'power.pass': 'power-pass',
  'power.id': 'power-id',
  'power.options': 'power-options',
  macAddress: 'mac-address',
  ipAddress: 'ip-address',
  netmask: 'netmask',
  'interface gateway': 'if-gateway',
  dnsName: 'dns-name',
  mtu: 'mtu',
  static: 'static',
  management: 'management',
}

/** The same with the command line; one command for each interface that changes. */
export function commandOf(name: string, before: Fields, after: Fields): string {
  const left = interfacesOf(after)
  const lines = new Map<string, string[]>()
  for (const key of changedKeys(before, after)) {
    const [, port = '', field = key] = INTERFACE_NAME.exec(key) ?? []
    const options = lines.get(port) ?? []
    lines.set(port, options)
    if (port !== '' && !left.includes(port)) {
      if (options.length === 0) options.push('--delete-interface')
      continue
    }
    const isUnsaid = before[key] === undefined && (after[key] === '' || after[key] === 'no')
    const option = isUnsaid ? undefined : FLAGS[port !== '' && field === 'gateway' ? 'interface gateway' : field]
    // A password on a command line is everybody's to read: `-` asks for it.
    const value = key === 'power.pass' ? '-' : (after[key] ?? '')
    if (option !== undefined) options.push(`--${option}=${quoted(value)}`)
  }
  const begin = `orchestra system edit --name=${name}`
  const all = [...lines].map(([port, options]) => [begin, ...(port && [`--interface=${port}`]), ...options].join(' '))
  return all.length === 0 ? begin : all.join('\n')
}

function quoted(value: string): string {
  return /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}
