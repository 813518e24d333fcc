/** The order for the next boot, read back; ETags, and the ways in which controllers differ. */
import { afterEach, describe, expect, test } from 'vitest'
import type { BootOnce } from '../../../src/power/driver.ts'
import { createRedfish } from '../../../src/power/drivers/redfish.ts'
import { quirksOf } from '../../../src/power/redfish/quirks.ts'
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

interface Case {
  readonly machine?: Partial<Machine>
  readonly behavior?: Partial<Behavior>
  readonly options?: string
}

async function bootOnce({ machine = {}, behavior = {}, options = '' }: Case = {}): Promise<{
  answer: BootOnce | undefined
  machine: Machine | undefined
  patches: readonly { ifMatch: unknown; path: string; boot: unknown }[]
}> {
  const service = await startRedfishService({ machines: [aMachine('1', machine)], behavior })
  running.push(service)
  const answer = await driver.bootOnce?.(targetOf(service, { options }), toolsOf())
  const patches = service.asked
    .filter(({ method }) => method === 'PATCH')
    .map(({ headers, path, body }) => ({ ifMatch: headers['if-match'], path, boot: JSON.parse(body).Boot }))
  return { answer, machine: service.machines[0], patches }
}

const usual = { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' }
const boot = { target: 'None', enabled: 'Disabled', mode: 'UEFI', targets: ['None', 'Pxe', 'UefiHttp'] }

describe('the order for the next boot', () => {
  test('is PXE, once, in one PATCH with the ETag that was read, and is read back', async () => {
    const { answer, machine, patches } = await bootOnce()
    expect(patches).toEqual([{ ifMatch: '"1"', path: '/redfish/v1/Systems/1', boot: usual }])
    expect(machine?.boot).toMatchObject({ target: 'Pxe', enabled: 'Once' })
    expect(answer).toMatchObject({
      obeyed: 'yes',
      because: expect.stringMatching(/shows the next boot as Pxe, once, UEFI/),
    })
  })

  test('is HTTP where boot=http is set, in UEFI mode', async () => {
    const { machine, patches } = await bootOnce({
      options: 'boot=http',
      machine: { boot: { ...boot, mode: 'Legacy' } },
    })
    expect(patches[0]?.boot).toEqual({
      ...{ BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'UefiHttp', BootSourceOverrideMode: 'UEFI' },
    })
    expect(machine?.boot).toMatchObject({ target: 'UefiHttp', mode: 'UEFI' })
  })

  test('says when the controller took it and did not do it', async () => {
    const { answer } = await bootOnce({ behavior: { override: 'ignored' } })
    expect(answer).toMatchObject({
      obeyed: 'no',
      because: expect.stringMatching(/took the order to boot once by Pxe, and shows None, Disabled, UEFI/),
    })
  })

  test('says when the mode did not stick', async () => {
    const service = await startRedfishService({ machines: [aMachine('1')], behavior: { override: 'no mode' } })
    running.push(service)
    const answer = await driver.bootOnce?.(targetOf(service, { options: 'mode=legacy' }), toolsOf())
    expect(answer).toMatchObject({ obeyed: 'no', because: expect.stringMatching(/shows Pxe, Once, UEFI/) })
  })

  test('is looked for again where it shows a moment later', async () => {
    expect((await bootOnce({ behavior: { override: 'late' } })).answer).toMatchObject({ obeyed: 'yes' })
  })

  test('names what is offered instead', async () => {
    const machine = { boot: { ...boot, targets: ['None', 'Hdd', 'Cd'] } }
    await expect(bootOnce({ machine })).rejects.toMatchObject({
      fault: 'refused',
      message: expect.stringMatching(/cannot boot once by Pxe; it offers None, Hdd, Cd/),
    })
  })

  test('is said to be impossible where there is no Boot', async () => {
    await expect(bootOnce({ machine: { boot: undefined } })).rejects.toMatchObject({ fault: 'refused' })
  })

  test('goes to the settings to come, where the service has them', async () => {
    const { answer, patches } = await bootOnce({ machine: { futureBoot: true } })
    expect(patches.map(({ path }) => path)).toEqual(['/redfish/v1/Systems/1/SD'])
    expect(answer).toMatchObject({ obeyed: 'yes' })
  })

  test('is tried without the mode where that is read-only', async () => {
    const { answer, patches } = await bootOnce({
      behavior: { override: 'no mode' },
      machine: { manufacturer: 'Supermicro' },
    })
    expect(patches.map((one) => one.boot)).toEqual([{ ...usual, BootSourceOverrideMode: 'UEFI' }, usual])
    expect(answer).toMatchObject({ obeyed: 'yes' })
  })

  test('is tried without "once" where that stands there already and is refused', async () => {
    const { answer, patches } = await bootOnce({
      behavior: { override: 'same' },
      machine: { boot: { ...boot, enabled: 'Once' } },
    })
    expect(patches.map((one) => one.boot)).toEqual([usual, { BootSourceOverrideTarget: 'Pxe' }])
    expect(answer).toMatchObject({ obeyed: 'yes' })
  })
})

describe('an ETag', () => {
  test.each([
    ['none', [undefined]],
    ['weak', ['W/"1"']],
    ['quoted', ['"1"']],
    // Weak ones that are given and not taken back: the strong form passes.
    ['strict', ['W/"1"', 'W/"1"', '"1"']],
    ['denied', ['"1"', '"1"', '*', undefined]],
    ['required', ['"1"']],
  ] as const)('that is %s is sent as %j', async (etags, forms) => {
    const { answer, patches } = await bootOnce({ behavior: { etags } })
    expect(patches.map(({ ifMatch }) => ifMatch)).toEqual(forms)
    expect(answer).toMatchObject({ obeyed: 'yes' })
  })

  test('that is stale is read again, once', async () => {
    const service = await startRedfishService({ machines: [aMachine('1')] })
    running.push(service)
    const [machine] = service.machines
    service.behavior.meddle = () => {
      if (machine) machine.revision++
      delete service.behavior.meddle
    }
    expect(await driver.bootOnce?.(targetOf(service), toolsOf())).toMatchObject({ obeyed: 'yes' })
    const tags = service.asked.filter(({ method }) => method === 'PATCH').map(({ headers }) => headers['if-match'])
    expect(tags).toEqual(['"1"', '"2"'])
  })
})

describe('the table of quirks', () => {
  test.each([
    ['Supermicro', 'SYS-1029P', { mode: 'always', notConnectedIsEmpty: true }],
    ['HPE', 'ProLiant DL380 Gen10', { mode: 'never' }],
    ['Hewlett Packard Enterprise', 'ProLiant DL160', { mode: 'never' }],
    ['Dell Inc.', 'PowerEdge R630', { mode: 'never' }],
    ['Dell Inc.', 'PowerEdge R640', { mode: 'asked' }],
    ['Contoso', '3500RX', { mode: 'asked', ifMatch: 'etag' }],
  ] as const)('knows %s %s', (manufacturer, model, quirks) => {
    expect(quirksOf({ manufacturer, model }, {})).toMatchObject(quirks)
  })

  test('looks at the service root too', () => {
    expect(quirksOf({ manufacturer: '', model: '' }, { Vendor: 'HPE' })).toMatchObject({ mode: 'never' })
    expect(quirksOf({ manufacturer: '', model: '' }, { Oem: { OpenBmc: {} } })).toMatchObject({ ifMatch: 'never' })
  })

  test('tells Supermicro the mode that it has, and HPE none', async () => {
    const supermicro = await bootOnce({ machine: { manufacturer: 'Supermicro', boot: { ...boot, mode: 'Legacy' } } })
    expect(supermicro.patches.map((one) => one.boot)).toEqual([{ ...usual, BootSourceOverrideMode: 'Legacy' }])
    const hpe = await bootOnce({ machine: { manufacturer: 'HPE' }, options: 'mode=uefi' })
    expect(hpe.patches.map((one) => one.boot)).toEqual([usual])
  })
})
