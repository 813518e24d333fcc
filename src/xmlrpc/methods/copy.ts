/** copy_<type> and rename_<type> (handle, newname, token): both act at once, without a save. */
import { OrchestraError } from '../../model/errors.ts'
import type { ItemOf, ItemType } from '../../model/items.ts'
import type { Interface, System } from '../../model/system.ts'
import { type Context, callerOf, family, type Method, textArg } from '../method.ts'

const PARAMS = ['handle', 'newname', 'token'] as const

const copy = family(
  (type) => `copy_${type}`,
  (type) => ({
    auth: 'write',
    params: PARAMS,
    required: 3,
    before: ({ drafts }, args) => drafts.find(type, textArg(args, 0, 'handle')),
    call: async (context, args) => {
      const item = context.drafts.read(type, textArg(args, 0, 'handle'), callerOf(context))
      await copyItem(context, type, item, textArg(args, 1, 'newname'))
      return true
    },
  }),
)

export async function copyItem<Type extends ItemType>(
  { catalog, caller }: Context,
  type: Type,
  item: ItemOf[Type],
  name: string,
): Promise<void> {
  const { uid } = catalog.draft(type)
  const fresh = { ...item, uid, name, revision: 0, ctime: 0 }
  const copied = type === 'system' ? { ...fresh, interfaces: withoutAddresses(item as System) } : fresh
  await catalog.save(type, copied as ItemOf[Type], { by: caller?.user })
}

/** No two systems have one address. */
function withoutAddresses({ interfaces }: System): Record<string, Interface> {
  const blank = { macAddress: '', ipAddress: '', dnsName: '' } as const
  return Object.fromEntries(Object.entries(interfaces).map(([name, nic]) => [name, { ...nic, ...blank }]))
}

const rename = family(
  (type) => `rename_${type}`,
  (type) => ({
    auth: 'write',
    params: PARAMS,
    required: 3,
    before: ({ drafts }, args) => drafts.find(type, textArg(args, 0, 'handle')),
    call: async (context, args) => {
      const { uid } = context.drafts.read(type, textArg(args, 0, 'handle'), callerOf(context))
      await renameItem(context, type, uid, textArg(args, 1, 'newname'))
      return true
    },
  }),
)

/** The saved object: changes that nobody saved are not part of it. Cobbler would overwrite one that has the name. */
export async function renameItem<Type extends ItemType>(
  { catalog }: Context,
  type: Type,
  uid: string,
  name: string,
): Promise<void> {
  const item = catalog.byUid(type, uid)
  if (!item) throw new OrchestraError('item.missing', `only a saved ${type} can be renamed`)
  if (item.name !== name) await catalog.save(type, { ...item, name })
}

export const copyMethods: readonly Method[] = [...copy, ...rename]
