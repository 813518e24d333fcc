/** Values in the order in which they expire: a binary heap. Entries are not updated; whoever takes the first checks it. */
export interface Expiring<Value> {
  readonly expires: number
  readonly value: Value
}

export interface ExpiryQueue<Value> {
  size(): number
  add(expires: number, value: Value): void
  /** The entry that expires first. */
  first(): Expiring<Value> | undefined
  removeFirst(): void
  clear(): void
  /** Another queue with the same entries. */
  copy(): ExpiryQueue<Value>
}

/** @param entries of another queue, in its order */
export function expiryQueue<Value>(entries: readonly Expiring<Value>[] = []): ExpiryQueue<Value> {
  /** No entry expires later than its two children, which for the one at `i` are at `2i + 1` and `2i + 2`. */
  const heap: Expiring<Value>[] = [...entries]
  const expiryAt = (i: number) => heap[i]?.expires ?? Number.POSITIVE_INFINITY

  return {
    size: () => heap.length,
    first: () => heap[0],
    clear: () => void heap.splice(0),
    // In the order of a heap they are a heap.
    copy: () => expiryQueue(heap),

    add(expires, value) {
      const entry = { expires, value }
      let i = heap.push(entry) - 1
      while (i > 0) {
        const parent = (i - 1) >> 1
        const above = heap[parent]
        if (!above || above.expires <= expires) break
        heap[i] = above
        i = parent
      }
      heap[i] = entry
    },

    removeFirst() {
      const last = heap.pop()
      if (!last || heap.length === 0) return
      let i = 0
      while (true) {
        const child = expiryAt(2 * i + 2) < expiryAt(2 * i + 1) ? 2 * i + 2 : 2 * i + 1
        const below = heap[child]
        if (!below || below.expires >= last.expires) break
        heap[i] = below
        i = child
      }
      heap[i] = last
    },
  }
}
