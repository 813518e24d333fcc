/** Objects over REST: made, read, changed, copied and removed, and what is refused with which words. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
})
afterEach(() => it.close())

const NODE = {
  name: 'node01',
  profile: 'debian-13',
  interfaces: { eth0: { macAddress: '52-54-00-AA-00-01', ipAddress: '10.0.0.1' } },
}

describe('a new system', () => {
  test('is answered whole, with the defaults, its address and its revision', async () => {
    const answer = await it.as('operator', 'POST', '/api/systems', NODE)
    expect(answer.statusCode).toBe(201)
    expect(answer.headers).toMatchObject({ etag: '"1"', location: '/api/systems/node01' })
    expect(answer.json()).toMatchObject({
      name: 'node01',
      uid: expect.stringMatching(/^[0-9a-f]{32}$/),
      netbootEnabled: true,
      autoinstall: '<<inherit>>',
      interfaces: { eth0: { macAddress: '52:54:00:aa:00:01', ipAddress: '10.0.0.1', netmask: '' } },
    })
    expect((await it.as('viewer', 'GET', '/api/systems/node01')).json()).toEqual(answer.json())
    expect((await it.as('viewer', 'GET', '/api/systems')).json()).toEqual([answer.json()])
  })

  test('may not have the name of another', async () => {
    await it.as('operator', 'POST', '/api/systems', NODE)
    const answer = await it.as('operator', 'POST', '/api/systems', { ...NODE, interfaces: {} })
    expect(answer.statusCode).toBe(409)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(answer.json()).toMatchObject({ status: 409, code: 'item.exists', field: 'name' })
    expect(answer.json().detail).toContain('node01 exists already')
  })

  test('replaces another when that is asked for, keeping its uid and nothing else', async () => {
    const first = await it.as('operator', 'POST', '/api/systems', { ...NODE, comment: 'old' })
    const second = await it.as('operator', 'POST', '/api/systems?replace=true', {
      name: 'node01',
      profile: 'debian-13',
    })
    expect(second.statusCode).toBe(201)
    expect(second.json()).toMatchObject({ uid: first.json().uid, revision: 2, comment: '', interfaces: {} })
  })

  test.each([
    ['a field that there is not', { ...NODE, colour: 'red' }, 400, 'colour'],
    ['a wrong kind of value', { ...NODE, netbootEnabled: 'yes' }, 400, 'netbootEnabled'],
    ['no MAC address', { ...NODE, interfaces: { eth0: { macAddress: 'zz' } } }, 400, 'interfaces.eth0.macAddress'],
    ['no address', { ...NODE, interfaces: { eth0: { ipAddress: '1.2.3' } } }, 400, 'interfaces.eth0.ipAddress'],
    ['an unknown interface field', { ...NODE, interfaces: { eth0: { mac: '' } } }, 400, 'interfaces.eth0.mac'],
    ['options that are a list', { ...NODE, meta: ['a'] }, 400, 'meta'],
    ['a revision', { ...NODE, revision: 7 }, 400, 'revision'],
    ['no name', { profile: 'debian-13' }, 422, 'name'],
    ['a bad name', { ...NODE, name: 'a b' }, 422, 'name'],
    ['no profile', { name: 'node01' }, 422, 'profile'],
    ['a profile that is not there', { ...NODE, profile: 'nope' }, 422, 'profile'],
    ['a masked password that stands for none', { ...NODE, power: { pass: '********' } }, 422, 'power.pass'],
  ])('is refused with %s, and the field is named', async (_, payload, status, field) => {
    const answer = await it.as('operator', 'POST', '/api/systems', payload)
    expect({ status: answer.statusCode, field: answer.json().field }).toEqual({ status, field })
    expect(answer.json().detail.length).toBeGreaterThan(10)
    expect(it.catalog.list('system')).toEqual([])
  })

  test('that is no JSON is refused in words', async () => {
    const headers = { authorization: `Bearer ${await it.tokenOf('operator')}` }
    const post = (type: string, payload: string) =>
      it.app.inject({ method: 'POST', url: '/api/systems', headers: { ...headers, 'content-type': type }, payload })
    expect((await post('application/json', '{"name":')).json()).toMatchObject({ status: 400 })
    expect((await post('application/x-www-form-urlencoded', 'name=a')).json()).toMatchObject({ status: 415 })
    expect((await post('application/json', '{"__proto__": {"a": 1}}')).json()).toMatchObject({ status: 400 })
    const huge = JSON.stringify({ name: 'a'.repeat(5_000_000) })
    expect((await post('application/json', huge)).json()).toMatchObject({ status: 413 })
  })
})

describe('a change', () => {
  beforeEach(async () => {
    await it.as('operator', 'POST', '/api/systems', { ...NODE, power: { type: 'test', user: 'root', pass: 's3cret' } })
  })

  test('leaves alone what it does not name, down to the fields of an interface and of power', async () => {
    const changes = { comment: 'new', interfaces: { eth0: { dnsName: 'a.lab' }, eth1: {} }, power: { user: 'admin' } }
    const answer = await it.as('operator', 'PATCH', '/api/systems/node01', changes)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['etag']).toBe('"2"')
    expect(it.catalog.get('system', 'node01')).toMatchObject({
      comment: 'new',
      profile: 'debian-13',
      interfaces: { eth0: { macAddress: '52:54:00:aa:00:01', dnsName: 'a.lab' }, eth1: { macAddress: '' } },
      power: { type: 'test', user: 'admin', pass: 's3cret' },
    })
  })

  test('takes an interface away with null', async () => {
    await it.as('operator', 'PATCH', '/api/systems/node01', { interfaces: { eth0: null } })
    expect(it.catalog.get('system', 'node01')?.interfaces).toEqual({})
  })

  test('never answers a password, and takes its mask for "as it was"', async () => {
    const answer = await it.as('operator', 'PATCH', '/api/systems/node01', { power: { pass: '********' } })
    expect(answer.json().power.pass).toBe('********')
    expect(it.catalog.get('system', 'node01')?.power.pass).toBe('s3cret')
    for (const url of ['/api/systems', '/api/systems/node01', '/api/events.json']) {
      expect((await it.as('admin', 'GET', url)).body).not.toContain('s3cret')
    }
  })

  test('of a revision that is past is refused, of the present one made', async () => {
    const patch = async (tag: string, comment: string) =>
      it.app.inject({
        method: 'PATCH',
        url: '/api/systems/node01',
        headers: { authorization: `Bearer ${await it.tokenOf('operator')}`, 'if-match': tag },
        payload: { comment },
      })
    expect((await patch('"1"', 'first')).statusCode).toBe(200)
    const late = await patch('"1"', 'second')
    expect(late.statusCode).toBe(412)
    expect(late.json()).toMatchObject({ code: 'item.stale' })
    expect(it.catalog.get('system', 'node01')?.comment).toBe('first')
  })

  test('without If-Match joins with others made at the same time', async () => {
    const changes = [{ comment: 'a' }, { hostname: 'b' }, { gateway: '10.0.0.254' }]
    const answers = await Promise.all(changes.map((one) => it.as('operator', 'PATCH', '/api/systems/node01', one)))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
    expect(it.catalog.get('system', 'node01')).toMatchObject({ comment: 'a', hostname: 'b', gateway: '10.0.0.254' })
  })

  test('can be another name or another uid', async () => {
    expect((await it.as('operator', 'PATCH', '/api/systems/node01', { name: 'node02' })).statusCode).toBe(200)
    expect((await it.as('viewer', 'GET', '/api/systems/node01')).statusCode).toBe(404)
    expect((await it.as('operator', 'PATCH', '/api/systems/node02', { uid: 'mine' })).json().uid).toBe('mine')
    expect(it.catalog.byUid('system', 'mine')?.name).toBe('node02')
  })

  test('to a system that is not there is refused', async () => {
    const answer = await it.as('operator', 'PATCH', '/api/systems/nope', { comment: '' })
    expect(answer.statusCode).toBe(404)
    expect(answer.json().detail).toContain('nope')
  })
})

test('a copy has a uid of its own and none of the addresses', async () => {
  await it.as('operator', 'POST', '/api/systems', { ...NODE, power: { pass: 's3cret' } })
  const answer = await it.as('operator', 'POST', '/api/systems/node01/copy', { name: 'node02', comment: 'copy' })
  expect(answer.statusCode).toBe(201)
  const [original, copy] = [it.catalog.get('system', 'node01'), it.catalog.get('system', 'node02')]
  expect(copy).toMatchObject({ profile: 'debian-13', comment: 'copy', revision: 1, power: { pass: 's3cret' } })
  expect(copy?.interfaces['eth0']).toMatchObject({ macAddress: '', ipAddress: '' })
  expect(copy?.uid).not.toBe(original?.uid)
})

describe('removal', () => {
  test('of what others need is refused, unless they go with it', async () => {
    await it.as('operator', 'POST', '/api/systems', NODE)
    const refused = await it.as('operator', 'DELETE', '/api/profiles/debian-13')
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toMatchObject({ code: 'item.in-use' })
    expect((await it.as('operator', 'DELETE', '/api/profiles/debian-13?recursive=true')).statusCode).toBe(204)
    expect(it.catalog.list('system')).toEqual([])
  })

  test('of nothing is told', async () => {
    expect((await it.as('operator', 'DELETE', '/api/mgmtclasses/nope')).statusCode).toBe(404)
  })
})

test.each([
  ['distros', { name: 'd2', kernel: '/srv/d2/linux', initrd: '/srv/d2/initrd.gz', arch: 'aarch64' }],
  ['profiles', { name: 'p2', distro: 'debian-13', meta: { a: '1', b: null, c: ['1', '2'] }, mgmtClasses: ['x'] }],
  ['mgmtclasses', { name: 'foo-available', params: { a: 1 }, isDefinition: true }],
])('%s are made and read back as they were written', async (plural, payload) => {
  expect((await it.as('operator', 'POST', `/api/${plural}`, payload)).statusCode).toBe(201)
  expect((await it.as('viewer', 'GET', `/api/${plural}/${payload.name}`)).json()).toMatchObject(payload)
})

test('a name with every letter that is allowed is found again', async () => {
  const name = `${'a_b-c.d:e+f'.repeat(20)}`
  expect((await it.as('operator', 'POST', '/api/mgmtclasses', { name })).statusCode).toBe(201)
  expect((await it.as('viewer', 'GET', `/api/mgmtclasses/${encodeURIComponent(name)}`)).json().name).toBe(name)
})
