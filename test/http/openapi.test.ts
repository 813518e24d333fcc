/** The description of the API: valid, whole, and true of what is answered. */
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import * as shapes from '../../src/http/answer-shapes.ts'
import { DESCRIBED } from '../../src/http/openapi-calls.ts'
import { CALLS_OF_SCOPE } from '../../src/http/scopes.ts'
import { ITEM_TYPES, PLURALS } from '../../src/model/items.ts'
import { type TestApp, testApp } from './test-app.ts'

interface Operation {
  readonly operationId: string
  readonly description: string
  readonly tags: readonly string[]
  readonly security: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: object
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, { readonly schema: object }> }>>
}
interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

let it: TestApp
let document: Document
beforeAll(async () => {
  it = await testApp()
  const answer = await it.as('viewer', 'GET', '/api/openapi.json')
  expect(answer.statusCode).toBe(200)
  document = answer.json()
})
afterAll(() => it.close())

/** `GET /api/systems/:name`, as it is served. */
const described = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      call: `${method.toUpperCase()} ${path.replace('{*}', '*').replace(/\{(\w+)\}/g, ':$1')}`,
      operation,
    })),
  )
const operationOf = (call: string) => described().find((one) => one.call === call)?.operation

test('is valid OpenAPI 3.1', async () => {
  expect(document.openapi).toBe('3.1.0')
  const { valid, errors } = await new Validator().validate({ ...structuredClone(document) })
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
})

test('has every call of the API, each with a sentence, a tag, a role, a good answer and the problem', () => {
  const served = [...it.routes].filter((route) => / \/(api\/|metrics)/.test(route) && !route.startsWith('HEAD'))
  expect(described().map(({ call }) => call)).toEqual(expect.arrayContaining(served))
  expect(served).toEqual(expect.arrayContaining(described().map(({ call }) => call)))
  expect([...DESCRIBED.keys()].sort()).toEqual([...served].sort())
  for (const { call, operation } of described()) {
    expect([call, operation.tags.length]).toEqual([call, 1])
    expect(operation.description).toMatch(call === 'POST /api/login' ? 'Needs no token' : /^Needs the role \w+\./)
    expect(operation.security).toEqual(call === 'POST /api/login' ? [] : [{ token: [] }])
    expect([call, Object.keys(operation.responses)]).toEqual([call, expect.arrayContaining(['default'])])
    expect([call, Object.keys(operation.responses).some((status) => /^2/.test(status))]).toEqual([call, true])
    const problem = operation.responses['default']?.content?.['application/problem+json']?.schema
    expect(problem).toEqual({ $ref: '#/components/schemas/Problem' })
    for (const [, name = ''] of call.matchAll(/:(\w+)/g)) {
      expect(operation.parameters).toContainEqual(expect.objectContaining({ name, in: 'path', required: true }))
    }
  }
  const ids = described().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('names every shape that it points at, and points at every shape that it names', () => {
  const text = JSON.stringify(document)
  const pointed = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target = '']) => target))
  const there = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)
  expect([...pointed].sort()).toEqual(there.sort())
})

test('says what is sent and what is answered', () => {
  const change = operationOf('PATCH /api/systems/:name')
  expect(JSON.stringify(change?.requestBody)).toContain('netbootEnabled')
  expect(change?.responses['200']?.content?.['application/json']?.schema).toEqual({
    $ref: '#/components/schemas/System',
  })
  expect(operationOf('GET /api/audit')?.parameters).toContainEqual(
    expect.objectContaining({ name: 'limit', in: 'query' }),
  )
})

test('the calls that a scope opens are there', () => {
  for (const call of Object.values(CALLS_OF_SCOPE).flat()) expect(it.routes).toContain(call)
})

/** The answer of one call, held against what the description says of it. */
async function hold(call: string, url: string, role: 'viewer' | 'operator' | 'admin', payload?: object): Promise<void> {
  const answer = await it.as(role, call.split(' ')[0] as 'GET' | 'POST', url, payload)
  const shape = DESCRIBED.get(call)?.answers?.[answer.statusCode]
  if (!shape) throw new Error(`${call}: ${answer.statusCode} is not described: ${answer.body}`)
  const parsed = (shape as z.ZodType).safeParse(answer.json())
  expect([call, parsed.error?.issues ?? []]).toEqual([call, []])
}

test('is true of real answers', async () => {
  for (const type of ITEM_TYPES) {
    const { catalog } = it
    if (type === 'system') continue
    const draft = { ...catalog.draft(type), name: `a-${type}` }
    const whole = {
      ...draft,
      ...(type === 'distro' && { kernel: '/srv/linux', initrd: '/srv/initrd.gz', kernelOptions: { a: ['1', null] } }),
      ...(type === 'profile' && { distro: 'a-distro' }),
      ...(type === 'repo' && { mirror: 'http://192.168.1.2/debian' }),
    }
    await catalog.save(type, whole)
    await hold(`GET /api/${PLURALS[type]}`, `/api/${PLURALS[type]}`, 'viewer')
  }
  const made = await it.as('operator', 'POST', '/api/systems', {
    name: 'node1',
    profile: 'debian-13',
    interfaces: { eth0: { macAddress: '52:54:00:00:00:01', ipAddress: '10.0.0.1' } },
    power: { type: 'test', address: '10.0.0.9', pass: 'secret' },
    mgmtClasses: ['foo-available'],
  })
  expect(made.statusCode).toBe(201)
  const calls = [
    'GET /api/systems',
    'GET /api/systems/:name',
    'GET /api/systems/:name/power',
    'GET /api/power',
    'GET /api/standings',
    'GET /api/systems/:name/standing',
    'GET /api/systems/:name/log',
    'GET /api/systems/:name/variables',
    'GET /api/events.json',
    'GET /api/names',
    'GET /api/check',
    'GET /api/leases',
    'GET /api/status',
  ]
  for (const call of calls) await hold(call, call.slice(4).replace(':name', 'node1'), 'viewer')
  await hold('POST /api/systems/:name/power/test', '/api/systems/node1/power/test', 'operator')
  await hold('POST /api/power', '/api/power', 'operator', { action: 'on', systems: ['node1', 'nobody'] })
  await hold('POST /api/acquire', '/api/acquire', 'operator', {})
  await hold('POST /api/systems/:name/release', '/api/systems/node1/release', 'operator', {})
  await hold('POST /api/import', '/api/import', 'admin', { path: '/srv/debian', name: 'x' })
  const refused = await it.as('viewer', 'POST', '/api/systems', {})
  expect(shapes.problem.safeParse(refused.json()).success).toBe(true)
})
