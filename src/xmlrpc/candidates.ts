/** Which objects a find must look at: the few that an index names where it can, else all of them. */
import { asIpv4, asMac } from '../model/address.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import { parseList } from '../model/options.ts'
import type { Catalog } from '../services/catalog.ts'

export type Searchable = Pick<Catalog, 'list' | 'having' | 'systemByMac' | 'systemByIp' | 'custody'>

/** Beyond this part of all, putting the few in order costs more than looking at all, which are in order. */
const FEW = 1 / 8

/**
 * In order of name: all that can meet the criteria, and perhaps some that do not.
 * @param criteria what each field is to be, as text
 */
export function candidates<Type extends ItemType>(
  catalog: Searchable,
  type: Type,
  criteria: readonly (readonly [name: string, wanted: string])[],
): readonly ItemOf[Type][] {
  let fewest: ReadonlySet<ItemOf[Type]> | undefined
  for (const [name, wanted] of criteria) {
    for (const found of indexed(catalog, type, name, wanted)) {
      if (fewest === undefined || found.size < fewest.size) fewest = found
    }
  }
  const all = catalog.list(type)
  if (fewest === undefined || fewest.size > Math.max(1, all.length * FEW)) return all
  return [...fewest].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function indexed<Type extends ItemType>(
  catalog: Searchable,
  type: Type,
  name: string,
  wanted: string,
): ReadonlySet<ItemOf[Type]>[] {
  // A pattern, a criterion turned round, and "nothing" are no keys.
  if (wanted === '' || wanted.startsWith('~') || /[*?[]/.test(wanted)) return []
  switch (name) {
    case 'name':
    case 'uid':
      return [catalog.having(type, name, wanted)]
    case 'mgmt_classes':
      return parseList(wanted).map((word) => catalog.having(type, 'class', word))
  }
  if (type !== 'system') return []
  const system = name === 'mac_address' ? byMac(catalog, wanted) : name === 'ip_address' ? byIp(catalog, wanted) : 'all'
  return system === 'all' ? [] : [new Set(system ? [system as ItemOf[Type]] : [])]
}

/** Compared as text, so a MAC that is written in another way finds nothing, as in Cobbler. */
function byMac(catalog: Searchable, wanted: string): ItemOf['system'] | undefined {
  const mac = asMac(wanted)
  return mac && mac === wanted.toLowerCase() ? catalog.systemByMac(mac) : undefined
}

function byIp(catalog: Searchable, wanted: string): ItemOf['system'] | undefined {
  const ip = asIpv4(wanted)
  return ip && catalog.systemByIp(ip)
}
