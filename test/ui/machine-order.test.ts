/** The order of machines: sorted, derived anew as little as can be, held while somebody is chosen, patched by events. */
import { describe, expect, test } from 'vitest'
import { derive } from '../../src/ui/pages/machines/derive.ts'
import { changesBetween, parseSort, sortRows, sortText } from '../../src/ui/pages/machines/order.ts'
import { patched, type Rows } from '../../src/ui/pages/machines/patch.ts'
import { parseSearch } from '../../src/ui/pages/machines/search.ts'
import { parseSelection, scopeWords, selectionText, toggled, withRange } from '../../src/ui/pages/machines/selection.ts'
import { row } from './rows.ts'

const rowsOf = (...rows: ReturnType<typeof row>[]): Rows => new Map(rows.map((one) => [one.uid, one]))

describe('sorting', () => {
  test('takes numbers in names for numbers', () => {
    const rows = ['node10', 'node9', 'Node1'].map((name) => row(name))
    expect(sortRows(rows, parseSort(null)).map(({ name }) => name)).toEqual(['Node1', 'node9', 'node10'])
  })

  test('by another column stands by name where that is alike, down too', () => {
    const rows = [row('b', { profile: 'x' }), row('a', { profile: 'x' }), row('c', { profile: 'y' })]
    expect(sortRows(rows, parseSort('-profile')).map(({ name }) => name)).toEqual(['c', 'a', 'b'])
  })

  test.each([
    ['-since', '-since'],
    ['name', undefined],
    ['nonsense', undefined],
    [null, undefined],
  ])('%s in the address is kept as %s', (text, kept) => expect(sortText(parseSort(text))).toBe(kept))
})

describe('what is derived', () => {
  const sort = parseSort('profile')
  const search = parseSearch('power:off')
  const [a, b] = [row('a', { power: 'off' }), row('b', { power: 'off' })]
  const before = derive(undefined, { rows: rowsOf(a, b), sort, search })

  test('is the same value while the order is', () => {
    const after = derive(before, { rows: rowsOf(a, { ...b, comment: 'x' }), sort, search })
    expect(after.found).toBe(before.found)
  })

  test.each([
    ['does not match any more', rowsOf(a, { ...b, power: 'on' }), ['uid-a']],
    ['stands elsewhere', rowsOf({ ...a, profile: 'z' }, b), ['uid-b', 'uid-a']],
    ['is gone', rowsOf(b), ['uid-b']],
    ['has come', rowsOf(a, b, row('0', { power: 'off' })), ['uid-0', 'uid-a', 'uid-b']],
  ])('changes when one %s', (_, rows, found) => expect(derive(before, { rows, sort, search }).found).toEqual(found))
})

describe('the count of changes that wait', () => {
  test.each([
    [['a', 'b', 'c'], ['a', 'b', 'c'], 0],
    [['a', 'b', 'c'], ['c', 'a', 'b'], 1],
    [['a', 'b', 'c'], ['a', 'c'], 1],
    [['a', 'b'], ['x', 'b', 'a'], 2],
    [[], ['a'], 1],
  ])('%j to %j is %i', (held, live, count) => expect(changesBetween(held, live)).toBe(count))
})

describe('a patch', () => {
  const rows = rowsOf(row('a'), row('b'))

  test('that says nothing new changes nothing', () => {
    expect(patched(rows, new Set(['a']), [row('a')])).toBe(rows)
    expect(patched(rows, new Set(['zz']), [])).toBe(rows)
  })

  test('takes who is gone away, and knows a machine by its new name', () => {
    expect([...patched(rows, new Set(['a']), []).keys()]).toEqual(['uid-b'])
    const renamed = { ...row('a'), name: 'aa' }
    const once = patched(rows, new Set(['aa', 'a']), [renamed])
    expect([...once.values()].map(({ name }) => name)).toEqual(['aa', 'b'])
    expect(patched(once, new Set(['a']), [])).toBe(once)
  })

  test('leaves rows alone that it was not asked for', () => {
    const after = patched(rows, new Set(['a']), [row('a', { comment: 'new' })])
    expect(after.get('uid-b')).toBe(rows.get('uid-b'))
    expect(after.get('uid-a')?.comment).toBe('new')
  })
})

describe('a selection', () => {
  const rows = rowsOf(...['a', 'b', 'c', 'd'].map((name) => row(name)))
  const order = [...rows.keys()]

  test('is taken from one to another, and back from the address', () => {
    const three = withRange(toggled(new Set(), 'uid-b'), order, 'uid-b', 'uid-d')
    expect([...three].sort()).toEqual(['uid-b', 'uid-c', 'uid-d'])
    expect(selectionText(three, rows, order)).toBe('b,c,d')
    expect([...parseSelection('b,c,d,zz', rows.values(), order)]).toEqual(['uid-b', 'uid-c', 'uid-d'])
  })

  test('of all that are found is a star', () => {
    expect(selectionText(new Set(order), rows, order)).toBe('*')
    expect(parseSelection('*', rows.values(), ['uid-c'])).toEqual(new Set(['uid-c']))
  })

  test('says what of it is outside of the search', () => {
    expect(scopeWords(new Set(['uid-a', 'uid-b']), ['uid-a'])).toBe('2 selected, 1 of them outside of this search')
    expect(scopeWords(new Set(['uid-a']), ['uid-a'])).toBe('1 selected')
  })
})
