/** LOCK and UNLOCK (RFC 4918 sections 9.10 and 9.11). */
import { readXml } from '../body.ts'
import { check, checkThere, requireOurs, requireParent, requireUnlocked } from '../guard.ts'
import type { Depth, Lock } from '../locks.ts'
import { lockBody, multistatus, statusResponse, XML_TYPE } from '../multistatus.ts'
import { hrefOf, parentOf } from '../path.ts'
import { lockDiscovery } from '../properties.ts'
import { Refusal } from '../refusal.ts'
import { readLockInfo } from '../request-xml.ts'
import type { DavAnswer, DavRequest, Store } from '../store.ts'

const DEFAULT_SECONDS = 3600
const MOST_SECONDS = 86_400

export async function lock(store: Store, request: DavRequest): Promise<DavAnswer> {
  return request.hasBody ? await take(store, request) : await store.oneAtATime(() => refresh(store, request))
}

async function take(store: Store, request: DavRequest): Promise<DavAnswer> {
  const wish = await readXml(request.body, readLockInfo)
  const { place, principal, headers } = request
  const { path, slash } = place
  const wanted = { ...wish, path, principal, depth: depthOf(headers['depth']), seconds: secondsOf(headers['timeout']) }
  return await store.oneAtATime(async () => {
    await requireOurs(store, path)
    const { node, tokens } = await check(store, request)
    if (!node) {
      if (slash) throw new Refusal(409, 'there is no such folder; a lock on what is not there makes a file')
      await requireParent(store, path)
      requireUnlocked(store, request, tokens, [parentOf(path)])
    }
    const taken = store.locks.take(wanted)
    if (!taken.ok && taken.because === 'full') throw new Refusal(507, 'there are too many locks')
    if (!taken.ok) return conflict(path, taken.others)
    // RFC 4918 section 7.3: an empty file, which stays when the lock goes.
    if (!node)
      await makeEmpty(store, path).catch((error: unknown) => {
        store.locks.release(taken.lock.token)
        throw error
      })
    return answer(store, taken.lock, node ? 200 : 201, { 'lock-token': `<${taken.lock.token}>` })
  })
}

async function makeEmpty({ tree, properties }: Store, path: string): Promise<void> {
  await properties.remove(path)
  await tree.place(await tree.receive(nothing()), path)
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** RFC 4918 section 9.10.3: a member in the way makes the whole fail, and is named. */
function conflict(path: string, others: readonly Lock[]): DavAnswer {
  const own = hrefOf(path, false)
  const hrefs = [...new Set(others.map((other) => hrefOf(other.path, false)))]
  if (others.every((other) => other.path === path || !other.path.startsWith(path === '' ? '' : `${path}/`))) {
    throw new Refusal(423, 'it is locked', { condition: 'no-conflicting-lock', hrefs })
  }
  const responses = hrefs.filter((href) => href !== own).map((href) => statusResponse(href, 423, 'no-conflicting-lock'))
  const body = multistatus([...responses, statusResponse(own, 424)])
  return { status: 207, headers: { 'content-type': XML_TYPE }, body }
}

/** No body: the lock that the If header names, on this resource or around it, lives on. */
async function refresh(store: Store, request: DavRequest): Promise<DavAnswer> {
  const { tokens } = await checkThere(store, request)
  if (tokens.size === 0) throw new Refusal(400, 'a new lock needs a body; an old one is named in the If header')
  const own = store.locks
    .covering(request.place.path)
    .find(({ token, principal }) => tokens.has(token) && principal === request.principal)
  const refreshed = own && store.locks.refresh(own.token, secondsOf(request.headers['timeout']))
  if (!refreshed) {
    throw new Refusal(412, 'no such lock of yours is on it', { condition: 'lock-token-matches-request-uri' })
  }
  return answer(store, refreshed, 200)
}

function answer({ clock }: Store, lock: Lock, status: number, headers: Record<string, string> = {}): DavAnswer {
  const body = lockBody(lockDiscovery([lock], clock.now()))
  return { status, headers: { ...headers, 'content-type': XML_TYPE }, body }
}

export async function unlock(store: Store, request: DavRequest): Promise<DavAnswer> {
  const token = /^\s*<([^<>\s]+)>\s*$/.exec(request.headers['lock-token'] ?? '')?.[1]
  if (token === undefined) throw new Refusal(400, 'say which lock, in a Lock-Token header: <urn:uuid:…>')
  return await store.oneAtATime(async () => {
    await checkThere(store, request)
    const held = store.locks.covering(request.place.path).find((one) => one.token === token)
    if (!held) throw new Refusal(409, 'no such lock is on it', { condition: 'lock-token-matches-request-uri' })
    if (held.principal !== request.principal) throw new Refusal(403, 'this lock is somebody else’s')
    store.locks.release(token)
    return { status: 204 }
  })
}

function depthOf(header: string | undefined): Depth {
  const depth = header?.trim().toLowerCase() ?? 'infinity'
  if (depth === '0') return 0
  if (depth === 'infinity') return depth
  throw new Refusal(400, 'Depth of a lock is 0 or infinity')
}

/** `Second-3600`, `Infinite`, or several of them, the best first (RFC 4918 section 10.7). */
function secondsOf(header: string | undefined): number {
  for (const wish of (header ?? '').split(',').map((one) => one.trim())) {
    if (/^infinite$/i.test(wish)) return MOST_SECONDS
    const seconds = Number(/^second-(\d{1,10})$/i.exec(wish)?.[1] ?? Number.NaN)
    if (seconds > 0) return Math.min(seconds, MOST_SECONDS)
  }
  return DEFAULT_SECONDS
}
