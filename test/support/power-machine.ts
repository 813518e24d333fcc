/** A machine made here for tests of power: its driver is a small value, its time is told. */
import { parseMac } from '../../src/model/address.ts'
import { OrchestraError } from '../../src/model/errors.ts'
import type { EventMap, EventName } from '../../src/model/event.ts'
import { emptyItem } from '../../src/model/items.ts'
import type { PowerState } from '../../src/model/power.ts'
import { emptyInterface, type System } from '../../src/model/system.ts'
import type { PowerDriver } from '../../src/power/driver.ts'
import { createPower, type PowerNeeds } from '../../src/services/power.ts'
import { silentLog } from './store.ts'
import { toldTime } from './told-time.ts'

interface TestMachine {
  state: PowerState
  readonly asked: string[]
  /** Called for each action; the default obeys at once. */
  obey: (action: string) => Promise<void>
  see: () => Promise<PowerState>
}

export function powerMachine({
  can = ['on', 'off', 'reboot', 'state'],
  type = 'test',
  names = ['node01', 'node02'],
  netboot = false,
  bootOnce,
  waves = { wave: 5_000, within: 1_000 },
  drivers = [],
  atOnce,
}: {
  can?: PowerDriver['can']
  type?: string
  names?: string[]
  netboot?: boolean
  bootOnce?: PowerDriver['bootOnce']
  waves?: { wave: number; within: number }
  drivers?: PowerDriver[]
  atOnce?: number
} = {}) {
  const time = toldTime()
  const machine: TestMachine = {
    state: 'off',
    asked: [],
    obey: async (action) => {
      machine.state = action === 'off' ? 'off' : 'on'
    },
    see: async () => machine.state,
  }
  const driver: PowerDriver = {
    type: 'test',
    can,
    act: async (_target, action) => {
      machine.asked.push(action)
      await machine.obey(action)
    },
    state: () => machine.see(),
    ...(bootOnce && { bootOnce }),
  }
  const system: System = {
    ...emptyItem('system', 'uid1'),
    name: 'node01',
    netbootEnabled: netboot,
    interfaces: { eth0: { ...emptyInterface(), macAddress: parseMac('52:54:00:00:00:01') } },
    power: { ...emptyItem('system', '').power, type },
  }
  const events: { name: EventName; payload: EventMap[EventName] }[] = []
  let ids = 0
  const needs: PowerNeeds = {
    findSystem: (name) => (names.includes(name) ? { ...system, name } : undefined),
    drivers: [driver, { ...driver, type: 'other' }, ...drivers],
    exec: async () => '',
    clock: time.clock,
    record: (name, payload) => void events.push({ name, payload }),
    log: silentLog,
    wait: time.wait,
    waves,
    atOnce,
    makeId: () => `task${++ids}`,
  }
  const power = createPower(needs)
  const changes = () => events.filter(({ name }) => name === 'power.changed').map(({ payload }) => payload)
  return { power, machine, time, events, changes }
}

export const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof OrchestraError ? error.code : error),
  )
