import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DhcpState } from '../../src/dhcp/answer.ts'
import { decode, encode } from '../../src/dhcp/codec.ts'
import { type DhcpServer, type DhcpServerOptions, startDhcp } from '../../src/dhcp/server.ts'
import type { DhcpSighting } from '../../src/dhcp/sighting.ts'
import type { LeaseChange } from '../../src/model/lease.ts'
import { type Asking, aKnown, aPacket, aState, CLIENT, ip, mac } from '../support/dhcp.ts'
import { fixedClock, silentLog } from '../support/store.ts'

// A client that has an address is answered there, so the loopback will do: the client is 127.0.0.2.
const RENEWAL: Asking = { ciaddr: '127.0.0.2' }

let client: Socket
let port: number
let server: DhcpServer
let state: DhcpState
let apply: (changes: readonly LeaseChange[]) => Promise<void>
let seen: DhcpSighting[]
const clock = fixedClock()

/** Clients listen on the port after the servers'; the system gives us the client's. */
beforeEach(async () => {
  state = aState({ server: ip('127.0.0.1'), standing: 'own' })
  apply = async () => {}
  seen = []
  server = await startBesideClient()
})
afterEach(async () => {
  client.close()
  await server.close()
})

/** The port before the client's may be somebody's: then another client is tried. */
async function startBesideClient(tries = 20): Promise<DhcpServer> {
  client = createSocket('udp4').bind(0, '127.0.0.2')
  await once(client, 'listening')
  port = client.address().port - 1
  try {
    return await start()
  } catch (error) {
    client.close()
    if (tries === 0) throw error
    return await startBesideClient(tries - 1)
  }
}

function start(options: Partial<DhcpServerOptions> = {}): Promise<DhcpServer> {
  return startDhcp({
    links: [{ interface: 'lo', address: ip('127.0.0.1') }],
    port,
    lookUp: () => state,
    apply: (changes) => apply(changes),
    onSeen: (one) => seen.push(one),
    clock,
    log: silentLog,
    ...options,
  })
}

const say = (bytes: Uint8Array) => client.send(bytes, port, '127.0.0.1')
const ask = (asking: Asking, xid: number) => say(encode({ ...aPacket('request', asking), xid }))

async function nextXid(): Promise<number> {
  const [bytes] = (await once(client, 'message')) as [Buffer]
  return decode(bytes).xid
}

describe('the DHCP server', () => {
  test('sends nothing before the changes are on disk, and meanwhile answers others', async () => {
    const disk = Promise.withResolvers<void>()
    const called = Promise.withResolvers<readonly LeaseChange[]>()
    apply = (changes) => {
      called.resolve(changes)
      return disk.promise
    }
    ask(RENEWAL, 1)
    expect(await called.promise).toMatchObject([{ change: 'lease', ip: '127.0.0.2' }])
    apply = async () => {}
    ask(RENEWAL, 2)
    expect(await nextXid()).toBe(2)
    disk.resolve()
    expect(await nextXid()).toBe(1)
  })

  test('sends nothing when the disk refuses, and goes on', async () => {
    apply = () => Promise.reject(new Error('disk full'))
    ask(RENEWAL, 1)
    await expect.poll(() => server.counters.failed).toBe(1)
    apply = async () => {}
    ask(RENEWAL, 2)
    expect(await nextXid()).toBe(2)
    expect(server.counters).toEqual({ received: 2, malformed: 0, sent: 1, failed: 1 })
  })

  test('that is closed while the disk is slow sends nothing more, and that is no fault', async () => {
    const disk = Promise.withResolvers<void>()
    const called = Promise.withResolvers<void>()
    apply = () => {
      called.resolve()
      return disk.promise
    }
    ask(RENEWAL, 1)
    await called.promise
    const closed = server
    await closed.close()
    disk.resolve()
    server = await start()
    apply = async () => {}
    ask(RENEWAL, 2)
    expect(await nextXid()).toBe(2)
    expect(closed.counters).toMatchObject({ sent: 0, failed: 0 })
  })

  test('outlives a fault of ours', async () => {
    await server.close()
    let calls = 0
    server = await start({
      lookUp: () => {
        if (calls++ === 0) throw new Error('a bug')
        return state
      },
    })
    ask(RENEWAL, 1)
    ask(RENEWAL, 2)
    expect(await nextXid()).toBe(2)
  })

  test('counts bytes that are no request, and tells of each peer once', async () => {
    await server.close()
    const lines: string[] = []
    server = await start({ log: pino({ base: null }, { write: (line: string) => lines.push(line) }) })
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(300), encode({ ...aPacket('request'), op: 'reply' })]) say(bytes)
    ask(RENEWAL, 4)
    expect(await nextXid()).toBe(4)
    expect(server.counters).toEqual({ received: 4, malformed: 3, sent: 1, failed: 0 })
    expect(lines.filter((line) => line.includes('DHCP packet of 0 bytes'))).toHaveLength(1)
    expect(lines).toHaveLength(1)
  })

  test('says which interface or port it cannot have, and why', async () => {
    await expect(start({ links: [{ interface: 'nosuch0', address: ip('127.0.0.1') }] })).rejects.toThrow(
      /DHCP cannot listen on nosuch0, port \d+: there is no such interface/,
    )
    await expect(start()).rejects.toMatchObject({
      code: 'config.invalid',
      message: `DHCP cannot listen on lo, port ${port}: another DHCP server runs on it; stop that one`,
    })
  })
})

describe('what others hear of it', () => {
  const first: Asking = { asked: '127.0.0.2', serverId: '127.0.0.1', arch: 7 }
  /** An answer to the renewal shows that what came before it has been dealt with. */
  const settled = async () => {
    ask(RENEWAL, 99)
    while ((await nextXid()) !== 99);
  }

  test('a system that got its address to boot with, and not that it renewed it', async () => {
    state = { ...state, known: aKnown() }
    ask(first, 1)
    await settled()
    const because = '127.0.0.2: its own address; uefi-x64 to install with uefi-x64-install.0'
    expect(seen).toEqual([
      { seen: 'address', mac: CLIENT, system: 'node1', ip: '127.0.0.2', firmware: 'uefi-x64', because },
    ])
  })

  test('an unknown machine, with what it said, once a minute', async () => {
    ask(first, 1)
    ask({ ...first, vendorClass: 'PXE\u001b[2JClient' }, 2)
    await settled()
    const asked = 'a DHCP REQUEST to boot: uefi-x64, architecture 7, vendor class PXEClient:Arch:00007'
    expect(seen).toEqual([{ seen: 'unknown', mac: CLIENT, ip: undefined, asked }])
    clock.advance(60_000)
    ask({ ...first, vendorClass: 'PXE\u001b[2JClient' }, 3)
    ask({ ...first, mac: mac('52:54:00:77:00:02') }, 4)
    await settled()
    expect(seen).toHaveLength(3)
    expect(seen[1]).toMatchObject({ asked: expect.stringContaining('vendor class PXE?[2JClient') })
  })
})
