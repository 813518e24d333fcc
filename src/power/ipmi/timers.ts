/** Many deadlines, one timer of the system: a heap of them, so that a thousand sessions are no storm. */
import type { Clock } from '../../lib/clock.ts'

export interface Timer {
  /** Fires once, so many milliseconds from now, unless it is set anew or cleared before. */
  set(ms: number): void
  clear(): void
}

export interface Timers {
  timer(fire: () => void): Timer
  /** Nothing fires any more. */
  stop(): void
}

interface Entry {
  /** When it is to fire; undefined: not at all. */
  at: number | undefined
  /** Where it stands in the heap at present, by time; it may have been put off since. */
  queued: number | undefined
  readonly fire: () => void
}

interface Place {
  readonly at: number
  readonly entry: Entry
}

export function createTimers(clock: Clock): Timers {
  const heap: Place[] = []
  let wake: NodeJS.Timeout | undefined
  let wakeAt = Number.POSITIVE_INFINITY
  let stopped = false

  function arrange(): void {
    const first = heap[0]
    if (!first || first.at >= wakeAt) return
    clearTimeout(wake)
    wakeAt = first.at
    wake = setTimeout(run, Math.max(1, first.at - clock.now()))
  }

  function run(): void {
    wakeAt = Number.POSITIVE_INFINITY
    const now = clock.now()
    for (let first = heap[0]; first && first.at <= now; first = heap[0]) {
      pop(heap)
      const { entry } = first
      // An older place of one that was called forward since.
      if (entry.queued !== first.at) continue
      entry.queued = undefined
      if (entry.at === undefined) continue
      if (entry.at > now) {
        enter(entry, entry.at)
        continue
      }
      entry.at = undefined
      entry.fire()
    }
    arrange()
  }

  function enter(entry: Entry, at: number): void {
    entry.queued = at
    push(heap, { at, entry })
  }

  return {
    timer(fire) {
      const entry: Entry = { at: undefined, queued: undefined, fire }
      return {
        set(ms) {
          if (stopped) return
          entry.at = clock.now() + ms
          // What is put off keeps its place and is looked at then: one place for each, however often it is set.
          if (entry.queued !== undefined && entry.queued <= entry.at) return
          enter(entry, entry.at)
          arrange()
        },
        clear() {
          entry.at = undefined
        },
      }
    },
    stop() {
      stopped = true
      clearTimeout(wake)
      heap.length = 0
    },
  }
}

function push(heap: Place[], place: Place): void {
  let child = heap.push(place) - 1
  while (child > 0) {
    const parent = (child - 1) >> 1
    const above = heap[parent]
    if (!above || above.at <= place.at) break
    heap[child] = above
    heap[parent] = place
    child = parent
  }
}

function pop(heap: Place[]): void {
  const last = heap.pop()
  if (!last || heap.length === 0) return
  heap[0] = last
  for (let parent = 0; ; ) {
    const left = heap[2 * parent + 1]
    const right = heap[2 * parent + 2]
    if (!left) return
    const least = right && right.at < left.at ? right : left
    if (least.at >= last.at) return
    const child = least === left ? 2 * parent + 1 : 2 * parent + 2
    heap[parent] = least
    heap[child] = last
    parent = child
  }
}
