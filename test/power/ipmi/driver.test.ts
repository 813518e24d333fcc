/** The IPMI driver against the BMC of the tests, over the loopback. */
import { describe, expect, test } from 'vitest'
import { POWER_DRIVERS } from '../../../src/power/drivers/index.ts'
import { ipmi } from '../../../src/power/drivers/ipmi.ts'
import { aBmc, aDriver, aTarget, someTools } from './systems.ts'

const tools = someTools()
const count = (list: readonly string[], what: string) => list.filter((one) => one === what).length

describe('power', () => {
  test('is seen, turned on and turned off', async () => {
    const [driver, bmc] = [aDriver(), await aBmc()]
    const target = aTarget(bmc)
    expect(await driver.state(target, tools)).toBe('off')
    await driver.act(target, 'on', tools)
    expect(await driver.state(target, tools)).toBe('on')
    await driver.act(target, 'off', tools)
    expect(await driver.state(target, tools)).toBe('off')
    expect(bmc.chassis.orders).toEqual(['on', 'off'])
  })

  test.each([
    ['what is on', { isOn: true }, ['cycle']],
    ['what is off, by turning it on', { isOn: false }, ['on']],
    ['by a reset where a cycle is not known', { isOn: true, lacks: ['cycle'] }, ['reset']],
  ])('is restarted: %s', async (_, options, orders) => {
    const [driver, bmc] = [aDriver(), await aBmc(options)]
    await driver.act(aTarget(bmc), 'reboot', tools)
    expect(bmc.chassis.orders).toEqual(orders)
  })

  test('is turned off by asking the operating system where the options say so', async () => {
    const [driver, bmc] = [aDriver(), await aBmc({ isOn: true })]
    await driver.act(aTarget(bmc, { options: 'soft' }), 'off', tools)
    expect(bmc.chassis.orders).toEqual(['soft'])
  })

  test('that goes slowly is told as it is', async () => {
    const [driver, bmc] = [aDriver(), await aBmc({ isOn: true, offAfter: 60_000 })]
    await driver.act(aTarget(bmc), 'off', tools)
    expect(await driver.state(aTarget(bmc), tools)).toBe('on')
  })
})

describe('the next boot', () => {
  test('is by network, once, and is read back', async () => {
    const [driver, bmc] = [aDriver(), await aBmc()]
    expect(await driver.bootOnce(aTarget(bmc), tools)).toMatchObject({ obeyed: 'yes' })
    // Set in progress; valid for longer than a minute; to be read by the BIOS; PXE, once; done.
    expect(bmc.chassis.parameters).toEqual(['0001', '0308', '040101', '058004000000', '0000'])
  })

  test.each([
    ['the way that the BMC knows', { isEfi: true }, '', 'a004000000'],
    ['the way that the options say', { isEfi: true }, 'bios', '8004000000'],
    ['the other way that they say', { isEfi: false }, 'efi', 'a004000000'],
  ])('goes %s', async (_, options, words, flags) => {
    const [driver, bmc] = [aDriver(), await aBmc(options)]
    await driver.bootOnce(aTarget(bmc, { options: words }), tools)
    expect(Buffer.from(bmc.chassis.flags).toString('hex')).toBe(flags)
  })

  test.each([
    ['forgotten', 'no', 'there is none'],
    ['persistent', 'no', 'every boot'],
    ['refused', 'no', '0xcc'],
    ['untold', 'unknown', 'does not tell'],
  ] as const)('that is %s is told so', async (boot, obeyed, because) => {
    const [driver, bmc] = [aDriver(), await aBmc({ boot })]
    const once = await driver.bootOnce(aTarget(bmc), tools)
    expect(once).toEqual({ obeyed, because: expect.stringContaining(because) })
  })
})

test('the lamp blinks for so long, for ever, or not at all', async () => {
  const [driver, bmc] = [aDriver(), await aBmc()]
  for (const seconds of [10, 3600, 0]) await driver.identify(aTarget(bmc), seconds, tools)
  expect(bmc.chassis.orders).toEqual(['identify 10', 'identify on', 'identify 0'])
})

describe('a session', () => {
  test('is opened once and used for all that is asked', async () => {
    const [driver, bmc] = [aDriver(), await aBmc()]
    await Promise.all(Array.from({ length: 20 }, () => driver.state(aTarget(bmc), tools)))
    await driver.act(aTarget(bmc), 'on', tools)
    expect([count(bmc.asked, '6/3b'), count(bmc.asked, '0/1')]).toEqual([1, 20])
    expect(bmc.sessions()).toBe(1)
  })

  test('is closed with the driver, and opened again when it is asked once more', async () => {
    const [driver, bmc] = [aDriver(), await aBmc()]
    await driver.state(aTarget(bmc), tools)
    await driver.close()
    expect([bmc.sessions(), count(bmc.asked, '6/3c')]).toEqual([0, 1])
    expect(await driver.state(aTarget(bmc), tools)).toBe('off')
  })

  test('is closed when nobody has used it for a while', async () => {
    const [driver, bmc] = [aDriver({ idle: 30 }), await aBmc()]
    await driver.state(aTarget(bmc), tools)
    await expect.poll(() => bmc.sessions()).toBe(0)
    expect(bmc.asked.at(-1)).toBe('6/3c')
  })

  test('is kept awake', async () => {
    const [driver, bmc] = [aDriver({ keepAlive: 30 }), await aBmc()]
    await driver.state(aTarget(bmc), tools)
    await expect.poll(() => count(bmc.asked, '6/1')).toBeGreaterThan(2)
    expect(bmc.sessions()).toBe(1)
  })

  test('that the BMC has forgotten is opened again, and the question answered', async () => {
    const [driver, bmc] = [aDriver(), await aBmc({ isOn: true })]
    await driver.state(aTarget(bmc), tools)
    bmc.forget()
    expect(await driver.state(aTarget(bmc), tools)).toBe('on')
    expect(count(bmc.asked, '6/3b')).toBe(2)
  })

  test('is another for another user of the same BMC', async () => {
    const users = ['admin', 'other'].map((name) => ({ name, password: `${name}-1`, privilege: 4 }))
    const [driver, bmc] = [aDriver(), await aBmc({ users })]
    const targets = users.map(({ name, password }) => aTarget(bmc, { user: name, pass: password }))
    expect(await Promise.all(targets.map((target) => driver.state(target, tools)))).toEqual(['off', 'off'])
    expect(bmc.sessions()).toBe(2)
  })

  test('is raised to administrator where operator is too low, and stays so', async () => {
    const [driver, bmc] = [aDriver(), await aBmc({ isStrict: true })]
    await driver.state(aTarget(bmc), tools)
    for (const action of ['on', 'off', 'on'] as const) await driver.act(aTarget(bmc), action, tools)
    expect(bmc.chassis.orders).toEqual(['on', 'off', 'on'])
    expect([count(bmc.asked, '6/3b'), bmc.sessions()]).toEqual([2, 1])
  })

  test('is raised for all who ask at once', async () => {
    const [driver, bmc] = [aDriver(), await aBmc({ isStrict: true })]
    await Promise.all(Array.from({ length: 5 }, () => driver.identify(aTarget(bmc), 5, tools)))
    expect(bmc.chassis.orders).toHaveLength(5)
    expect(bmc.sessions()).toBe(1)
  })

  test('of a driver that is closed keeps no timer and no socket', async () => {
    const [driver, bmc] = [aDriver(), await aBmc()]
    const active = (what: string) => count(process.getActiveResourcesInfo(), what)
    const timers = active('Timeout')
    const asked = driver.state(aTarget({ address: `localhost:${bmc.port}` }), tools).catch((error: unknown) => error)
    await driver.close()
    await asked
    await driver.state(aTarget(bmc), tools)
    bmc.isAway = true
    const waiting = driver.state(aTarget(bmc), tools).catch((error: unknown) => error)
    await driver.close()
    await waiting
    // The socket of the BMC, and whatever timers the tests have.
    await expect.poll(() => active('UDPWrap')).toBe(1)
    await expect.poll(() => active('Timeout')).toBeLessThanOrEqual(timers + 1)
  })

  test('goes to an IPv6 address too', async () => {
    const [driver, bmc] = [aDriver(), await aBmc({}, '::1')]
    expect(await driver.state(aTarget(bmc), tools)).toBe('off')
    expect(await driver.state(aTarget({ address: `[0:0::1]:${bmc.port}` }), tools)).toBe('off')
  })

  test('goes to a name', async () => {
    const [driver, bmc] = [aDriver(), await aBmc()]
    expect(await driver.state(aTarget({ address: `localhost:${bmc.port}` }), tools)).toBe('off')
  })

  test('is not waited for by one who has given up', async () => {
    const [driver, bmc] = [aDriver(), await aBmc()]
    bmc.isAway = true
    const end = new AbortController()
    const asked = driver.state(aTarget(bmc), someTools(end.signal))
    end.abort(new Error('too late'))
    await expect(asked).rejects.toThrow('too late')
    await expect(driver.state(aTarget(bmc), someTools(end.signal))).rejects.toThrow('too late')
  })

  test('with each of a hundred BMCs goes over one socket', async () => {
    const driver = aDriver()
    const bmcs = await Promise.all(Array.from({ length: 100 }, (_, i) => aBmc({ isOn: i % 3 === 0 })))
    const seen = await Promise.all(bmcs.map((bmc) => driver.state(aTarget(bmc), tools)))
    expect(seen).toEqual(bmcs.map((_, i) => (i % 3 === 0 ? 'on' : 'off')))
  })
})

describe('the driver', () => {
  test('goes by the names that Cobbler has for IPMI, and by no name of another protocol', () => {
    expect(POWER_DRIVERS).toContain(ipmi)
    expect(ipmi.aliases).toEqual(expect.arrayContaining(['ipmilan', 'ipmilanplus', 'ipmitool', 'idrac', 'ilo4']))
    for (const other of ['drac', 'drac5', 'ilo', 'ilo2', 'ilo_ssh', 'apc']) expect(ipmi.aliases).not.toContain(other)
  })

  test('can do what it has a function for', () => {
    expect(ipmi.can).toEqual(['on', 'off', 'reboot', 'state', 'boot-once', 'identify', 'console'])
  })
})
