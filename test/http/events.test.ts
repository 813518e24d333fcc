/** The event stream: resumed, filtered, kept alive and ended; and the same as pages. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventFrames, mailbox } from '../../src/http/event-stream.ts'
import type { RecordedEvent } from '../../src/model/event.ts'
import { listen, type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
})
afterEach(() => it.close())

const step = (system: string, because: string) =>
  it.journal.record('boot.step', { mac: undefined, system, step: 'address', because })

/** Reads a stream until a text is in it. */
async function openStream(query = '', headers: Record<string, string> = {}) {
  const url = it.app.server.listening ? urlOf(it) : await listen(it.app)
  const gone = new AbortController()
  const answer = await fetch(`${url}/api/events${query}`, {
    headers: { authorization: `Bearer ${await it.tokenOf('viewer')}`, ...headers },
    signal: gone.signal,
  })
  const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    answer,
    leave: () => gone.abort(),
    async until(part: string) {
      while (!text.includes(part)) {
        const { value, done } = await reader.read()
        if (done) throw new Error(`ended without ${part}: ${text}`)
        text += value
      }
      return text
    },
    async end() {
      while (!(await reader.read()).done);
      return text
    },
  }
}

function urlOf({ app }: TestApp): string {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return `http://127.0.0.1:${address.port}`
}

describe('the stream', () => {
  test('begins at once and sends what happens, as events with a number', async () => {
    const stream = await openStream()
    expect(stream.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    await stream.until(': connected\n\n')
    step('node01', 'got 10.0.0.1')
    const id = it.journal.lastId()
    const payload = { system: 'node01', step: 'address', because: 'got 10.0.0.1' }
    const event = JSON.stringify({ id, at: it.clock.now(), name: 'boot.step', payload })
    expect(await stream.until('got 10.0.0.1"}}\n\n')).toContain(`\n\nid: ${id}\nevent: boot.step\ndata: ${event}\n\n`)
    stream.leave()
  })

  test('resumes after the last event that the client saw, and loses and repeats nothing', async () => {
    for (let i = 1; i <= 1200; i++) step('node01', `step ${i}.`)
    const first = it.journal.lastId() - 1200
    const stream = await openStream(`?since=${first}`, { 'last-event-id': String(first + 3) })
    for (let i = 1201; i <= 1210; i++) step('node01', `step ${i}.`)
    const text = await stream.until('step 1210.')
    const seen = Array.from(text.matchAll(/step (\d+)\./g), ([, number]) => Number(number))
    expect(seen).toEqual(Array.from({ length: 1207 }, (_, index) => index + 4))
    stream.leave()
  })

  test('of one system tells of that one only', async () => {
    const stream = await openStream('?since=0&system=node01')
    step('node02', 'not this')
    await it.as('operator', 'POST', '/api/systems', { name: 'node01', profile: 'debian-13' })
    await it.as('operator', 'POST', '/api/mgmtclasses', { name: 'node01' })
    step('node01', 'the last')
    const text = await stream.until('the last')
    const events = Array.from(text.matchAll(/^data: (.*)$/gm), ([, data]) => JSON.parse(data ?? ''))
    expect(events).toMatchObject([
      { name: 'item.changed', payload: { type: 'system', name: 'node01' } },
      { name: 'boot.step', payload: { system: 'node01' } },
    ])
    stream.leave()
  })

  test('shows that it lives when nothing happens, and stops that when the client has left', async () => {
    const stream = await openStream()
    await stream.until(': connected')
    expect(it.beats.size).toBe(1)
    for (const beat of it.beats) beat()
    await stream.until(': still here\n\n')
    stream.leave()
    await expect.poll(() => it.beats.size).toBe(0)
  })

  test('ends cleanly when the daemon ends', async () => {
    const stream = await openStream()
    await stream.until(': connected')
    const [text] = await Promise.all([stream.end(), it.app.close()])
    expect(text).toMatch(/\n\n$/)
  })

  test('refuses a number that is none', async () => {
    expect((await it.as('viewer', 'GET', '/api/events?since=-1')).json()).toMatchObject({ status: 400, field: 'since' })
  })
})

describe('what waits for a client', () => {
  const event = (id: number): RecordedEvent => ({
    id,
    at: 0,
    name: 'item.removed',
    payload: { type: 'system', name: 'a', uid: 'b' },
  })

  test('is bounded: one that never reads is let go', async () => {
    const box = mailbox(3)
    for (let id = 1; id <= 4; id++) box.put(event(id))
    expect(await box.take()).toBeUndefined()
  })

  test('that is in the history already is not sent again', async () => {
    const box = mailbox()
    for (const id of [1, 2, 3]) box.put(event(id))
    const frames = eventFrames([event(1), event(2)], box, () => true)
    const seen: string[] = []
    for (let i = 0; i < 4; i++) seen.push(String((await frames.next()).value).split('\n')[0] ?? '')
    expect(seen).toEqual([': connected', 'id: 1', 'id: 2', 'id: 3'])
  })
})

test('pages hold what is asked for, oldest first', async () => {
  const before = it.journal.lastId()
  for (let i = 1; i <= 700; i++) step(i % 7 === 0 ? 'node07' : 'node01', `step ${i}`)
  const page = await it.as('viewer', 'GET', `/api/events.json?since=${before}&limit=3`)
  expect(page.json().map(({ id }: RecordedEvent) => id - before)).toEqual([1, 2, 3])
  const filtered = await it.as('viewer', 'GET', `/api/events.json?since=${before}&limit=1000&system=node07`)
  expect(filtered.json()).toHaveLength(100)
  expect((await it.as('viewer', 'GET', '/api/events.json?limit=5000')).statusCode).toBe(400)
})

describe('an HTTP/1.0 client', () => {
  async function raw(request: string): Promise<string> {
    await listen(it.app)
    const socket = connect(Number(new URL(urlOf(it)).port), '127.0.0.1')
    socket.setEncoding('utf8').end(request.replaceAll('\n', '\r\n'))
    let answer = ''
    socket.on('data', (part) => (answer += part))
    await once(socket, 'close')
    return answer
  }

  test('without Host and keep-alive is answered, and the connection closed', async () => {
    const answer = await raw('GET /healthz HTTP/1.0\n\n')
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(answer).toMatch(/\r\nConnection: close\r\n/i)
    expect(answer).toContain('{"status":"ok"}')
  })

  test('that sends a body without saying of which kind does no harm', async () => {
    expect(await raw('PUT /nowhere HTTP/1.0\nContent-Length: 3\n\nabc')).toMatch(/^HTTP\/1\.1 404 /)
    expect((await it.app.inject('/healthz')).statusCode).toBe(200)
  })

  test('that sends nonsense does none either', async () => {
    expect(await raw('NONSENSE\n\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect((await it.app.inject('/healthz')).statusCode).toBe(200)
  })
})
