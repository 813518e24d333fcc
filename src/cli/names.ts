/** The names of objects, which is all that a list and a completion need of them. */
import type { ItemType } from '../model/items.ts'
import { apiPath, type Client } from './client.ts'

/** By type: of one, or of all. */
export async function fetchNames(
  { get }: Client,
  type?: ItemType,
): Promise<Readonly<Record<string, readonly string[]>>> {
  return await get(apiPath('names') + (type === undefined ? '' : `?type=${type}`))
}
