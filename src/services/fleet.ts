/** The fleet in memory: every object by name and uid, systems by MAC and address. Plain maps; who may write is catalog.ts. */
import type { Ipv4, Mac } from '../model/address.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import { macsOf, type System } from '../model/system.ts'

export interface Index<Type extends ItemType> {
  readonly byName: Map<string, ItemOf[Type]>
  readonly byUid: Map<string, ItemOf[Type]>
  sorted(): readonly ItemOf[Type][]
  /** The order of names, until the next change. */
  order: readonly ItemOf[Type][] | undefined
}

export type Fleet = { readonly [Type in ItemType]: Index<Type> } & {
  readonly byMac: Map<Mac, System>
  readonly byIp: Map<Ipv4, System>
  lastModified: number
  changes: number
}

export function emptyFleet(): Fleet {
  return {
    distro: emptyIndex(),
    profile: emptyIndex(),
    system: emptyIndex(),
    mgmtclass: emptyIndex(),
    byMac: new Map(),
    byIp: new Map(),
    lastModified: 0,
    changes: 0,
  }
}

function emptyIndex<Type extends ItemType>(): Index<Type> {
  const index: Index<Type> = {
    byName: new Map(),
    byUid: new Map(),
    order: undefined,
    sorted() {
      index.order ??= [...index.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
      return index.order
    },
  }
  return index
}

/** TypeScript cannot follow a type word to its index by itself. */
export function indexOf<Type extends ItemType>(fleet: Fleet, type: Type): Index<Type> {
  return fleet[type] as Index<Type>
}

export function putItem<Type extends ItemType>(fleet: Fleet, type: Type, item: ItemOf[Type]): void {
  const index = indexOf(fleet, type)
  index.byName.set(item.name, item)
  index.byUid.set(item.uid, item)
  index.order = undefined
  fleet.changes++
  fleet.lastModified = Math.max(fleet.lastModified, item.mtime)
  if (type !== 'system') return
  const system = item as System
  for (const mac of macsOf(system)) fleet.byMac.set(mac, system)
  for (const { ipAddress } of Object.values(system.interfaces)) if (ipAddress !== '') fleet.byIp.set(ipAddress, system)
}

export function takeItem<Type extends ItemType>(fleet: Fleet, type: Type, item: ItemOf[Type]): void {
  const index = indexOf(fleet, type)
  index.byName.delete(item.name)
  index.byUid.delete(item.uid)
  index.order = undefined
  fleet.changes++
  if (type !== 'system') return
  const system = item as System
  for (const mac of macsOf(system)) fleet.byMac.delete(mac)
  for (const { ipAddress } of Object.values(system.interfaces)) if (ipAddress !== '') fleet.byIp.delete(ipAddress)
}

export type Dependent = { [Type in ItemType]: { readonly type: Type; readonly item: ItemOf[Type] } }[
  | 'profile'
  | 'system']

/** Everything that names this object, and what names that: parents before their children. */
export function dependentsOf(fleet: Fleet, type: ItemType, name: string): Dependent[] {
  const found: Dependent[] = []
  for (const profile of fleet.profile.sorted()) {
    if ((type === 'distro' && profile.distro === name) || (type === 'profile' && profile.parent === name)) {
      found.push({ type: 'profile', item: profile }, ...dependentsOf(fleet, 'profile', profile.name))
    }
  }
  if (type === 'profile') {
    for (const system of fleet.system.sorted())
      if (system.profile === name) found.push({ type: 'system', item: system })
  }
  // A sub-profile with a distro of its own can be reached twice.
  return found.filter((one, index) => found.findIndex(({ item }) => item === one.item) === index)
}

/** The first object that this one names and that is not there. */
export function missingParent<Type extends ItemType>(
  fleet: Fleet,
  type: Type,
  item: ItemOf[Type],
): { field: string; because: string } | undefined {
  if (type === 'profile') {
    const { name, distro, parent } = item as ItemOf['profile']
    if (distro !== '' && !fleet.distro.byName.has(distro)) {
      return {
        field: 'distro',
        because: `distro "${distro}" of profile ${name} does not exist; add or import it, or choose another`,
      }
    }
    for (let ancestor = parent; ancestor !== ''; ) {
      if (ancestor === name) return { field: 'parent', because: `profile ${name} cannot be its own ancestor` }
      const next = fleet.profile.byName.get(ancestor)
      if (!next)
        return { field: 'parent', because: `profile "${ancestor}" does not exist; add it or choose another parent` }
      ancestor = next.parent
    }
  }
  if (type === 'system') {
    const { name, profile } = item as System
    if (profile !== '' && !fleet.profile.byName.has(profile)) {
      return {
        field: 'profile',
        because: `profile "${profile}" of system ${name} does not exist; add it or choose another`,
      }
    }
  }
  return undefined
}
