/** DELETE (RFC 4918 section 9.6): a file, or a folder with all that is in it, gone in one step. */
import { checkThere, requireOurs, requireUnlocked, touched } from '../guard.ts'
import { Refusal } from '../refusal.ts'
import type { DavAnswer, DavRequest, Store } from '../store.ts'

export async function remove(store: Store, request: DavRequest): Promise<DavAnswer> {
  const { path } = request.place
  const { tree, locks, properties, quota } = store
  if (path === '') throw new Refusal(403, 'the store itself stays')
  const gone = await store.oneAtATime(async () => {
    await requireOurs(store, path)
    const { node, tokens } = await checkThere(store, request)
    const depth = request.headers['depth']
    if (node.kind === 'folder' && depth !== undefined && depth.toLowerCase() !== 'infinity') {
      throw new Refusal(400, 'a folder goes with all that is in it: Depth is infinity')
    }
    requireUnlocked(store, request, tokens, touched(store, path))
    const draft = await tree.takeOut(path)
    // After the files: a crash in between leaves properties of nothing, which the next of that name does not get.
    await properties.remove(path)
    locks.forget(path)
    quota.change(-draft.size)
    return draft
  })
  await tree.discard(gone)
  return { status: 204 }
}
