/** Criteria of find: which objects meet all of them, and in which order. */

import type { Json } from '../lib/json.ts'
import { isOffered } from '../model/custody.ts'
import { INHERIT } from '../model/item.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import { parseList } from '../model/options.ts'
import type { System } from '../model/system.ts'
import { candidates, type Searchable } from './candidates.ts'
import { areClasses, findField } from './fields.ts'
import { findInterfaceField } from './interface-fields.ts'
import { isArray, type Struct, toJson, type Value } from './value.ts'

/**
 * All objects that meet all criteria, in order of name; none at all for a field that there is not.
 * @param withSecrets whether secret fields can be asked for: a pattern is as good as a look
 */
export function findItems<Type extends ItemType>(
  catalog: Searchable,
  type: Type,
  criteria: Struct,
  withSecrets: boolean,
): readonly ItemOf[Type][] {
  const texts = Object.entries(criteria).map(([name, wanted]) => [name, wantedText(wanted)] as const)
  const tests = texts.map(([name, wanted]) => criterion(type, name, wanted, withSecrets))
  if (tests.length === 0) return catalog.list(type)
  const found = candidates(catalog, type, texts).filter((item) => tests.every((test) => test(item)))
  return type === 'system' ? (offered(catalog, found as readonly System[], texts) as readonly ItemOf[Type][]) : found
}

/**
 * Who asks for machines of an available class wants one to take, and a client of the old protocol that is refused one gives
 * up: one that can be given to nobody would stand in everybody's way.
 */
function offered(
  { custody }: Searchable,
  systems: readonly System[],
  criteria: readonly (readonly [name: string, wanted: string])[],
): readonly System[] {
  const asked = criteria.filter(([name, wanted]) => areClasses('system', name) && !wanted.startsWith('~'))
  const classes = asked.flatMap(([, wanted]) => parseList(wanted))
  return classes.length === 0 ? systems : systems.filter((system) => isOffered(system, classes, custody))
}

function criterion<Type extends ItemType>(
  type: Type,
  name: string,
  text: string,
  withSecrets: boolean,
): (item: ItemOf[Type]) => boolean {
  // Cobbler 2.2: a leading ~ turns a criterion round; alone it is the word for "nothing".
  if (text.length > 1 && text.startsWith('~')) {
    const test = plainCriterion(type, name, text.slice(1), withSecrets)
    return test ? (item) => !test(item) : () => false
  }
  return plainCriterion(type, name, text, withSecrets) ?? (() => false)
}

function plainCriterion<Type extends ItemType>(
  type: Type,
  name: string,
  wanted: string,
  withSecrets: boolean,
): ((item: ItemOf[Type]) => boolean) | undefined {
  const field = findField(type, name)
  if (field) {
    if (field.isSecret && !withSecrets) return undefined
    const isMatch = field.kind.matcher(wanted)
    return (item) => isMatch(field.read(item))
  }
  const ofInterface = type === 'system' ? findInterfaceField(name) : undefined
  if (!ofInterface) return undefined
  const isMatch = ofInterface.kind.matcher(wanted)
  return (item) => Object.values((item as System).interfaces).some((nic) => isMatch(ofInterface.read(nic)))
}

function wantedText(wanted: Value): string {
  if (wanted === null) return ''
  if (isArray(wanted)) return wanted.map(wantedText).join(' ')
  const json = toJson(wanted)
  return typeof json === 'object' ? JSON.stringify(json) : String(json)
}

/** @param by name of a field; `!` before it turns the order round. An unknown or secret one leaves the order of names. */
export function sortItems<Type extends ItemType>(
  type: Type,
  items: readonly ItemOf[Type][],
  by: string,
  withSecrets: boolean,
): readonly ItemOf[Type][] {
  const isBackwards = by.startsWith('!')
  const field = findField(type, isBackwards ? by.slice(1) : by)
  if (!field || (field.isSecret && !withSecrets)) return items
  const sorted = items
    .map((item) => ({ item, key: sortKey(field.read(item)) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)
  return isBackwards ? sorted.reverse() : sorted
}

function sortKey(value: Json): string | number {
  if (typeof value === 'number') return value
  if (value === null || value === INHERIT) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
