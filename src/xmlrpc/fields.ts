/**
 * Cobbler's names and ours: the one table that maps them both ways, and an object as its clients see it. Snake case does
 * not get past here.
 */
import type { ItemOf, ItemType } from '../model/items.ts'
import { type Field, MASK } from './field.ts'
import { distroFields, profileFields } from './item-fields.ts'
import { fileFields, imageFields, menuFields, mgmtClassFields, packageFields, repoFields } from './resource-fields.ts'
import { systemFields } from './system-fields.ts'
import type { Struct, Value } from './value.ts'

type Tables = { readonly [Type in ItemType]: readonly Field<ItemOf[Type]>[] }

const FIELDS: Tables = {
  distro: distroFields,
  profile: profileFields,
  system: systemFields,
  mgmtclass: mgmtClassFields,
  image: imageFields,
  repo: repoFields,
  package: packageFields,
  file: fileFields,
  menu: menuFields,
}

type ByName = { readonly [Type in ItemType]: ReadonlyMap<string, Field<ItemOf[Type]>> }

const BY_NAME: ByName = {
  distro: byName(distroFields),
  profile: byName(profileFields),
  system: byName(systemFields),
  mgmtclass: byName(mgmtClassFields),
  image: byName(imageFields),
  repo: byName(repoFields),
  package: byName(packageFields),
  file: byName(fileFields),
  menu: byName(menuFields),
}

function byName<Of>(fields: readonly Field<Of>[]): ReadonlyMap<string, Field<Of>> {
  return new Map(fields.flatMap((field) => [...field.names, ...field.aliases].map((name) => [name, field] as const)))
}

/** TypeScript cannot follow a type word to its table by itself. */
export function fieldsOf<Type extends ItemType>(type: Type): readonly Field<ItemOf[Type]>[] {
  return FIELDS[type] as readonly Field<ItemOf[Type]>[]
}

/** By any of its names; undefined for one that Cobbler's objects of this type do not have. */
export function findField<Type extends ItemType>(type: Type, name: string): Field<ItemOf[Type]> | undefined {
  return (BY_NAME[type] as ReadonlyMap<string, Field<ItemOf[Type]>>).get(name)
}

/** Whether this is a name of the management classes of a system, by which machines are taken and given back. */
export function areClasses(type: ItemType, name: string): boolean {
  return type === 'system' && findField('system', name) === findField('system', 'mgmt_classes')
}

/** The whole object under Cobbler's names, every field of either dialect. */
export function showItem<Type extends ItemType>(type: Type, item: ItemOf[Type], withSecrets: boolean): Struct {
  const shown: Record<string, Value> = {}
  for (const field of fieldsOf(type)) {
    const value = showField(field, item, withSecrets)
    for (const name of field.names) shown[name] = value
  }
  return shown
}

export function showField<Of>(field: Field<Of>, item: Of, withSecrets: boolean): Value {
  const stored = field.read(item)
  // What is empty or inherited is no secret, and clients compare it with their own.
  if (field.isSecret && !withSecrets && stored !== '' && stored !== '<<inherit>>') return MASK
  return field.show ? field.show(item) : stored
}
