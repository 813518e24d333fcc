/** What is said of many machines at once: reasons in groups, names within bounds, and the same as a command. */
import { expect, test } from 'vitest'
import { bulkSame, groupedReasons, someNames } from '../../src/ui/pages/machines/bulk-words.ts'
import { EMPTY_FORM, formField, sameAs, systemOf } from '../../src/ui/parts/enrol-form.ts'
import { laneStates } from '../../src/ui/parts/lanes.ts'

test('reasons that differ in a time or a name only are one, the commonest first', () => {
  const not = [
    { system: 'x', because: 'it has no power type' },
    { system: 'a', because: 'it is on already, as was seen 3 s ago' },
    { system: 'b', because: 'it is on already, as was seen 12 s ago' },
  ]
  expect(groupedReasons(not).map(({ systems }) => systems)).toEqual([['a', 'b'], ['x']])
})

test('many names are some and a number', () => {
  expect(someNames(['a', 'b', 'c'], 2)).toBe('a, b and 1 more')
  expect(someNames(['a', 'b'], 2)).toBe('a, b')
})

test('an order is a command and a call', () => {
  expect(bulkSame({ action: 'profile', systems: ['a', 'b'], profile: 'p' })).toEqual({
    cli: 'orchestra bulk profile a b --profile p',
    api: 'POST /api/bulk {"action":"profile","systems":["a","b"],"profile":"p"}',
  })
  expect(bulkSame({ action: 'on', systems: Array.from({ length: 900 }, (_, i) => `n${i}`) }).cli.length).toBeLessThan(
    100,
  )
})

test('a machine that is added is sent whole, and no password is shown', () => {
  const form = {
    ...{ ...EMPTY_FORM, name: ' n1 ', mac: '52:54:00:00:00:01', profile: 'p', classes: ['c d'] },
    ...{ powerType: 'ipmilan', powerAddress: '10.0.0.7', powerUser: 'root', powerPass: 'geheim' },
  }
  expect(systemOf(form)).toEqual({
    ...{ name: 'n1', profile: 'p', mgmtClasses: ['c d'], netbootEnabled: true },
    interfaces: { eth0: { macAddress: '52:54:00:00:00:01' } },
    power: { type: 'ipmilan', address: '10.0.0.7', user: 'root', id: '', pass: 'geheim' },
  })
  const { cli, api } = sameAs(form)
  expect(cli + api).not.toContain('geheim')
  expect(cli).toContain("--mgmt-classes 'c d'")
  expect(formField('interfaces.eth0.macAddress')).toBe('mac')
  expect(formField('power.pass')).toBe('powerPass')
  expect(formField('nonsense')).toBeUndefined()
})

test('a boot is somewhere on its way, or stuck there, or at its end', () => {
  const at = (reached: Parameters<typeof laneStates>[0]['reached'], fault = false) =>
    laneStates({ reached, fault }).join(' ')
  expect(at('asked')).toBe(`past here ${'ahead '.repeat(8)}`.trim())
  expect(at('loader', true)).toBe(`past past stuck ${'ahead '.repeat(7)}`.trim())
  expect(at('ready')).toBe('past '.repeat(10).trim())
})
