/** Reading objects: one by name, all of a type, their names, whether there is one. */
import { family, type Method, textArg, typeOf } from '../method.ts'
import { isTruthy } from '../value.ts'
import { viewItem, viewItems } from '../view.ts'

/**
 * get_<type>(name, flatten, resolved, token). Before 3.3.3 there was no `resolved`, so a token may stand in its place; it
 * then asks for nothing. In the place of `flatten` it is a truth like any other: scripts rely on the text that they get.
 */
const getOne = family(
  (type) => `get_${type}`,
  (type) => ({
    auth: 'read',
    params: ['name', 'flatten', 'resolved', 'token'],
    required: 1,
    call: (context, args) => {
      const item = context.catalog.get(type, textArg(args, 0, 'name'))
      // Null goes out as "~", which is how clients know that there is none.
      if (!item) return null
      const [, flatten, resolved] = args
      return viewItem(context, type, item, {
        flatten: isTruthy(flatten),
        resolved: resolved === true || resolved === 1,
      })
    },
  }),
)

const PLURALS: Readonly<Record<string, string>> = { mgmtclass: 'mgmtclasses' }

/** get_<type>s(page, results_per_page, token): Cobbler takes the page and gives all. */
const getAll = family(
  (type) => `get_${PLURALS[type] ?? `${type}s`}`,
  (type) => ({
    auth: 'read',
    params: ['page', 'results_per_page', 'token'],
    required: 0,
    call: (context) => viewItems(context, type, context.catalog.list(type)),
  }),
)

const getItemNames: Method = {
  name: 'get_item_names',
  auth: 'read',
  params: ['what', 'token'],
  required: 1,
  call: ({ catalog }, [what]) => catalog.list(typeOf(what)).map(({ name }) => name),
}

const hasItem: Method = {
  name: 'has_item',
  auth: 'read',
  params: ['what', 'name', 'token'],
  required: 2,
  call: ({ catalog }, args) => catalog.get(typeOf(args[0]), textArg(args, 1, 'name')) !== undefined,
}

export const readMethods: readonly Method[] = [...getOne, ...getAll, getItemNames, hasItem]
