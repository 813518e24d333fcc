/**
 * Where the bytes of an address come from: the cache, a download that is under way, or the mirror. Many who want the same
 * at once make one question, and when a mirror does not answer, what was had of it last is as good as can be.
 */
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Cache } from './cache.ts'
import type { Target } from './codec.ts'
import { factsOf, isImmutable, passedHeaders, revalidation, type Trust } from './decide.ts'
import { type Download, startDownload } from './download.ts'
import { type MirrorAnswer, type Mirrors, RefusedAddress } from './mirrors.ts'

export type Found =
  | { readonly from: 'cache'; readonly isStale: boolean }
  | { readonly from: 'download'; readonly download: Download }
  /** What the mirror said instead of the file. */
  | { readonly from: 'mirror'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  /** It is not for the cache: each asks for himself. */
  | { readonly from: 'nowhere'; readonly why: 'not to be kept' }
  | { readonly from: 'nowhere'; readonly why: 'no answer'; readonly status: number; readonly because: string }

export interface FetchOptions {
  readonly cache: Cache
  readonly mirrors: Mirrors
  readonly clock: Clock
  readonly log: Log
}

export interface Fetch {
  /** Never rejects for what a mirror does. */
  find(target: Target, trust: Trust): Promise<Found>
  /** Answers when nothing is under way. */
  settled(): Promise<void>
}

/** A mirror that did not answer is not waited for again so soon, where there is something to give instead. */
const REST = 30_000
/** At once; the others go by the cache. */
const MOST_FLIGHTS = 200
const MOST_MISSING = 10_000

export function createFetch({ cache, mirrors, clock, log }: FetchOptions): Fetch {
  const flights = new Map<string, Promise<Found>>()
  const silentUntil = new Map<string, number>()
  /** What mirrors said they do not have: said again only while they say nothing, since apt takes no other answer for it. */
  const missing = new Set<string>()

  async function find(target: Target, trust: Trust): Promise<Found> {
    const { url } = target
    for (let running = flights.get(url); running; running = flights.get(url)) {
      const found = await running
      if (found.from !== 'download' || !found.download.hasAll()) return found
      // It has come already: what is asked now is asked anew, once it has its place.
      await found.download.ended
      if (flights.get(url) === running) flights.delete(url)
    }
    if (isImmutable(target) && cache.has(url)) return { from: 'cache', isStale: false }
    if (flights.size >= MOST_FLIGHTS) return { from: 'nowhere', why: 'not to be kept' }
    const flight = fly(target, trust)
    flights.set(url, flight)
    void flight.then(
      async (found) => {
        if (found.from === 'download') await found.download.ended
        if (flights.get(url) === flight) flights.delete(url)
      },
      () => flights.delete(url),
    )
    return await flight
  }

  async function settled(): Promise<void> {
    for (const flight of await Promise.allSettled(flights.values())) {
      if (flight.status === 'fulfilled' && flight.value.from === 'download') await flight.value.download.ended
    }
  }

  async function fly(target: Target, trust: Trust): Promise<Found> {
    const { url, host, port } = target
    const origin = `${host}:${port}`
    const known = await cache.open(url)
    await known?.close()
    const stale = known ? ({ from: 'cache', isStale: true } as const) : missing.has(url) ? NOT_FOUND : undefined
    if (stale && (silentUntil.get(origin) ?? 0) > clock.now()) return stale
    let answer: MirrorAnswer
    try {
      const headers = known ? revalidation(known.facts) : {}
      answer = await mirrors.ask({ target, trust, method: 'GET', headers })
    } catch (error) {
      if (error instanceof RefusedAddress) return noAnswer(403, error.message)
      if (stale) {
        silentUntil.set(origin, clock.now() + REST)
        log.warn({ url, because: reason(error) }, 'the mirror does not answer; its last word is given out')
        return stale
      }
      const status = /TIMEOUT/.test((error as NodeJS.ErrnoException).code ?? '') ? 504 : 502
      return noAnswer(status, `${origin} does not answer (${reason(error)})`)
    }
    silentUntil.delete(origin)
    return await read(target, answer, known !== undefined)
  }

  async function read(target: Target, { status, headers, body }: MirrorAnswer, isKnown: boolean): Promise<Found> {
    const { url } = target
    missing.delete(url)
    if (status === 200) {
      const facts = factsOf(target, headers)
      const draft = facts && (await cache.begin(facts))
      if (!draft) {
        body.destroy()
        return { from: 'nowhere', why: 'not to be kept' }
      }
      const began = clock.now()
      const onEnd = (bytes: number, error: unknown) => {
        const about = { url, bytes, ms: clock.now() - began }
        if (error === undefined) log.info(about, 'fetched from the mirror')
        else log.warn({ ...about, because: reason(error) }, 'a download broke off')
      }
      return { from: 'download', download: startDownload({ facts, draft, body, onEnd }) }
    }
    body.destroy()
    if (isKnown && status === 304) return { from: 'cache', isStale: false }
    if (isKnown && status >= 500) {
      log.warn({ url, status }, 'the mirror is in trouble; what is in the cache is given out')
      return { from: 'cache', isStale: true }
    }
    if (status === 404 || status === 410) {
      if (isKnown) await cache.remove(url)
      if (missing.size >= MOST_MISSING) missing.clear()
      missing.add(url)
    }
    const {
      'content-length': _length,
      'content-range': _range,
      'content-encoding': _coding,
      ...told
    } = passedHeaders(headers)
    return { from: 'mirror', status: status === 304 ? 502 : status, headers: told }
  }

  return { find, settled }
}

const NOT_FOUND: Found = { from: 'mirror', status: 404, headers: {} }

function noAnswer(status: number, because: string): Found {
  return { from: 'nowhere', why: 'no answer', status, because }
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}
