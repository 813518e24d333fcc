/** xapi_object_edit(type, name, edit_type, attributes, token): add, edit, copy, rename or remove in one call. */
import type { ItemOf, ItemType } from '../../model/items.ts'
import type { System } from '../../model/system.ts'
import { findAttribute, setInterfaceField } from '../attributes.ts'
import { cobblerFault, unknownName } from '../fault.ts'
import { areClasses, findField } from '../fields.ts'
import { findInterfaceField } from '../interface-fields.ts'
import { options, toOptions } from '../kinds.ts'
import { type Context, callerOf, type Method, structArg, textArg, typeOf } from '../method.ts'
import { isTruthy, type Struct, type Value } from '../value.ts'
import { copyItem, renameItem } from './copy.ts'

const objectEdit: Method = {
  name: 'xapi_object_edit',
  auth: 'write',
  params: ['object_type', 'object_name', 'edit_type', 'attributes', 'token'],
  required: 5,
  call: async (context, args) => {
    const type = typeOf(args[0])
    const name = textArg(args, 1, 'object_name')
    if (name.trim() === '') throw cobblerFault('xapi_object_edit() called without an object name')
    await perform(context, type, name, textArg(args, 2, 'edit_type'), structArg(args, 3, 'attributes'))
    return true
  },
}

async function perform(context: Context, type: ItemType, name: string, verb: string, given: Struct): Promise<void> {
  const { catalog } = context
  const item = catalog.get(type, name)
  switch (verb) {
    case 'add':
      return await add(context, type, name, given)
    case 'remove':
      if (item)
        await catalog.remove(type, name, {
          recursive: given['recursive'] === undefined || isTruthy(given['recursive']),
        })
      return
    case 'edit':
      if (!item) throw unknownName(type, name)
      await catalog.save(type, applyAll(context, type, item, given), writtenBy(context, type, given))
      return
    case 'copy':
      if (!item) throw unknownName(type, name)
      return await copyItem(
        context,
        type,
        applyAll(context, type, item, given),
        textArg([given['newname'] ?? null], 0, 'newname'),
      )
    case 'rename':
      if (!item) throw unknownName(type, name)
      return await renameItem(context, type, item.uid, textArg([given['newname'] ?? null], 0, 'newname'))
    default:
      throw cobblerFault(`invalid edit_type "${verb}", expected add/edit/copy/rename/remove`)
  }
}

/** `clobber` (2.x): an object of that name is made anew in its place. */
async function add<Type extends ItemType>(context: Context, type: Type, name: string, given: Struct): Promise<void> {
  const { catalog } = context
  const before = catalog.get(type, name)
  if (before && !isTruthy(given['clobber'])) {
    throw cobblerFault(`It seems unwise to overwrite the object ${name}, try 'edit'`)
  }
  if (type === 'system' && !isTruthy(given['profile']) && !isTruthy(given['image'])) {
    throw cobblerFault("You must specify a 'profile' or 'image' for new systems")
  }
  const fresh = catalog.draft(type)
  const { uid, revision, ctime } = before ?? fresh
  const item = applyAll(context, type, { ...fresh, uid, revision, ctime, name }, given)
  await catalog.save(type, item, writtenBy(context, type, given))
}

/** One call names no revision: whose classes it writes may have changed hands since its caller looked. */
function writtenBy(context: Context, type: ItemType, given: Struct): { by: string; isBlind: boolean } {
  return { by: callerOf(context).user, isBlind: Object.keys(given).some((key) => areClasses(type, key)) }
}

/** Not attributes of the object, but of the call. */
const OF_THE_CALL = new Set([
  'name',
  'newname',
  'clobber',
  'recursive',
  'in_place',
  'interface',
  'delete_interface',
  'rename_interface',
])

function applyAll<Type extends ItemType>(
  context: Context,
  type: Type,
  item: ItemOf[Type],
  given: Struct,
): ItemOf[Type] {
  let changed = item
  const nic = typeof given['interface'] === 'string' ? given['interface'] : ''
  for (const [key, value] of Object.entries(given)) {
    if (OF_THE_CALL.has(key)) continue
    const ofInterface = type === 'system' && nic !== '' && findField(type, key) === undefined && findInterfaceField(key)
    if (ofInterface) changed = setInterfaceField(changed as System, nic, key, value, context) as ItemOf[Type]
    else changed = setOne(context, type, changed, key, value, isTruthy(given['in_place']))
  }
  if (type === 'system' && nic !== '') changed = actOnInterface(context, changed as System, nic, given) as ItemOf[Type]
  return changed
}

function actOnInterface(context: Context, system: System, nic: string, given: Struct): System {
  if (given['delete_interface'] !== undefined) return setSystem(context, system, 'delete_interface', nic)
  const to = given['rename_interface']
  return to === undefined ? system : setSystem(context, system, 'rename_interface', [nic, to])
}

function setSystem(context: Context, system: System, attribute: string, value: Value): System {
  return findAttribute('system', attribute)?.(system, value, context) ?? system
}

function setOne<Type extends ItemType>(
  context: Context,
  type: Type,
  item: ItemOf[Type],
  key: string,
  value: Value,
  inPlace: boolean,
): ItemOf[Type] {
  const field = findField(type, key)
  const before = field?.read(item)
  const isMerged = inPlace && field?.kind === options && typeof before === 'object' && before !== null
  const wanted = isMerged ? merged(before as Struct, toOptions(value, key)) : value
  return findAttribute(type, key)?.(item, wanted, context) ?? item
}

/** `in_place`: what is given goes on top of what is there, and `~key` takes a key away. */
function merged(before: Struct, given: Struct): Struct {
  const result = new Map(Object.entries(before))
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith('~')) result.delete(key.slice(1))
    else result.set(key, value)
  }
  return Object.fromEntries(result)
}

export const objectEditMethods: readonly Method[] = [objectEdit]
