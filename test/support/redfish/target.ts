/** A system that is turned on and off by the Redfish service of a test, and the tools that its driver is handed. */
import { setImmediate } from 'node:timers/promises'
import type { PowerTarget, PowerTools } from '../../../src/power/driver.ts'
import type { Wait } from '../../../src/power/redfish/tasks.ts'
import { ADMIN, type RedfishService } from './service.ts'

export function targetOf(
  { origin }: Pick<RedfishService, 'origin'>,
  power: Partial<PowerTarget['power']> = {},
): PowerTarget {
  const { user, pass } = ADMIN
  return {
    name: 'node01',
    macs: [],
    power: { type: 'redfish', address: origin, user, pass, id: '', options: '', ...power },
  }
}

export function toolsOf(more: Partial<PowerTools> = {}): PowerTools {
  return { exec: async () => '', signal: new AbortController().signal, ...more }
}

/** Time that passes at once. */
export const noWait: Wait = async (_, signal) => {
  await setImmediate()
  signal.throwIfAborted()
}
