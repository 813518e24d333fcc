/** Machines that install again and again; and what holds of every life, whatever happens in it. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stoppedBecause } from '../../src/model/standing.ts'
import { BOOT, begin, KINDS, type Kind, LIMITS, type Life, live, WORDS, type Word } from './lives.ts'

describe('a reinstall loop', () => {
  const installs = (life: Life, times: number, ...ending: Word[]) =>
    live(life, ...Array.from({ length: times }, () => [...BOOT, ...ending, 7]).flat())
  const stopped = ({ standing, now }: Life) => stoppedBecause(standing, now, LIMITS)

  test.each([[[]], [['post']], [['failed']]] as Word[][][])(
    'is stopped before the fourth install (each ends %j)',
    (ending) => {
      const three = installs(begin('taken'), 3, ...ending)
      expect(three.standing.installs).toBe(3)
      const fourth = live(three, 'power', 'loader')
      expect(stopped(fourth)).toBe('reinstall loop: 4 installs in 21 min, none ended')
      const asked = live(fourth, 'config')
      expect(asked.standing).toMatchObject({
        ...{ stage: 'broken', installs: 4, stopped: 'reinstall loop: 4 installs in 21 min, none ended' },
        broken: { because: 'reinstall loop: 4 installs in 21 min, none ended' },
      })
      const more = live(asked, 'config', 3, 'order on', 'address', 'loader', 'config', 3, 'config')
      expect(more.standing.installs).toBe(4)
      expect(stopped(more)).toBe(asked.standing.stopped)
      expect(live(more, 'ready', 'post').standing.stage).toBe('broken')
    },
  )

  test('is not what asks for its config more than once in one boot', () => {
    const asks = Array.from({ length: 20 }, (): Word => 'config')
    const life = live(begin('taken'), 'power', 'address', 'loader', ...asks, 'kernel', 'address', 'preseed', 'preseed')
    expect(life.standing).toMatchObject({ stage: 'installing', installs: 1 })
    // An order for a machine that is on already is no new boot.
    expect(live(begin('taken'), 'config', 'order on', 'kernel', 'preseed').standing.installs).toBe(1)
    const third = live(installs(begin('taken'), 2), 'power', 'config', 'config', 'config')
    expect(third.standing).toMatchObject({ stage: 'installing', installs: 3 })
    expect(stopped(third)).toBeUndefined()
  })

  test('is seen where loaders fetch nothing between two boots but their config', () => {
    const life = live(begin('taken'), 'power', 'config', 3, 'config', 3, 'config', 3, 'config')
    expect(life.standing).toMatchObject({ stage: 'broken', installs: 4 })
  })

  test('is seen where only preseeds come from here', () => {
    const boot: Word[] = ['preseed', 'progress', 'loader']
    const life = live(begin('taken'), ...boot, ...boot, ...boot, ...boot)
    expect(life.standing).toMatchObject({ stage: 'broken', installs: 4 })
  })

  test('is not what its owner installs again: after each end, or when netboot or the machine is given anew', () => {
    const ended = installs(begin('taken'), 10, 'nopxe', 'ready', 'netboot on')
    expect(ended.standing).toMatchObject({ stage: 'acquired', installs: 0 })
    for (const word of ['release', 'repair'] as const) {
      const life = installs(begin('taken'), 10, word, 'acquire')
      expect(life.standing.stopped).toBeUndefined()
      expect(stopped(life)).toBeUndefined()
    }
  })

  test('is over when somebody turns netboot off and on: it may try, and is mended when that ends', () => {
    const loop = live(installs(begin('taken'), 3), 'power', 'config')
    expect(stopped(loop)).toBeDefined()
    const off = live(loop, 'nopxe')
    expect(stopped(off)).toBeUndefined()
    expect(off.standing.stage).toBe('broken')
    const on = live(off, 'netboot on')
    expect(stopped(on)).toBeUndefined()
    expect(live(on, ...BOOT, 'nopxe').standing).toMatchObject({ stage: 'installed', broken: undefined })
  })

  test('is over when it is released, and the machine stays broken', () => {
    const life = live(installs(begin('taken'), 3), 'power', 'config', 'release')
    expect(stopped(life)).toBeUndefined()
    expect(life.standing).toMatchObject({ stage: 'broken', installs: 0 })
  })
})

describe('whatever happens', () => {
  const kinds = fc.constantFrom(...(Object.keys(KINDS) as Kind[]))
  const words = (...without: Word[]) =>
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...WORDS.filter((word) => !without.includes(word))) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 200 }) },
      ),
      { maxLength: 60 },
    )

  test('a machine is in the stage broken exactly when it is broken, and what is waited for has a stage that ends', () => {
    fc.assert(
      fc.property(kinds, words(), (kind, life) => {
        const { standing } = live(begin(kind), ...life)
        expect(standing.stage === 'broken').toBe(standing.broken !== undefined)
        if (standing.deadline === undefined) expect(standing.overdue).toBe(false)
        else expect(['acquired', 'booting', 'installing', 'installed']).toContain(standing.stage)
        if (standing.stopped !== undefined) expect(standing.broken).toBeDefined()
      }),
      { numRuns: 2_000 },
    )
  })

  test('no broken machine is free again without a repair or the end of an install', () => {
    fc.assert(
      fc.property(kinds, words(), words('repair', 'post', 'nopxe', 'ready'), (kind, before, after) => {
        const broken = live(begin(kind), 'netboot on', ...before, 'netboot on', 'failed')
        expect(broken.standing.stage).toBe('broken')
        expect(live(broken, ...after).standing.stage).toBe('broken')
      }),
      { numRuns: 2_000 },
    )
  })

  test('a failed install that is not followed by a new one stays failed, whatever it reports', () => {
    const later = words('repair', 'config', 'first-boot', 'kernel', 'preseed', 'progress')
    fc.assert(
      fc.property(kinds, words(), later, (kind, before, after) => {
        const broken = live(begin(kind), 'netboot on', ...before, 'netboot on', 'failed')
        expect(live(broken, ...after).standing.stage).toBe('broken')
      }),
      { numRuns: 2_000 },
    )
  })

  test('a loop is stopped: of the boots between two ends or new starts, no more than three install', () => {
    const steps = words('repair', 'acquire', 'release', 'nopxe', 'ready', 'netboot on', 'classes away', 'classes mixed')
    fc.assert(
      fc.property(kinds, steps, (kind, before) => {
        let life = live(begin(kind), 'netboot on', ...before)
        let installed = 0
        for (let boot = 0; boot < 8; boot++) {
          life = live(life, 'power', 'loader')
          if (life.standing.netboot && stoppedBecause(life.standing, life.now, LIMITS) === undefined) installed++
          life = live(life, 'config', 'kernel', 'preseed', 'progress', 'post', 5)
        }
        expect(installed).toBeLessThanOrEqual(LIMITS.installs)
        if (life.standing.netboot) expect(life.standing.stage).toBe('broken')
      }),
      { numRuns: 1_000 },
    )
  })

  test('every transitional stage ends in time or is told of', () => {
    fc.assert(
      fc.property(kinds, words(), (kind, life) => {
        const { standing } = live(live(begin(kind), ...life), 10_000)
        if (standing.stage === 'booting' || (standing.stage === 'acquired' && standing.netboot)) {
          expect(standing.overdue).toBe(true)
        }
        expect(standing.stage).not.toBe('installing')
      }),
      { numRuns: 2_000 },
    )
  })
})
