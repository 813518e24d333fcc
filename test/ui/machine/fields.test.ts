/** What was changed in a form, as PATCH takes it, as a command, and beside what another saved meanwhile. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseMac } from '../../../src/model/address.ts'
import { emptyItem } from '../../../src/model/items.ts'
import { emptyInterface, type System } from '../../../src/model/system.ts'
import {
  commandOf,
  conflictsOf,
  emptyInterfaceFields,
  fieldsOf,
  interfacesOf,
  laidOver,
  patchOf,
  withoutInterface,
} from '../../../src/ui/pages/machine/fields.ts'

const system: System = {
  ...emptyItem('system', 'uid1'),
  name: 'node1',
  profile: 'web',
  mgmtClasses: ['rack4'],
  meta: { locale: 'en_GB', motd: 'two words' },
  interfaces: { eth0: { ...emptyInterface(), macAddress: parseMac('52:54:00:00:00:01') }, 'eth0.7': emptyInterface() },
}
const before = fieldsOf(system)

describe('a patch', () => {
  test('has what was changed and nothing else', () => {
    expect(patchOf(before, before)).toEqual({})
    const after = {
      ...before,
      hostname: 'web1',
      netbootEnabled: 'no',
      mgmtClasses: 'rack4 spare',
      meta: "locale=de_DE motd='other words' bare",
      'power.user': 'root',
      'interfaces.eth0.static': 'yes',
    }
    expect(patchOf(before, after)).toEqual({
      hostname: 'web1',
      netbootEnabled: false,
      mgmtClasses: ['rack4', 'spare'],
      meta: { locale: 'de_DE', motd: 'other words', bare: null },
      power: { user: 'root' },
      interfaces: { eth0: { static: true } },
    })
  })

  test('brings back options as they were, with quotes, blanks and line breaks in them', () => {
    const key = fc.string({ minLength: 1 }).filter((text) => !/[=]/.test(text) && text !== '__proto__')
    const value = fc.oneof(fc.string(), fc.constant(null), fc.array(fc.string(), { minLength: 2, maxLength: 3 }))
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (meta) => {
        const { meta: text = '' } = fieldsOf({ ...system, meta })
        expect(patchOf({ meta: '' }, { meta: `${text} ` })['meta']).toEqual(meta)
      }),
    )
  })

  test('takes an interface away and brings one', () => {
    const after = { ...withoutInterface(before, 'eth0.7'), ...emptyInterfaceFields('bmc') }
    expect(interfacesOf(after)).toEqual(['eth0', 'bmc'])
    expect(patchOf(before, after)['interfaces']).toMatchObject({ 'eth0.7': null, bmc: { macAddress: '' } })
  })
})

describe('the same as a command', () => {
  test('names each field by its option, quoted for the shell, and never a password', () => {
    const after = { ...before, comment: "it's here", 'power.pass': 'secret', 'interfaces.eth0.gateway': '10.0.0.1' }
    expect(commandOf('node1', before, after)).toBe(
      [
        `orchestra system edit --name=node1 --comment='it'\\''s here' --power-pass=-`,
        'orchestra system edit --name=node1 --interface=eth0 --if-gateway=10.0.0.1',
      ].join('\n'),
    )
  })

  test('takes an interface away once', () => {
    expect(commandOf('node1', before, withoutInterface(before, 'eth0.7'))).toBe(
      'orchestra system edit --name=node1 --interface=eth0.7 --delete-interface',
    )
  })
})

describe('two who change the same machine', () => {
  test('are told what the other has changed, and where both did', () => {
    const mine = { ...before, comment: 'mine', hostname: 'web1' }
    const theirs = { ...before, comment: 'theirs', status: 'testing' }
    expect(conflictsOf(before, theirs, mine)).toEqual([
      { key: 'status', before: before['status'], theirs: 'testing', mine: undefined },
      { key: 'comment', before: '', theirs: 'theirs', mine: 'mine' },
    ])
  })

  test('lose nothing: what one changed is laid over all that the other saved', () => {
    const keys = Object.keys(before)
    const changes = fc.dictionary(fc.constantFrom(...keys), fc.string(), { maxKeys: 4 })
    fc.assert(
      fc.property(changes, changes, (ours, others) => {
        const [mine, theirs] = [
          { ...before, ...ours },
          { ...before, ...others },
        ]
        const both = laidOver(before, theirs, mine)
        for (const key of keys) {
          const isMine = mine[key] !== before[key]
          expect(both[key]).toBe(isMine ? mine[key] : theirs[key])
        }
      }),
    )
  })

  test('keep an interface that the other has added, and lose the one that was taken away', () => {
    const theirs = { ...before, ...emptyInterfaceFields('bmc') }
    expect(interfacesOf(laidOver(before, theirs, withoutInterface(before, 'eth0.7')))).toEqual(['eth0', 'bmc'])
  })
})
