/** A person as the power controller, through the service that asks him. */
import { describe, expect, test } from 'vitest'
import { createManual } from '../../src/power/drivers/manual.ts'
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
