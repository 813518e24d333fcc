/** What every method asks before it acts: is the condition true, is the resource free? */
import { DecodeError } from '../lib/bytes.ts'
import { type Headers, judge } from './conditions.ts'
import { isTrue, parseIf, type StateList, submittedTokens } from './if-header.ts'
import { hrefOf, type Place, parentOf, placeOf } from './path.ts'
import { Refusal } from './refusal.ts'
import type { DavRequest, Store } from './store.ts'
import type { Node } from './tree.ts'

export interface Checked {
  /** What is there; undefined: nothing. */
  readonly node: Node | undefined
  /** The lock tokens that the request named. */
  readonly tokens: ReadonlySet<string>
}

/** Conditions as RFC 9110 has them, then the If header. @throws Refusal 304, 400, 403 or 412 */
export async function check(store: Store, request: DavRequest): Promise<Checked> {
  const { method, headers, place } = request
  const node = await findNode(store, place)
  const lists = readIf(headers)
  const judgement = judge(method, headers, node)
  if (judgement === 304) throw new Refusal(304, '', { headers: node ? validators(node) : {} })
  if (judgement === 412 || (lists.length > 0 && !(await isTrue(lists, (tag) => stateOf(store, place, tag))))) {
    throw new Refusal(412, 'the resource is not as the request says')
  }
  return { node, tokens: submittedTokens(lists) }
}

/** As `check`, for methods that need something to be there. @throws Refusal 404 too */
export async function checkThere(store: Store, request: DavRequest): Promise<Checked & { readonly node: Node }> {
  if (!(await findNode(store, request.place))) throw new Refusal(404, 'there is nothing at this address')
  const { node, tokens } = await check(store, request)
  if (!node) throw new Refusal(404, 'there is nothing at this address')
  return { node, tokens }
}

/** A link, a pipe or a device in the folder, put there by somebody else, is not there; nor is `file/`. */
async function findNode({ tree }: Store, { path, slash }: Place): Promise<Node | undefined> {
  const node = await tree.look(path)
  return node?.kind === 'other' || (node?.kind === 'file' && slash) ? undefined : node
}

/** For methods that write: whatever is in the way that is no file or folder stays. @throws Refusal 403 */
export async function requireOurs({ tree }: Store, path: string): Promise<void> {
  if ((await tree.look(path))?.kind === 'other') throw new Refusal(403, 'what is there is neither a file nor a folder')
}

/** @throws Refusal 400 */
function readIf(headers: Headers): StateList[] {
  try {
    return headers['if'] === undefined ? [] : parseIf(headers['if'])
  } catch (error) {
    if (error instanceof DecodeError) throw new Refusal(400, error.message)
    throw error
  }
}

async function stateOf(store: Store, own: Place, tag: string | undefined) {
  const place = tag === undefined ? own : placeIn(tag)
  if (!place) return { etag: undefined, tokens: new Set<string>() }
  const node = await findNode(store, place)
  return { etag: node?.etag, tokens: new Set(store.locks.covering(place.path).map(({ token }) => token)) }
}

/** A tag may name what is no resource of ours: nothing is true of it. */
function placeIn(tag: string): Place | undefined {
  try {
    return placeOf(tag)
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** Each of these resources is free, or the request named a lock on it that is its sender's. @throws Refusal 423 */
export function requireUnlocked(
  { locks }: Store,
  { principal }: DavRequest,
  tokens: ReadonlySet<string>,
  paths: readonly string[],
): void {
  const blocked = paths.flatMap((path) => {
    const near = locks.covering(path)
    const isOpen = near.length === 0 || near.some((lock) => tokens.has(lock.token) && lock.principal === principal)
    return isOpen ? [] : near.slice(0, 1)
  })
  if (blocked.length === 0) return
  const hrefs = new Set(blocked.map(({ path }) => hrefOf(path, false)))
  throw new Refusal(423, 'it is locked', { condition: 'lock-token-submitted', hrefs: [...hrefs] })
}

/** What changes when a resource comes, goes or is replaced whole: itself, all below, and the folder that it is in. */
export function touched({ locks }: Store, path: string): string[] {
  return [path, parentOf(path), ...locks.below(path).map((lock) => lock.path)]
}

/** The folder that something is to be made in. @throws Refusal 409 */
export async function requireParent({ tree }: Store, path: string): Promise<void> {
  const parent = await tree.look(parentOf(path))
  if (parent?.kind !== 'folder') throw new Refusal(409, 'the folder that it belongs in is not there')
}

export function validators({ etag, mtime }: Node): Record<string, string> {
  return { ...(etag !== undefined && { etag }), 'last-modified': new Date(mtime).toUTCString() }
}
