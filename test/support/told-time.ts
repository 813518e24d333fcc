/** Time for tests of timers: nothing passes until it is told to, and then whoever waits is woken in order. */
import { fixedClock } from './store.ts'

export function toldTime() {
  const clock = fixedClock()
  const sleepers = new Set<{ at: number; wake: () => void }>()
  const settled = () => new Promise((done) => setImmediate(done))
  return {
    clock,
    sleepers,
    wait: (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>((wake, fail) => {
        if (signal.aborted) return fail(signal.reason)
        const sleeper = { at: clock.now() + milliseconds, wake }
        sleepers.add(sleeper)
        signal.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          fail(signal.reason)
        })
      }),
    async pass(milliseconds: number) {
      const end = clock.now() + milliseconds
      await settled()
      while (true) {
        const next = [...sleepers].sort((one, other) => one.at - other.at)[0]
        if (!next || next.at > end) break
        sleepers.delete(next)
        clock.advance(next.at - clock.now())
        next.wake()
        await settled()
      }
      clock.advance(end - clock.now())
    },
  }
}
