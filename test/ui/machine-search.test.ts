/** The search over machines: words, keys with values, "not", patterns, and what is offered to go on with. */
import { describe, expect, test } from 'vitest'
import type { MachineRow } from '../../src/model/machine-row.ts'
import { completions, matches, parseSearch, termValue, withTerm } from '../../src/ui/pages/machines/search.ts'
import { row } from './rows.ts'

const rows = [
  row('node01', {
    stage: 'broken',
    power: 'off',
    classes: ['foo-available', 'rack7'],
    profile: 'debian',
    comment: 'Loud fan',
  }),
  row('node02', { power: 'on', profile: 'ubuntu server', netboot: true, ip: '10.0.0.2' }),
  row('gw-east', { boot: { id: 1, reached: 'loader', started: 0, ended: null, verdict: 'no-config' } }),
]
const found = (text: string, of: readonly MachineRow[] = rows) =>
  of.filter((one) => matches(parseSearch(text), one)).map(({ name }) => name)

describe('a search', () => {
  test.each([
    ['', ['node01', 'node02', 'gw-east']],
    ['NODE', ['node01', 'node02']],
    ['fan', ['node01']],
    ['stage:broken power:off', ['node01']],
    ['-profile:debian', ['node02', 'gw-east']],
    ['class:foo-available', ['node01']],
    ['class:foo', []],
    ['class:foo*', ['node01']],
    ['name:node*', ['node01', 'node02']],
    ['name:node?2', ['node02']],
    ['profile:"ubuntu server"', ['node02']],
    ['netboot:on', ['node02']],
    ['verdict:no-config', ['gw-east']],
    ['ip:10.0.0', ['node02']],
    ['mac:52:54:00', ['node01', 'node02', 'gw-east']],
    ['-node', ['gw-east']],
    ['stage:', ['node01', 'node02', 'gw-east']],
    ['52:54:00', ['node01', 'node02', 'gw-east']],
  ])('for "%s" finds %j', (text, names) => expect(found(text)).toEqual(names))

  test('says which keys there are not', () => {
    expect(parseSearch('colour:red name:x 52:54:00').unknown).toEqual(['colour'])
  })

  test('no text whatever makes it fail', () => {
    for (const text of ['"', '-', ':', '-:', 'name:"', '*', 'name:[', '(((', '\\', 'a"b c"d'])
      expect(() => found(text)).not.toThrow()
  })
})

describe('a filter beside the search', () => {
  test('puts its word in, changes it, and takes it away', () => {
    const text = withTerm('fan -profile:x', 'profile', 'ubuntu server')
    expect(text).toBe('fan -profile:x profile:"ubuntu server"')
    expect(termValue(text, 'profile')).toBe('ubuntu server')
    expect(withTerm(text, 'profile', undefined)).toBe('fan -profile:x')
  })
})

describe('completion', () => {
  test('offers keys, then values that machines have, the commonest first', () => {
    expect(completions('fan st', rows)).toEqual(['fan stage:'])
    expect(completions('-cl', rows)).toEqual(['-class:'])
    expect(completions('stage:', rows)).toEqual(['stage:available ', 'stage:broken '])
    expect(completions('profile:u', rows)).toEqual(['profile:"ubuntu server" '])
    expect(completions('', rows)).toEqual([])
  })
})
