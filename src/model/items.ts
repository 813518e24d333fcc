/** The kinds of objects by name, and an empty one of each. */
import type { Distro } from './distro.ts'
import { checkDistro } from './distro.ts'
import type { ManagedFile } from './file.ts'
import type { Image } from './image.ts'
import { checkName, checkUid, INHERIT, type Item } from './item.ts'
import type { Menu } from './menu.ts'
import type { MgmtClass } from './mgmt-class.ts'
import type { Package } from './package.ts'
import { checkProfile, type Profile } from './profile.ts'
import { checkRepo, type Repo } from './repo.ts'
import { checkSystem, type System } from './system.ts'

/** Cobbler's nouns. */
export interface ItemOf {
  distro: Distro
  profile: Profile
  system: System
  mgmtclass: MgmtClass
  image: Image
  repo: Repo
  package: Package
  file: ManagedFile
  menu: Menu
}
export type ItemType = keyof ItemOf
export const ITEM_TYPES = [
  'distro',
  'profile',
  'system',
  'mgmtclass',
  'image',
  'repo',
  'package',
  'file',
  'menu',
] as const satisfies readonly ItemType[]

/** More than one of them, in addresses and headings. */
export const PLURALS: { readonly [Type in ItemType]: string } = {
  distro: 'distros',
  profile: 'profiles',
  system: 'systems',
  mgmtclass: 'mgmtclasses',
  image: 'images',
  repo: 'repos',
  package: 'packages',
  file: 'files',
  menu: 'menus',
}

export function isItemType(word: string): word is ItemType {
  return (ITEM_TYPES as readonly string[]).includes(word)
}

/** A fresh object with the defaults of Cobbler's clients (`netboot_enabled` is on, as in 2.8). */
export function emptyItem<Type extends ItemType>(type: Type, uid: string): ItemOf[Type] {
  return EMPTY[type](uid) as ItemOf[Type]
}

function common(uid: string): Item {
  return { uid, name: '', revision: 0, ctime: 0, mtime: 0, comment: '', owners: INHERIT, mgmtClasses: [], other: {} }
}

const EMPTY: { [Type in ItemType]: (uid: string) => ItemOf[Type] } = {
  distro: (uid) => ({
    ...common(uid),
    kernel: '',
    initrd: '',
    arch: 'x86_64',
    breed: 'debian',
    osVersion: '',
    kernelOptions: {},
    kernelOptionsPost: {},
    meta: {},
    bootLoaders: INHERIT,
    checksums: {},
  }),
  profile: (uid) => ({
    ...common(uid),
    distro: '',
    parent: '',
    kernelOptions: INHERIT,
    kernelOptionsPost: INHERIT,
    meta: INHERIT,
    autoinstall: INHERIT,
    nameServers: INHERIT,
    nameServersSearch: INHERIT,
    server: INHERIT,
    bootLoaders: INHERIT,
    filename: INHERIT,
  }),
  system: (uid) => ({
    ...common(uid),
    profile: '',
    image: '',
    netbootEnabled: true,
    hostname: '',
    gateway: '',
    nameServers: INHERIT,
    nameServersSearch: INHERIT,
    status: 'production',
    kernelOptions: {},
    kernelOptionsPost: {},
    meta: {},
    autoinstall: INHERIT,
    server: INHERIT,
    bootLoaders: INHERIT,
    filename: INHERIT,
    interfaces: {},
    power: { type: '', address: '', user: '', pass: '', id: '', options: '' },
  }),
  mgmtclass: (uid) => ({ ...common(uid), className: '', isDefinition: false, params: {} }),
  image: (uid) => ({ ...common(uid), file: '', arch: 'x86_64', breed: '', osVersion: '', autoinstall: '' }),
  repo: (uid) => ({ ...common(uid), mirror: '', arch: 'x86_64', breed: '' }),
  package: (uid) => ({ ...common(uid), action: 'create', installer: 'yum', version: '' }),
  file: (uid) => ({ ...common(uid), path: '', action: 'create', isDirectory: false, template: '' }),
  menu: (uid) => ({ ...common(uid), displayName: '', parent: '' }),
}

/**
 * A copy under another name, never saved. A system's copy has none of its addresses and names on the network: they stay
 * the original's (as in Cobbler).
 */
export function copyItem<Type extends ItemType>(
  type: Type,
  item: ItemOf[Type],
  uid: string,
  name: string,
): ItemOf[Type] {
  const copy = { ...item, uid, name, revision: 0, ctime: 0, mtime: 0 }
  if (type !== 'system') return copy
  const interfaces = Object.entries((item as System).interfaces).map(([key, kept]) => {
    return [key, { ...kept, macAddress: '', ipAddress: '', dnsName: '' }] as const
  })
  return { ...copy, interfaces: Object.fromEntries(interfaces) }
}

const CHECK: { [Type in ItemType]: (item: ItemOf[Type]) => void } = {
  distro: checkDistro,
  profile: checkProfile,
  system: checkSystem,
  mgmtclass: () => {},
  image: () => {},
  repo: checkRepo,
  package: () => {},
  file: () => {},
  menu: () => {},
}

/** The rules that an object must keep on its own. @throws OrchestraError item.invalid */
export function checkItem<Type extends ItemType>(type: Type, item: ItemOf[Type]): void {
  checkName(item.name)
  checkUid(item.uid)
  CHECK[type](item)
}
