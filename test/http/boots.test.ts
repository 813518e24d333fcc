/** The boots of all machines over HTTP: pages, those that are live, the stream of them, and unknown machines that become systems. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Mac } from '../../src/model/address.ts'
import { testCli } from '../cli/run.ts'
import { MAC, SEEN, type SeenName } from '../model/boots.ts'
import { listen, type TestApp, testApp } from './test-app.ts'

const STRANGER = '00:1b:21:00:00:01' as Mac

let it: TestApp
beforeEach(async () => {
  it = await testApp()
  await it.as('operator', 'POST', '/api/systems', {
    name: 'node1',
    profile: 'debian-13',
    interfaces: { eth0: { macAddress: MAC } },
  })
})
afterEach(() => it.close())

const note = (mac: Mac, ...names: SeenName[]) => {
  for (const name of names) it.traces.note({ mac }, SEEN[name])
}
const get = (path: string) => it.as('viewer', 'GET', path)
const macOf = (number: number) => `52:54:00:88:${`${number}`.padStart(4, '0').replace(/(..)(..)/, '$1:$2')}` as Mac

describe('the boots of all machines', () => {
  test('come in pages, the newest first', async () => {
    for (let number = 1; number <= 5; number++) note(macOf(number), 'offer')
    const first = await get('/api/boots?limit=2')
    expect(first.json()).toMatchObject([{ id: 5, mac: macOf(5) }, { id: 4 }])
    expect(first.headers['link']).toBe('</api/boots?limit=2&cursor=4>; rel="next"')
    const last = await get('/api/boots?limit=2&cursor=2')
    expect(last.json()).toMatchObject([{ id: 1 }])
    expect(last.headers['link']).toBeUndefined()
    expect((await get('/api/boots?limit=0')).json()).toMatchObject({ status: 400, field: 'limit' })
  })

  test('are live until they rest on their disk, are off, or only wanted an address', async () => {
    note(MAC, 'offer', 'address', 'loader', 'install')
    note(macOf(1), 'plainDiscover', 'plainAddress')
    note(macOf(2), 'offer', 'address', 'loader', 'disk')
    note(macOf(3), 'silent')
    expect((await get('/api/boots?live=true')).json()).toMatchObject([
      { mac: macOf(3), system: null, progress: 0.1, firmware: null, profile: null },
      { mac: MAC, system: 'node1', progress: 0.4, firmware: 'uefi-x64', profile: 'debian-13', reached: 'config' },
    ])
    it.traces.note({ mac: MAC }, { kind: 'power', outcome: 'ok', text: 'it is off', sign: 'power-off' })
    expect((await get('/api/boots?live=true')).json()).toMatchObject([{ mac: macOf(3) }])
    expect((await get(`/api/machines/${macOf(2)}/boots`)).json()).toMatchObject([{ reached: 'disk', progress: 1 }])
    expect((await get(`/api/machines/${macOf(1)}/boots`)).json()).toMatchObject([{ progress: null }])
  })

  test('a renamed machine has its new name in all of them', async () => {
    note(MAC, 'offer')
    await it.as('operator', 'PATCH', '/api/systems/node1', { name: 'node2' })
    expect((await get('/api/boots')).json()).toMatchObject([{ system: 'node2' }])
  })
})

describe('the stream of boots', () => {
  async function follow() {
    const url = await listen(it.app)
    const stopping = new AbortController()
    const headers = { authorization: `Bearer ${await it.tokenOf('viewer')}` }
    const answer = await fetch(`${url}/api/boots/stream`, { headers, signal: stopping.signal })
    const told: { id: number; verdict: { verdict: string }; reached: string }[] = []
    let open = false
    const read = async () => {
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) {
        open = true
        for (const line of decoder.decode(chunk).split('\n'))
          if (line.startsWith('data: ')) told.push(JSON.parse(line.slice(6)))
      }
    }
    const ended = read().catch(() => {})
    await expect.poll(() => open).toBe(true)
    const stop = async () => {
      stopping.abort()
      await ended
    }
    return { told, type: answer.headers.get('content-type'), stop }
  }
  const beat = () => {
    for (const tick of it.beats) tick()
  }

  test('begins with those that are live, and tells of each that grows, once in a while', async () => {
    note(MAC, 'offer')
    note(macOf(1), 'offer', 'address', 'loader', 'disk')
    await it.traces.flushed()
    const { told, type, stop } = await follow()
    expect(type).toBe('text/event-stream; charset=utf-8')
    await expect.poll(() => told).toMatchObject([{ id: 1, reached: 'asked' }])
    note(MAC, 'address')
    await it.traces.flushed()
    note(MAC, 'loader')
    await it.traces.flushed()
    beat()
    await expect
      .poll(() => told)
      .toMatchObject([{ id: 1 }, { id: 1, reached: 'loader', verdict: { verdict: 'under-way' } }])
    // Nothing comes: after a minute that is news.
    beat()
    it.clock.advance(70_000)
    beat()
    beat()
    await expect.poll(() => told.slice(2)).toMatchObject([{ id: 1, verdict: { verdict: 'no-config' } }])
    await stop()
    await expect.poll(() => it.beats.size).toBe(0)
  })
})

describe('an unknown machine', () => {
  const path = `/api/unknown-machines/${STRANGER}/enroll`

  test('is listed with its maker, what it asked and what became of that; a system is not', async () => {
    note(MAC, 'offer')
    const first = it.clock.now()
    note(STRANGER, 'silent')
    it.clock.advance(120_000)
    note(STRANGER, 'silent')
    const [one, ...others] = (await get('/api/unknown-machines')).json()
    expect(others).toEqual([])
    expect(one).toEqual({
      ...{ mac: STRANGER, ip: null, vendor: 'Intel Corporate', first, last: first + 120_000, times: 2 },
      ...{ asked: 'DISCOVER', bootId: 3, verdict: 'not-answered' },
    })
  })

  test('becomes a system that has its boots so far', async () => {
    note(STRANGER, 'silent')
    it.clock.advance(120_000)
    note(STRANGER, 'silent')
    const made = await it.as('operator', 'POST', path, { mgmtClasses: ['new'] })
    expect(made.statusCode).toBe(201)
    expect(made.headers['location']).toBe('/api/systems/node-001b21000001')
    expect(made.json()).toMatchObject({
      ...{ name: 'node-001b21000001', profile: 'debian-13', netbootEnabled: false, mgmtClasses: ['new'] },
      interfaces: { eth0: { macAddress: STRANGER } },
    })
    const { uid } = made.json()
    expect((await get('/api/boots')).json()).toMatchObject([
      { id: 2, uid, system: 'node-001b21000001' },
      { id: 1, uid, system: 'node-001b21000001' },
    ])
    expect((await get('/api/unknown-machines')).json()).toEqual([])
    note(STRANGER, 'offer')
    expect((await get('/api/systems/node-001b21000001/boots')).json()).toHaveLength(2)
    expect((await it.as('operator', 'POST', path)).json()).toMatchObject({ status: 409, field: 'mac' })
  })

  test('is not enrolled when nothing was seen of it, or nobody can know its profile', async () => {
    const refused = await it.as('operator', 'POST', path)
    expect(refused.json()).toMatchObject({ status: 404, detail: expect.stringContaining('orchestra system add') })
    note(STRANGER, 'silent')
    await it.as('operator', 'POST', '/api/profiles', { name: 'other', distro: 'debian-13' })
    expect((await it.as('operator', 'POST', path)).json()).toMatchObject({
      ...{ status: 422, field: 'profile', detail: expect.stringContaining('debian-13, other') },
    })
    expect((await it.as('operator', 'POST', path, { profile: 'none' })).json()).toMatchObject({
      status: 422,
      field: 'profile',
    })
  })

  test('is enrolled by the command line', async () => {
    const { orchestra } = await testCli(it)
    note(STRANGER, 'silent')
    const line = 'system enroll 00-1B-21-00-00-01 --name=web --mgmt-classes=a,b --netboot'
    expect(await orchestra(line)).toEqual({ code: 0, out: '00-1B-21-00-00-01 is web now\n', err: '' })
    expect((await get('/api/systems/web')).json()).toMatchObject({ netbootEnabled: true, mgmtClasses: ['a', 'b'] })
  })
})
