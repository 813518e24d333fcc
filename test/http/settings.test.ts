/** The settings over HTTP: shown with their origin, checked, written, and served anew. */
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
let file: string
beforeEach(async () => {
  it = await testApp()
  file = it.env['ORCHESTRA_CONFIG'] ?? ''
})
afterEach(() => it.close())

interface Row {
  readonly path: string
  readonly value: unknown
  readonly origin: string
  readonly locked: string | null
}
const shown = async () => (await it.as('admin', 'GET', '/api/settings')).json()
const row = async (path: string) => ((await shown()).values as Row[]).find((one) => one.path === path)
const change = (changes: object) => it.as('admin', 'PATCH', '/api/settings', { changes })

describe('each setting is shown', () => {
  test('with value, origin, default and meaning', async () => {
    writeFileSync(file, 'http: {listen: ":8080"}\ndhcp: {subnets: [{subnet: 10.77.0.0/24}]}\n')
    it.env['ORCHESTRA_LOG__LEVEL'] = 'debug'
    expect(await row('http.listen')).toMatchObject({ value: ':8080', origin: 'file', kind: 'text', locked: null })
    expect(await row('log.level')).toMatchObject({
      ...{ value: 'debug', origin: 'environment', default: 'info', kind: 'choice' },
      choices: ['debug', 'info', 'warn', 'error'],
      locked: expect.stringContaining('ORCHESTRA_LOG__LEVEL'),
    })
    expect(await row('trace.patience')).toMatchObject({ value: 1, origin: 'default', kind: 'number' })
    expect(await row('http.url')).toMatchObject({ value: null, default: null, origin: 'default' })
    const subnets = await row('dhcp.subnets')
    expect(subnets).toMatchObject({ value: [{ subnet: '10.77.0.0/24' }], origin: 'file', kind: 'table' })
    expect(subnets).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ name: 'lease_seconds' })]),
    })
    expect(await shown()).toMatchObject({
      file,
      place: file,
      writable: true,
      pending: true,
      faults: [],
      restarted: null,
    })
  })

  test('but no secret of it, wherever it is set', async () => {
    writeFileSync(file, 'webhooks: [{url: "https://a.example/", secret: "sixteen letters!"}]\n')
    it.env['ORCHESTRA_ADMIN__PASSWORD'] = 'very secret'
    const { body } = await it.as('admin', 'GET', '/api/settings')
    expect(body).not.toContain('sixteen letters!')
    expect(body).not.toContain('very secret')
    expect(await row('webhooks')).toMatchObject({ value: [{ url: 'https://a.example/', secret: '********' }] })
    expect(await row('admin.password')).toMatchObject({ value: '********', origin: 'environment' })
  })

  test('with the faults of a file that somebody broke', async () => {
    writeFileSync(file, 'http: {listen: nowhere}\n')
    expect(await shown()).toMatchObject({ faults: [{ path: 'http.listen' }], pending: false })
  })
})

describe('a change', () => {
  test('is written, comments stay, and only then it is another file', async () => {
    writeFileSync(file, '# ours\nlog: { level: warn } # quiet\n')
    chmodSync(file, 0o640)
    const before = (await it.as('admin', 'GET', '/api/settings')).headers['etag']
    const answer = await change({ 'log.level': 'info', 'dhcp.subnets': [{ subnet: '10.77.0.0/24' }] })
    expect([answer.statusCode, answer.json()]).toEqual([200, { restart: true, file }])
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^# ours\nlog: \{ level: info \} # quiet\n/)
    expect(parse(text).dhcp).toEqual({ subnets: [{ subnet: '10.77.0.0/24' }] })
    expect(statSync(file).mode & 0o777).toBe(0o640)
    const stale = await it.app.inject({
      ...{ method: 'PATCH', url: '/api/settings', payload: { changes: { 'log.level': null } } },
      headers: { authorization: `Bearer ${await it.tokenOf('admin')}`, 'if-match': String(before) },
    })
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'item.stale'])
    expect((await change({ 'log.level': null })).statusCode).toBe(200)
    expect(readFileSync(file, 'utf8')).toMatch(/^# ours\nlog: \{\} # quiet\n/)
  })

  test('that is not good is refused with every fault and its path, and nothing is written', async () => {
    const broken = {
      'http.listen': 'nowhere',
      'dhcp.subnets': [{ subnet: '10.77.0.0/24', pool: '10.78.0.9-10.78.0.5', colour: 'blue' }],
      'trace.patience': 'much',
    }
    const paths = ['http.listen', 'dhcp.subnets.0.pool', 'dhcp.subnets.0.colour', 'trace.patience']
    const checked = await it.as('admin', 'POST', '/api/settings/check', { changes: broken })
    expect(checked.statusCode).toBe(200)
    expect(
      checked
        .json()
        .faults.map(({ path }: { path: string }) => path)
        .sort(),
    ).toEqual([...paths].sort())
    const refused = await change(broken)
    expect([refused.statusCode, refused.json().code]).toEqual([422, 'item.invalid'])
    for (const path of paths) expect(refused.json().detail).toContain(`${path}: `)
    expect(paths).toContain(refused.json().field)
    expect(readFileSync(file, 'utf8')).toBe('')
    const good = await it.as('admin', 'POST', '/api/settings/check', { changes: { 'http.listen': ':80' } })
    expect(good.json()).toEqual({ faults: [] })
  })

  test.each([
    ['http.listen', ':80', /ORCHESTRA_HTTP__LISTEN/],
    ['dhcp.subnets', [], /ORCHESTRA_DHCP__SUBNETS__0__POOL/],
    ['dhcp', { subnets: [] }, /group.*dhcp\.enabled/],
    ['dhcp.subnet', [], /no such setting/],
    ['__proto__.a', 1, /no such setting/],
    ['power.drivers', [{ type: 'rack', program: '/bin/sh' }], /file or the environment alone/],
    ['power.drivers.0.program', '/bin/sh', /file or the environment alone/],
    ['data', '/etc', /environment/],
    ['webhooks', [{ url: 'https://new.example/', secret: '********' }], /secret is not known/],
    ['webhooks.0.secret', 'another secret of ours', /as a whole/],
  ])('of %s to %j is refused by name', async (path, value, because) => {
    it.env['ORCHESTRA_HTTP__LISTEN'] = '127.0.0.1:0'
    if (path === 'dhcp.subnets') {
      it.env['ORCHESTRA_DHCP__SUBNETS__0__POOL'] = '10.77.0.9-10.77.0.10'
      writeFileSync(file, 'dhcp: {subnets: [{subnet: 10.77.0.0/24}]}\n')
    }
    const text = readFileSync(file, 'utf8')
    const refused = await change(JSON.parse(`{"${path}": ${JSON.stringify(value)}}`))
    expect([refused.statusCode, refused.json().field]).toEqual([422, expect.stringContaining(path.split('.')[0] ?? '')])
    expect(refused.json().detail).toMatch(because)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  test('sends back what was masked, and the secret stays what it is', async () => {
    writeFileSync(file, 'webhooks: [{url: "https://a.example/", secret: "sixteen letters!"}]\nadmin: {password: old}\n')
    const hooks = [
      { url: 'https://b.example/', secret: 'another sixteen!' },
      { url: 'https://a.example/', secret: '********', events: ['power.*'] },
    ]
    expect((await change({ webhooks: hooks, 'admin.password': '********', 'log.level': 'info' })).statusCode).toBe(200)
    expect(parse(readFileSync(file, 'utf8'))).toEqual({
      webhooks: [hooks[0], { ...hooks[1], secret: 'sixteen letters!' }],
      ...{ admin: { password: 'old' }, log: { level: 'info' } },
    })
  })

  test('is for people: a token that was given to a program does not do it, and the audit names what was changed', async () => {
    const made = await it.as('admin', 'POST', '/api/tokens', { name: 'ci', scopes: ['admin'] })
    for (const [method, url, payload] of [
      ['PATCH', '/api/settings', { changes: { 'log.level': 'info' } }],
      ['POST', '/api/restart', undefined],
    ] as const) {
      const headers = { authorization: `Bearer ${made.json().token}` }
      const refused = await it.app.inject({ method, url, headers, ...(payload && { payload }) })
      expect([refused.statusCode, refused.json().code]).toEqual([403, 'auth.denied'])
    }
    await change({ 'log.level': 'info' })
    const [deed] = (await it.as('admin', 'GET', '/api/audit')).json()
    expect(deed).toMatchObject({ action: 'PATCH /api/settings', fields: ['changes.log.level'] })
  })
})

test('a start anew is answered before it begins, with the address that comes', async () => {
  const answer = await it.as('admin', 'POST', '/api/restart')
  expect([answer.statusCode, answer.json()]).toEqual([
    202,
    { at: it.clock.now(), moves: true, url: 'http://localhost:8081' },
  ])
  await expect.poll(() => it.restart.begun).toBe(1)
  it.restart.last = { at: 5, because: 'the port is taken' }
  expect((await it.as('viewer', 'GET', '/api/setup')).json().restarted).toEqual(it.restart.last)
  expect((await shown()).restarted).toEqual(it.restart.last)
})
