/** find_<type> and find_items: names, or whole objects, that meet criteria. */

import type { ItemOf, ItemType } from '../../model/items.ts'
import { findItems, sortItems } from '../find.ts'
import { type Context, family, type Method, maySeeSecrets, structArg, textArg, typeOf } from '../method.ts'
import { isTruthy, type Rows, type Value } from '../value.ts'
import { viewItems } from '../view.ts'

/** find_<type>(criteria, expand, token): a token given as `expand` is a truth too, and Ansible counts on that. */
const findByType = family(
  (type) => `find_${type}`,
  (type) => ({
    auth: 'read',
    params: ['criteria', 'expand', 'token'],
    required: 0,
    call: (context, args) => {
      const criteria = structArg(args, 0, 'criteria')
      const found = findItems(context.catalog, type, criteria, maySeeSecrets(context))
      return answer(context, type, found, isTruthy(args[1]))
    },
  }),
).filter(({ name }) => name !== 'find_item')

const findAny: Method = {
  name: 'find_items',
  auth: 'read',
  params: ['what', 'criteria', 'sort_field', 'expand', 'token'],
  required: 1,
  call: (context, args) => {
    const type = typeOf(args[0])
    const withSecrets = maySeeSecrets(context)
    const found = findItems(context.catalog, type, structArg(args, 1, 'criteria'), withSecrets)
    const by = args[2] === undefined || args[2] === null || args[2] === '' ? 'name' : textArg(args, 2, 'sort_field')
    const sorted = sortItems(type, found, by, withSecrets)
    return answer(context, type, sorted, args[3] === undefined || isTruthy(args[3]))
  },
}

function answer<Type extends ItemType>(
  context: Context,
  type: Type,
  items: readonly ItemOf[Type][],
  expand: boolean,
): Value | Rows {
  if (!expand) return items.map(({ name }) => name)
  return viewItems(context, type, items)
}

export const findMethods: readonly Method[] = [...findByType, findAny]
