/** How much the store may hold, counted while it comes in (RFC 4331). */
import { Refusal } from './refusal.ts'
import type { Tree } from './tree.ts'

export interface Quota {
  readonly used: number
  /** Bytes that may still come. */
  available(): Promise<number>
  /** @param freed what goes in exchange @throws Refusal 507 */
  require(bytes: number, freed?: number): void
  /** Passes chunks on, counted as they come. @throws Refusal 507 */
  count(chunks: AsyncIterable<Uint8Array>, freed: number): AsyncGenerator<Uint8Array>
  /** Came, or went. */
  change(bytes: number): void
}

/** @param limit of all files together; undefined: what the disk holds */
export async function openQuota(tree: Tree, limit: number | undefined): Promise<Quota> {
  let used = await tree.measure('')
  /** Of uploads under way. */
  let coming = 0

  const quota: Quota = {
    get used() {
      return used
    },

    async available() {
      const free = await tree.freeBytes()
      return limit === undefined ? free : Math.max(0, Math.min(free, limit - used))
    },

    require(bytes, freed = 0) {
      if (limit === undefined || used + coming + bytes - freed <= limit) return
      const sentence = `the store holds ${used} bytes and may hold ${limit}; this would be too much`
      throw new Refusal(507, sentence, { condition: 'quota-not-exceeded' })
    },

    async *count(chunks, freed) {
      let mine = 0
      try {
        for await (const chunk of chunks) {
          quota.require(chunk.length, freed)
          mine += chunk.length
          coming += chunk.length
          yield chunk
        }
      } finally {
        coming -= mine
      }
    },

    change(bytes) {
      used = Math.max(0, used + bytes)
    },
  }
  return quota
}
