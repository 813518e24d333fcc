/** COPY and MOVE (RFC 4918 sections 9.8 and 9.9): the result appears in one step, properties with it, locks without. */
import { checkThere, requireOurs, requireParent, requireUnlocked, touched } from '../guard.ts'
import { destinationOf, hostOf, isBelow } from '../path.ts'
import { Refusal } from '../refusal.ts'
import type { DavAnswer, DavRequest, Store } from '../store.ts'
import type { Draft, Node } from '../tree.ts'

export async function copyOrMove(store: Store, request: DavRequest): Promise<DavAnswer> {
  const { method, place, headers } = request
  const { tree } = store
  const from = place.path
  const to = destinationOf(headers['destination'], hostsOf(store, headers['host'])).path
  const depth = headers['depth']?.toLowerCase() ?? 'infinity'
  if (depth !== 'infinity' && (depth !== '0' || method === 'MOVE')) {
    throw new Refusal(400, `Depth of ${method} is infinity${method === 'COPY' ? ' or 0' : ''}`)
  }
  const overwrite = headers['overwrite']?.trim().toUpperCase() ?? 'T'
  if (overwrite !== 'T' && overwrite !== 'F') throw new Refusal(400, 'Overwrite is T or F')

  const { replaced, old } = await store.oneAtATime(async () => {
    for (const path of [from, to]) await requireOurs(store, path)
    const { node, tokens } = await checkThere(store, request)
    if (from === to || isBelow(to, from) || isBelow(from, to)) {
      throw new Refusal(403, 'source and destination are one, or one is in the other')
    }
    const target = await tree.look(to)
    if (target && overwrite === 'F') throw new Refusal(412, 'there is something at the destination')
    await requireParent(store, to)
    const changed = [...(method === 'MOVE' ? touched(store, from) : []), ...touched(store, to)]
    requireUnlocked(store, request, tokens, changed)
    const old =
      method === 'MOVE' ? await move(store, node, target, to) : await copy(store, node, target, to, depth === '0')
    return { replaced: target !== undefined, old }
  })
  if (old) await tree.discard(old)
  return { status: replaced ? 204 : 201 }
}

/**
 * Properties are copied first and go last, so that a crash loses none of the source's.
 * @returns what was there before and could not be replaced in the same step
 */
async function move(store: Store, node: Node, target: Node | undefined, to: string): Promise<Draft | undefined> {
  const { tree, properties, locks, quota } = store
  const freed = target ? await tree.measure(to) : 0
  await properties.copy(node.path, to, false)
  const old = await makeWay(store, node, target)
  await tree.move(node.path, to)
  await properties.remove(node.path)
  locks.forget(node.path)
  locks.forget(to, 'below')
  quota.change(-freed)
  return old
}

async function copy(
  store: Store,
  node: Node,
  target: Node | undefined,
  to: string,
  shallow: boolean,
): Promise<Draft | undefined> {
  const { tree, properties, locks, quota } = store
  const freed = target ? await tree.measure(to) : 0
  if (node.kind === 'file' || !shallow) quota.require(await tree.measure(node.path), freed)
  const draft = await tree.copy(node.path, shallow)
  try {
    await properties.copy(node.path, to, shallow)
    const old = await makeWay(store, node, target)
    await tree.place(draft, to)
    locks.forget(to, 'below')
    quota.change(draft.size - freed)
    return old
  } catch (error) {
    await tree.discard(draft)
    throw error
  }
}

/** A rename replaces a file by a file, and nothing else. */
async function makeWay({ tree }: Store, node: Node, target: Node | undefined): Promise<Draft | undefined> {
  if (!target || (target.kind === 'file' && node.kind === 'file')) return undefined
  return await tree.takeOut(target.path)
}

/** A client that told no host (HTTP/1.0) may name any. */
function hostsOf({ hosts }: Store, asked: string | undefined): string[] {
  const host = hostOf(asked)
  return host === undefined ? [] : [host, ...hosts]
}
