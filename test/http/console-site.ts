/** A daemon with a machine whose BMC is one of the tests, and one whose serial line is a stream; closed after each test. */
import { type Duplex, PassThrough } from 'node:stream'
import { afterEach } from 'vitest'
import type { PowerDriver } from '../../src/power/driver.ts'
import { createIpmiDriver } from '../../src/power/drivers/ipmi.ts'
import type { Role } from '../../src/services/auth.ts'
import type { Bmc, BmcOptions } from '../support/bmc/bmc.ts'
import { type Listening, startBmc } from '../support/bmc/start.ts'
import { closeClients, openConsole } from '../support/console-client.ts'
import { listen, testApp } from './test-app.ts'

type Options = NonNullable<Parameters<typeof testApp>[0]>['consoleTimes']

const closing: (() => Promise<unknown> | undefined)[] = []
afterEach(async () => {
  closeClients()
  for (const close of closing.splice(0).reverse()) await close()
})

/** A daemon with node1, whose BMC is one of the tests. */
export async function site(options: BmcOptions = {}, consoleTimes: Options = {}, more: PowerDriver[] = []) {
  const bmc: Bmc & Listening = await startBmc(options)
  closing.push(() => bmc.close())
  const ipmi = createIpmiDriver()
  closing.push(() => ipmi.close?.())
  const it = await testApp({ drivers: [ipmi, ...more], consoleTimes })
  const close = once(it.close)
  closing.push(close)
  const url = await listen(it.app)
  const system = it.catalog.draft('system')
  const power = { ...system.power, type: 'ipmi', address: bmc.address, user: 'admin', pass: 'secret' }
  await it.catalog.save('system', { ...system, name: 'node1', profile: 'debian-13', power })
  const open = async (role: Role, query = 'mode=read', name = 'node1') =>
    openConsole(url, `/api/systems/${name}/console/serial?${query}`, {
      authorization: `Bearer ${await it.tokenOf(role)}`,
    })
  return { ...it, it: { ...it, close }, bmc, url, open }
}

/** A driver whose serial line is a stream. */
export function aLine(open: () => Duplex): PowerDriver {
  return {
    type: 'line',
    can: ['console'],
    act: async () => {},
    state: async () => 'unknown',
    console: async () => open(),
  }
}

export function nextOf(lines: PassThrough[]): PassThrough {
  const line = new PassThrough()
  lines.push(line)
  return line
}

export async function addLine(catalog: Awaited<ReturnType<typeof testApp>>['catalog']): Promise<void> {
  const system = catalog.draft('system')
  await catalog.save('system', {
    ...system,
    name: 'node3',
    profile: 'debian-13',
    power: { ...system.power, type: 'line' },
  })
}

/** A test may close what is closed after it. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined
  return () => {
    closed ??= close()
    return closed
  }
}
