/** The traces of boots as a service: whose boot an entry belongs to, what is kept over restarts, and that all has bounds. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Mac } from '../../src/model/address.ts'
import type { Packet } from '../../src/model/packet.ts'
import { emptyInterface } from '../../src/model/system.ts'
import type { BootAttempt, Sighted } from '../../src/model/trace.ts'
import { waitsOf } from '../../src/model/verdict-waits.ts'
import { openTraces, type Traces, type TracesOptions } from '../../src/services/trace.ts'
import { MAC, SEEN } from '../model/boots.ts'
import { addProfile, silentLog, type TestStore, testStore } from '../support/store.ts'

const OTHER = '52:54:00:77:00:02' as Mac
const ip = '10.77.0.100'

let store: TestStore
let traces: Traces
beforeEach(async () => {
  store = await testStore()
  await addProfile(store.catalog)
  traces = await open()
})
afterEach(async () => {
  await traces.flushed()
  await store.close()
})

function open(bounds: TracesOptions['bounds'] = {}, log: TracesOptions['log'] = silentLog): Promise<Traces> {
  const { db, clock, catalog } = store
  return openTraces({
    ...{ db, clock, log, bounds, waits: waitsOf(1), systemByMac: catalog.systemByMac },
    systemByName: (name) => catalog.get('system', name),
    systemByUid: (uid) => catalog.byUid('system', uid),
    macAt: (peer) => (peer === ip ? MAC : undefined),
  })
}

async function addSystem(name = 'node1', ...macs: Mac[]) {
  const interfaces = Object.fromEntries(macs.map((macAddress, i) => [`eth${i}`, { ...emptyInterface(), macAddress }]))
  return await store.catalog.save('system', {
    ...store.catalog.draft('system'),
    name,
    profile: 'debian-13',
    interfaces,
  })
}

const texts = (boot: BootAttempt | undefined) => boot?.entries.map(({ text }) => text)
const macOf = (index: number) =>
  `52:54:00:${[index >> 16, index >> 8, index].map((part) => (part & 255).toString(16).padStart(2, '0')).join(':')}` as Mac

describe('an entry goes to the boot of its machine', () => {
  test('by whichever of its names it is noted', async () => {
    const system = await addSystem('node1', MAC, OTHER)
    traces.note({ mac: OTHER }, SEEN.offer)
    traces.note({ mac: MAC }, SEEN.address)
    traces.note({ peer: ip }, SEEN.size)
    traces.note({ system: 'node1' }, SEEN.preseed)
    traces.note({ uid: system.uid }, SEEN.line)
    const all = await traces.of(system, { limit: 10 })
    expect(all).toMatchObject([{ id: 1, mac: OTHER, uid: system.uid, system: 'node1' }])
    expect(texts(all[0])).toEqual(
      [SEEN.offer, SEEN.address, SEEN.size, SEEN.preseed, SEEN.line].map(({ text }) => text),
    )
    expect(await traces.of(OTHER, { limit: 10 })).toEqual(all)
  })

  test('and to none when nobody is known there', async () => {
    traces.note({ peer: '10.77.0.7' }, SEEN.size)
    traces.note({ system: 'nobody' }, SEEN.preseed)
    traces.note({ uid: 'nobody' }, SEEN.ready)
    await traces.flushed()
    expect(await traces.get(1)).toBeUndefined()
  })

  test('also when a machine that nobody knew becomes a system meanwhile', async () => {
    traces.note({ mac: MAC }, SEEN.offer)
    const system = await addSystem('node1', MAC)
    traces.note({ mac: MAC }, SEEN.address)
    expect(await traces.of(system, { limit: 10 })).toMatchObject([{ uid: system.uid, entries: [{ n: 1 }, { n: 2 }] }])
  })
})

test('boots of a machine that nobody knew are its own when it is claimed, also those of before a restart', async () => {
  traces.note({ mac: MAC }, SEEN.silent)
  store.clock.advance(120_000)
  traces.note({ mac: MAC }, SEEN.silent)
  traces.note({ mac: OTHER }, SEEN.silent)
  await traces.flushed()
  traces = await open()
  const system = await addSystem('node1', MAC)
  await Promise.all([traces.claim(system), traces.claim(system)])
  expect(await traces.all({ limit: 10 })).toMatchObject([
    { id: 3, uid: undefined },
    { id: 2, uid: system.uid, system: 'node1' },
    { id: 1, uid: system.uid, system: 'node1' },
  ])
  traces.note({ mac: MAC }, SEEN.offer)
  expect((await traces.of(system, { limit: 10 })).map(({ id }) => id)).toEqual([2, 1])
  expect((await traces.all({ limit: 1, before: 3 })).map(({ id }) => id)).toEqual([2])
})

describe('packets', () => {
  const place = { client: { ip: undefined, port: 68 }, server: { ip: undefined, port: 67 } }
  const packet = (at: number, bytes = 100): Packet => ({
    ...{ protocol: 'dhcp', at, way: 'in', bytes: new Uint8Array(bytes), ...place },
  })
  const kept = async () => (await store.db.selectFrom('boot_packets').selectAll().execute()).map(({ boot }) => boot)

  test('belong to the boot that is under way, are written with it, and go with it', async () => {
    traces = await open({ perMachine: 1 })
    traces.keep({ mac: MAC }, [packet(1)])
    traces.note({ mac: MAC }, SEEN.plainDiscover)
    traces.keep({ mac: MAC }, [packet(1)])
    await traces.flushed()
    // Whoever only wants an address is not listened to.
    expect(await kept()).toEqual([])
    traces.note({ mac: OTHER }, SEEN.offer)
    traces.keep({ mac: OTHER }, [packet(1), packet(2)])
    await traces.flushed()
    expect(await kept()).toEqual([2])
    expect(await traces.capture(2)).toBeInstanceOf(Buffer)
    expect(await traces.capture(99)).toBeUndefined()
    store.clock.advance(120_000)
    traces.note({ mac: OTHER }, SEEN.offer)
    await traces.flushed()
    expect(await kept()).toEqual([])
  })

  test('have a bound for each boot, which a restart does not lift, and one for all: the oldest go', async () => {
    traces = await open({ packetsOfBoot: 1000, packetsKept: 1500 })
    traces.note({ mac: MAC }, SEEN.offer)
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < 10; at++) traces.keep({ mac: MAC }, [packet(at)])
      await traces.flushed()
      const [row, ...more] = await store.db.selectFrom('boot_packets').selectAll().execute()
      expect(more).toEqual([])
      expect(row?.bytes).toBeLessThanOrEqual(1000)
      expect(row?.dropped).toBe([5, 15][round])
      traces = await open({ packetsOfBoot: 1000, packetsKept: 1500 })
    }
    traces.note({ mac: OTHER }, SEEN.offer)
    for (let at = 0; at < 4; at++) traces.keep({ mac: OTHER }, [packet(at)])
    await traces.flushed()
    expect(await kept()).toEqual([2])
  })

  test('are none when none are wanted', async () => {
    traces = await open({ packetsOfBoot: 0 })
    traces.note({ mac: MAC }, SEEN.offer)
    traces.keep({ mac: MAC }, [packet(1)])
    await traces.flushed()
    expect(await kept()).toEqual([])
  })
})

describe('what was seen', () => {
  test('is there after a restart, and goes on', async () => {
    for (const name of ['offer', 'address', 'loader'] as const) traces.note({ mac: MAC }, SEEN[name])
    await traces.flushed()
    const before = await traces.get(1)
    traces = await open()
    expect(await traces.get(1)).toEqual(before)
    traces.note({ mac: MAC }, SEEN.install)
    store.clock.advance(1000)
    traces.note({ mac: MAC }, SEEN.offer)
    expect(await traces.of(MAC, { limit: 10 })).toMatchObject([
      { id: 2, reached: 'asked', repeats: 1, ended: undefined },
      { id: 1, reached: 'config', ended: store.clock.now(), endedBy: 'machine' },
    ])
    expect(await traces.of(MAC, { limit: 10, before: 2 })).toMatchObject([{ id: 1 }])
  })

  test('is one line of a bounded length that steers no terminal', async () => {
    const path = `/${'x'.repeat(1000)}`
    traces.note(
      { mac: MAC },
      { ...SEEN.offer, text: `a\n\u001b[2Jb\u2028c ${'y'.repeat(1000)}`, because: 'z'.repeat(1000), path },
    )
    const [entry] = (await traces.of(MAC, { limit: 1 }))[0]?.entries ?? []
    expect(entry?.text).toMatch(/^a \[2Jb c y+…$/)
    expect([entry?.text.length, entry?.because?.length, entry?.path?.length]).toEqual([300, 500, 200])
  })

  test('is told to followers when it is on disk', async () => {
    const told: number[] = []
    const stop = traces.follow(({ revision }) => void told.push(revision))
    traces.note({ mac: MAC }, SEEN.offer)
    traces.note({ mac: MAC }, SEEN.address)
    expect(told).toEqual([])
    await traces.flushed()
    expect(told).toEqual([2])
    stop()
    traces.note({ mac: MAC }, SEEN.loader)
    await traces.flushed()
    expect(told).toEqual([2])
  })

  test('is lost, and said so, when the disk refuses; what comes later is kept', async () => {
    const errors: unknown[] = []
    traces = await open({}, { error: (...line: unknown[]) => void errors.push(line) })
    traces.note({ mac: MAC }, { ...SEEN.offer, bytes: 1n as unknown as number })
    await traces.flushed()
    expect(errors).toMatchObject([[{ attempts: 1 }, 'traces of boots could not be written']])
    traces.note({ mac: OTHER }, SEEN.offer)
    expect(await traces.of(OTHER, { limit: 1 })).toHaveLength(1)
  })
})

describe('bounds', () => {
  test('of each machine so many boots are kept, the newest', async () => {
    traces = await open({ perMachine: 3 })
    for (let i = 0; i < 10; i++) {
      for (const mac of [MAC, OTHER]) traces.note({ mac }, SEEN.offer)
      store.clock.advance(61_000)
      await traces.flushed()
    }
    expect((await traces.of(MAC, { limit: 100 })).map(({ id }) => id)).toEqual([19, 17, 15])
    expect(await traces.of(OTHER, { limit: 100 })).toHaveLength(3)
  })

  test('of all so many', async () => {
    traces = await open({ attempts: 600 })
    for (let i = 0; i < 1200; i++) traces.note({ mac: macOf(i) }, SEEN.offer)
    await traces.flushed()
    expect(await traces.get(400)).toBeUndefined()
    expect(await traces.get(1200)).toMatchObject({ id: 1200 })
  })

  test('machines that only want an address are let in slowly, those that boot by the thousand', () => {
    const admitted = (count: number, boots: boolean, from: number) =>
      Array.from({ length: count }, (_, i) => traces.admits(macOf(from + i), boots)).filter(Boolean).length
    expect(admitted(5000, false, 0)).toBe(200)
    expect(admitted(5000, true, 10_000)).toBe(5000)
    store.clock.advance(1000)
    expect(admitted(5000, false, 20_000)).toBe(20)
    traces.note({ mac: MAC }, SEEN.plainDiscover)
    expect(traces.admits(MAC, false)).toBe(true)
  })

  test('a machine that was seen too long ago leaves the memory, and its boot stays in the store', async () => {
    traces = await open({ machines: 2 })
    for (const index of [1, 2, 3]) traces.note({ mac: macOf(index) }, SEEN.offer)
    traces.note({ mac: macOf(1) }, SEEN.address)
    expect((await traces.of(macOf(1), { limit: 5 })).map((boot) => boot.entries.length)).toEqual([1])
    traces.note({ mac: macOf(3) }, SEEN.address)
    expect((await traces.of(macOf(3), { limit: 5 })).map((boot) => boot.entries.length)).toEqual([2])
  })

  test('when the disk cannot keep up, no new machine is taken in', async () => {
    traces = await open({ waiting: 5 })
    const seen: Sighted = SEEN.offer
    for (let i = 0; i < 20; i++) traces.note({ mac: macOf(i) }, seen)
    await traces.flushed()
    expect(await traces.get(5)).toBeDefined()
    expect(await traces.get(6)).toBeUndefined()
  })
})
