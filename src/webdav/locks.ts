/**
 * The locks of the store (RFC 4918 sections 6 and 7): in memory, bounded, each with an end. A lock is forgotten with the
 * process, as section 6.6 allows; clients find out by their tokens.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import { isBelow, parentOf } from './path.ts'

export type Depth = 0 | 'infinity'

export interface Lock {
  readonly token: string
  readonly path: string
  readonly depth: Depth
  readonly scope: 'exclusive' | 'shared'
  /** The whole `owner` element as the client sent it, or nothing. */
  readonly owner: string
  /** Who may use the token; empty: anybody. */
  readonly principal: string
  readonly seconds: number
  /** Milliseconds since 1970. */
  readonly expires: number
}

export type LockWanted = Pick<Lock, 'path' | 'depth' | 'scope' | 'owner' | 'principal' | 'seconds'>

export type LockTaken =
  | { readonly ok: true; readonly lock: Lock }
  | { readonly ok: false; readonly because: 'conflict'; readonly others: readonly Lock[] }
  | { readonly ok: false; readonly because: 'full' }

export interface Locks {
  take(wanted: LockWanted): LockTaken
  find(token: string): Lock | undefined
  /** Those that a resource is under: its own, and those of infinite depth on the folders around it. */
  covering(path: string): Lock[]
  /** Those on what is in a folder, at any depth. */
  below(folder: string): Lock[]
  refresh(token: string, seconds: number): Lock | undefined
  release(token: string): void
  /** What was there is gone, and its locks with it. */
  forget(path: string, part?: 'all' | 'below'): void
}

/** Of all users together: more is a fault in a client, or an attack. */
const MOST = 10_000

export function lockTable(clock: Clock): Locks {
  const byToken = new Map<string, Lock>()
  const byPath = new Map<string, Set<Lock>>()

  function put(lock: Lock): void {
    byToken.set(lock.token, lock)
    const here = byPath.get(lock.path) ?? new Set()
    byPath.set(lock.path, here.add(lock))
  }

  function drop(lock: Lock): void {
    byToken.delete(lock.token)
    const here = byPath.get(lock.path)
    here?.delete(lock)
    if (here?.size === 0) byPath.delete(lock.path)
  }

  function isAlive(lock: Lock): boolean {
    if (lock.expires > clock.now()) return true
    drop(lock)
    return false
  }

  function at(path: string): Lock[] {
    return [...(byPath.get(path) ?? [])].filter(isAlive)
  }

  function covering(path: string): Lock[] {
    const found = at(path)
    for (let folder = path; folder !== ''; ) {
      folder = parentOf(folder)
      found.push(...at(folder).filter(({ depth }) => depth === 'infinity'))
    }
    return found
  }

  function below(folder: string): Lock[] {
    return [...byToken.values()].filter((lock) => isBelow(lock.path, folder) && isAlive(lock))
  }

  return {
    covering,
    below,

    take(wanted) {
      const near = [...covering(wanted.path), ...(wanted.depth === 'infinity' ? below(wanted.path) : [])]
      const others = near.filter(({ scope }) => scope === 'exclusive' || wanted.scope === 'exclusive')
      if (others.length > 0) return { ok: false, because: 'conflict', others }
      if (byToken.size >= MOST) for (const lock of byToken.values()) isAlive(lock)
      if (byToken.size >= MOST) return { ok: false, because: 'full' }
      const lock = { ...wanted, token: `urn:uuid:${randomUUID()}`, expires: clock.now() + wanted.seconds * 1000 }
      put(lock)
      return { ok: true, lock }
    },

    find(token) {
      const lock = byToken.get(token)
      return lock && isAlive(lock) ? lock : undefined
    },

    refresh(token, seconds) {
      const old = byToken.get(token)
      if (!old || !isAlive(old)) return undefined
      const lock = { ...old, seconds, expires: clock.now() + seconds * 1000 }
      drop(old)
      put(lock)
      return lock
    },

    release(token) {
      const lock = byToken.get(token)
      if (lock) drop(lock)
    },

    forget(path, part = 'all') {
      for (const lock of [...(part === 'all' ? at(path) : []), ...below(path)]) drop(lock)
    },
  }
}
