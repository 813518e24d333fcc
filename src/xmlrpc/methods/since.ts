/** get_<type>s_since(mtime): what was changed after a time, in seconds since 1970. */
import { type ItemType, PLURALS } from '../../model/items.ts'
import { family, type Method, numberArg } from '../method.ts'
import { viewItems } from '../view.ts'

export const sinceMethods: readonly Method[] = family(
  (type) => `get_${PLURALS[type as ItemType] ?? `${type}s`}_since`,
  (type) => ({
    auth: 'read',
    params: ['mtime', 'token'],
    required: 1,
    call: (context, args) => {
      const after = numberArg(args, 0, 'mtime') * 1000
      return viewItems(
        context,
        type,
        context.catalog.list(type).filter(({ mtime }) => mtime > after),
      )
    },
  }),
)
