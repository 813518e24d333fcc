/** Objects in the database: rows in, model out. Uniqueness of names and MACs is the database's; rules are not here. */
import type { Mac } from '../model/address.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import { emptyItem, isItemType } from '../model/items.ts'
import { macsOf, type System } from '../model/system.ts'
import type { Db, Tx } from './db.ts'
import type { ItemRow } from './schema.ts'

/** An object with the word for what it is. */
export type AnyItem = { [Type in ItemType]: { readonly type: Type; readonly item: ItemOf[Type] } }[ItemType]

/** Every object there is. */
export async function loadItems(db: Db): Promise<AnyItem[]> {
  const rows = await db.selectFrom('item').selectAll().orderBy('name').execute()
  return rows.flatMap((row) => (isItemType(row.type) ? [ofRow(row, row.type)] : []))
}

/** False when an object with this uid, this name or one of its MACs is there already. */
export async function insertItem<Type extends ItemType>(tx: Tx, type: Type, item: ItemOf[Type]): Promise<boolean> {
  const result = await tx
    .insertInto('item')
    .values(toRow(type, item))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (Number(result.numInsertedOrUpdatedRows ?? 0) !== 1) return false
  return await setMacs(tx, type, item)
}

/** Compare and swap on `revision`: false when somebody saved or removed in between, or when a name or MAC is taken. */
export async function replaceItem<Type extends ItemType>(
  tx: Tx,
  type: Type,
  base: { readonly uid: string; readonly revision: number },
  item: ItemOf[Type],
): Promise<boolean> {
  const result = await tx
    .updateTable('item')
    .set(toRow(type, item))
    .where('uid', '=', base.uid)
    .where('type', '=', type)
    .where('revision', '=', base.revision)
    .executeTakeFirst()
  if (Number(result.numUpdatedRows) !== 1) return false
  return await setMacs(tx, type, item)
}

/** False when it was saved or removed in between. */
export async function deleteItem(tx: Tx, uid: string, revision: number): Promise<boolean> {
  const result = await tx.deleteFrom('item').where('uid', '=', uid).where('revision', '=', revision).executeTakeFirst()
  return Number(result.numDeletedRows) === 1
}

async function setMacs<Type extends ItemType>(tx: Tx, type: Type, item: ItemOf[Type]): Promise<boolean> {
  if (type !== 'system') return true
  const macs: Mac[] = macsOf(item as System)
  await tx.deleteFrom('mac').where('uid', '=', item.uid).execute()
  if (macs.length === 0) return true
  const result = await tx
    .insertInto('mac')
    .values(macs.map((mac) => ({ mac, uid: item.uid })))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === macs.length
}

function toRow<Type extends ItemType>(type: Type, item: ItemOf[Type]): ItemRow {
  const { uid, name, revision, ...body } = item
  return { uid, type, name, revision, body: JSON.stringify(body) }
}

/** A field that came with a later version gets its default, so that yesterday's rows are read today. */
function ofRow<Type extends ItemType>(row: ItemRow, type: Type): AnyItem {
  const { uid, name, revision } = row
  const item = { ...emptyItem(type, uid), ...JSON.parse(row.body), uid, name, revision }
  return { type, item } as AnyItem
}
