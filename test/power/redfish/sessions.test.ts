/** How a controller is spoken with over time: logins, connections and paths that are kept, and given back. */
import { afterEach, describe, expect, test } from 'vitest'
import { createRedfish } from '../../../src/power/drivers/redfish.ts'
import { isSameUuid } from '../../../src/power/redfish/discover.ts'
import { aMachine } from '../../support/redfish/documents.ts'
import type { Behavior } from '../../support/redfish/machines.ts'
import { ADMIN, type RedfishService, startRedfishService, VIEWER } from '../../support/redfish/service.ts'
import { noWait, targetOf, toolsOf } from '../../support/redfish/target.ts'

const running: RedfishService[] = []
const driver = createRedfish({ wait: noWait })
afterEach(async () => {
  await driver.close()
  for (const service of running.splice(0)) await service.stop()
})

async function serve(behavior: Partial<Behavior> = {}, machines = [aMachine('1')]): Promise<RedfishService> {
  const service = await startRedfishService({ machines, behavior })
  running.push(service)
  return service
}

const paths = ({ asked }: RedfishService) => asked.map(({ method, path }) => `${method} ${path}`)
const LOGIN = 'POST /redfish/v1/SessionService/Sessions'

describe('a session', () => {
  test('is begun once, kept, and ended by close', async () => {
    const service = await serve()
    for (let look = 0; look < 5; look++) await driver.state(targetOf(service), toolsOf())
    expect(paths(service).filter((one) => one === LOGIN)).toHaveLength(1)
    expect(service.sessions.size).toBe(1)
    expect(service.asked.every(({ headers }) => headers['authorization'] === undefined)).toBe(true)
    await driver.close()
    expect(service.sessions.size).toBe(0)
    expect(paths(service).at(-1)).toBe('DELETE /redfish/v1/SessionService/Sessions/1')
  })

  test('is begun once for many questions at once', async () => {
    const service = await serve()
    const states = await Promise.all(Array.from({ length: 20 }, () => driver.state(targetOf(service), toolsOf())))
    expect(new Set(states)).toEqual(new Set(['off']))
    expect(paths(service).filter((one) => one === LOGIN)).toHaveLength(1)
    expect(service.connections()).toBeLessThanOrEqual(4)
  })

  test('that has timed out is begun anew, once', async () => {
    const service = await serve()
    await driver.state(targetOf(service), toolsOf())
    service.sessions.clear()
    expect(await driver.state(targetOf(service), toolsOf())).toBe('off')
    expect(paths(service).filter((one) => one === LOGIN)).toHaveLength(2)
  })

  test('whose password was changed meanwhile is said, after one try', async () => {
    const service = await serve()
    await driver.state(targetOf(service), toolsOf())
    service.sessions.clear()
    service.behavior.raw.set(LOGIN, { status: 401 })
    await expect(driver.state(targetOf(service), toolsOf())).rejects.toMatchObject({ fault: 'wrong-password' })
    expect(paths(service).filter((one) => one === LOGIN)).toHaveLength(2)
  })

  test('with a Location on another host is ended here all the same', async () => {
    const service = await serve({ sessions: 'absolute' })
    await driver.state(targetOf(service), toolsOf())
    await driver.close()
    expect(service.sessions.size).toBe(0)
  })

  test.each(['absent', 'full'] as const)('that cannot be had (%s) is done without', async (sessions) => {
    const service = await serve({ sessions })
    expect(await driver.state(targetOf(service), toolsOf())).toBe('off')
    expect(service.asked.at(-1)?.headers['authorization']).toMatch(/^Basic /)
  })

  test('is not begun where auth=basic is set', async () => {
    const service = await serve()
    await driver.state(targetOf(service, { options: 'auth=basic' }), toolsOf())
    expect(paths(service)).not.toContain(LOGIN)
    expect(service.sessions.size).toBe(0)
  })

  test('of another password is another, and the old one is given back', async () => {
    const service = await serve()
    await expect(driver.state(targetOf(service, { pass: 'old-one' }), toolsOf())).rejects.toThrow()
    await driver.state(targetOf(service), toolsOf())
    await driver.state(targetOf(service, { options: 'boot=http' }), toolsOf())
    expect(paths(service).filter((one) => one === LOGIN)).toHaveLength(2)
    await driver.state(targetOf(service, { user: VIEWER.user, pass: VIEWER.pass }), toolsOf())
    expect([...service.sessions.values()]).toEqual([ADMIN.user, VIEWER.user])
  })

  test('that another call gave up while it began is begun by who needs it', async () => {
    const service = await serve({ silent: /Sessions$/ })
    const limit = new AbortController()
    const first = driver.state(targetOf(service), toolsOf({ signal: limit.signal }))
    while (!paths(service).includes(LOGIN)) await noWait(0, toolsOf().signal)
    const second = driver.state(targetOf(service), toolsOf())
    delete service.behavior.silent
    limit.abort()
    await expect(first).rejects.toMatchObject({ fault: 'no-answer' })
    expect(await second).toBe('off')
  })
})

describe('a system', () => {
  const wanted = '92384634-2938-2342-8820-489239905423'
  const machines = () => [
    aMachine('A', { name: 'Blade 1', uuid: '11111111-2222-3333-4444-555555555555' }),
    aMachine('B', { name: 'Blade 2', uuid: wanted, power: 'On' }),
  ]

  test.each([
    'B',
    'Blade 2',
    wanted,
    wanted.toUpperCase(),
    '34463892-3829-4223-8820-489239905423',
    '/redfish/v1/Systems/B',
  ])('is found by %s', async (id) => {
    const service = await serve({}, machines())
    expect(await driver.state(targetOf(service, { id }), toolsOf())).toBe('on')
  })

  test('is found by the URL of it', async () => {
    const service = await serve({}, machines())
    const target = targetOf({ origin: `${service.origin}/redfish/v1/Systems/B` })
    expect(await driver.state(target, toolsOf())).toBe('on')
  })

  test('that was found is asked for in one question', async () => {
    const service = await serve({}, machines())
    await driver.state(targetOf(service, { id: wanted }), toolsOf())
    service.asked.length = 0
    await driver.state(targetOf(service, { id: wanted }), toolsOf())
    expect(paths(service)).toEqual(['GET /redfish/v1/Systems/B'])
  })

  test('that has moved is found again', async () => {
    const service = await serve({}, machines())
    await driver.state(targetOf(service, { id: wanted }), toolsOf())
    service.machines.pop()
    service.machines.push(aMachine('C', { uuid: wanted, power: 'Off' }))
    expect(await driver.state(targetOf(service, { id: wanted }), toolsOf())).toBe('off')
  })

  test('is found on a later page of the collection', async () => {
    const service = await serve({}, machines())
    const member = (id: string) => ({ '@odata.id': `/redfish/v1/Systems/${id}` })
    const page = (id: string, next?: string) => ({
      status: 200,
      body: JSON.stringify({ Members: [member(id)], 'Members@odata.nextLink': next }),
    })
    service.behavior.raw.set('/redfish/v1/Systems', page('A', '/redfish/v1/Systems?$skip=1'))
    service.behavior.raw.set('/redfish/v1/Systems?$skip=1', page('B'))
    expect(await driver.state(targetOf(service, { id: 'Blade 2' }), toolsOf())).toBe('on')
  })
})

describe('a UUID', () => {
  test('is the same with its first fields turned round', () => {
    expect(isSameUuid('00112233-4455-6677-8899-aabbccddeeff', '33221100-5544-7766-8899-AABBCCDDEEFF')).toBe(true)
    expect(isSameUuid('00112233-4455-6677-8899-aabbccddeeff', '00112233445566778899aabbccddeeff')).toBe(true)
  })

  test('is not the same with its last fields turned round, nor as no UUID', () => {
    expect(isSameUuid('00112233-4455-6677-8899-aabbccddeeff', '00112233-4455-6677-9988-ffeeddccbbaa')).toBe(false)
    expect(isSameUuid('', '')).toBe(false)
  })
})
