/** Names in order, against the plain way: sort them all after each change. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nameOrder } from '../../src/services/name-order.ts'

const name = fc.constantFrom('', 'A', 'Z', 'a', 'aa', 'b', 'node1', 'node10', 'node2', 'ä')
const change = fc.record({ put: fc.boolean(), look: fc.boolean(), name })

describe('an order of names', () => {
  test('is as if they were sorted after each change, and nothing changes under a reader', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const order = nameOrder<{ name: string; at: number }>()
        const plain = new Map<string, { name: string; at: number }>()
        const seen: [readonly unknown[], string][] = []
        for (const [at, { put, look, name }] of changes.entries()) {
          if (put) {
            order.put({ name, at })
            plain.set(name, { name, at })
          } else {
            order.take(name)
            plain.delete(name)
          }
          if (look) seen.push([order.list(), JSON.stringify(order.list())])
        }
        expect(order.list()).toEqual([...plain.values()].sort((a, b) => (a.name < b.name ? -1 : 1)))
        for (const [list, then] of seen) expect(JSON.stringify(list)).toBe(then)
      }),
    )
  })
})
