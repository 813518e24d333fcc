/** A person as the power controller, through the service that asks him. */
import { describe, expect, test } from 'vitest'
import type { BootStep, RecordedEvent } from '../../src/model/event.ts'
import { createManual } from '../../src/power/drivers/manual.ts'
import { hearMachines } from '../../src/services/power-heard.ts'
import { powerMachine } from '../support/power-machine.ts'

describe('an order for a machine without a controller', () => {
  test('asks somebody, waits for more than a moment, and ends when he says so', async () => {
    const { power, time } = powerMachine({ type: 'manual', drivers: [createManual()] })
    const { id } = await power.start('node01', 'on')
    await time.pass(600_000)
    expect(power.task(id)).toMatchObject({
      state: 'running',
      because: 'somebody must turn node01 on, and then say: orchestra power confirm node01 on',
    })
    expect(power.last('node01')?.state).toBe('unknown')
    expect(power.confirm('node01', 'on', 'ann')).toMatchObject({ state: 'on', because: 'node01 is on, as ann says' })
    await time.pass(2_000)
    expect(power.task(id)).toMatchObject({ state: 'complete' })
    expect(power.last('node01')?.state).toBe('on')
  })

  test('ends when the machine is heard on the network', async () => {
    const { power, time } = powerMachine({ type: 'manual', drivers: [createManual()] })
    const heard = new Set<(event: RecordedEvent) => void>()
    const watch = (listener: (event: RecordedEvent) => void) => {
      heard.add(listener)
      return () => void heard.delete(listener)
    }
    hearMachines({ watch }, power)
    const hear = (step: BootStep, system = 'node01') => {
      const payload = { mac: undefined, system, step, because: `it was ${step}` }
      for (const listener of heard) listener({ id: 1, at: 1, name: 'boot.step', payload })
    }
    const { id } = await power.start('node01', 'reboot')
    await time.pass(5_000)
    expect(power.task(id)?.because).toMatch(/^somebody must turn node01 off and on again, and then say/)
    hear('power')
    hear('failed')
    hear('loader', 'node02')
    await time.pass(5_000)
    expect(power.task(id)?.state).toBe('running')
    hear('address')
    expect(power.last('node01')).toMatchObject({ state: 'on', because: 'node01 is on: it was address' })
    await time.pass(2_000)
    expect(power.task(id)?.state).toBe('complete')
  })

  test('is not believed for ever', async () => {
    const { power, time } = powerMachine({ type: 'manual', drivers: [createManual(600_000)] })
    const { id } = await power.start('node01', 'off')
    await time.pass(610_000)
    expect(power.task(id)).toMatchObject({
      state: 'failed',
      because: expect.stringMatching(/its state cannot be told/),
    })
  })

  test('is nothing to confirm where a controller sees for itself', () => {
    const { power } = powerMachine()
    expect(() => power.confirm('node01', 'on', 'ann')).toThrow(/test of node01 sees for itself/)
  })
})
