import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batchedWrites } from '../../src/services/batched-writes.ts'

/** A disk that writes down what it was given, and fails when it is given `bad`. */
function disk() {
  const saved: string[][] = []
  const takenBack: string[] = []
  const { write, settled } = batchedWrites<string>(
    async (steps) => {
      await nextTurn()
      if (steps.includes('bad')) throw new Error('disk full')
      saved.push([...steps])
    },
    (step) => takenBack.push(step),
  )
  return { write, settled, saved, takenBack }
}

afterEach(() => void vi.useRealTimers())

describe('batched writes', () => {
  test('of one turn share a commit', async () => {
    const { write, saved } = disk()
    await Promise.all([write(['a', 'b']), write(['c'])])
    expect(saved).toEqual([['a', 'b', 'c']])
  })

  test('of turns that follow each other share a commit, up to what is enough', async () => {
    const { write, saved } = disk()
    const all: Promise<void>[] = []
    for (let i = 0; i < 300; i++) {
      all.push(write([`${i}`]))
      await nextTurn()
    }
    await Promise.all(all)
    expect(saved.length).toBeLessThan(10)
    expect(saved.flat()).toEqual(Array.from({ length: 300 }, (_, i) => `${i}`))
  })

  test('that come while one is under way are written after it, in their order', async () => {
    const { write, settled, saved } = disk()
    const first = write(['a'])
    const second = first.then(() => write(['b']))
    await Promise.all([first, second])
    await settled()
    expect(saved).toEqual([['a'], ['b']])
  })

  test('that fail are taken back, the newest first, with all that came meanwhile', async () => {
    const batch = disk()
    let later: Promise<void> | undefined
    const { write, settled } = batchedWrites<string>(
      async () => {
        later ??= write(['c', 'd'])
        throw new Error('disk full')
      },
      (step) => batch.takenBack.push(step),
    )
    await expect(write(['a', 'b'])).rejects.toThrow('disk full')
    await expect(later).rejects.toThrow('disk full')
    await settled()
    expect(batch.takenBack).toEqual(['d', 'c', 'b', 'a'])
  })

  test('go on after a failure', async () => {
    const { write, saved, takenBack } = disk()
    await expect(write(['bad'])).rejects.toThrow('disk full')
    await write(['good'])
    expect([saved, takenBack]).toEqual([[['good']], ['bad']])
  })

  test('leave most of the time to others: while the disk is slow, a commit takes along what comes meanwhile', async () => {
    let now = 0
    const saved: number[] = []
    const { write } = batchedWrites<number>(
      async (steps) => {
        // Nothing else runs while SQLite writes: two milliseconds.
        now += 2
        saved.push(steps.length)
      },
      () => {},
      { now: () => now },
    )
    await write([0])
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const all = [write([1])]
    for (let turn = 0; turn < 20; turn++) {
      await nextTurn()
      all.push(write([1]))
    }
    expect(saved).toEqual([1])
    vi.advanceTimersByTime(8)
    await Promise.all(all)
    expect(saved).toEqual([1, all.length])
  })
})
