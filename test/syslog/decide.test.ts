/** How much of one machine is kept: a burst, then so many lines a second, and a count of what was not. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admit, BURST, type Bucket, isForgettable, RATE } from '../../src/syslog/decide.ts'

/** Sends `count` lines at once. */
function send(before: Bucket | undefined, now: number, count: number) {
  let bucket = before
  const sent = { kept: 0, missed: [] as number[] }
  for (let i = 0; i < count; i++) {
    const admission = admit(bucket, now)
    bucket = admission.bucket
    if (admission.isKept) sent.kept++
    if (admission.missed > 0) sent.missed.push(admission.missed)
  }
  return { ...sent, bucket }
}

describe('a machine', () => {
  test('may say much at once', () => {
    expect(send(undefined, 0, BURST)).toMatchObject({ kept: BURST, missed: [] })
  })

  test('that says more is told once a second how much was dropped', () => {
    const first = send(undefined, 0, BURST + 500)
    expect(first).toMatchObject({ kept: BURST, missed: [] })
    expect(send(first.bucket, 500, 10)).toMatchObject({ kept: 0 })
    const later = send(first.bucket, 1000, 1000)
    expect(later).toMatchObject({ kept: RATE, missed: [500] })
    expect(send(later.bucket, 2000, 1)).toMatchObject({ kept: 1, missed: [1000 - RATE] })
  })

  test('that was silent for long is as good as new', () => {
    const { bucket } = send(undefined, 0, BURST)
    if (!bucket) throw new Error('nothing was sent')
    expect(isForgettable(bucket, 1000)).toBe(false)
    expect(isForgettable(bucket, (BURST / RATE) * 1000)).toBe(true)
    expect(isForgettable({ tokens: 0, at: 0, dropped: 3 }, 1e9)).toBe(false)
  })

  test('loses nothing by a clock that is set back', () => {
    const { bucket } = send(undefined, 1_000_000, 10)
    expect(send(bucket, 0, BURST - 10)).toMatchObject({ kept: BURST - 10 })
  })

  test('never has more kept than it may, and every line is kept or counted', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 4000 })), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(steps, (all) => {
        let bucket: Bucket | undefined
        let [now, kept, missed, sent] = [0, 0, 0, 0]
        for (const [pause, count] of all) {
          now += pause
          const result = send(bucket, now, count)
          bucket = result.bucket
          kept += result.kept
          sent += count
          missed += result.missed.reduce((sum, one) => sum + one, 0)
        }
        expect(kept).toBeLessThanOrEqual(BURST + (now * RATE) / 1000)
        expect(kept + missed + (bucket?.dropped ?? 0)).toBe(sent)
      }),
      { numRuns: 30 },
    )
  })
})
