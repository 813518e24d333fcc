/** Power tasks against a machine made here: its driver is a small value, its time is told. */
import { describe, expect, test } from 'vitest'
import { parseMac } from '../../src/model/address.ts'
import { OrchestraError } from '../../src/model/errors.ts'
import type { EventMap, EventName } from '../../src/model/event.ts'
import { emptyItem } from '../../src/model/items.ts'
import type { PowerState } from '../../src/model/power.ts'
import { emptyInterface, type System } from '../../src/model/system.ts'
import type { PowerDriver } from '../../src/power/driver.ts'
import { createPower, type PowerNeeds } from '../../src/services/power.ts'
import { silentLog } from '../support/store.ts'
import { toldTime } from '../support/told-time.ts'

interface TestMachine {
  state: PowerState
  readonly asked: string[]
  /** Called for each action; the default obeys at once. */
  obey: (action: string) => Promise<void>
  see: () => Promise<PowerState>
}

function setup({
  can = ['on', 'off', 'reboot', 'state'],
  type = 'test',
}: {
  can?: PowerDriver['can']
  type?: string
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
  }
  const system: System = {
    ...emptyItem('system', 'uid1'),
    name: 'node01',
    interfaces: { eth0: { ...emptyInterface(), macAddress: parseMac('52:54:00:00:00:01') } },
    power: { ...emptyItem('system', '').power, type },
  }
  const events: { name: EventName; payload: EventMap[EventName] }[] = []
  let ids = 0
  const needs: PowerNeeds = {
    findSystem: (name) => (name === 'node01' ? system : name === 'node02' ? { ...system, name } : undefined),
    drivers: [driver, { ...driver, type: 'other' }],
    exec: async () => '',
    clock: time.clock,
    record: (name, payload) => void events.push({ name, payload }),
    log: silentLog,
    wait: time.wait,
    makeId: () => `task${++ids}`,
  }
  const power = createPower(needs)
  const changes = () => events.filter(({ name }) => name === 'power.changed').map(({ payload }) => payload)
  return { power, machine, time, events, changes }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof OrchestraError ? error.code : error),
  )

describe('a power task', () => {
  test('answers at once and is complete when the state is seen', async () => {
    const { power, time, changes } = setup()
    const task = await power.start('node01', 'on')
    expect(task).toMatchObject({ state: 'running', system: 'node01', action: 'on', ended: undefined })
    await time.pass(0)
    expect(power.task(task.id)).toMatchObject({ state: 'complete', because: 'node01 is on, seen by test' })
    expect(await power.finished(task.id)).toEqual(power.task(task.id))
    expect(power.last('node01')).toMatchObject({ state: 'on' })
    expect(changes().map((change) => 'state' in change && change.state)).toEqual(['unknown', 'on'])
  })

  test('looks again until a slow machine is there', async () => {
    const { power, machine, time } = setup()
    machine.obey = async () => {}
    const { id } = await power.start('node01', 'on')
    await time.pass(9_000)
    expect(power.task(id)?.state).toBe('running')
    machine.state = 'on'
    await time.pass(2_000)
    expect(power.task(id)?.state).toBe('complete')
  })

  test('fails with a sentence when the machine never gets there', async () => {
    const { power, machine, time } = setup()
    machine.obey = async () => {}
    const { id } = await power.start('node01', 'on')
    await time.pass(100_000)
    expect(power.task(id)).toMatchObject({
      state: 'failed',
      because: 'node01 was to be on within 90 s, but it is still off',
    })
    expect(power.last('node01')?.state).toBe('unknown')
  })

  test('survives looks that fail, and tells of the last one if none works', async () => {
    const { power, machine, time } = setup()
    machine.see = async () => Promise.reject(new Error('the BMC is asleep'))
    const { id } = await power.start('node01', 'on')
    await time.pass(100_000)
    expect(power.task(id)?.because).toMatch(/but its state cannot be read: the BMC is asleep/)
  })

  test.each([
    [2, 'complete'],
    [3, 'failed'],
  ])('is tried again: after %i faults it is %s', async (faults, end) => {
    const { power, machine, time } = setup()
    const obey = machine.obey
    machine.obey = async (action) => {
      if (machine.asked.length <= faults) throw new OrchestraError('power.failed', 'the fuse blew')
      await obey(action)
    }
    const { id } = await power.start('node01', 'on')
    await time.pass(10_000)
    expect(power.task(id)?.state).toBe(end)
    expect(machine.asked).toHaveLength(3)
  })

  test('is not tried again when it cannot be done', async () => {
    const { power, machine, time } = setup()
    machine.obey = async () => Promise.reject(new OrchestraError('power.unsupported', 'no such outlet'))
    const { id } = await power.start('node01', 'on')
    await time.pass(0)
    expect(power.task(id)).toMatchObject({ state: 'failed', because: 'no such outlet' })
    expect(machine.asked).toHaveLength(1)
  })

  test('does not wait for ever for a driver that is silent', async () => {
    const { power, machine, time } = setup()
    machine.obey = () => new Promise(() => {})
    const { id } = await power.start('node01', 'off')
    await time.pass(70_000)
    expect(power.task(id)).toMatchObject({ state: 'failed', because: 'test off node01: no answer within 20 s' })
  })

  test('is one at a time for each system', async () => {
    const { power, machine, time } = setup()
    machine.obey = async () => {}
    await power.start('node01', 'on')
    await time.pass(3_000)
    await expect(power.start('node01', 'off')).rejects.toMatchObject({
      code: 'power.busy',
      message: expect.stringMatching(/power on of node01 is under way since 3 s/),
    })
    await power.start('node02', 'off')
    machine.state = 'on'
    await time.pass(2_000)
    expect(await codeOf(power.start('node01', 'off'))).toBe('no error')
  })

  test('of a driver that cannot see ends as sent, and claims no state', async () => {
    const { power, time } = setup({ can: ['on'] })
    const { id } = await power.start('node01', 'on')
    await time.pass(0)
    expect(power.task(id)).toMatchObject({ state: 'complete', because: 'sent; test cannot see the state' })
    expect(power.last('node01')?.state).toBe('unknown')
    expect(await codeOf(power.read('node01'))).toBe('power.unsupported')
  })

  test('reboots by off and on where a driver has no reboot', async () => {
    const { power, machine, time } = setup({ can: ['on', 'off', 'state'] })
    machine.state = 'on'
    const { id } = await power.start('node01', 'reboot')
    await time.pass(0)
    expect(machine.asked).toEqual(['off', 'on'])
    expect(power.task(id)?.state).toBe('complete')
  })

  test('marks the beginning of a boot with the MAC of the system, and an end with nothing', async () => {
    const { power, time, events } = setup()
    await power.start('node01', 'on')
    await time.pass(0)
    await power.start('node01', 'off')
    await time.pass(0)
    const steps = events.filter(({ name }) => name === 'boot.step').map(({ payload }) => payload)
    expect(steps).toEqual([
      { mac: '52:54:00:00:00:01', system: 'node01', step: 'power', because: 'test took the order: power on' },
    ])
  })

  test('that is under way when the daemon stops is failed, and nobody waits on', async () => {
    const { power, machine, time } = setup()
    machine.obey = async () => {}
    const { id } = await power.start('node01', 'on')
    await time.pass(1_000)
    power.stop()
    expect(await power.finished(id)).toMatchObject({ state: 'failed', because: 'the daemon was stopped meanwhile' })
    expect(time.sleepers.size).toBe(0)
  })

  test('leaves no timer behind', async () => {
    const { power, time } = setup()
    await power.start('node01', 'on')
    await time.pass(0)
    expect(time.sleepers.size).toBe(0)
  })

  test('is remembered among the last thousand', async () => {
    const { power, time } = setup()
    for (let count = 0; count < 1_001; count++) {
      await power.finished((await power.start('node01', 'on')).id)
    }
    await time.pass(0)
    expect(power.task('task1')).toBeUndefined()
    expect(await codeOf(power.finished('task1'))).toBe('item.missing')
    expect(power.task('task1001')?.state).toBe('complete')
  })
})

describe('power is refused', () => {
  test('to a system that is not there', async () => {
    const { power } = setup()
    expect(await codeOf(power.start('nope', 'on'))).toBe('item.missing')
    expect(await codeOf(power.read('nope'))).toBe('item.missing')
  })

  test.each([
    ['ipmi', 'power type "ipmi" of node01 is not known; known types: test, other'],
    ['', 'node01 has no power type; known types: test, other'],
  ])('with type "%s"', async (type, message) => {
    const { power } = setup({ type })
    await expect(power.start('node01', 'on')).rejects.toMatchObject({ code: 'power.unsupported', message })
  })

  test('for an action that the driver has not', async () => {
    const { power } = setup({ can: ['on', 'state'] })
    expect(await codeOf(power.start('node01', 'off'))).toBe('power.unsupported')
    expect(await codeOf(power.start('node01', 'reboot'))).toBe('power.unsupported')
  })
})

describe('a reading', () => {
  test('is told as an event only when the state has changed', async () => {
    const { power, machine, changes } = setup()
    await power.read('node01')
    await power.read('node01')
    machine.state = 'on'
    expect(await power.read('node01')).toMatchObject({ state: 'on', because: 'node01 is on, seen by test' })
    expect(changes()).toMatchObject([
      { state: 'off', action: undefined, task: undefined },
      { state: 'on', action: undefined, task: undefined },
    ])
  })

  test('that takes too long fails', async () => {
    const { power, machine, time } = setup()
    machine.see = () => new Promise(() => {})
    const reading = codeOf(power.read('node01'))
    await time.pass(20_000)
    expect(await reading).toBe('power.failed')
  })
})
