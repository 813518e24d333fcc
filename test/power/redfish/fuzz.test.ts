/** Whatever a controller answers, a driver call ends with an answer or with a PowerError, and in no other way. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PowerError } from '../../../src/power/driver.ts'
import { createRedfish } from '../../../src/power/drivers/redfish.ts'
import { aMachine } from '../../support/redfish/documents.ts'
import { documentAt } from '../../support/redfish/machines.ts'
import { type RedfishService, startRedfishService } from '../../support/redfish/service.ts'
import { noWait, targetOf, toolsOf } from '../../support/redfish/target.ts'

const driver = createRedfish({ wait: noWait })
let service: RedfishService
beforeAll(async () => {
  service = await startRedfishService({
    machines: [aMachine('1', { futureBoot: true }), aMachine('2', { actionInfo: true })],
  })
})
afterAll(async () => {
  await driver.close()
  await service.stop()
})

const PATHS = [
  '/redfish/v1',
  '/redfish/v1/Systems',
  '/redfish/v1/Systems/1',
  '/redfish/v1/Systems/1/SD',
  '/redfish/v1/Systems/2',
  '/redfish/v1/Systems/2/ResetActionInfo',
  '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset',
  '/redfish/v1/Chassis/1',
  '/redfish/v1/Chassis/1/Power',
  '/redfish/v1/Managers/BMC',
  '/redfish/v1/Managers/BMC/VirtualMedia',
  '/redfish/v1/Managers/BMC/VirtualMedia/CD1',
  '/redfish/v1/SessionService/Sessions',
]

/** Names and words that mean something, so that the nonsense reaches far inside. */
const WORDS = [
  ...[
    'Members',
    '@odata.id',
    'Actions',
    '#ComputerSystem.Reset',
    'target',
    'Boot',
    'Links',
    'Chassis',
    'ManagedBy',
    'Power',
  ],
  ...[
    '@Redfish.Settings',
    'SettingsObject',
    'PowerState',
    'PowerControl',
    'error',
    '@Message.ExtendedInfo',
    'MessageId',
  ],
  ...[
    'BootSourceOverrideTarget',
    'ResetType@Redfish.AllowableValues',
    'MediaTypes',
    'TaskState',
    'Parameters',
    'Systems',
  ],
]
const VALUES = [
  '/redfish/v1/Systems/1',
  '/redfish/v1/Systems',
  '//evil.example/',
  'http://evil.example/',
  'On',
  'Once',
  'CD',
]

const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(...VALUES), fc.jsonValue(), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...WORDS), fc.string()), tie('value'), { maxKeys: 5 }),
})).value

/** A good document of which some parts are replaced. */
const bent = (path: string) =>
  fc
    .array(fc.tuple(fc.constantFrom(...WORDS, 'Id', 'UUID', 'Name'), json), { minLength: 1, maxLength: 4 })
    .map((parts) => ({
      ...documentAt(path, service.machines, service.behavior).json,
      ...Object.fromEntries(parts),
    }))

const answer = (path: string) =>
  fc.record({
    status: fc.constantFrom(200, 200, 200, 200, 201, 202, 204, 400, 401, 403, 404, 409, 412, 428, 500, 503),
    body: fc.oneof(
      bent(path).map((one) => JSON.stringify(one)),
      json.map((one) => JSON.stringify(one)),
      fc.string(),
    ),
    headers: fc.record(
      {
        location: fc.constantFrom(
          '/redfish/v1/',
          '//evil.example/',
          'http://evil.example/',
          '%',
          '/redfish/v1/Systems/1',
        ),
        etag: fc.constantFrom('"1"', 'W/"1"', '""2""', '*', 'x y'),
        'x-auth-token': fc.constantFrom('0123456789abcdef', ''),
        'retry-after': fc.constantFrom('0', '-1', 'Mon, 01 Jan 2035 00:00:00 GMT', '99999999'),
      },
      { requiredKeys: [] },
    ),
  })

test('any JSON in any resource ends well or as a PowerError', async () => {
  const cases = fc.constantFrom(...PATHS).chain((path) => fc.tuple(fc.constant(path), answer(path)))
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(cases, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('1', '2', ''),
      async (answers, id) => {
        service.behavior.raw = new Map(answers)
        const target = targetOf(service, { id })
        // A task without an end is ended by the call's own limit.
        const tools = () => toolsOf({ signal: AbortSignal.timeout(300) })
        const calls = [
          () => driver.state(target, tools()),
          () => driver.act(target, 'reboot', tools()),
          () => driver.bootOnce?.(target, tools()),
          () => driver.identify?.(target, 0, tools()),
          () => driver.metrics(target, tools()),
          () => driver.insertMedia(target, 'http://192.0.2.1/a.iso', tools()),
        ]
        for (const call of calls) {
          try {
            await call()
            seen.add('well')
          } catch (error) {
            if (!(error instanceof PowerError)) throw error
            expect(error.message).toMatch(/^[^\p{Cc}]+$/u)
            expect(error.message.length).toBeLessThan(2_000)
            seen.add(error.fault)
          }
        }
        await driver.close()
      },
    ),
    { numRuns: 100 },
  )
  // It would be no test if all of it ended in the same way.
  expect(seen.size).toBeGreaterThan(4)
}, 60_000)
