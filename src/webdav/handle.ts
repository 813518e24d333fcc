/** One request to the store and its answer: the method from the table, and every refusal put into words. */
import type { Clock } from '../lib/clock.ts'
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
import { openTree } from './tree.ts'

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

export interface WebDav {
  /** @param request `target` as it stands in the request line */
  answer(request: Omit<DavRequest, 'place'> & { readonly target: string }): Promise<DavAnswer>
}

/** Makes the store's folders when they are not there, and clears away uploads that a crash has left. */
export async function openWebDav({ data, clock, properties, quotaBytes, url }: WebDavOptions): Promise<WebDav> {
  const tree = await openTree(data)
  const quota = await openQuota(tree, quotaBytes)
  const own = hostOf(url)
  const hosts = own === undefined ? [] : [own]
  const store: Store = { tree, quota, properties, clock, hosts, locks: lockTable(clock), oneAtATime: oneAtATime() }
  return {
    async answer({ target, ...request }) {
      try {
        const method = DOES[request.method]
        if (!method) throw new Refusal(405, 'not a method of the store', { headers: { allow: METHODS.join(', ') } })
        return await method(store, { ...request, place: placeOf(target) })
      } catch (error) {
        return refused(error)
      }
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

/** @throws what is no refusal */
function refused(error: unknown): DavAnswer {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return plain(507, 'the disk is full')
  if (!(error instanceof Refusal)) throw error
  const { status, message, condition, hrefs, headers } = error
  if (status === 304) return { status, headers }
  if (condition === undefined) return plain(status, message, headers)
  return { status, headers: { ...headers, 'content-type': XML_TYPE }, body: errorBody(condition, hrefs, message) }
}

export function plain(status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): DavAnswer {
  return { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' }, body: `${sentence}\n` }
}
