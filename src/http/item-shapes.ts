/**
 * Objects as JSON: the schema of what clients may write for each type, how a change is laid over an object, and what is
 * answered. Shapes only: the rules of the model are the catalog's.
 */
import { z } from 'zod'
import { asIpv4, asMac, type Ipv4, type Mac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import { INHERIT } from '../model/item.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import { emptyInterface, type Interface, type PowerSettings, type System } from '../model/system.ts'
import { json } from './answer-shapes.ts'

/** Answered in place of a password that is set; written back, it means "as it was". */
const MASK = '********'

/** What the server alone sets. */
type Kept = 'revision' | 'ctime' | 'mtime'

/** Null takes an interface away; fields that are not named stay. */
interface SystemChange extends Partial<Omit<System, Kept | 'interfaces' | 'power'>> {
  readonly interfaces?: Readonly<Record<string, Partial<Interface> | null>>
  readonly power?: Partial<PowerSettings>
}

export type ItemChange = {
  [Type in ItemType]: Type extends 'system' ? SystemChange : Partial<Omit<ItemOf[Type], Kept>>
}

const text = z.string().max(16_384)
const list = z.array(text)
const options = z.record(z.string(), json)
const inherited = z.literal(INHERIT)
const listOrInherited = z.union([inherited, list], { error: `must be a list of texts, or "${INHERIT}"` })
const optionsOrInherited = z.union([inherited, options], { error: `must be an object of options, or "${INHERIT}"` })

const macAddress = text.transform((value, context): Mac | '' => {
  const mac = value === '' ? '' : asMac(value)
  if (mac !== undefined) return mac
  context.addIssue(`"${value}" is not a MAC address (like 52:54:00:12:34:56)`)
  return z.NEVER
})

const ipAddress = text.transform((value, context): Ipv4 | '' => {
  const ip = value === '' ? '' : asIpv4(value)
  if (ip !== undefined) return ip
  context.addIssue(`"${value}" is not an IPv4 address`)
  return z.NEVER
})

const common = {
  uid: text,
  name: text,
  comment: text,
  owners: listOrInherited,
  mgmtClasses: listOrInherited,
  other: options,
}

const networkInterface = z
  .strictObject({
    macAddress,
    ipAddress,
    netmask: text,
    gateway: text,
    dnsName: text,
    static: z.boolean(),
    management: z.boolean(),
    mtu: text,
    other: options,
  })
  .exactPartial()

const power = z
  .strictObject({ type: text, address: text, user: text, pass: text, id: text, options: text })
  .exactPartial()

/** Everything may be left out: a new object begins with the defaults, a change leaves the rest as it is. */
export const CHANGES: { readonly [Type in ItemType]: z.ZodType<ItemChange[Type]> } = {
  distro: z
    .strictObject({
      ...common,
      kernel: text,
      initrd: text,
      arch: text,
      breed: text,
      osVersion: text,
      kernelOptions: options,
      kernelOptionsPost: options,
      meta: options,
      bootLoaders: listOrInherited,
      checksums: z.record(z.string(), text),
    })
    .exactPartial(),
  profile: z
    .strictObject({
      ...common,
      distro: text,
      parent: text,
      kernelOptions: optionsOrInherited,
      kernelOptionsPost: optionsOrInherited,
      meta: optionsOrInherited,
      autoinstall: text,
      nameServers: listOrInherited,
      nameServersSearch: listOrInherited,
      server: text,
      bootLoaders: listOrInherited,
      filename: text,
    })
    .exactPartial(),
  system: z
    .strictObject({
      ...common,
      profile: text,
      image: text,
      netbootEnabled: z.boolean(),
      hostname: text,
      gateway: text,
      nameServers: listOrInherited,
      nameServersSearch: listOrInherited,
      status: text,
      kernelOptions: optionsOrInherited,
      kernelOptionsPost: optionsOrInherited,
      meta: optionsOrInherited,
      autoinstall: text,
      server: text,
      bootLoaders: listOrInherited,
      filename: text,
      interfaces: z.record(z.string().regex(/^[A-Za-z0-9_.:-]{1,32}$/), networkInterface.nullable()),
      power,
    })
    .exactPartial(),
  mgmtclass: z.strictObject({ ...common, className: text, isDefinition: z.boolean(), params: options }).exactPartial(),
  image: z
    .strictObject({ ...common, file: text, arch: text, breed: text, osVersion: text, autoinstall: text })
    .exactPartial(),
  repo: z.strictObject({ ...common, mirror: text, arch: text, breed: text }).exactPartial(),
  package: z.strictObject({ ...common, action: text, installer: text, version: text }).exactPartial(),
  file: z
    .strictObject({ ...common, path: text, action: text, isDirectory: z.boolean(), template: text })
    .exactPartial(),
  menu: z.strictObject({ ...common, displayName: text, parent: text }).exactPartial(),
}

/** Lays a change over an object. @throws OrchestraError item.invalid for a masked password where there was none */
export function applyChange<Type extends ItemType>(
  type: Type,
  item: ItemOf[Type],
  change: ItemChange[Type],
): ItemOf[Type] {
  if (type !== 'system') return { ...item, ...change }
  const system = item as System
  const { interfaces = {}, power = {}, ...rest } = change as SystemChange
  return {
    ...system,
    ...rest,
    interfaces: changeInterfaces(system.interfaces, interfaces),
    power: changePower(system.power, power),
  } as ItemOf[Type]
}

function changeInterfaces(
  before: System['interfaces'],
  changes: NonNullable<SystemChange['interfaces']>,
): System['interfaces'] {
  const after = new Map(Object.entries(before))
  for (const [name, change] of Object.entries(changes)) {
    if (change === null) after.delete(name)
    else after.set(name, { ...(after.get(name) ?? emptyInterface()), ...change })
  }
  return Object.fromEntries(after)
}

function changePower(before: PowerSettings, change: Partial<PowerSettings>): PowerSettings {
  if (change.pass !== MASK) return { ...before, ...change }
  if (before.pass === '') {
    throw new OrchestraError('item.invalid', `"${MASK}" stands for a password that is kept; there is none`, {
      field: 'power.pass',
    })
  }
  return { ...before, ...change, pass: before.pass }
}

/** The object as it is answered: passwords are written, never read. */
export function answerOf<Type extends ItemType>(type: Type, item: ItemOf[Type]): ItemOf[Type] {
  if (type !== 'system') return item
  const system = item as System
  const pass = system.power.pass === '' ? '' : MASK
  return { ...system, power: { ...system.power, pass } } as ItemOf[Type]
}
