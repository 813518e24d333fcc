/** Taking machines and giving them back over REST, and what a change that names no revision may not do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
  for (const name of ['node1', 'node2']) {
    const mgmtClasses = ['rack1', 'foo-available']
    await it.as('operator', 'POST', '/api/systems', {
      name,
      profile: 'debian-13',
      mgmtClasses,
      power: { type: 'test' },
    })
  }
})
afterEach(() => it.close())

const post = async (url: string, payload?: object, headers: Record<string, string> = {}) => {
  const authorization = `Bearer ${await it.tokenOf('operator')}`
  return it.app.inject({ method: 'POST', url, headers: { authorization, ...headers }, ...(payload && { payload }) })
}
const patch = async (payload: object, headers: Record<string, string> = {}, name = 'node1') => {
  const authorization = `Bearer ${await it.tokenOf('operator')}`
  return it.app.inject({
    method: 'PATCH',
    url: `/api/systems/${name}`,
    headers: { authorization, ...headers },
    payload,
  })
}
const classes = (name = 'node1') => it.catalog.get('system', name)?.mgmtClasses

describe('POST /api/acquire', () => {
  test.each([
    ['nothing', undefined],
    ['an empty object', {}],
    ['all there is', { classes: ['rack1'], arch: 'amd64', name: 'node*', pair: 'foo-available', dryRun: false }],
  ])('with %s takes a machine', async (_, payload) => {
    const answer = await post('/api/acquire', payload)
    expect(answer.statusCode).toBe(200)
    const { uid, revision } = it.catalog.get('system', 'node1') ?? {}
    expect(answer.json()).toEqual({
      system: {
        ...{ uid, revision, name: 'node1', hostname: '', profile: 'debian-13', arch: 'x86_64' },
        mgmtClasses: ['rack1', 'foo-acquired'],
      },
      dryRun: false,
      passedOver: [],
      morePassedOver: 0,
    })
    expect(classes()).toEqual(['rack1', 'foo-acquired'])
  })

  test('says why there is none, of each', async () => {
    await post('/api/acquire')
    const answer = await post('/api/acquire', { arch: 'arm64' })
    expect(answer.statusCode).toBe(409)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json()).toMatchObject({
      code: 'machine.none-free',
      detail: expect.stringContaining('node2: its architecture is x86_64, not aarch64'),
      passedOver: [
        { name: 'node1', because: 'it is in use: it has the class foo-acquired' },
        { name: 'node2', because: 'its architecture is x86_64, not aarch64' },
      ],
    })
  })

  test('sent twice with a key takes one; another request with it is refused', async () => {
    const key = { 'idempotency-key': 'deploy-17' }
    const [first, again] = [await post('/api/acquire', {}, key), await post('/api/acquire', {}, key)]
    expect(again.json()).toEqual(first.json())
    expect(classes('node2')).toEqual(['rack1', 'foo-available'])
    const other = await post('/api/acquire', { arch: 'amd64' }, key)
    expect([other.statusCode, other.json().code]).toEqual([422, 'request.reused'])
  })

  test.each([
    ['a field that there is not', { klass: 'x' }, {}, 400],
    ['classes that are no list', { classes: 'rack1' }, {}, 400],
    ['a pair that there is not', { pair: 'bar' }, {}, 422],
    ['a key with blanks', {}, { 'idempotency-key': 'a b' }, 422],
    ['an empty key', {}, { 'idempotency-key': '' }, 422],
  ])('with %s is refused and takes nothing', async (_, payload, headers, status) => {
    const answer = await post('/api/acquire', payload, headers as Record<string, string>)
    expect(answer.statusCode).toBe(status)
    expect(classes()).toEqual(['rack1', 'foo-available'])
  })

  test('never takes what is broken', async () => {
    it.broken.set('node1', 'its install failed')
    expect((await post('/api/acquire')).json()).toMatchObject({
      system: { name: 'node2' },
      passedOver: [{ name: 'node1' }],
    })
  })
})

describe('POST /api/systems/:name/release', () => {
  test('gives it back and turns it off', async () => {
    await post('/api/acquire')
    it.machine.state = 'on'
    const answer = await post('/api/systems/node1/release')
    expect(answer.statusCode).toBe(200)
    const { system, power } = answer.json()
    expect(system).toMatchObject({ name: 'node1', mgmtClasses: ['rack1', 'foo-available'] })
    expect(power).toMatchObject({ task: expect.any(String), because: 'node1 is being turned off' })
    await expect.poll(() => it.machine.state).toBe('off')
  })

  test.each([
    ['node1', 409, 'machine.free'],
    ['nope', 404, 'item.missing'],
  ])('of %s is refused', async (name, status, code) => {
    const answer = await post(`/api/systems/${name}/release`)
    expect([answer.statusCode, answer.json().code]).toEqual([status, code])
  })
})

describe('a change of the management classes', () => {
  const taken = { mgmtClasses: ['rack1', 'foo-acquired'] }

  test('takes a free machine once: the second of two is refused', async () => {
    const [first, second] = await Promise.all([patch(taken), patch(taken)])
    expect([first.statusCode, second.statusCode].sort()).toEqual([200, 409])
    expect((await patch(taken)).json()).toMatchObject({ code: 'machine.taken', field: 'mgmtClasses' })
    expect((await patch(taken, { 'if-match': '*' })).statusCode).toBe(409)
    const replaced = await post('/api/systems?replace=true', { name: 'node1', profile: 'debian-13', ...taken })
    expect(replaced.statusCode).toBe(409)
  })

  test('that names the revision it is made to may keep an owner', async () => {
    await patch(taken)
    const { revision } = it.catalog.get('system', 'node1') ?? {}
    const changed = { mgmtClasses: ['rack2', 'foo-acquired'] }
    expect((await patch(changed, { 'if-match': `"${revision}"` })).statusCode).toBe(200)
    expect((await patch({ comment: 'x' })).statusCode).toBe(200)
    expect((await patch({ mgmtClasses: ['foo-available'] })).statusCode).toBe(200)
  })
})
