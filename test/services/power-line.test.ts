/** Power tasks beside each other: in line, in waves, cancelled, and with an order for the next boot before them. */
import { describe, expect, test } from 'vitest'
import type { EventMap, EventName } from '../../src/model/event.ts'
import { type BootOnce, PowerError } from '../../src/power/driver.ts'
import { powerMachine } from '../support/power-machine.ts'

describe('a power task', () => {
  test('is one at a time for each system: the next waits in line, and is done', async () => {
    const { power, machine, time } = powerMachine()
    machine.obey = async () => {}
    const first = await power.start('node01', 'on')
    await time.pass(3_000)
    const second = await power.start('node01', 'off')
    expect(second).toMatchObject({ state: 'queued', because: 'waits for the end of power on of node01' })
    await power.start('node02', 'off')
    await time.pass(0)
    expect(machine.asked).toEqual(['on', 'off'])
    expect(power.isBusy('node01')).toBe(true)
    machine.state = 'on'
    machine.obey = async (action) => {
      machine.state = action === 'off' ? 'off' : 'on'
    }
    await time.pass(4_000)
    expect(power.task(first.id)?.state).toBe('complete')
    expect(power.task(second.id)).toMatchObject({ state: 'complete', because: 'node01 is off, seen by test' })
    expect(power.isBusy('node01')).toBe(false)
  })

  test('that is ordered twice in a row is one task', async () => {
    const { power, machine } = powerMachine()
    machine.obey = () => new Promise(() => {})
    const first = await power.start('node01', 'on')
    expect((await power.start('node01', 'on')).id).toBe(first.id)
    const off = await power.start('node01', 'off')
    expect((await power.start('node01', 'off')).id).toBe(off.id)
    expect((await power.start('node01', 'on')).id).not.toBe(first.id)
  })

  test('is refused when too many wait', async () => {
    const { power, machine, time } = powerMachine()
    machine.obey = () => new Promise(() => {})
    for (const action of ['on', 'off', 'on', 'off'] as const) await power.start('node01', action)
    await time.pass(3_000)
    await expect(power.start('node01', 'on')).rejects.toMatchObject({
      code: 'power.busy',
      message: expect.stringMatching(/^power on of node01 is under way since 3 s, and 3 orders wait; wait/),
    })
  })

  test('can be cancelled while it waits, and while it runs', async () => {
    const { power, machine, time } = powerMachine()
    machine.obey = async () => {}
    const [on, off] = [await power.start('node01', 'on'), await power.start('node01', 'off')]
    expect(power.cancel(off.id, 'ann')).toMatchObject({
      state: 'cancelled',
      because: 'cancelled by ann before it began',
    })
    await time.pass(1_000)
    power.cancel(on.id, 'ann')
    expect(await power.finished(on.id)).toMatchObject({
      state: 'cancelled',
      because: 'cancelled by ann; what the controller was told already may still happen',
    })
    expect((await power.finished(off.id)).state).toBe('cancelled')
    expect(machine.asked).toEqual(['on'])
    expect(power.isBusy('node01')).toBe(false)
    expect(time.sleepers.size).toBe(0)
    expect(() => power.cancel(on.id, 'ann')).toThrow(/has ended/)
    expect(() => power.cancel('nope', 'ann')).toThrow(/there is no power task/)
  })

  test.each([
    ['wrong-password', 1],
    ['no-answer', 3],
  ] as const)('that fails by %s is asked for %i times: controllers lock out who asks often', async (fault, times) => {
    const { power, machine, time } = powerMachine()
    machine.obey = async () => Promise.reject(new PowerError(fault, 'no'))
    const { id } = await power.start('node01', 'on')
    await time.pass(10_000)
    expect(power.task(id)).toMatchObject({ state: 'failed', because: 'no' })
    expect(machine.asked).toHaveLength(times)
  })

  test('turns machines on in waves, and off at once', async () => {
    const { power, machine, time } = powerMachine({
      names: ['a', 'b', 'c', 'd', 'e'],
      waves: { wave: 2, within: 10_000 },
    })
    for (const name of ['a', 'b', 'c', 'd', 'e']) await power.start(name, 'on')
    await time.pass(0)
    expect(machine.asked).toHaveLength(2)
    await time.pass(9_999)
    expect(machine.asked).toHaveLength(2)
    await time.pass(1)
    expect(machine.asked).toHaveLength(4)
    for (const name of ['a', 'b', 'c', 'd']) await power.start(name, 'off')
    await time.pass(0)
    expect(machine.asked.filter((action) => action === 'off')).toHaveLength(4)
    await time.pass(10_000)
    expect(machine.asked.filter((action) => action === 'on')).toHaveLength(5)
  })

  test('of a machine whose controller is dead takes no turn from others, nor does one that is on already', async () => {
    const { power, machine, time } = powerMachine({
      names: ['dead', 'on', 'a', 'b'],
      waves: { wave: 1, within: 60_000 },
    })
    machine.see = async () => Promise.reject(new PowerError('no-answer', 'it is silent'))
    const dead = await power.start('dead', 'on')
    await time.pass(10_000)
    expect(power.task(dead.id)).toMatchObject({ state: 'failed', because: 'it is silent' })
    machine.see = async () => 'on'
    await power.start('on', 'on')
    await time.pass(0)
    machine.see = async () => machine.state
    machine.state = 'off'
    await power.start('a', 'on')
    await time.pass(0)
    expect(machine.asked).toEqual(['on', 'on'])
    machine.state = 'off'
    await power.start('b', 'on')
    await time.pass(59_000)
    expect(machine.asked).toHaveLength(2)
    await time.pass(1_000)
    expect(machine.asked).toHaveLength(3)
  })

  test('that waits has ended as soon as it is cancelled, and those of one machine are cancelled together', async () => {
    const { power, machine, time, changes } = powerMachine()
    machine.obey = () => new Promise(() => {})
    const on = await power.start('node01', 'on')
    const off = await power.start('node01', 'off')
    await time.pass(0)
    power.cancel(off.id, 'ann')
    expect((await power.finished(off.id)).state).toBe('cancelled')
    expect(changes().at(-1)).toMatchObject({ task: off.id, because: 'cancelled by ann before it began' })
    expect(power.task(on.id)?.state).toBe('running')
    const again = await power.start('node01', 'off')
    expect(power.cancelAll('node01', 'ann').map(({ id }) => id)).toEqual([on.id, again.id])
    await Promise.all([on, again].map(({ id }) => power.finished(id)))
    expect(machine.asked).toEqual(['on'])
    expect(() => power.cancelAll('node01', 'ann')).toThrow(/no power action of node01 is under way/)
    expect(() => power.cancelAll('nobody', 'ann')).toThrow(/there is no system "nobody"/)
  })

  test('of a machine that is removed meanwhile does not go on', async () => {
    const names = ['node01']
    const { power, machine, time } = powerMachine({ names })
    machine.obey = async () => Promise.reject(new PowerError('no-answer', 'it is silent'))
    const { id } = await power.start('node01', 'on')
    await time.pass(0)
    names.pop()
    await time.pass(5_000)
    expect(power.task(id)).toMatchObject({ state: 'failed', because: expect.stringMatching(/^node01 was removed/) })
    expect(machine.asked).toHaveLength(1)
    expect(power.last('node01')).toBeUndefined()
  })

  test('of a silent controller gives its place to others', async () => {
    const { power, machine, time } = powerMachine({ names: ['silent', 'good'], atOnce: 1 })
    const [obey, see] = [machine.obey, machine.see]
    machine.see = () => new Promise(() => {})
    await power.start('silent', 'on')
    await time.pass(0)
    machine.see = see
    machine.obey = obey
    const { id } = await power.start('good', 'on')
    await time.pass(1_000)
    expect(power.task(id)?.state).toBe('running')
    await time.pass(1_000)
    expect(power.task(id)?.state).toBe('complete')
  })

  describe('of a machine that is to install', () => {
    const answers = (obeyed: BootOnce['obeyed']) => async () => ({ obeyed, because: 'it says disk' })
    const steps = (events: { name: EventName; payload: EventMap[EventName] }[]) =>
      events.flatMap(({ name, payload }) => (name === 'boot.step' && 'because' in payload ? [payload.because] : []))

    test('asks for a boot by network first', async () => {
      const { power, machine, time, events } = powerMachine({
        netboot: true,
        bootOnce: async () => {
          machine.asked.push('boot-once')
          return { obeyed: 'yes', because: '' }
        },
      })
      await power.start('node01', 'on')
      await time.pass(0)
      expect(machine.asked).toEqual(['boot-once', 'on'])
      expect(steps(events)).toEqual(['test took the order: power on'])
    })

    test.each([
      ['no', 'test did not take the order to boot by network once: it says disk'],
      ['unknown', 'test may boot by network once: it says disk'],
    ] as const)('is turned on all the same when the answer is %s, and the trace says so', async (obeyed, said) => {
      const { power, machine, time, events } = powerMachine({ netboot: true, bootOnce: answers(obeyed) })
      await power.start('node01', 'on')
      await time.pass(0)
      expect(machine.state).toBe('on')
      expect(steps(events)).toEqual([said, 'test took the order: power on'])
    })

    test('is turned on all the same when the order fails', async () => {
      const { power, machine, time, events } = powerMachine({
        netboot: true,
        bootOnce: async () => Promise.reject(new PowerError('refused', 'no such boot device')),
      })
      await power.start('node01', 'on')
      await time.pass(0)
      expect(machine.state).toBe('on')
      expect(steps(events)[0]).toBe('test did not take the order to boot by network once: no such boot device')
    })

    test('does not when netboot is off', async () => {
      const { power, time, events } = powerMachine({ netboot: false, bootOnce: answers('no') })
      await power.start('node01', 'on')
      await time.pass(0)
      expect(steps(events)).toEqual(['test took the order: power on'])
    })
  })
})
