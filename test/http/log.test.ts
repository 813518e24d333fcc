/** A machine's log over HTTP: pages, text, JSON lines, and live. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listen, type TestApp, testApp } from './test-app.ts'

let it: TestApp
let uid: string
beforeEach(async () => {
  it = await testApp()
  const system = await it.catalog.save('system', { ...it.catalog.draft('system'), name: 'node1', profile: 'debian-13' })
  uid = system.uid
})
afterEach(() => it.close())

const PATH = '/api/systems/node1/log'
const say = (message: string, severity = 6) => it.installLog.append(uid, { severity, app: 'main-menu', message })
const get = async (query: string, accept = '*/*') =>
  it.app.inject({
    method: 'GET',
    url: `${PATH}${query}`,
    headers: { authorization: `Bearer ${await it.tokenOf('viewer')}`, accept },
  })

describe('the log', () => {
  test('is JSON unless something else is asked for', async () => {
    say('one')
    say('two', 3)
    const at = it.clock.now()
    const lines = [
      { id: 1, at, severity: 6, app: 'main-menu', message: 'one' },
      { id: 2, at, severity: 3, app: 'main-menu', message: 'two' },
    ]
    for (const accept of ['*/*', 'application/json', 'text/html', 'application/json, text/plain']) {
      const answer = await get('', accept)
      expect(answer.headers['content-type']).toMatch(/^application\/json/)
      expect(answer.json()).toEqual(lines)
    }
    const text = await get('', 'text/plain')
    expect(text.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(text.body).toBe(
      '2023-11-14 22:13:20  info     main-menu: one\n2023-11-14 22:13:20  error    main-menu: two\n',
    )
    const ndjson = await get('', 'application/x-ndjson')
    expect(ndjson.headers['content-type']).toMatch(/^application\/x-ndjson/)
    expect(
      ndjson.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(lines)
  })

  test('comes in pages', async () => {
    for (let i = 1; i <= 20; i++) say(`line ${i}`)
    const page = async (query: string) => (await get(query)).json().map(({ id }: { id: number }) => id)
    expect(await page('?limit=2')).toEqual([19, 20])
    expect(await page('?after=5&limit=2')).toEqual([6, 7])
    expect(await page('?after=20')).toEqual([])
  })

  test.each(['?limit=-1', '?limit=10001', '?after=x', '?follow=perhaps'])('does not know %s', async (query) => {
    expect((await get(query)).statusCode).toBe(400)
  })

  test('of a machine that is not there is not found', async () => {
    const answer = await it.as('viewer', 'GET', '/api/systems/nobody/log')
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ detail: 'there is no system nobody' })
  })

  test('is not for everybody', async () => {
    expect((await it.app.inject(PATH)).statusCode).toBe(401)
  })
})

describe('live', () => {
  async function openStream(query: string, headers: Record<string, string> = {}) {
    const url = await listen(it.app)
    const gone = new AbortController()
    const answer = await fetch(`${url}${PATH}${query}`, {
      headers: { authorization: `Bearer ${await it.tokenOf('viewer')}`, ...headers },
      signal: gone.signal,
    })
    const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const until = async (part: string) => {
      while (!text.includes(part)) {
        const { value, done } = await reader.read()
        if (done) throw new Error(`ended without ${part}: ${text}`)
        text += value
      }
      return text
    }
    const end = async () => {
      while (!(await reader.read()).done);
    }
    return { answer, until, end, leave: () => gone.abort() }
  }
  const numbers = (text: string) => Array.from(text.matchAll(/^id: (\d+)$/gm), ([, id]) => Number(id))

  test('it begins with the last lines and goes on with what is said', async () => {
    for (let i = 1; i <= 10; i++) say(`line ${i}.`)
    const stream = await openStream('?follow=1&limit=3')
    expect(stream.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    await stream.until('line 10.')
    say('line 11.')
    const text = await stream.until('line 11.')
    expect(numbers(text)).toEqual([8, 9, 10, 11])
    expect(text).toContain(`id: 11\ndata: {"id":11,`)
    for (const beat of it.beats) beat()
    await stream.until(': still here')
    stream.leave()
  })

  test('it resumes where the client left off', async () => {
    for (let i = 1; i <= 10; i++) say(`line ${i}.`)
    const stream = await openStream('?follow=1&after=1', { 'last-event-id': '7' })
    expect(numbers(await stream.until('line 10.'))).toEqual([8, 9, 10])
    stream.leave()
  })

  test('it ends with the server', async () => {
    const stream = await openStream('?follow=1')
    await stream.until(': connected')
    const ended = stream.end()
    await it.app.close()
    await ended
  })
})
