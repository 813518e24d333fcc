/** Everything that can be wrong with a BMC or its settings: each has its fault, and its sentence on what to do next. */
import { describe, expect, test } from 'vitest'
import type { PowerSettings } from '../../../src/model/system.ts'
import type { PowerFault } from '../../../src/power/driver.ts'
import { explainFailure } from '../../../src/power/ipmi/failure.ts'
import type { BmcOptions } from '../../support/bmc/bmc.ts'
import { aBmc, aDriver, aTarget, faultOf, someTools } from './systems.ts'

const tools = someTools()
const withUser = (privilege: number) => [{ name: 'admin', password: 'secret', privilege }]

const FAULTS: readonly [string, BmcOptions, Partial<PowerSettings>, PowerFault, string][] = [
  ['a wrong password', {}, { pass: 'hunter2' }, 'wrong-password', 'the password for user "admin" is not the one'],
  ['an unknown user', {}, { user: 'root' }, 'wrong-password', 'does not know the user "root"'],
  ['a BMC key', { key: 'kg' }, {}, 'wrong-password', 'clear the key'],
  [
    'no suite that is safe',
    { suites: [0, 1] },
    {},
    'cipher-refused',
    'offers only cipher suite 0, 1; enable cipher suite 17',
  ],
  ['another suite than asked', { suites: [3] }, { options: 'cipher=17' }, 'cipher-refused', 'refused cipher suite 17'],
  ['a suite that is none', { suites: [3], weakens: true }, {}, 'cipher-refused', 'refused cipher suite 3'],
  ['suite 0 in the options', {}, { options: 'cipher=0' }, 'cipher-refused', 'lets anyone in'],
  ['IPMI 1.5', { isOld: true }, {}, 'cipher-refused', 'IPMI 1.5 only'],
  ['a user who may only look', { users: withUser(2) }, {}, 'privilege-too-low', 'give the user that privilege'],
  [
    'too little privilege in the options',
    {},
    { options: 'privilege=user' },
    'privilege-too-low',
    'too low for power on',
  ],
  [
    'more privilege than there is',
    { users: withUser(3) },
    { options: 'privilege=administrator' },
    'privilege-too-low',
    'give the user',
  ],
  [
    'an operator where it must be more',
    { isStrict: true, users: withUser(3) },
    {},
    'privilege-too-low',
    'too low for power on',
  ],
  ['no free session', { slots: 0 }, {}, 'refused', 'no free session'],
  ['an order that it does not know', { lacks: ['on'] }, {}, 'refused', 'code 0xcc'],
  ['a name without an address', {}, { address: 'bmc1.invalid' }, 'wrong-address', '"bmc1.invalid"'],
  ['no address', {}, { address: '' }, 'wrong-address', 'there is no power address'],
  ['a password that is too long', {}, { pass: 'x'.repeat(21) }, 'wrong-password', '21 bytes, but IPMI takes 20'],
]

describe('it is said what is wrong:', () => {
  test.each(FAULTS)('%s', async (_, options, power, fault, because) => {
    const [driver, bmc] = [aDriver(), await aBmc(options)]
    const target = aTarget(bmc, power)
    const error = await faultOf(driver.act(target, 'on', tools))
    expect(error).toMatchObject({ code: 'power.failed', fault })
    expect(error.message).toContain(because)
    expect(error.message).toContain('node1')
    expect(bmc.chassis.orders).toEqual([])
    for (const secret of ['secret', 'hunter2', 'x'.repeat(21)]) expect(error.message).not.toContain(secret)
  })

  test.each([
    ['nothing', 'UDP 623 gets through'],
    ['pong', 'enable IPMI over LAN'],
    ['something', 'fell silent'],
  ] as const)('nobody answers, and what was heard is %s', (heard, because) => {
    const whom = { name: 'node1', address: '10.0.0.5', user: 'admin' }
    const error = explainFailure({ what: 'silent', heard }, whom)
    expect(error).toMatchObject({ fault: 'no-answer', message: expect.stringContaining(because) })
    expect(error.message).toContain('the BMC of node1 at 10.0.0.5')
  })

  test('no way there', async () => {
    const error = await faultOf(aDriver().state(aTarget({ address: '255.255.255.255' }), tools))
    expect(error).toMatchObject({
      fault: 'no-answer',
      message: expect.stringMatching(/nothing can be sent .*\(E[A-Z]+\)/),
    })
  })

  test('a word of the options that is not known, and trying again does not help', async () => {
    const asked = aDriver().state(aTarget({ address: '127.0.0.1' }, { options: 'chiper=17' }), tools)
    await expect(asked).rejects.toMatchObject({ code: 'power.unsupported', field: 'power.options' })
  })

  test('a user who may only look may look where the options say so', async () => {
    const [driver, bmc] = [aDriver(), await aBmc({ users: withUser(2) })]
    expect(await driver.state(aTarget(bmc, { options: 'privilege=user' }), tools)).toBe('off')
  })
})
