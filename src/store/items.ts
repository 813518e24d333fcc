/**
 * Objects in the database: rows in, model out. Uniqueness of names and MACs is the database's; rules are not here. The
 * passwords of power controllers are sealed: a copy of the database alone tells none.
 */
import { sql } from 'kysely'
import { SEALED, type Vault } from '../lib/vault.ts'
import type { Mac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import type { ItemOf, ItemType } from '../model/items.ts'
import { emptyItem, isItemType } from '../model/items.ts'
import { macsOf, type System } from '../model/system.ts'
import type { Db, Tx } from './db.ts'
import type { ItemRow } from './schema.ts'

/** An object with the word for what it is. */
export type AnyItem = { [Type in ItemType]: { readonly type: Type; readonly item: ItemOf[Type] } }[ItemType]

/**
 * Every object there is. Passwords that an older version has left unsealed are sealed.
 * @throws OrchestraError config.invalid when the vault is not the one that they were sealed with
 */
export async function loadItems(db: Db, vault: Vault): Promise<AnyItem[]> {
  const rows = await db.selectFrom('item').selectAll().orderBy('name').execute()
  const items = rows.flatMap((row) => (isItemType(row.type) ? [ofRow(row, row.type, vault)] : []))
  let unsealed = 0
  for (const [index, { type, item }] of items.entries()) {
    const stored = type === 'system' && item.power.pass !== '' ? rows[index]?.body : undefined
    if (stored === undefined || isSealed(passOf(JSON.parse(stored)))) continue
    const { body } = toRow(type, item, vault)
    await db.updateTable('item').set({ body }).where('uid', '=', item.uid).execute()
    unsealed++
  }
  if (unsealed > 0) {
    // What was overwritten stays in free places of the file until it is written anew.
    await sql`vacuum`.execute(db)
    await sql`pragma wal_checkpoint(truncate)`.execute(db)
  }
  return items
}

/** False when an object with this uid, this name or one of its MACs is there already. */
export async function insertItem<Type extends ItemType>(
  tx: Tx,
  type: Type,
  item: ItemOf[Type],
  vault: Vault,
): Promise<boolean> {
  const result = await tx
    .insertInto('item')
    .values(toRow(type, item, vault))
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
  vault: Vault,
): Promise<boolean> {
  const result = await tx
    .updateTable('item')
    .set(toRow(type, item, vault))
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

function toRow<Type extends ItemType>(type: Type, item: ItemOf[Type], vault: Vault): ItemRow {
  const { uid, name, revision, ...body } = item
  return { uid, type, name, revision, body: JSON.stringify(withPass(body, (pass) => vault.seal(pass))) }
}

/** A field that came with a later version gets its default, so that yesterday's rows are read today. */
function ofRow<Type extends ItemType>(row: ItemRow, type: Type, vault: Vault): AnyItem {
  const { uid, name, revision } = row
  const open = (pass: string) => {
    const opened = isSealed(pass) ? vault.open(pass) : pass
    if (opened !== undefined) return opened
    throw new OrchestraError(
      'config.invalid',
      `the power password of ${name} was sealed with another key; put back the file "key" of the data directory`,
    )
  }
  const item = { ...emptyItem(type, uid), ...withPass(JSON.parse(row.body), open), uid, name, revision }
  return { type, item } as AnyItem
}

function withPass<Body extends object>(body: Body, change: (pass: string) => string): Body {
  const pass = passOf(body)
  return pass === '' ? body : { ...body, power: { ...(body as Partial<System>).power, pass: change(pass) } }
}

function passOf(body: object): string {
  return (body as Partial<System>).power?.pass ?? ''
}

/** A password of an older version may begin in the same way, but is not as long. */
function isSealed(text: string): boolean {
  return text.startsWith(SEALED) && /^[\w-]{38,}$/.test(text.slice(SEALED.length))
}
