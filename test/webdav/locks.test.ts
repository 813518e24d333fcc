import { beforeEach, describe, expect, test } from 'vitest'
import { type Locks, type LockWanted, lockTable } from '../../src/webdav/locks.ts'
import { fixedClock } from '../support/store.ts'

let clock: ReturnType<typeof fixedClock>
let locks: Locks
beforeEach(() => {
  clock = fixedClock()
  locks = lockTable(clock)
})

const wanted = (path: string, more: Partial<LockWanted> = {}): LockWanted => ({
  ...{ path, depth: 0, scope: 'exclusive', owner: '', principal: 'a', seconds: 60 },
  ...more,
})
const take = (path: string, more: Partial<LockWanted> = {}) => {
  const taken = locks.take(wanted(path, more))
  if (!taken.ok) throw new Error(`not taken: ${taken.because}`)
  return taken.lock
}

describe('a lock', () => {
  test('covers its resource, and with infinite depth all below', () => {
    const [flat, deep] = [take('a'), take('b', { depth: 'infinity' })]
    expect(locks.covering('a')).toEqual([flat])
    expect(locks.covering('a/x')).toEqual([])
    expect(locks.covering('b/x/y')).toEqual([deep])
    expect(locks.covering('bx')).toEqual([])
    expect(locks.below('')).toHaveLength(2)
  })

  test.each([
    ['the same resource', 'a/b', 0],
    ['a folder around it, deeply', 'a', 'infinity'],
    ['the whole store', '', 'infinity'],
  ] as const)('is in the way of one on %s', (_, path, depth) => {
    const held = take('a/b')
    expect(locks.take(wanted(path, { depth }))).toEqual({ ok: false, because: 'conflict', others: [held] })
  })

  test('on a folder alone is not in the way of one in it', () => {
    take('a')
    expect(take('a/b').path).toBe('a/b')
  })

  test('that is shared lets others share, and none exclude', () => {
    take('a', { scope: 'shared' })
    take('a', { scope: 'shared', principal: 'b' })
    expect(locks.take(wanted('a')).ok).toBe(false)
    expect(locks.covering('a')).toHaveLength(2)
  })

  test('ends with its time, unless it is refreshed', () => {
    const { token } = take('a')
    clock.advance(59_000)
    expect(locks.refresh(token, 10)?.expires).toBe(clock.now() + 10_000)
    clock.advance(9_999)
    expect(locks.find(token)).toBeDefined()
    clock.advance(1)
    expect(locks.find(token)).toBeUndefined()
    expect(locks.covering('a')).toEqual([])
    expect(locks.refresh(token, 10)).toBeUndefined()
    take('a')
  })

  test('goes when it is released, or when what it was on is gone', () => {
    const { token } = take('a')
    locks.release(token)
    locks.release(token)
    take('a')
    take('a/b')
    take('ab')
    locks.forget('a', 'below')
    expect(locks.below('').map(({ path }) => path)).toEqual(['a', 'ab'])
    locks.forget('a')
    expect(locks.below('').map(({ path }) => path)).toEqual(['ab'])
  })

  test('is one too many at some point, and again none when the old ones have ended', () => {
    for (let count = 0; count < 10_000; count++) take(`f${count}`)
    expect(locks.take(wanted('g'))).toEqual({ ok: false, because: 'full' })
    clock.advance(60_000)
    take('g')
  })
})
