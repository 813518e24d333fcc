/** An object as a reader asked for it: plain, flattened (structs of options as text), or resolved (after inheritance). */
import type { ItemOf, ItemType } from '../model/items.ts'
import { showItem } from './fields.ts'
import { type Context, maySeeSecrets } from './method.ts'
import { flattenOptions, resolveItem } from './rendered.ts'
import { Rows, type Struct, type Value } from './value.ts'
import { writeItem } from './write-item.ts'

export interface View {
  readonly flatten: boolean
  readonly resolved: boolean
}

export function viewItem<Type extends ItemType>(context: Context, type: Type, item: ItemOf[Type], view: View): Struct {
  const whole = view.resolved ? resolveItem(context, type, item) : showItem(type, item, maySeeSecrets(context))
  return view.flatten ? flattenOptions(whole) : whole
}

/** The list is as it is now, whatever is saved while it is written: saved objects never change, they are replaced. */
export function viewItems<Type extends ItemType>(context: Context, type: Type, items: readonly ItemOf[Type][]): Rows {
  return new Rows(() => viewEach(context, type, items))
}

function* viewEach<Type extends ItemType>(
  context: Context,
  type: Type,
  items: readonly ItemOf[Type][],
): Generator<Value> {
  const withSecrets = maySeeSecrets(context)
  for (const item of items) yield writeItem(type, item, withSecrets)
}
