/** What a client may set by name: the fields, and the three attributes of a system that act on its interfaces. */
import type { Mac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import { emptyInterface, type Interface, type System } from '../model/system.ts'
import type { Catalog } from '../services/catalog.ts'
import { findField } from './fields.ts'
import { findInterfaceField } from './interface-fields.ts'
import { checkInterfaceName } from './system-fields.ts'
import { isArray, isStruct, type Struct, type Value } from './value.ts'

export interface Surroundings {
  readonly catalog: Pick<Catalog, 'get' | 'systemByMac' | 'systemByIp'>
  readonly newUid: () => string
}

/** Sets one attribute. @throws OrchestraError item.invalid | item.exists | item.missing */
export type SetAttribute<Type extends ItemType> = (
  item: ItemOf[Type],
  value: Value,
  around: Surroundings,
) => ItemOf[Type]

/** Undefined for an attribute that objects of this type do not have. */
export function findAttribute<Type extends ItemType>(type: Type, name: string): SetAttribute<Type> | undefined {
  if (type === 'system') {
    const set = ON_INTERFACES.get(name)
    if (set) return (item, value, around) => set(item as System, value, around) as ItemOf[Type]
  }
  const write = findField(type, name)?.write
  if (!write || type !== 'system' || name !== 'profile') return write
  return (item, value, { catalog }) => checkProfile(write(item, value), catalog)
}

/**
 * Refused when it is set, as in Cobbler, so that it does not spoil the changes that come after it: a client whose launch
 * fails here gives the machine back by the same handle.
 */
function checkProfile<Item extends ItemOf[ItemType]>(item: Item, catalog: Pick<Catalog, 'get'>): Item {
  const wanted = 'profile' in item ? item.profile : ''
  if (wanted === '' || catalog.get('profile', wanted)) return item
  throw new OrchestraError('item.invalid', `invalid profile name: ${wanted}`, { field: 'profile' })
}

const ON_INTERFACES: ReadonlyMap<string, SetAttribute<'system'>> = new Map([
  ['modify_interface', modifyInterface],
  ['delete_interface', deleteInterface],
  ['rename_interface', renameInterface],
])

/** `{macaddress-eth0: …}`. A field that there is not is passed over, as in Cobbler; the interface is made all the same. */
function modifyInterface(system: System, value: Value, around: Surroundings): System {
  if (!isStruct(value)) throw invalid('modify_interface must be a struct like {"macaddress-eth0": "52:54:00:12:34:56"}')
  let changed = system
  for (const [key, one] of Object.entries(value)) {
    const at = key.indexOf('-')
    if (at < 0) throw invalid(`modify_interface key '${key}' must be <field>-<interface>, like macaddress-eth0`)
    changed = setInterfaceField(changed, key.slice(at + 1), key.slice(0, at), one, around)
  }
  return changed
}

export function setInterfaceField(
  system: System,
  name: string,
  fieldName: string,
  value: Value,
  around: Surroundings,
): System {
  const before = interfaceOf(system, checkInterfaceName(name)) ?? emptyInterface()
  const field = findInterfaceField(fieldName)
  const given = value === 'random' && field?.names.includes('mac_address') ? freeMac(around) : value
  const nic = field?.write(before, given) ?? before
  if (nic.macAddress !== before.macAddress || nic.ipAddress !== before.ipAddress) checkOthers(system, nic, around)
  return { ...system, interfaces: { ...system.interfaces, [name]: nic } }
}

/** Cobbler tells of a duplicate when it is set, not only when it is saved. */
function checkOthers(system: System, { macAddress, ipAddress }: Interface, { catalog }: Surroundings): void {
  const byMac = macAddress === '' ? undefined : catalog.systemByMac(macAddress)
  if (byMac && byMac.uid !== system.uid) throw duplicate('MAC', macAddress, byMac)
  const byIp = ipAddress === '' ? undefined : catalog.systemByIp(ipAddress)
  if (byIp && byIp.uid !== system.uid) throw duplicate('IP', ipAddress, byIp)
}

function duplicate(what: string, address: string, holder: System): OrchestraError {
  return new OrchestraError(
    'item.exists',
    `${what} address duplicate found "${address}". Object with the conflict has the name "${holder.name}"`,
    { field: 'interfaces' },
  )
}

/** Of the Xen prefix, as Cobbler makes them. */
function freeMac({ catalog, newUid }: Surroundings): Mac {
  for (;;) {
    const [a, b, c] = newUid().match(/../g) ?? []
    const mac = `00:16:3e:${a}:${b}:${c}` as Mac
    if (!catalog.systemByMac(mac)) return mac
  }
}

/** A name, or `{interface: name}`. One that is not there is as good as deleted. */
function deleteInterface(system: System, value: Value): System {
  const doomed = word(isStruct(value) ? value['interface'] : value)
  return {
    ...system,
    interfaces: Object.fromEntries(Object.entries(system.interfaces).filter(([name]) => name !== doomed)),
  }
}

/** `[old, new]` (2.8) or `{interface: old, rename_interface: new}` (3.3). The order of interfaces stays. */
function renameInterface(system: System, value: Value): System {
  const [from, to] = isArray(value) ? [word(value[0]), word(value[1])] : renaming(value)
  checkInterfaceName(to)
  if (!interfaceOf(system, from)) {
    throw new OrchestraError('item.missing', `interface ${from} of system ${system.name} does not exist`)
  }
  if (from !== to && interfaceOf(system, to)) {
    throw new OrchestraError('item.exists', `interface ${to} of system ${system.name} exists already`)
  }
  const entries = Object.entries(system.interfaces)
  return { ...system, interfaces: Object.fromEntries(entries.map(([name, nic]) => [name === from ? to : name, nic])) }
}

function renaming(value: Value): readonly [string, string] {
  const { interface: from, rename_interface: to }: Struct = isStruct(value) ? value : {}
  return [word(from), word(to)]
}

function interfaceOf(system: System, name: string): Interface | undefined {
  return Object.hasOwn(system.interfaces, name) ? system.interfaces[name] : undefined
}

function word(value: Value | undefined): string {
  if (typeof value !== 'string') throw invalid('an interface is named by a string')
  return value
}

function invalid(sentence: string): OrchestraError {
  return new OrchestraError('item.invalid', sentence, { field: 'interfaces' })
}
