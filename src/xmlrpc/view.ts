/** An object as a reader asked for it: plain, flattened (structs of options as text), or resolved (after inheritance). */
import type { Json } from '../lib/json.ts'
import { isJsonObject } from '../lib/json.ts'
import type { Blend } from '../model/blend.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import { fieldsOf, showItem } from './fields.ts'
import { options } from './kinds.ts'
import { type Context, maySeeSecrets } from './method.ts'
import { isStruct, Rows, type Struct, toJson, type Value } from './value.ts'

export interface View {
  readonly flatten: boolean
  readonly resolved: boolean
}

export function viewItem<Type extends ItemType>(context: Context, type: Type, item: ItemOf[Type], view: View): Struct {
  const plain = showItem(type, item, maySeeSecrets(context))
  const whole = view.resolved ? { ...plain, ...inherited(context, type, item) } : plain
  return view.flatten ? flatten(type, whole) : whole
}

const PLAIN: View = { flatten: false, resolved: false }

/** The list is as it is now, whatever is saved while it is written: saved objects never change, they are replaced. */
export function viewItems<Type extends ItemType>(context: Context, type: Type, items: readonly ItemOf[Type][]): Rows {
  return new Rows(viewEach(context, type, items))
}

function* viewEach<Type extends ItemType>(
  context: Context,
  type: Type,
  items: readonly ItemOf[Type][],
): Generator<Struct> {
  for (const item of items) yield viewItem(context, type, item, PLAIN)
}

/** What inheritance makes of the fields that take part in it. */
function inherited<Type extends ItemType>(context: Context, type: Type, item: ItemOf[Type]): Struct {
  if (type === 'system') return blended(context.blendSystem(item as ItemOf['system']))
  if (type === 'profile') return blended(context.blendProfile(item as ItemOf['profile']))
  return {}
}

function blended(blend: Blend | { readonly ok: false }): Struct {
  // What does not resolve is shown as it is stored: a reader must be able to see why.
  if (!blend.ok) return {}
  return {
    ks_meta: blend.meta,
    autoinstall_meta: blend.meta,
    kernel_options: blend.kernelOptions,
    kernel_options_post: blend.kernelOptionsPost,
    mgmt_classes: blend.mgmtClasses,
    owners: blend.owners,
    autoinstall: blend.autoinstall,
    kickstart: blend.autoinstall,
    name_servers: blend.nameServers,
    name_servers_search: blend.nameServersSearch,
    server: blend.server,
  }
}

function flatten<Type extends ItemType>(type: Type, shown: Struct): Struct {
  const flat: Record<string, Value> = { ...shown }
  for (const { kind, names } of fieldsOf(type)) {
    if (kind !== options) continue
    for (const name of names) {
      const value = shown[name]
      if (value !== undefined && isStruct(value)) flat[name] = flatOptions(toJson(value))
    }
  }
  return flat
}

/** `a=1 b ` with a blank at the end: Cobbler's own text. */
function flatOptions(value: Json): string {
  if (!isJsonObject(value)) return String(value)
  return Object.entries(value)
    .flatMap(([key, one]) => (Array.isArray(one) ? one : [one]).map((single: Json) => flatOption(key, single)))
    .join('')
}

function flatOption(key: string, value: Json): string {
  return value === null || value === '' || value === '~' ? `${key} ` : `${key}=${textOf(value)} `
}

function textOf(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
