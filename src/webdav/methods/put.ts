/** PUT (RFC 4918 section 9.7): bytes into a file of their own, and only when all are there into the tree. */
import { chunksOf } from '../body.ts'
import { type Checked, check, requireOurs, requireUnlocked, validators } from '../guard.ts'
import { parentOf } from '../path.ts'
import { Refusal } from '../refusal.ts'
import type { DavAnswer, DavRequest, Store } from '../store.ts'

export async function put(store: Store, request: DavRequest): Promise<DavAnswer> {
  const { place, headers, body, hasBody, isHttp10 } = request
  const { tree, quota, properties } = store
  // RFC 9110 section 14.5: taken for the whole, a part would replace what it belongs to.
  if (headers['content-range'] !== undefined) throw new Refusal(400, 'a part of a file cannot be put: send it whole')
  // Without its length, a body in HTTP/1.0 ends like a broken connection does.
  if (isHttp10 && headers['content-length'] === undefined) throw new Refusal(411, 'say how long it is: Content-Length')

  // Asked before the bytes come, which may take long, and again when they are there, because it may take long.
  const before = await mayPut(store, request)
  const freed = before.node?.size ?? 0
  if (hasBody && headers['content-length'] !== undefined) quota.require(Number(headers['content-length']), freed)
  const draft = await tree.receive(quota.count(chunksOf(body), freed))
  try {
    return await store.oneAtATime(async () => {
      const { node } = await mayPut(store, request)
      quota.require(draft.size, node?.size)
      if (!node) await makeRoom(store, place.path)
      await tree.place(draft, place.path)
      quota.change(draft.size - (node?.size ?? 0))
      const now = await tree.look(place.path)
      return { status: node ? 204 : 201, headers: now ? validators(now) : {} }
    })
  } catch (error) {
    await tree.discard(draft)
    throw error
  }

  /** Folders that are missing are made, and what was once known of this place is forgotten. */
  async function makeRoom({ tree }: Store, path: string): Promise<void> {
    const missing = await missingFolders(store, path)
    await properties.remove(missing[0] ?? path)
    for (const folder of missing) await tree.makeFolder(folder)
  }
}

async function mayPut(store: Store, request: DavRequest): Promise<Checked> {
  const { path, slash } = request.place
  await requireOurs(store, path)
  const checked = await check(store, request)
  if (checked.node?.kind === 'folder') {
    throw new Refusal(405, 'this is a folder: put files into it', {
      headers: { allow: 'GET, HEAD, OPTIONS, PROPFIND' },
    })
  }
  if (slash) throw new Refusal(409, 'the name of a file does not end in a slash')
  const missing = checked.node ? [] : await missingFolders(store, path)
  // A new file is a change to the folder that gets it, or gets the folders around it.
  const changed = checked.node ? [path] : [path, parentOf(missing[0] ?? path)]
  requireUnlocked(store, request, checked.tokens, changed)
  return checked
}

/** The folders around a path that are not there, the outermost first. @throws Refusal 409 when one cannot be made */
async function missingFolders({ tree }: Store, path: string): Promise<string[]> {
  const missing: string[] = []
  for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) {
    const node = await tree.look(folder)
    if (node?.kind === 'folder') break
    if (node) throw new Refusal(409, 'one of the folders that it belongs in is a file')
    missing.unshift(folder)
  }
  return missing
}
