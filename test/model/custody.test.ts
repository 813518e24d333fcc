/** Who may be given a machine. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CustodyFacts,
  classesOf,
  custodyChanges,
  isOffered,
  notFreeBecause,
  refusedBecause,
} from '../../src/model/custody.ts'
import { INHERIT } from '../../src/model/item.ts'
import { emptyItem } from '../../src/model/items.ts'
import { asAcquired, asAvailable, custodyOf } from '../../src/model/mgmt-class.ts'
import type { System } from '../../src/model/system.ts'
import { archOf } from '../../src/model/wanted-machine.ts'

const foo = { available: 'foo-available', acquired: 'foo-acquired' }
const bar = { available: 'bar-available', acquired: 'bar-acquired' }
const facts: CustodyFacts = { pairs: [foo, bar], brokenBecause: ({ comment }) => comment || undefined }

function machine(classes: string, because = ''): System {
  const mgmtClasses = classes === '' ? [] : classes.split(' ')
  return { ...emptyItem('system', 'u1'), name: 'node1', mgmtClasses, comment: because }
}
const words = (classes: string) => classes.split(' ').filter((word) => word !== '')

describe('a list of classes written by one who does not say what he has seen', () => {
  test.each([
    ['the very list that is there', 'rack1 foo-acquired', 'rack1 foo-acquired', /has the class foo-acquired/],
    ['the class over itself, with others', 'foo-acquired', 'ssd foo-acquired', /in use/],
    ['a second owner beside the first', 'foo-acquired bar-available', 'foo-acquired bar-acquired', /foo-acquired/],
    [
      'a second owner in place of the first',
      'foo-acquired bar-available',
      'foo-available bar-acquired',
      /foo-acquired/,
    ],
    ['a machine that stands in both', 'foo-available foo-acquired', 'foo-acquired', /to nobody/],
    ['a machine for two at once', 'foo-available bar-available', 'foo-acquired bar-acquired', /at once/],
  ])('is refused when it takes: %s', (_, stored, written, sentence) => {
    const because = refusedBecause(machine(stored), words(written), facts)
    expect(because).toMatch(sentence)
    expect(because).toContain('node1')
    expect(because).not.toMatch(/invalid token|login failed|unknown system name/)
  })

  test.each([
    ['takes a free machine', 'rack1 foo-available', 'rack1 foo-acquired'],
    ['takes one that was in no class', '', 'foo-acquired'],
    ['takes one that is free for another too', 'foo-available bar-available', 'foo-acquired bar-available'],
    ['gives it back', 'rack1 foo-acquired', 'rack1 foo-available'],
    ['takes the owner away', 'foo-acquired', ''],
    ['has nothing to do with owners', 'rack1', 'rack2 ssd'],
    ['makes a contradiction, which is told elsewhere', 'foo-available', 'foo-available foo-acquired'],
  ])('is taken when it %s', (_, stored, written) => {
    expect(refusedBecause(machine(stored), words(written), facts)).toBeUndefined()
  })

  test('may be anything for a machine that is new', () => {
    expect(refusedBecause(undefined, ['foo-acquired', 'bar-acquired'], facts)).toBeUndefined()
  })

  test('does not take a broken machine, and may give one back', () => {
    const because = refusedBecause(machine('foo-available', 'the installer ended'), ['foo-acquired'], facts)
    expect(because).toMatch(/node1 is broken.*the installer ended/)
    expect(refusedBecause(machine('foo-acquired', 'it failed'), ['foo-available'], facts)).toBeUndefined()
  })

  const some = fc.subarray(['rack1', foo.available, foo.acquired, bar.available, bar.acquired])
  test('never makes an owner where one is', () => {
    fc.assert(
      fc.property(some, some, (stored, written) => {
        if (refusedBecause(machine(stored.join(' ')), written, facts) !== undefined) return
        const had = facts.pairs.filter(({ acquired }) => stored.includes(acquired))
        const has = facts.pairs.filter(({ acquired }) => written.includes(acquired))
        expect(Math.min(had.length, has.length)).toBe(0)
      }),
    )
  })
})

describe('a search for free machines', () => {
  test.each([
    ['foo-available', true],
    ['foo-available bar-available', true],
    ['foo-available foo-acquired', false],
    ['foo-available bar-acquired', false],
    ['bar-available', false],
  ])('of foo is told of one with %s: %s', (classes, offered) => {
    expect(isOffered(machine(classes), ['foo-available'], facts)).toBe(offered)
  })

  test('is told of no broken one', () => {
    expect(isOffered(machine('foo-available', 'it failed'), ['foo-available', 'ssd'], facts)).toBe(false)
  })

  test('is something else when it names an owner, or no pair at all', () => {
    const both = machine('foo-available foo-acquired', 'it failed')
    expect(isOffered(both, ['foo-available', 'foo-acquired'], facts)).toBe(true)
    expect(isOffered(both, ['rack1'], facts)).toBe(true)
    expect(isOffered(both, [], facts)).toBe(true)
  })
})

describe('custody', () => {
  test.each([
    ['', 'none'],
    ['rack1', 'none'],
    ['foo-available', 'available'],
    ['foo-available bar-available', 'available'],
    ['foo-acquired', 'acquired'],
    ['foo-acquired bar-available', 'acquired'],
    ['foo-available foo-acquired', 'contradictory'],
    ['foo-acquired bar-acquired', 'contradictory'],
  ])('of classes "%s" is %s', (classes, state) => {
    expect(custodyOf(words(classes), facts.pairs).state).toBe(state)
  })

  test('swaps the class in its place, and back', () => {
    const taken = asAcquired(['a', 'foo-available', 'b', 'bar-available'], foo)
    expect(taken).toEqual(['a', 'foo-acquired', 'b', 'bar-available'])
    expect(asAvailable(taken ?? [], foo)).toEqual(['a', 'foo-available', 'b', 'bar-available'])
    expect(asAvailable(['foo-available', 'foo-acquired'], foo)).toEqual(['foo-available'])
    expect([asAcquired(['a'], foo), asAvailable(['a'], foo)]).toEqual([undefined, undefined])
  })

  test('is not what a profile passes on', () => {
    const heir = { ...machine(''), mgmtClasses: INHERIT } as System
    expect(classesOf(heir)).toEqual([])
    expect(notFreeBecause(heir, foo, facts)).toMatch(/has not the class foo-available/)
  })

  test('that changes is told: who lost it, then who got it', () => {
    const changes = (before: System | undefined, after: System) =>
      custodyChanges(before, after, facts).map((one) => `${one.change} ${one.class}`)
    expect(changes(machine('foo-available'), machine('foo-acquired'))).toEqual(['acquired foo-acquired'])
    expect(changes(machine('foo-acquired'), machine('bar-acquired'))).toEqual([
      'released foo-acquired',
      'acquired bar-acquired',
    ])
    expect(changes(undefined, machine('foo-acquired'))).toEqual(['acquired foo-acquired'])
    expect(changes(machine('foo-acquired'), machine('foo-acquired rack1'))).toEqual([])
  })
})

test.each([
  ['amd64', 'x86_64'],
  ['AMD64', 'x86_64'],
  ['x86_64', 'x86_64'],
  ['i686', 'i386'],
  ['i386', 'i386'],
  ['arm64', 'aarch64'],
  ['sparc', 'sparc'],
  ['constructor', 'constructor'],
])('the architecture %s is %s', (word, arch) => {
  expect(archOf(word)).toBe(arch)
})
