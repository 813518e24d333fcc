/**
 * One file on its way from a mirror, for all who want it: written to the cache as it comes, and read from there by each at
 * his own pace, from wherever he likes. It goes on when whoever asked first goes away.
 */
import type { Draft } from './cache.ts'
import type { ByteRange, Facts } from './codec.ts'

/** Bytes one after the other. Whoever opens one closes it. */
export interface Reader {
  /** Undefined: that was all. Rejects when there will never be the rest. */
  next(): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

export interface Download {
  readonly facts: Facts
  open(range: ByteRange | undefined): Reader
  /** All bytes have come, though they may not all be on disk. */
  hasAll(): boolean
  /** Whether it ended well; it never rejects. */
  readonly ended: Promise<boolean>
}

export interface DownloadOptions {
  readonly facts: Facts
  readonly draft: Draft
  readonly body: AsyncIterable<Uint8Array>
  /** Told of the bytes that came, and why there are no more if there should be. */
  readonly onEnd: (bytes: number, error: unknown) => void
}

/** What one read takes from the disk at most: with it, what a client that reads slowly costs. */
export const CHUNK = 64 * 1024

export function startDownload({ facts, draft, body, onEnd }: DownloadOptions): Download {
  let bytes = 0
  let state: { readonly is: 'coming' | 'whole' } | { readonly is: 'broken'; readonly error: unknown } = { is: 'coming' }
  let news = Promise.withResolvers<void>()
  // Whoever fetches it is one of them.
  let users = 1

  const ended = run()

  async function run(): Promise<boolean> {
    try {
      for await (const part of body) {
        await draft.append(part)
        bytes += part.length
        tell()
      }
      if (facts.length !== undefined && bytes !== facts.length) {
        throw new Error(`${bytes} bytes came instead of ${facts.length}`)
      }
      await draft.keep()
      state = { is: 'whole' }
    } catch (error) {
      state = { is: 'broken', error }
      await draft.discard().catch(() => {})
    }
    tell()
    onEnd(bytes, state.is === 'broken' ? state.error : undefined)
    await leave()
    return state.is === 'whole'
  }

  function tell(): void {
    news.resolve()
    news = Promise.withResolvers()
  }

  async function leave(): Promise<void> {
    if (--users === 0) await draft.close().catch(() => {})
  }

  return {
    facts,
    ended,
    hasAll: () => state.is === 'whole' || bytes === facts.length,
    open(range) {
      users++
      let at = range?.start ?? 0
      let isOpen = true
      return {
        async next() {
          const end = range === undefined ? (facts.length ?? Number.POSITIVE_INFINITY) : range.end + 1
          while (at >= bytes && at < end && state.is === 'coming') await news.promise
          if (at >= end || (at >= bytes && state.is === 'whole')) return undefined
          if (at >= bytes) throw new Error('the rest of it did not come', { cause: state })
          const chunk = await readChunk(draft, at, Math.min(end, bytes))
          at += chunk.length
          return chunk
        },
        async close() {
          if (!isOpen) return
          isOpen = false
          await leave()
        },
      }
    },
  }
}

/** @param end the offset behind the last byte; there is at least one before it */
export async function readChunk(from: Pick<Draft, 'read'>, at: number, end: number): Promise<Uint8Array> {
  const into = Buffer.allocUnsafeSlow(Math.min(CHUNK, end - at))
  const count = await from.read(into, at)
  if (count === 0) throw new Error('a file of the cache is shorter than it was')
  return into.subarray(0, count)
}
