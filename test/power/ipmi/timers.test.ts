/** Many deadlines on one timer of the system. */
import { setTimeout as rest } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTimers } from '../../../src/power/ipmi/timers.ts'

describe('timers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const timersOf = () => createTimers({ now: () => performance.now() })

  test('fire once, each at its time, whatever order they were set in', () => {
    const fired: number[] = []
    const timers = timersOf()
    for (const ms of [50, 10, 400, 30, 20, 300]) timers.timer(() => fired.push(ms)).set(ms)
    vi.advanceTimersByTime(45)
    expect(fired).toEqual([10, 20, 30])
    vi.advanceTimersByTime(1000)
    expect(fired).toEqual([10, 20, 30, 50, 300, 400])
  })

  test('are put off, called forward and cleared', () => {
    const fired: string[] = []
    const timers = timersOf()
    const late = timers.timer(() => fired.push('late'))
    const soon = timers.timer(() => fired.push('soon'))
    const never = timers.timer(() => fired.push('never'))
    late.set(10)
    soon.set(500)
    never.set(20)
    late.set(300)
    soon.set(5)
    never.clear()
    vi.advanceTimersByTime(6)
    expect(fired).toEqual(['soon'])
    vi.advanceTimersByTime(600)
    expect(fired).toEqual(['soon', 'late'])
  })

  test('may be set again while they fire', () => {
    let count = 0
    const timer = timersOf().timer(() => {
      if (++count < 5) timer.set(10)
    })
    timer.set(10)
    vi.advanceTimersByTime(1000)
    expect(count).toBe(5)
  })

  test('of which there are ten thousand, set over and over, take one timer of the system', () => {
    const timers = timersOf()
    let fired = 0
    const many = Array.from({ length: 10_000 }, () => timers.timer(() => fired++))
    for (let round = 0; round < 20; round++)
      for (const [i, timer] of many.entries()) timer.set(1000 + ((i * 7919) % 997))
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(3000)
    expect(fired).toBe(10_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('do not fire when they are stopped', () => {
    let fired = 0
    const timers = timersOf()
    timers.timer(() => fired++).set(10)
    timers.stop()
    vi.advanceTimersByTime(100)
    expect(fired).toBe(0)
  })
})

test('a timer fires on the clock of the system', async () => {
  let fired = 0
  createTimers({ now: () => performance.now() })
    .timer(() => fired++)
    .set(5)
  await rest(200)
  expect(fired).toBe(1)
})
