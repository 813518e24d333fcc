/** Power tasks from their order to their end, what is refused, and what is read. */
import { describe, expect, test } from 'vitest'
import { OrchestraError } from '../../src/model/errors.ts'
import { PowerError } from '../../src/power/driver.ts'
import { codeOf, powerMachine } from '../support/power-machine.ts'

describe('a power task', () => {
  test('answers at once and is complete when the state is seen', async () => {
    const { power, time, changes } = powerMachine()
    const task = await power.start('node01', 'on')
    expect(task).toMatchObject({ state: 'running', system: 'node01', action: 'on', ended: undefined })
    await time.pass(0)
    expect(power.task(task.id)).toMatchObject({ state: 'complete', because: 'node01 is on, seen by test' })
    expect(await power.finished(task.id)).toEqual(power.task(task.id))
    expect(power.last('node01')).toMatchObject({ state: 'on' })
    expect(changes().map((change) => 'state' in change && change.state)).toEqual(['unknown', 'on'])
  })

  test('looks again until a slow machine is there', async () => {
    const { power, machine, time } = powerMachine()
    machine.obey = async () => {}
    const { id } = await power.start('node01', 'on')
    await time.pass(9_000)
    expect(power.task(id)?.state).toBe('running')
    machine.state = 'on'
    await time.pass(2_000)
    expect(power.task(id)?.state).toBe('complete')
  })

  test('fails with a sentence when the machine never gets there', async () => {
    const { power, machine, time } = powerMachine()
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
    const { power, machine, time } = powerMachine()
    machine.see = async () => Promise.reject(new Error('the BMC is asleep'))
    const { id } = await power.start('node01', 'on')
    await time.pass(100_000)
    expect(power.task(id)?.because).toMatch(/but its state cannot be read: the BMC is asleep/)
  })

  test.each([
    [2, 'complete'],
    [3, 'failed'],
  ])('is tried again: after %i faults it is %s', async (faults, end) => {
    const { power, machine, time } = powerMachine()
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
    const { power, machine, time } = powerMachine()
    machine.obey = async () => Promise.reject(new OrchestraError('power.unsupported', 'no such outlet'))
    const { id } = await power.start('node01', 'on')
    await time.pass(0)
    expect(power.task(id)).toMatchObject({ state: 'failed', because: 'no such outlet' })
    expect(machine.asked).toHaveLength(1)
  })

  test('does not wait for ever for a driver that is silent', async () => {
    const { power, machine, time } = powerMachine()
    machine.obey = () => new Promise(() => {})
    const { id } = await power.start('node01', 'off')
    await time.pass(70_000)
    expect(power.task(id)).toMatchObject({ state: 'failed', because: 'test off node01: no answer within 20 s' })
  })

  test('of a driver that cannot see ends as sent, and claims no state', async () => {
    const { power, time } = powerMachine({ can: ['on'] })
    const { id } = await power.start('node01', 'on')
    await time.pass(0)
    expect(power.task(id)).toMatchObject({ state: 'complete', because: 'sent; test cannot see the state' })
    expect(power.last('node01')?.state).toBe('unknown')
    expect(await codeOf(power.read('node01'))).toBe('power.unsupported')
  })

  test('reboots by off and on where a driver has no reboot', async () => {
    const { power, machine, time } = powerMachine({ can: ['on', 'off', 'state'] })
    machine.state = 'on'
    const { id } = await power.start('node01', 'reboot')
    await time.pass(0)
    expect(machine.asked).toEqual(['off', 'on'])
    expect(power.task(id)?.state).toBe('complete')
  })

  test('marks the beginning of a boot with the MAC of the system, and an end with nothing', async () => {
    const { power, time, events } = powerMachine()
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
    const { power, machine, time } = powerMachine()
    machine.obey = async () => {}
    const { id } = await power.start('node01', 'on')
    await time.pass(1_000)
    power.stop()
    expect(await power.finished(id)).toMatchObject({ state: 'failed', because: 'the daemon was stopped meanwhile' })
    expect(time.sleepers.size).toBe(0)
  })

  test('leaves no timer behind', async () => {
    const { power, time } = powerMachine()
    await power.start('node01', 'on')
    await time.pass(0)
    expect(time.sleepers.size).toBe(0)
  })

  test('is remembered among the last ten thousand', async () => {
    const { power, time } = powerMachine()
    for (let count = 0; count < 10_001; count++) {
      await power.finished((await power.start('node01', 'on')).id)
    }
    await time.pass(0)
    expect(power.task('task1')).toBeUndefined()
    expect(await codeOf(power.finished('task1'))).toBe('item.missing')
    expect(power.task('task10001')?.state).toBe('complete')
  })
})

describe('power is refused', () => {
  test('to a system that is not there', async () => {
    const { power } = powerMachine()
    expect(await codeOf(power.start('nope', 'on'))).toBe('item.missing')
    expect(await codeOf(power.read('nope'))).toBe('item.missing')
  })

  test.each([
    ['ipmi', 'power type "ipmi" of node01 is not known; known types: test, other'],
    ['', 'node01 has no power type; known types: test, other'],
  ])('with type "%s"', async (type, message) => {
    const { power } = powerMachine({ type })
    await expect(power.start('node01', 'on')).rejects.toMatchObject({ code: 'power.unsupported', message })
  })

  test('for an action that the driver has not', async () => {
    const { power } = powerMachine({ can: ['on', 'state'] })
    expect(await codeOf(power.start('node01', 'off'))).toBe('power.unsupported')
    expect(await codeOf(power.start('node01', 'reboot'))).toBe('power.unsupported')
  })
})

describe('a reading', () => {
  test('is told as an event only when the state has changed', async () => {
    const { power, machine, changes } = powerMachine()
    await power.read('node01')
    await power.read('node01')
    machine.state = 'on'
    expect(await power.read('node01')).toMatchObject({ state: 'on', because: 'node01 is on, seen by test' })
    expect(changes()).toMatchObject([
      { state: 'off', action: undefined, task: undefined },
      { state: 'on', action: undefined, task: undefined },
    ])
  })

  test('that fails once is no news; when it fails again, the last state is no longer believed', async () => {
    const { power, machine, changes } = powerMachine()
    await power.read('node01')
    machine.see = async () => Promise.reject(new PowerError('no-answer', 'the BMC is asleep'))
    expect(await codeOf(power.read('node01'))).toBe('power.failed')
    expect(power.last('node01')?.state).toBe('off')
    expect(await codeOf(power.read('node01'))).toBe('power.failed')
    expect(power.last('node01')).toMatchObject({ state: 'unknown', because: 'the BMC is asleep' })
    expect(changes()).toMatchObject([{ state: 'off' }, { state: 'unknown' }])
  })

  test('as a test says what is wrong instead of failing', async () => {
    const { power, machine } = powerMachine()
    expect(await power.test('node01')).toMatchObject({ ok: true, because: 'test answers: node01 is off' })
    machine.see = async () => Promise.reject(new PowerError('wrong-password', 'the password of node01 is wrong'))
    expect(await power.test('node01')).toMatchObject({
      ...{ ok: false, fault: 'wrong-password', because: 'the password of node01 is wrong' },
    })
    expect(await codeOf(power.test('nope'))).toBe('item.missing')
  })

  test('that takes too long fails', async () => {
    const { power, machine, time } = powerMachine()
    machine.see = () => new Promise(() => {})
    const reading = codeOf(power.read('node01'))
    await time.pass(20_000)
    expect(await reading).toBe('power.failed')
  })
})
