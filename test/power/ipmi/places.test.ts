/** The few places for sessions that a BMC has: somebody who tries passwords and options does not take them all. */
import { expect, test } from 'vitest'
import { POWER_DRIVERS } from '../../../src/power/drivers/index.ts'
import { aBmc, aDriver, aTarget, someTools } from './systems.ts'

test('other settings for the same BMC take the place of those before', async () => {
  const [driver, bmc] = [aDriver(), await aBmc({ slots: 2 })]
  for (const options of ['', 'cipher=3', 'cipher=17', 'privilege=operator', 'privilege=user']) {
    expect(await driver.state(aTarget(bmc, { options }), someTools())).toBe('off')
  }
  expect(bmc.sessions()).toBeLessThanOrEqual(2)
})

test("fence-agents' words for IPMI mean this driver: the agents would show the password to every process list", () => {
  const driverOf = (type: string) =>
    POWER_DRIVERS.find((one) => one.aliases?.includes(type)) ?? POWER_DRIVERS.find((one) => one.claims?.(type))
  for (const word of ['fence_ipmilan', 'fence_ipmilanplus', 'fence_idrac', 'fence_ilo4', 'ipmilan', 'ilo5']) {
    expect(driverOf(word)?.type).toBe('ipmi')
  }
  for (const word of ['ilo', 'ilo2', 'drac5', 'fence_ilo']) expect(driverOf(word)?.type).toBe('fence')
})
