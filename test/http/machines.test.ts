/** The table of all machines: what is in a row, what a change costs, and ten thousand of them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseIpv4, parseMac } from '../../src/model/address.ts'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
})
afterEach(() => it.close())

const add = async (name: string, more: object = {}) => {
  const made = await it.as('operator', 'POST', '/api/systems', { name, profile: 'debian-13', ...more })
  expect(made.statusCode).toBe(201)
  return made.json()
}

const ask = async (query = '', headers: Record<string, string> = {}) => {
  const authorization = `Bearer ${await it.tokenOf('viewer')}`
  const answer = await it.app.inject({ url: `/api/machines${query}`, headers: { authorization, ...headers } })
  return { answer, tag: String(answer.headers['etag']), rows: answer.statusCode === 200 ? answer.json() : undefined }
}

describe('a row', () => {
  test('has all that people filter and act by', async () => {
    const mac = '52:54:00:00:00:01'
    const { uid } = await add('node1', {
      ...{ interfaces: { eth0: { macAddress: mac } }, power: { type: 'test' }, comment: 'rack 7', hostname: 'one' },
      mgmtClasses: ['foo-available', 'ssd'],
    })
    it.leases.push({
      ...{ ip: parseIpv4('10.0.0.7'), mac: parseMac(mac), state: 'leased', expires: 9e15, hostname: '' },
    })
    const now = it.clock.now()
    it.traces.note({ uid }, { kind: 'power', outcome: 'ok', text: 'on', sign: 'power-on' })
    await it.as('operator', 'GET', '/api/systems/node1/power')
    expect((await ask()).rows).toEqual([
      {
        ...{ uid, name: 'node1', revision: 1, macs: [mac], ip: '10.0.0.7', hostname: 'one', profile: 'debian-13' },
        ...{ arch: 'x86_64', netboot: true, classes: ['foo-available', 'ssd'], custody: 'available' },
        ...{
          stage: 'available',
          since: now,
          broken: null,
          power: 'off',
          powerAt: now,
          powerType: 'test',
          canSee: true,
        },
        task: null,
        boot: { id: 1, reached: 'power', started: now, ended: null, verdict: 'under-way' },
        comment: 'rack 7',
      },
    ])
  })

  test('of a machine of which nothing is known says that', async () => {
    await add('node2', { mgmtClasses: ['foo-available', 'foo-acquired'] })
    expect((await ask()).rows).toMatchObject([
      { macs: [], ip: '', custody: 'both', power: 'unknown', powerAt: null, powerType: '', canSee: false, boot: null },
    ])
  })

  test('tells of the order that is under way', async () => {
    await add('node1', { power: { type: 'test' } })
    const held = Promise.withResolvers<void>()
    it.machine.held = held.promise
    const { task } = (await it.as('operator', 'POST', '/api/systems/node1/power', { action: 'on' })).json()
    expect((await ask()).rows).toMatchObject([{ task: { id: task.id, action: 'on', state: 'running' } }])
    held.resolve()
    await expect.poll(async () => (await ask()).rows).toMatchObject([{ task: null, power: 'on' }])
  })
})

describe('rows', () => {
  test('are asked for again without a body while nothing changes, and have another tag after any change', async () => {
    await add('node1', { power: { type: 'test' } })
    const { tag } = await ask()
    const again = await ask('', { 'if-none-match': tag })
    expect([again.answer.statusCode, again.answer.body, again.tag]).toEqual([304, '', tag])
    const tags = new Set([tag])
    const changes = [
      () => it.as('operator', 'PATCH', '/api/systems/node1', { comment: 'x' }),
      () => it.as('operator', 'GET', '/api/systems/node1/power'),
      () => it.as('operator', 'PATCH', '/api/distros/debian-13', { arch: 'aarch64' }),
      () => add('node2'),
      () => it.as('operator', 'DELETE', '/api/systems/node1'),
    ]
    for (const change of changes) {
      await change()
      const now = await ask('', { 'if-none-match': [...tags].at(-1) ?? '' })
      expect(now.answer.statusCode).toBe(200)
      tags.add(now.tag)
    }
    expect(tags.size).toBe(changes.length + 1)
  })

  test('of some names are those that there are', async () => {
    for (const name of ['b', 'a', 'c']) await add(name)
    const { rows } = await ask('?names=c,nope,a,a')
    expect(rows.map(({ name }: { name: string }) => name)).toEqual(['a', 'c'])
    expect((await ask('?names=')).rows).toEqual([])
  })
})

test('the summary counts', async () => {
  await add('node1', { mgmtClasses: ['foo-available'], power: { type: 'test' } })
  await add('node2', { mgmtClasses: ['foo-acquired'] })
  await add('node3')
  await it.as('operator', 'GET', '/api/systems/node1/power')
  it.traces.note(
    { mac: parseMac('525400000099') },
    { kind: 'dhcp', outcome: 'ok', text: 'x', sign: 'discover', boots: true },
  )
  expect((await it.as('viewer', 'GET', '/api/summary')).json()).toMatchObject({
    ...{ systems: 3, power: { on: 0, off: 1, unknown: 2 } },
    stages: { available: 1, acquired: 1, unmanaged: 1, broken: 0 },
    custody: { available: 1, acquired: 1, both: 0, none: 1 },
    ...{ unknownMachines: 1, foreignDhcp: 0 },
  })
})

test('ten thousand machines come in one answer; of what nobody touched no row is made again', {
  timeout: 120_000,
}, async () => {
  const { catalog, machines } = it
  for (let number = 0; number < 10_000; number++) {
    await catalog.save('system', {
      ...{ ...catalog.draft('system'), name: `node${number}`, profile: 'debian-13' },
      mgmtClasses: number % 2 ? ['foo-available'] : ['foo-acquired'],
    })
  }
  expect(machines.rows()).toMatchObject({ made: 10_000 })
  const { answer, tag, rows } = await ask()
  expect(rows).toHaveLength(10_000)
  expect(answer.body.length).toBeLessThan(10_000 * 450)
  expect(machines.rows()).toMatchObject({ made: 0, tag })
  const one = catalog.get('system', 'node77')
  if (one) await catalog.save('system', { ...one, comment: 'x' })
  expect(machines.rows().made).toBe(1)
  expect((await ask('', { 'if-none-match': tag })).answer.statusCode).toBe(200)
  expect((await it.as('viewer', 'GET', '/api/summary')).json()).toMatchObject({
    custody: { available: 5_000, acquired: 5_000 },
  })
})
