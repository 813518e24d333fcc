import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BootPolicy, decideBoot } from '../../src/boot/decide.ts'
import type { Blend, Unresolved } from '../../src/model/blend.ts'
import { aBlend, aProfileBlend, aSystem } from './blends.ts'

const NO_ENLISTING: BootPolicy = { enlist: undefined }
const ENLISTING: BootPolicy = { enlist: aProfileBlend({ profile: { name: 'enlist' } }) }
const unresolved: Unresolved = { ok: false, because: 'profile "x" of system node1 does not exist' }

describe('an unknown machine', () => {
  test('is ignored when enlisting is off', () => {
    expect(decideBoot(undefined, NO_ENLISTING)).toEqual({
      boot: 'ignore',
      because: expect.stringMatching(/enlisting is off/),
    })
  })

  test('enlists when there is a profile for that', () => {
    expect(decideBoot(undefined, ENLISTING)).toMatchObject({ boot: 'enlist', blend: { profile: { name: 'enlist' } } })
  })

  test('is ignored, with the reason, when the profile for enlisting is broken', () => {
    expect(decideBoot(undefined, { enlist: unresolved })).toEqual({ boot: 'ignore', because: unresolved.because })
  })
})

describe('a system', () => {
  test('installs when netboot is on', () => {
    expect(decideBoot({ system: aSystem(), blend: aBlend() }, NO_ENLISTING)).toMatchObject({ boot: 'install' })
  })

  test('boots its disk when netboot is off, even if its profile is broken: it is installed already', () => {
    const system = aSystem({ netbootEnabled: false })
    expect(decideBoot({ system, blend: unresolved }, ENLISTING)).toEqual({ boot: 'local', system })
  })

  test('boots its disk, with the reason, when it was stopped, even if its profile is broken', () => {
    const system = aSystem()
    const stopped = 'reinstall loop: 4 installs in 23 min, none ended'
    const blend = aBlend()
    // It boots by the loader that its objects want, as before.
    expect(decideBoot({ system, blend, stopped }, ENLISTING)).toEqual({
      ...{ boot: 'local', system, blend, because: stopped },
    })
    expect(decideBoot({ system, blend: unresolved, stopped }, ENLISTING)).toEqual({
      ...{ boot: 'local', system, because: stopped },
    })
    expect(decideBoot({ system, blend: aBlend(), stopped: undefined }, ENLISTING)).toMatchObject({ boot: 'install' })
    const off = aSystem({ netbootEnabled: false })
    expect(decideBoot({ system: off, blend, stopped }, ENLISTING)).toEqual({ boot: 'local', system: off, blend })
  })

  test('is ignored, with the reason, when its profile is broken: half an install is never begun', () => {
    expect(decideBoot({ system: aSystem(), blend: unresolved }, ENLISTING)).toEqual({
      boot: 'ignore',
      because: unresolved.because,
    })
  })
})

test('a system is never enlisted, an unknown machine never installed or sent to a disk, and ignore always says why', () => {
  const blends = fc.constantFrom<Blend | Unresolved>(aBlend(), unresolved)
  const known = fc.option(
    fc.record({ system: fc.boolean().map((netbootEnabled) => aSystem({ netbootEnabled })), blend: blends }),
    { nil: undefined },
  )
  const policies = fc.record({ enlist: fc.option(blends, { nil: undefined }) })
  fc.assert(
    fc.property(known, policies, (one, policy) => {
      const decision = decideBoot(one, policy)
      expect(one ? ['install', 'local', 'ignore'] : ['enlist', 'ignore']).toContain(decision.boot)
      if (decision.boot === 'ignore') expect(decision.because).not.toBe('')
      if (decision.boot === 'install') expect(decision.blend.ok).toBe(true)
    }),
  )
})
