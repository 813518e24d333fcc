/** Objects as inheritance makes them, under Cobbler's names: the answers of as_rendered, get_blended_data and "resolved". */
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import { INHERIT } from '../model/item.ts'
import { ITEM_TYPES, type ItemOf, type ItemType } from '../model/items.ts'
import { cobblerBlend } from '../services/cobbler-names.ts'
import { INHERITED_SETTINGS } from '../services/cobbler-settings.ts'
import { MASK } from './field.ts'
import { fieldsOf, showItem } from './fields.ts'
import { options } from './kinds.ts'
import { type Context, maySeeSecrets } from './method.ts'
import { settingsOf } from './settings.ts'
import { isStruct, type Struct, toJson, type Value } from './value.ts'

/** What inheritance makes of an object; undefined for one that has nobody to inherit from, or that does not resolve. */
export function blendOf<Type extends ItemType>(context: Context, type: Type, item: ItemOf[Type]): Blend | undefined {
  const blend: Blend | Unresolved | undefined =
    type === 'system'
      ? context.blendSystem(item as ItemOf['system'])
      : type === 'profile'
        ? context.blendProfile(item as ItemOf['profile'])
        : undefined
  return blend?.ok ? blend : undefined
}

/** Those that are merged from all levels, and so are never just what the object says itself. */
const MERGED =
  'ks_meta autoinstall_meta kernel_options kernel_options_post mgmt_classes owners autoinstall kickstart name_servers name_servers_search server'.split(
    ' ',
  )

/**
 * The object's own fields with what they come to. What does not resolve is shown as it is stored: a reader must be able to
 * see why.
 */
export function resolveItem<Type extends ItemType>(context: Context, type: Type, item: ItemOf[Type]): Struct {
  const plain = showItem(type, item, maySeeSecrets(context))
  const blend = blendOf(context, type, item)
  const names = blend ? blendedNames(context, blend) : {}
  const settings = context.cobbler.settings.all()
  const resolved = Object.entries(plain).map(([name, value]): [string, Value] => {
    if (blend && MERGED.includes(name) && name in names) return [name, names[name] ?? null]
    if (value !== INHERIT) return [name, value]
    return [name, names[name] ?? settings[INHERITED_SETTINGS[name] ?? ''] ?? noneOf(type, name)]
  })
  return { ...Object.fromEntries(resolved), ...(blend && { server: hostOf(blend.server) }) }
}

/** Nobody says anything: an empty one of its kind. */
function noneOf(type: ItemType, name: string): Value {
  return fieldsOf(type).find(({ names }) => names.includes(name))?.kind.none ?? ''
}

function hostOf(server: string): string {
  return server.replace(/:\d+$/, '')
}

function blendedNames(context: Context, blend: Blend): JsonObject {
  const withSecrets = maySeeSecrets(context)
  const names = cobblerBlend(blend, blend.server, {
    withSecrets: true,
    repo: (name) => context.catalog.get('repo', name),
  })
  return Object.fromEntries(
    Object.entries(names).map(([name, value]) => [name, isHidden(name, value, withSecrets) ? MASK : value]),
  )
}

const SECRETS = new Set(
  ITEM_TYPES.flatMap((type) => fieldsOf(type).flatMap(({ names, isSecret }) => (isSecret ? names : []))),
)

function isHidden(name: string, value: Json, withSecrets: boolean): boolean {
  return !withSecrets && SECRETS.has(name) && value !== '' && value !== INHERIT
}

/** Settings, distro, profile and system as one flat struct, options as text. */
export function renderItem<Type extends ItemType>(context: Context, type: Type, item: ItemOf[Type]): Struct {
  const blend = blendOf(context, type, item)
  const own = blend ? blendedNames(context, blend) : resolveItem(context, type, item)
  return flattenOptions({ ...settingsOf(context), ...own })
}

const OPTIONS = new Set(
  ITEM_TYPES.flatMap((type) => fieldsOf(type).flatMap(({ names, kind }) => (kind === options ? names : []))),
)

/** Structs of options become the text that a kernel line would have. */
export function flattenOptions(shown: Struct): Struct {
  const flat: Record<string, Value> = { ...shown }
  for (const name of OPTIONS) {
    const value = shown[name]
    if (value !== undefined && isStruct(value)) flat[name] = optionsText(toJson(value))
  }
  return flat
}

/** `a=1 b ` with a blank at the end: Cobbler's own text. */
function optionsText(value: Json): string {
  if (!isJsonObject(value)) return String(value)
  return Object.entries(value)
    .flatMap(([key, one]) => (Array.isArray(one) ? one : [one]).map((single: Json) => optionText(key, single)))
    .join('')
}

function optionText(key: string, value: Json): string {
  if (value === null || value === '' || value === '~') return `${key} `
  return `${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)} `
}
