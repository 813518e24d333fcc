/** Power by Redfish: states, and the reset that each machine allows for what was asked. */
import { afterEach, describe, expect, test } from 'vitest'
import type { PowerAction } from '../../../src/model/power.ts'
import { createRedfish } from '../../../src/power/drivers/redfish.ts'
import { aMachine, type Machine } from '../../support/redfish/documents.ts'
import type { Behavior } from '../../support/redfish/machines.ts'
import { type RedfishService, startRedfishService } from '../../support/redfish/service.ts'
import { noWait, targetOf, toolsOf } from '../../support/redfish/target.ts'

const running: RedfishService[] = []
const driver = createRedfish({ wait: noWait })
afterEach(async () => {
  await driver.close()
  for (const service of running.splice(0)) await service.stop()
})

async function serve(machine: Partial<Machine> = {}, behavior: Partial<Behavior> = {}): Promise<RedfishService> {
  const service = await startRedfishService({ machines: [aMachine('1', machine)], behavior })
  running.push(service)
  return service
}

/** The reset types that an action asked for, in order. */
async function resetsOf(
  action: PowerAction,
  machine: Partial<Machine>,
  { behavior = {}, options = '' }: { behavior?: Partial<Behavior>; options?: string } = {},
): Promise<string[]> {
  const service = await serve(machine, behavior)
  await driver.act(targetOf(service, { options }), action, toolsOf())
  return service.asked.flatMap(({ path, body }) => (path.endsWith('.Reset') ? JSON.parse(body).ResetType : []))
}

describe('the power state', () => {
  test.each([
    ['On', 'on'],
    ['Off', 'off'],
    ['PoweringOn', 'unknown'],
    ['PoweringOff', 'unknown'],
    ['Paused', 'unknown'],
  ] as const)('%s is %s', async (power, state) => {
    const service = await serve({ power })
    expect(await driver.state(targetOf(service), toolsOf())).toBe(state)
  })
})

describe('an action', () => {
  test.each([
    ['on', 'Off', ['On']],
    ['on', 'On', []],
    ['on', 'PoweringOn', []],
    ['off', 'On', ['ForceOff']],
    ['off', 'Off', []],
    ['off', 'Paused', ['ForceOff']],
    ['reboot', 'On', ['ForceRestart']],
    ['reboot', 'Off', ['On']],
  ] as const)('%s of a machine that is %s asks for %j', async (action, power, resets) => {
    expect(await resetsOf(action, { power })).toEqual(resets)
  })

  test.each([
    ['on', 'Off', ['ForceOn', 'ForceOff'], ['ForceOn']],
    ['on', 'Off', ['PushPowerButton', 'ForceOff'], ['PushPowerButton']],
    ['reboot', 'On', ['On', 'ForceOff', 'PowerCycle'], ['PowerCycle']],
    ['reboot', 'On', ['On', 'ForceOff', 'GracefulRestart', 'GracefulShutdown'], ['ForceOff', 'On']],
  ] as const)('%s of a machine that is %s and allows %j asks for %j', async (action, power, allowed, resets) => {
    expect(await resetsOf(action, { power, resetTypes: [...allowed] })).toEqual(resets)
  })

  test('reads the allowed types out of an ActionInfo', async () => {
    const machine: Partial<Machine> = { power: 'On', actionInfo: true, resetTypes: ['PowerCycle', 'On', 'ForceOff'] }
    expect(await resetsOf('reboot', machine)).toEqual(['PowerCycle'])
  })

  test('tries the usual types where none are told', async () => {
    expect(await resetsOf('on', { resetTypes: undefined })).toEqual(['On'])
  })

  test('asks the installed system where soft=yes is set', async () => {
    expect(await resetsOf('off', { power: 'On' }, { options: 'soft=yes' })).toEqual(['GracefulShutdown'])
    expect(await resetsOf('reboot', { power: 'On' }, { options: 'soft=yes' })).toEqual(['GracefulRestart'])
    const old: Partial<Machine> = { power: 'On', resetTypes: ['On', 'ForceOff', 'PushPowerButton'] }
    expect(await resetsOf('off', old, { options: 'soft=yes' })).toEqual(['PushPowerButton'])
  })

  test('never goes on from a polite request to a hard one', async () => {
    const service = await serve({ power: 'On', resetTypes: ['On', 'ForceOff'] })
    await expect(driver.act(targetOf(service, { options: 'soft=yes' }), 'off', toolsOf())).rejects.toMatchObject({
      fault: 'refused',
      message: expect.stringMatching(/no reset for "soft off", only On, ForceOff; leave soft=yes out/),
    })
    expect(service.machines[0]?.power).toBe('On')
  })

  test('does not push the button of a machine that is on its way', async () => {
    const service = await serve({ power: 'PoweringOff', resetTypes: ['PushPowerButton'] })
    await expect(driver.act(targetOf(service), 'on', toolsOf())).rejects.toMatchObject({ fault: 'refused' })
    expect(service.changes().filter((one) => one.includes('Reset'))).toEqual([])
  })

  test('that finds the machine so already is no error, as iDRAC says 409', async () => {
    // The state is read before, and changes in between.
    const service = await serve({ power: 'Off' }, { strictResets: true })
    const [machine] = service.machines
    const { raw } = service.behavior
    const stale = { status: 200, body: JSON.stringify({ PowerState: 'Off', Actions: actions }) }
    raw.set('GET /redfish/v1/Systems/1', stale)
    if (machine) machine.power = 'On'
    const acting = driver.act(targetOf(service), 'on', toolsOf())
    while (!service.asked.some(({ path }) => path.endsWith('.Reset'))) await noWait(0, toolsOf().signal)
    raw.clear()
    await acting
  })

  test('is refused with the words of the controller', async () => {
    const said = '{"error":{"@Message.ExtendedInfo":[{"Message":"The chassis\\u0007 is\\nopen."}]}}'
    const service = await serve({ power: 'On' })
    service.behavior.raw.set('/redfish/v1/Systems/1/Actions/ComputerSystem.Reset', { status: 500, body: said })
    await expect(driver.act(targetOf(service), 'off', toolsOf())).rejects.toMatchObject({
      ...{ code: 'power.failed', fault: 'refused' },
      message: expect.stringMatching(/refuses to do "off" \(ForceOff\) \(500\)\. It says: The chassis is open\.$/),
    })
  })
})

const actions = {
  '#ComputerSystem.Reset': { target: '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset' },
}

describe('an action that is a task', () => {
  test('is waited for', async () => {
    const service = await serve({}, { task: { looks: 3, end: 'Completed' } })
    await driver.act(targetOf(service), 'on', toolsOf())
    expect(service.machines[0]?.power).toBe('On')
    expect(service.asked.filter(({ path }) => path.includes('TaskMonitors'))).toHaveLength(4)
  })

  test('that fails tells why', async () => {
    const service = await serve({}, { task: { looks: 1, end: 'Exception' } })
    await expect(driver.act(targetOf(service), 'on', toolsOf())).rejects.toMatchObject({
      fault: 'refused',
      message: expect.stringMatching(/its task ended as Exception\. It says: The machine did not move\./),
    })
  })

  test('and does not end is given up with the call', async () => {
    const service = await serve({}, { task: { looks: Number.POSITIVE_INFINITY, end: 'Completed' } })
    const limit = new AbortController()
    const acting = driver.act(targetOf(service), 'on', toolsOf({ signal: limit.signal }))
    while (!service.asked.some(({ path }) => path.includes('TaskMonitors'))) await noWait(0, toolsOf().signal)
    limit.abort()
    await expect(acting).rejects.toMatchObject({ fault: 'no-answer' })
  })
})

describe('the lamp', () => {
  test.each([
    ['IndicatorLED', 'Blinking', 'Off'],
    ['LocationIndicatorActive', true, false],
  ] as const)('%s blinks, and is put out by 0', async (led, lit, dark) => {
    const never = createRedfish({ wait: () => new Promise(() => {}) })
    const service = await serve({ led, lit: dark })
    await never.identify?.(targetOf(service), 30, toolsOf())
    expect(service.machines[0]?.lit).toBe(lit)
    await never.identify?.(targetOf(service), 0, toolsOf())
    expect(service.machines[0]?.lit).toBe(dark)
    await never.close()
  })

  test('goes out by itself when its time is over', async () => {
    const service = await serve()
    await driver.identify?.(targetOf(service), 30, toolsOf())
    while (service.machines[0]?.lit !== 'Off') await noWait(0, toolsOf().signal)
    expect(service.changes().filter((one) => one.startsWith('PATCH'))).toHaveLength(2)
  })

  test('that is not there is said', async () => {
    const service = await serve({ led: undefined })
    await expect(driver.identify?.(targetOf(service), 30, toolsOf())).rejects.toMatchObject({
      message: expect.stringMatching(/has no lamp/),
    })
  })
})

test('metrics are read in the old form and in the new', async () => {
  const old = await serve({ watts: 344 })
  expect(await driver.metrics(targetOf(old), toolsOf())).toEqual({ watts: 344, capacityWatts: 800, inletCelsius: 21 })
  const recent = await serve({ watts: 181.5, newMetrics: true })
  expect(await driver.metrics(targetOf(recent), toolsOf())).toEqual({
    ...{ watts: 181.5, capacityWatts: undefined, inletCelsius: 23.5 },
  })
})

describe('virtual media', () => {
  test.each([true, false])('are inserted over what is there and ejected (by actions: %s)', async (mediaActions) => {
    const service = await serve({ mediaActions })
    const [machine] = service.machines
    const target = targetOf(service)
    await driver.insertMedia(target, 'http://192.0.2.1/one.iso', toolsOf())
    expect(machine).toMatchObject({ image: 'http://192.0.2.1/one.iso', inserted: true })
    await driver.insertMedia(target, 'http://192.0.2.1/two.iso', toolsOf())
    expect(machine).toMatchObject({ image: 'http://192.0.2.1/two.iso', inserted: true })
    await driver.ejectMedia(target, toolsOf())
    expect(machine).toMatchObject({ image: null, inserted: false })
    const before = service.changes().length
    await driver.ejectMedia(target, toolsOf())
    expect(service.changes()).toHaveLength(before)
  })

  test('are refused for what is no URL of an image', async () => {
    const service = await serve()
    await expect(driver.insertMedia(targetOf(service), 'file:///etc/passwd', toolsOf())).rejects.toMatchObject({
      fault: 'refused',
    })
  })
})
