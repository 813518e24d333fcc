/** One request to the store and its answer: the method from the table, and every refusal put into words. */
import type { Clock } from '../lib/clock.ts'
import { isPlainPath } from '../lib/files.ts'
import { oneAtATime } from '../lib/one-at-a-time.ts'
import { lockTable } from './locks.ts'
import { copyOrMove } from './methods/copy-move.ts'
import { remove } from './methods/delete.ts'
import { get } from './methods/get.ts'
import { lock, unlock } from './methods/lock.ts'
import { mkcol } from './methods/mkcol.ts'
import { METHODS, options } from './methods/options.ts'
import { propfind } from './methods/propfind.ts'
import { proppatch } from './methods/proppatch.ts'
import { put } from './methods/put.ts'
import { errorBody, XML_TYPE } from './multistatus.ts'
import { hostOf, placeOf } from './path.ts'
import { openQuota } from './quota.ts'
import { Refusal } from './refusal.ts'
import type { DavAnswer, DavRequest, DeadProperties, Method, Store } from './store.ts'
import { type Node, openTree } from './tree.ts'

export interface WebDavOptions {
  /** The data directory; the store is `webdav/` in it. */
  readonly data: string
  readonly clock: Clock
  readonly properties: DeadProperties
  /** Of all files together; undefined: what the disk holds. */
  readonly quotaBytes: number | undefined
  /** The base URL that clients know us by, if one is set: through a proxy the Host header may be another. */
  readonly url: string | undefined
}

/** `target` as it stands in the request line. */
export type DavCall = Omit<DavRequest, 'place'> & { readonly target: string }

export interface WebDav {
  answer(request: DavCall): Promise<DavAnswer>
  /** The same for another door, which words refusals itself. @throws Refusal */
  perform(request: DavCall): Promise<DavAnswer>
  /** What is at a target, and what is in it if that is a folder, in order. @throws Refusal 404 */
  list(target: string): Promise<{ readonly node: Node; readonly inside: readonly Node[] }>
  /** Where a path of the store is on the disk; undefined: nothing is there. */
  onDisk(path: string): Promise<string | undefined>
}

/** Makes the store's folders when they are not there, and clears away uploads that a crash has left. */
export async function openWebDav({ data, clock, properties, quotaBytes, url }: WebDavOptions): Promise<WebDav> {
  const tree = await openTree(data)
  const quota = await openQuota(tree, quotaBytes)
  const own = hostOf(url)
  const hosts = own === undefined ? [] : [own]
  const store: Store = { tree, quota, properties, clock, hosts, locks: lockTable(clock), oneAtATime: oneAtATime() }

  async function perform({ target, ...request }: DavCall): Promise<DavAnswer> {
    const method = DOES[request.method]
    if (!method) throw new Refusal(405, 'not a method of the store', { headers: { allow: METHODS.join(', ') } })
    return await method(store, { ...request, place: placeOf(target) })
  }

  return {
    answer: (call) => perform(call).catch(refused),
    perform: (call) =>
      perform(call).catch((error: unknown) => {
        throw isFull(error) ? new Refusal(507, FULL) : error
      }),
    async list(target) {
      const { path } = placeOf(target)
      const node = await tree.look(path)
      if (!node || node.kind === 'other') throw new Refusal(404, 'there is nothing at this address')
      return { node, inside: node.kind === 'folder' ? await tree.list(path) : [] }
    },
    async onDisk(path) {
      return isPlainPath(path) ? await tree.onDisk(path) : undefined
    },
  }
}

const DOES: Readonly<Record<string, Method>> = {
  OPTIONS: options,
  GET: get,
  HEAD: get,
  PUT: put,
  DELETE: remove,
  MKCOL: mkcol,
  COPY: copyOrMove,
  MOVE: copyOrMove,
  PROPFIND: propfind,
  PROPPATCH: proppatch,
  LOCK: lock,
  UNLOCK: unlock,
}

const FULL = 'the disk is full'

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** @throws what is no refusal */
function refused(error: unknown): DavAnswer {
  if (isFull(error)) return plain(507, FULL)
  if (!(error instanceof Refusal)) throw error
  const { status, message, condition, hrefs, headers } = error
  if (status === 304) return { status, headers }
  if (condition === undefined) return plain(status, message, headers)
  return { status, headers: { ...headers, 'content-type': XML_TYPE }, body: errorBody(condition, hrefs, message) }
}

export function plain(status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): DavAnswer {
  return { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' }, body: `${sentence}\n` }
}
