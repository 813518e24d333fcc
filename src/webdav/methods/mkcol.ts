/** MKCOL (RFC 4918 section 9.3): a new folder, in one that is there. */
import { check, requireParent, requireUnlocked, touched } from '../guard.ts'
import { Refusal } from '../refusal.ts'
import type { DavAnswer, DavRequest, Store } from '../store.ts'

export async function mkcol(store: Store, request: DavRequest): Promise<DavAnswer> {
  // RFC 4918 section 9.3.1: what a body would mean, nobody has said.
  if (request.hasBody) throw new Refusal(415, 'a folder is made of nothing: send no body')
  const { path } = request.place
  return await store.oneAtATime(async () => {
    const { tokens } = await check(store, request)
    if (await store.tree.look(path)) {
      throw new Refusal(405, 'there is something of this name', { headers: { allow: 'OPTIONS, PROPFIND, DELETE' } })
    }
    await requireParent(store, path)
    requireUnlocked(store, request, tokens, touched(store, path))
    await store.properties.remove(path)
    await store.tree.makeFolder(path)
    return { status: 201 }
  })
}
