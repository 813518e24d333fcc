/** find_items_paged: a page of what was found, and where it stands among the others. */
import { findItems, sortItems } from '../find.ts'
import { type Context, type Method, maySeeSecrets, nameOrNone, structArg, typeOf } from '../method.ts'
import type { Value } from '../value.ts'
import { viewItem } from '../view.ts'

const SIZES = [10, 20, 50, 100, 200, 500]
const MOST = 10_000

const findItemsPaged: Method = {
  name: 'find_items_paged',
  auth: 'read',
  params: ['what', 'criteria', 'sort_field', 'page', 'items_per_page', 'token'],
  required: 1,
  call: (context, args) => {
    const type = typeOf(args[0])
    const withSecrets = maySeeSecrets(context)
    const found = findItems(context.catalog, type, structArg(args, 1, 'criteria'), withSecrets)
    const sorted = sortItems(type, found, sortField(context, args), withSecrets)
    const size = Math.min(countOf(args[4], 25), MOST)
    const pages = Math.max(1, Math.ceil(sorted.length / size))
    const page = Math.min(countOf(args[3], 1), pages)
    const start = size * (page - 1)
    const items = sorted.slice(start, start + size)
    return {
      items: items.map((item) => viewItem(context, type, item, { flatten: false, resolved: false })),
      pageinfo: {
        page,
        prev_page: page > 1 ? page - 1 : null,
        next_page: page < pages ? page + 1 : null,
        pages: Array.from({ length: pages }, (_, index) => index + 1),
        num_pages: pages,
        num_items: sorted.length,
        start_item: start,
        end_item: start + items.length,
        items_per_page: size,
        items_per_page_list: SIZES,
      },
    }
  },
}

function sortField(_: Context, args: readonly Value[]): string {
  return nameOrNone(args, 2) || 'name'
}

/** From one on; clients of the web send numbers as text. */
function countOf(value: Value | undefined, otherwise: number): number {
  const count = Math.floor(Number(value))
  return Number.isSafeInteger(count) && count > 0 ? count : otherwise
}

export const pagedMethods: readonly Method[] = [findItemsPaged]
