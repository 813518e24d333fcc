/** The traces of boots over HTTP and on the command line: lists, one boot, live, and who is told nothing. */
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testCli } from '../cli/run.ts'
import { MAC, SEEN, type SeenName } from '../model/boots.ts'
import { listen, type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
  const interfaces = { eth0: { macAddress: MAC } }
  await it.as('operator', 'POST', '/api/systems', { name: 'node1', profile: 'debian-13', interfaces })
})
afterEach(() => it.close())

const note = (...names: SeenName[]) => {
  for (const name of names) it.traces.note({ mac: MAC }, SEEN[name])
}
const get = (path: string) => it.as('viewer', 'GET', path)

describe('over REST', () => {
  test('a system has its boots, the newest first, each with its verdict; one has all that was seen', async () => {
    const started = it.clock.now()
    note('offer', 'address', 'loader', 'install')
    it.clock.advance(30_000)
    note('offer')
    it.clock.advance(20_000)
    const boots = (await get('/api/systems/node1/boots')).json()
    expect(boots).toMatchObject([
      { id: 2, reached: 'asked', repeats: 1, ended: null, verdict: { verdict: 'no-request', fault: true } },
      { id: 1, reached: 'config', ended: started + 30_000, endedBy: 'machine', verdict: { verdict: 'no-kernel' } },
    ])
    expect(boots[1]).toEqual({
      ...{ id: 1, mac: MAC, uid: expect.any(String), system: 'node1', started, ended: started + 30_000 },
      ...{ endedBy: 'machine', reached: 'config', repeats: 0, dropped: 0, revision: 5, seen: started },
      ...{ firmware: 'uefi-x64', profile: 'debian-13', bytes: 0, progress: 0.4 },
      verdict: {
        ...{ verdict: 'no-kernel', fault: true, says: expect.any(String), missing: 'the kernel' },
        evidence: { n: 4, at: started, kind: 'decision', text: SEEN.install.text },
        next: expect.any(String),
      },
    })
    const whole = (await get('/api/boots/1')).json()
    expect(whole).toEqual({ ...boots[1], entries: expect.any(Array) })
    expect(whole.entries).toMatchObject([
      { n: 1, at: started, kind: 'dhcp', outcome: 'ok', text: SEEN.offer.text, path: 'shimx64.efi' },
      ...[{ n: 2 }, { n: 3 }, { n: 4, sign: 'install' }],
    ])
    const ids = async (query: string) =>
      (await get(`/api/machines/${MAC}/boots${query}`)).json().map(({ id }: { id: number }) => id)
    expect([await ids(''), await ids('?limit=1'), await ids('?before=2')]).toEqual([[2, 1], [2], [1]])
  })

  test('a machine that nobody knows has them by its MAC address, however that is written', async () => {
    it.traces.note({ mac: '52:54:00:99:00:01' as typeof MAC }, SEEN.silent)
    for (const mac of ['52:54:00:99:00:01', '52-54-00-99-00-01', '525400990001']) {
      expect((await get(`/api/machines/${mac}/boots`)).json()).toMatchObject([
        { system: null, uid: null, verdict: { verdict: 'not-answered', evidence: { n: 1 } } },
      ])
    }
    expect((await get('/api/machines/52:54:00:99:00:02/boots')).json()).toEqual([])
  })

  test.each([
    ['/api/systems/nobody/boots', 404, 'item.missing'],
    ['/api/systems/nobody/boots?follow=1', 404, 'item.missing'],
    ['/api/machines/nobody/boots', 422, 'item.invalid'],
    ['/api/boots/7', 404, 'item.missing'],
    ['/api/boots/x', 400, 'request.invalid'],
    ['/api/systems/node1/boots?limit=0', 400, 'request.invalid'],
    ['/api/systems/node1/boots?limit=101', 400, 'request.invalid'],
  ])('%s is answered with %i', async (path, status, code) => {
    const answer = await get(path)
    expect([answer.statusCode, answer.json().code]).toEqual([status, code])
  })
})

interface Frame {
  readonly id: number
  readonly name: string
  readonly boot: number
  readonly entry?: { readonly text: string }
  readonly verdict?: { readonly verdict: string }
}

describe('live', () => {
  async function follow(headers: Record<string, string> = {}) {
    const url = await listening()
    const gone = new AbortController()
    const answer = await fetch(`${url}/api/systems/node1/boots?follow=1`, {
      headers: { authorization: `Bearer ${await it.tokenOf('viewer')}`, ...headers },
      signal: gone.signal,
    })
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    let text = ''
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    const frames = () =>
      [...text.matchAll(/^id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/gm)].map(([, id, name, data]) => {
        const frame = JSON.parse(data ?? '') as Frame
        expect([String(frame.id), frame.name]).toEqual([id, name])
        return frame
      })
    /** What was sent, when so many frames are there. */
    const read = async (count: number): Promise<Frame[]> => {
      while (frames().length < count) {
        const { value, done } = (await reader?.read()) ?? { done: true }
        if (done) throw new Error(`the stream ended after:\n${text}`)
        text += value
      }
      return frames()
    }
    const close = () => gone.abort()
    return { read, close }
  }
  let url: string | undefined
  beforeEach(() => {
    url = undefined
  })
  const listening = async () => (url ??= await listen(it.app))
  const told = (frames: readonly Frame[]) => frames.map(({ entry, verdict }) => entry?.text ?? verdict?.verdict)

  test('there is what was seen and what is seen, and the verdict when it changes, also because nothing comes', async () => {
    note('offer')
    const { read, close } = await follow()
    expect(told(await read(2))).toEqual([SEEN.offer.text, 'under-way'])
    note('address')
    await it.traces.flushed()
    expect(told(await read(3)).slice(2)).toEqual([SEEN.address.text])
    it.clock.advance(20_000)
    for (const beat of it.beats) beat()
    expect(told(await read(4)).slice(3)).toEqual(['loader-not-asked'])
    note('loader')
    await it.traces.flushed()
    const all = await read(6)
    expect(told(all).slice(4)).toEqual([SEEN.loader.text, 'under-way'])
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((one, other) => one - other))
    close()
  })

  test('who comes back with the last id is told what came since', async () => {
    note('offer', 'address')
    const first = await follow()
    const seen = (await first.read(3)).at(-1)
    first.close()
    note('loader')
    const second = await follow({ 'last-event-id': `${seen?.id}` })
    expect(told(await second.read(1))[0]).toBe(SEEN.loader.text)
    second.close()
  })

  test('of another machine nothing is told, and nothing is left when the client goes', async () => {
    const { read, close } = await follow()
    it.traces.note({ mac: '52:54:00:99:00:01' as typeof MAC }, SEEN.silent)
    note('offer')
    await it.traces.flushed()
    expect(told(await read(1))[0]).toBe(SEEN.offer.text)
    close()
    while (it.beats.size > 0) await turn()
  })
})

describe('on the command line', () => {
  test('a boot is a line for each thing seen, with the time between, and the verdict', async () => {
    const { orchestra } = await testCli(it)
    expect(await orchestra('trace node1')).toEqual({
      ...{ code: 1, out: '', err: 'orchestra: nothing was seen of node1 yet\n' },
    })
    note('offer', 'address')
    it.clock.advance(1500)
    note('part', 'missing')
    expect(await orchestra('trace node1')).toEqual({
      code: 0,
      err: '',
      out: [
        `boot 1 of node1 (${MAC}), 2023-11-14 22:13:20`,
        `    0.00             dhcp      ${SEEN.offer.text}`,
        `    0.00    +0.00    dhcp      ${SEEN.address.text}`,
        `    1.50    +1.50  ! tftp      shimx64.efi was sent in part (4096 bytes, 30.00 s)`,
        `    1.50    +0.00  ! tftp      shimx64.efi was asked for, and not served; ${SEEN.missing.because}`,
        `verdict: node1 asked for /shimx64.efi, which is not here: ${SEEN.missing.because}`,
        '  missing: the loader',
        '  evidence: 2023-11-14 22:13:21 shimx64.efi was asked for, and not served',
        '  next: apt-get install shim-signed, and start it again',
        '',
      ].join('\n'),
    })
  })

  test('earlier boots are listed and told by their number, and all is there as JSON', async () => {
    const { orchestra } = await testCli(it)
    note('offer', 'address', 'loader', 'install', 'offer')
    const { out } = await orchestra('trace 52-54-00-77-00-01 --list')
    expect(out).toMatch(/^2 {2}2023-11-14 22:13:20 {2}under-way: .*\n1 {2}2023-11-14 22:13:20 {2}no-kernel: .*\n$/)
    expect((await orchestra('trace node1 --boot 1')).out).toMatch(/^boot 1 of node1/)
    expect(JSON.parse((await orchestra('trace node1 --boot 1 --json')).out)).toMatchObject({
      id: 1,
      entries: [{}, {}, {}, {}],
    })
    expect(JSON.parse((await orchestra('trace node1 --list --json')).out)).toMatchObject([{ id: 2 }, { id: 1 }])
    expect(await orchestra('trace node1 --boot 9')).toMatchObject({
      code: 1,
      err: 'orchestra: there is no boot 9 of node1; orchestra trace node1 --list shows which there are\n',
    })
    for (const line of ['trace nobody', 'trace nobody -f', 'trace node1 --boot x']) {
      expect(await orchestra(line)).toMatchObject({ code: 1, out: '' })
    }
  })
})
