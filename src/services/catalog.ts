/**
 * The catalog: distros, profiles, systems and management classes, all of them in memory for the hot path, each change
 * checked whole, written to the store by compare-and-swap, and only then seen and announced.
 */
import type { Ipv4, Mac } from '../model/address.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import type { System } from '../model/system.ts'

export interface Catalog {
  get<Type extends ItemType>(type: Type, name: string): ItemOf[Type] | undefined
  byUid<Type extends ItemType>(type: Type, uid: string): ItemOf[Type] | undefined
  /** In order of name. */
  list<Type extends ItemType>(type: Type): readonly ItemOf[Type][]
  systemByMac(mac: Mac): System | undefined
  /** The system with an interface that has this fixed address. */
  systemByIp(ip: Ipv4): System | undefined
  /**
   * Saves an object: `revision` 0 makes a new one, any other replaces exactly that revision. A changed `name` renames.
   * Answers the object as saved, its revision raised, mtime set.
   * @throws OrchestraError item.invalid | item.exists (name, uid, MAC or address of another) | item.stale (saved in
   *   between, or removed) | item.missing (the profile or distro it names is not there)
   */
  save<Type extends ItemType>(type: Type, item: ItemOf[Type]): Promise<ItemOf[Type]>
  /** @throws OrchestraError item.missing | item.in-use (others name it and `recursive` is false) */
  remove(type: ItemType, name: string, options: { recursive: boolean }): Promise<void>
}
