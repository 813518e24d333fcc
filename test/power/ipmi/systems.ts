/** The IPMI driver as the services use it: systems whose BMC is one of these tests, and what is said when it fails. */
import { afterEach } from 'vitest'
import type { PowerSettings } from '../../../src/model/system.ts'
import { type PowerDriver, PowerError, type PowerTarget, type PowerTools } from '../../../src/power/driver.ts'
import { createIpmiDriver } from '../../../src/power/drivers/ipmi.ts'
import type { IpmiTimes } from '../../../src/power/ipmi/client.ts'
import type { Bmc, BmcOptions } from '../../support/bmc/bmc.ts'
import { type Listening, startBmc } from '../../support/bmc/start.ts'

/** Closed when the test is over: drivers first, while there is somebody to say goodbye to. */
const drivers: PowerDriver[] = []
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close?.()))
  for (const close of closing.splice(0).reverse()) await close()
})

export function closeAfter<Thing extends { close(): Promise<void> }>(thing: Thing): Thing {
  closing.push(() => thing.close())
  return thing
}

export async function aBmc(options: BmcOptions = {}, host?: string): Promise<Bmc & Listening> {
  return closeAfter(await startBmc(options, host))
}

export function aDriver(times: Partial<IpmiTimes> = {}): Required<PowerDriver> {
  const driver = createIpmiDriver(times) as Required<PowerDriver>
  drivers.push(driver)
  return driver
}

export function aTarget(bmc: { readonly address: string }, more: Partial<PowerSettings> = {}): PowerTarget {
  const power = { type: 'ipmi', address: bmc.address, user: 'admin', pass: 'secret', id: '', options: '', ...more }
  return { name: 'node1', macs: [], power }
}

/** No program is run. */
export function someTools(signal: AbortSignal = AbortSignal.timeout(30_000)): PowerTools {
  return {
    exec: () => Promise.reject(new Error('the IPMI driver runs no program')),
    signal,
  }
}

/** What a driver's promise was broken with; an answer is an error. */
export async function faultOf(promise: Promise<unknown>): Promise<PowerError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof PowerError) return error
    throw error
  }
  throw new Error('it did not fail')
}
