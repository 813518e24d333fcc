/**
 * The fleet in memory: every object by name, uid and what else is asked for often, systems by MAC and address. Plain maps;
 * who may write is catalog.ts.
 */
import type { Ipv4, Mac } from '../model/address.ts'
import { INHERIT } from '../model/item.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import { ITEM_TYPES } from '../model/items.ts'
import { macsOf, type System } from '../model/system.ts'
import { type NameOrder, nameOrder } from './name-order.ts'

export interface Index<Type extends ItemType> {
  readonly byName: Map<string, ItemOf[Type]>
  readonly byUid: Map<string, ItemOf[Type]>
  /** By name, uid and each management class in lower case: finding knows no case. */
  readonly words: Readonly<Record<Word, Map<string, Set<ItemOf[Type]>>>>
  readonly order: NameOrder<ItemOf[Type]>
}

/** By what objects are found without looking at each. */
export type Word = 'name' | 'uid' | 'class'

export type Fleet = { readonly [Type in ItemType]: Index<Type> } & {
  readonly byMac: Map<Mac, System>
  readonly byIp: Map<Ipv4, System>
  lastModified: number
  changes: number
}

export function emptyFleet(): Fleet {
  const indexes = Object.fromEntries(ITEM_TYPES.map((type) => [type, emptyIndex()])) as unknown as {
    readonly [Type in ItemType]: Index<Type>
  }
  return { ...indexes, byMac: new Map(), byIp: new Map(), lastModified: 0, changes: 0 }
}

function emptyIndex<Type extends ItemType>(): Index<Type> {
  return {
    byName: new Map(),
    byUid: new Map(),
    words: { name: new Map(), uid: new Map(), class: new Map() },
    order: nameOrder(),
  }
}

/** TypeScript cannot follow a type word to its index by itself. */
export function indexOf<Type extends ItemType>(fleet: Fleet, type: Type): Index<Type> {
  return fleet[type] as Index<Type>
}

/** Puts an object in, in the place of the one that it replaces. */
export function putItem<Type extends ItemType>(
  fleet: Fleet,
  type: Type,
  item: ItemOf[Type],
  before?: ItemOf[Type],
): void {
  const index = indexOf(fleet, type)
  if (before) forget(fleet, type, before)
  index.byName.set(item.name, item)
  index.byUid.set(item.uid, item)
  for (const [word, key] of keysOf(item)) {
    const known = index.words[word].get(key)
    if (known) known.add(item)
    else index.words[word].set(key, new Set([item]))
  }
  if (before && before.name !== item.name) index.order.take(before.name)
  index.order.put(item)
  fleet.changes++
  fleet.lastModified = Math.max(fleet.lastModified, item.mtime)
  if (type !== 'system') return
  const system = item as System
  for (const mac of macsOf(system)) fleet.byMac.set(mac, system)
  for (const { ipAddress } of Object.values(system.interfaces)) if (ipAddress !== '') fleet.byIp.set(ipAddress, system)
}

export function takeItem<Type extends ItemType>(fleet: Fleet, type: Type, item: ItemOf[Type]): void {
  forget(fleet, type, item)
  indexOf(fleet, type).order.take(item.name)
  fleet.changes++
}

function forget<Type extends ItemType>(fleet: Fleet, type: Type, item: ItemOf[Type]): void {
  const index = indexOf(fleet, type)
  index.byName.delete(item.name)
  index.byUid.delete(item.uid)
  for (const [word, key] of keysOf(item)) {
    const known = index.words[word].get(key)
    known?.delete(item)
    if (known?.size === 0) index.words[word].delete(key)
  }
  if (type !== 'system') return
  const system = item as System
  for (const mac of macsOf(system)) fleet.byMac.delete(mac)
  for (const { ipAddress } of Object.values(system.interfaces)) if (ipAddress !== '') fleet.byIp.delete(ipAddress)
}

function keysOf<Type extends ItemType>({ name, uid, mgmtClasses }: ItemOf[Type]): [Word, string][] {
  const classes: readonly string[] = mgmtClasses === INHERIT ? [] : mgmtClasses
  // A class may be said twice; sets do not mind. Classes are words of an orchestrator: their case counts.
  return [
    ['name', name.toLowerCase()],
    ['uid', uid.toLowerCase()],
    ...classes.map((word): [Word, string] => ['class', word]),
  ]
}

type OfType = { [Type in ItemType]: { readonly type: Type; readonly item: ItemOf[Type] } }
/** An object that names another, and cannot be without it. */
export type Dependent = OfType['profile' | 'system' | 'menu']

/** Everything that names this object, and what names that: parents before their children. */
export function dependentsOf(fleet: Fleet, type: ItemType, name: string): Dependent[] {
  // A sub-profile with a distro of its own can be reached twice, and counts where it is reached last.
  const found = new Map<unknown, Dependent>()
  const visit = (ofType: ItemType, named: string): void => {
    for (const one of childrenOf(fleet, ofType, named)) {
      found.delete(one.item)
      found.set(one.item, one)
      visit(one.type, one.item.name)
    }
  }
  visit(type, name)
  return [...found.values()]
}

/** What names this object itself. */
export function childrenOf(fleet: Fleet, type: ItemType, name: string): Dependent[] {
  switch (type) {
    case 'distro':
      return profilesWhere(fleet, ({ distro }) => distro === name)
    case 'profile':
      return [...profilesWhere(fleet, ({ parent }) => parent === name), ...systemsWhere(fleet, 'profile', name)]
    case 'image':
      return systemsWhere(fleet, 'image', name)
    case 'menu':
      return fleet.menu.order.list().flatMap((item) => (item.parent === name ? [{ type: 'menu', item }] : []))
    default:
      return []
  }
}

function profilesWhere(fleet: Fleet, isOne: (profile: ItemOf['profile']) => boolean): Dependent[] {
  return fleet.profile.order.list().flatMap((item) => (isOne(item) ? [{ type: 'profile', item }] : []))
}

function systemsWhere(fleet: Fleet, key: 'profile' | 'image', name: string): Dependent[] {
  return fleet.system.order.list().flatMap((item) => (item[key] === name ? [{ type: 'system', item }] : []))
}
