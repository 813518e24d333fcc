/** The poller over told time: who is looked at, when, and how often when nobody answers. */
import { describe, expect, test } from 'vitest'
import { pollPower } from '../../src/services/power-poll.ts'
import { fixedClock } from '../support/store.ts'

function setup({ random = () => 0.5, interval = 60_000 }: { random?: () => number; interval?: number } = {}) {
  const clock = fixedClock()
  const looks: { name: string; at: number }[] = []
  const dead = new Set<string>()
  const busy = new Set<string>()
  let names: string[] = []
  let tick = () => {}
  const stop = pollPower({
    visible: () => names,
    read: async (name) => {
      looks.push({ name, at: clock.now() })
      if (dead.has(name)) throw new Error('no answer')
    },
    isBusy: (name) => busy.has(name),
    clock,
    every: (_milliseconds, call) => {
      tick = call
      return () => {
        tick = () => {}
      }
    },
    random,
    interval,
  })
  return {
    ...{ looks, dead, busy, stop },
    see: (...now: string[]) => {
      names = now
    },
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000)
        tick()
        await new Promise((done) => setImmediate(done))
      }
    },
  }
}

describe('the poller', () => {
  test('looks at each machine once in an interval', async () => {
    const { looks, see, pass } = setup()
    see('a', 'b')
    await pass(600)
    for (const name of ['a', 'b']) {
      expect(looks.filter((look) => look.name === name).length).toBeGreaterThanOrEqual(9)
      expect(looks.filter((look) => look.name === name).length).toBeLessThanOrEqual(10)
    }
  })

  test('spreads the first looks over the interval', async () => {
    let seed = 0
    const { looks, see, pass } = setup({ random: () => (seed = (seed + 0.01) % 1) })
    see(...Array.from({ length: 100 }, (_, index) => `node${index}`))
    await pass(30)
    expect(looks.length).toBeGreaterThan(35)
    expect(looks.length).toBeLessThan(65)
  })

  test('asks a dead controller ever more rarely, and every quarter of an hour at least', async () => {
    const { looks, dead, see, pass } = setup()
    see('a')
    dead.add('a')
    await pass(4 * 3600)
    const rests = looks.slice(1).map(({ at }, index) => (at - (looks[index]?.at ?? 0)) / 1000)
    expect(rests.slice(0, 4)).toEqual([120, 240, 480, 900])
    expect(Math.max(...rests)).toBe(900)
    dead.clear()
    const before = looks.length
    await pass(1800)
    expect(looks.length - before).toBeGreaterThan(10)
  })

  test('leaves machines alone that have a task, and forgets those that are gone', async () => {
    const { looks, busy, see, pass } = setup()
    see('a', 'b')
    busy.add('a')
    await pass(120)
    expect(new Set(looks.map(({ name }) => name))).toEqual(new Set(['b']))
    see('a')
    const before = looks.length
    await pass(120)
    expect(looks).toHaveLength(before)
  })

  test('stops', async () => {
    const { looks, see, pass, stop } = setup()
    see('a')
    stop()
    await pass(300)
    expect(looks).toEqual([])
  })
})
