/** Lists in pages, with filters and in an order. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
  for (const number of [3, 1, 5, 2, 4]) {
    it.clock.advance(1000)
    await add(`node${number}`, { netbootEnabled: number % 2 === 0, mgmtClasses: number < 3 ? ['foo-available'] : [] })
  }
})
afterEach(() => it.close())

const add = async (name: string, more: object = {}) => {
  const made = await it.as('operator', 'POST', '/api/systems', {
    ...{ name, profile: 'debian-13', power: { type: 'test' } },
    ...more,
  })
  expect(made.statusCode).toBe(201)
}

const ask = async (query: string, list = 'systems') => {
  const answer = await it.as('viewer', 'GET', query.startsWith('/') ? query : `/api/${list}${query}`)
  const body = answer.json()
  return {
    status: answer.statusCode,
    names: Array.isArray(body) ? body.map(({ name }: { name: string }) => name) : body,
    total: answer.headers['x-total-count'],
    next: /^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link'] ?? ''))?.[1],
  }
}

test('without a limit a list is whole', async () => {
  expect(await ask('')).toMatchObject({ names: ['node1', 'node2', 'node3', 'node4', 'node5'], next: undefined })
})

test('with one it comes in pages that lead to each other, each once, whatever comes and goes in between', async () => {
  const first = await ask('?limit=2')
  expect(first).toMatchObject({ names: ['node1', 'node2'], total: '5', next: '/api/systems?limit=2&cursor=node2' })
  await it.as('operator', 'DELETE', '/api/systems/node2')
  await add('node0')
  await add('node22')
  const second = await ask(first.next ?? '')
  expect(second.names).toEqual(['node22', 'node3'])
  const third = await ask(second.next ?? '')
  expect(third).toMatchObject({ names: ['node4', 'node5'], next: undefined })
})

test.each([
  ['?sort=-name', ['node5', 'node4', 'node3', 'node2', 'node1']],
  ['?sort=ctime', ['node3', 'node1', 'node5', 'node2', 'node4']],
  ['?sort=-mtime', ['node4', 'node2', 'node5', 'node1', 'node3']],
])('%s is an order, in pages too', async (query, names) => {
  expect((await ask(query)).names).toEqual(names)
  const seen: string[] = []
  for (let next: string | undefined = `/api/systems${query}&limit=2`; next !== undefined; ) {
    const page = await ask(next)
    seen.push(...page.names)
    next = page.next
  }
  expect(seen).toEqual(names)
})

test.each([
  ['?name=node[1-3]', ['node1', 'node2', 'node3']],
  ['?name=NODE2', ['node2']],
  ['?netboot=true', ['node2', 'node4']],
  ['?netboot=false&name=*5', ['node5']],
  ['?mgmtClass=foo-available', ['node1', 'node2']],
  ['?mgmtClass=foo', []],
  ['?profile=nope', []],
  ['?stage=available', ['node1', 'node2']],
  ['?power=on', []],
])('%s leaves %j', async (query, names) => {
  expect(await ask(query)).toMatchObject({ names, total: String(names.length) })
})

test('power is what was last seen, and a page keeps its filter', async () => {
  for (const name of ['node2', 'node3']) {
    it.machine.state = 'on'
    await it.as('operator', 'GET', `/api/systems/${name}/power`)
  }
  const first = await ask('?power=on&limit=1')
  expect(first).toMatchObject({ names: ['node2'], total: '2' })
  expect(await ask(first.next ?? '')).toMatchObject({ names: ['node3'], next: undefined })
})

test('every noun has pages and names', async () => {
  await it.as('operator', 'POST', '/api/mgmtclasses', { name: 'a' })
  await it.as('operator', 'POST', '/api/mgmtclasses', { name: 'b' })
  expect(await ask('?limit=1', 'mgmtclasses')).toMatchObject({ names: ['a'], total: '2' })
  expect(await ask('?name=b', 'mgmtclasses')).toMatchObject({ names: ['b'] })
})

test.each([
  ['?limit=0', 400, 'limit'],
  ['?limit=x', 400, 'limit'],
  ['?sort=colour', 400, 'sort'],
  ['?colour=red', 400, 'colour'],
  ['?stage=lost', 400, 'stage'],
  ['?netboot=maybe', 400, 'netboot'],
  ['?sort=mtime&cursor=node2', 422, 'cursor'],
])('%s is refused, and the field is named', async (query, status, field) => {
  const answer = await ask(query)
  expect([answer.status, answer.names.field]).toEqual([status, field])
})
