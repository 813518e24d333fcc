import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Blend, blendSystem } from '../../src/model/blend.ts'
import { originsOf } from '../../src/model/blend-origins.ts'
import { INHERIT, type Inheritable, type Options } from '../../src/model/item.ts'
import { emptyItem } from '../../src/model/items.ts'

const defaults = {
  ...{ server: '10.0.0.1', autoinstall: 'default.seed', nameServers: ['10.0.0.9'], nameServersSearch: ['lab'] },
  owners: ['admin'],
}

interface Level {
  readonly options: Inheritable<Options>
  readonly list: Inheritable<readonly string[]>
  readonly word: Inheritable<string>
}

function blendOf(distro: Options, classes: readonly string[], levels: readonly Level[]): Blend {
  const fields = ({ options, list, word }: Level) => ({
    ...{ kernelOptions: options, kernelOptionsPost: options, meta: options, owners: list, mgmtClasses: list },
    ...{ nameServers: list, nameServersSearch: list, autoinstall: word, server: word },
  })
  const profiles = levels.slice(0, -1).map((level, index) => ({
    ...emptyItem('profile', `p${index}`),
    ...fields(level),
    ...{ name: `p${index}`, parent: index === 0 ? '' : `p${index - 1}`, distro: index === 0 ? 'd' : '' },
  }))
  const last = levels.at(-1) as Level
  const system = { ...emptyItem('system', 's'), ...fields(last), name: 's', profile: `p${levels.length - 2}` }
  const parent = {
    ...emptyItem('distro', 'd'),
    name: 'd',
    kernelOptions: distro,
    kernelOptionsPost: distro,
    meta: distro,
  }
  const parents = {
    profile: (name: string) => profiles.find((one) => one.name === name),
    distro: () => ({ ...parent, mgmtClasses: classes }),
  }
  const blend = blendSystem(system, parents, defaults)
  if (!blend.ok) throw new Error(blend.because)
  return blend
}

/** The object of that kind and name, as the blend has it. */
function levelOf({ distro, profiles, system }: Blend, { kind, name }: { kind: string; name: string }) {
  return [distro, ...profiles, ...(system ? [system] : [])].find((item, index) => {
    const is = index === 0 ? 'distro' : item === system ? 'system' : 'profile'
    return is === kind && item.name === name
  })
}

const key = fc.constantFrom('a', 'b', 'c', '!a', '!b', '__proto__', '!')
const options = fc.dictionary(key, fc.constantFrom<string | null>('1', '2', null), { noNullPrototype: true })
const inherited = <Value>(of: fc.Arbitrary<Value>) => fc.oneof(of, fc.constant(INHERIT as typeof INHERIT))
const list = fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 })
const level = fc.record({
  options: inherited(options),
  list: inherited(list),
  word: fc.constantFrom(INHERIT, '', 'v', 'w'),
})

describe('where a value comes from', () => {
  test('is said of the same keys as are blended, and the value is there', () => {
    fc.assert(
      fc.property(options, list, fc.array(level, { minLength: 2, maxLength: 5 }), (distro, classes, levels) => {
        const blend = blendOf(distro, classes, levels)
        const origins = originsOf(blend)
        for (const field of ['kernelOptions', 'kernelOptionsPost', 'meta'] as const) {
          expect([...origins[field].keys()].sort()).toEqual(Object.keys(blend[field]).sort())
          for (const [name, from] of origins[field]) {
            const said = levelOf(blend, from)?.[field] as Options
            expect(said[name]).toEqual(blend[field][name])
          }
        }
        for (const field of ['mgmtClasses', 'owners', 'nameServers', 'nameServersSearch'] as const) {
          expect([...origins[field].keys()]).toEqual([...blend[field]])
          for (const [value, from] of origins[field]) {
            const item: object | undefined = levelOf(blend, from)
            const said = item ? (item as Record<string, unknown>)[field] : defaults[field as 'owners']
            expect(said).toContain(value)
          }
        }
        for (const field of ['autoinstall', 'server'] as const) {
          const item: object | undefined = levelOf(blend, origins[field])
          expect((item ? (item as Record<string, unknown>) : defaults)[field as 'server']).toBe(blend[field])
        }
      }),
      { numRuns: 500 },
    )
  })

  test('is the nearest of three levels of profiles that says it', () => {
    const level = (options: Options): Level => ({ options, list: INHERIT, word: INHERIT })
    const blend = blendOf(
      { a: 'd', b: 'd', c: 'd', e: 'd' },
      [],
      [
        level({ a: '0', b: '0', f: '0' }),
        level({ b: '1', '!e': null }),
        { ...level({ f: '2' }), word: 'v' },
        level({ c: 's' }),
      ],
    )
    const { meta, autoinstall } = originsOf(blend)
    expect(Object.fromEntries([...meta].map(([name, from]) => [name, `${from.kind} ${from.name}`]))).toEqual({
      ...{ a: 'profile p0', b: 'profile p1', c: 'system s', f: 'profile p2' },
    })
    expect(autoinstall).toEqual({ kind: 'profile', name: 'p2' })
  })
})
