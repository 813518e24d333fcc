/** The TFTP server on real sockets under attack: any bytes, to its port and to its transfers, from several at once. */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ipv4, parseIpv4 } from '../../src/model/address.ts'
import { encode, isData, isError, type TftpPacket } from '../../src/tftp/codec.ts'
import {
  complaintsIn,
  FEW_TIMERS,
  held,
  holdsSecret,
  hostileBytes,
  hostilePath,
  hostileSite,
  SEED,
  timers,
} from '../support/hostile.ts'
import { ack, client, rrq, start, takeAll } from './datagram-client.ts'

const SEEDS: readonly TftpPacket[] = [
  rrq('file', { tsize: '0', blksize: '1468', windowsize: '16', timeout: '1' }),
  rrq('large', { blksize: '8', windowsize: '64' }),
  rrq('large', { blksize: '65464' }),
  rrq('in', { timeout: '255' }, 'netascii'),
  rrq('../hidden', { blksize: '8' }),
  rrq('out'),
  { op: 'write', path: 'file', mode: 'octet', options: new Map() },
  ...[0, 1, 2, 65_535].map(ack),
  { op: 'data', block: 1, bytes: new Uint8Array(32) },
  { op: 'error', code: 1, message: 'no' },
  { op: 'oack', options: new Map([['tsize', '1']]) },
]
const paths = hostilePath.map((path) => Buffer.from(encode(rrq(path, { blksize: '1468' }))))
const shot = fc.record({
  bytes: fc.oneof({ weight: 4, arbitrary: hostileBytes(SEEDS.map(encode)) }, { weight: 1, arbitrary: paths }),
  by: fc.nat(1),
  /** The port that listens, or one of a transfer. */
  at: fc.constantFrom('listener' as const, 'transfer' as const),
})

/** One that fires, hears who answers, and at the end gives up all that it has begun. */
async function attacker(address: string) {
  const socket = createSocket('udp4')
  const ports: number[] = []
  let isOver = false
  let received = 0
  const leaked: Buffer[] = []
  const giveUp = encode({ op: 'error', code: 0, message: 'enough' })
  socket.on('message', (bytes: Buffer, { port }: RemoteInfo) => {
    received++
    if (isData(bytes) && holdsSecret(bytes)) leaked.push(bytes)
    if (isOver && !isError(bytes)) socket.send(giveUp, port, '127.0.0.1')
    if (!ports.includes(port)) ports.push(port)
  })
  socket.bind(0, address)
  await once(socket, 'listening')
  return {
    leaked,
    received: () => received,
    fire: (bytes: Buffer, port: number, at: 'listener' | 'transfer') =>
      socket.send(bytes, (at === 'transfer' ? ports.at(-1) : undefined) ?? port, '127.0.0.1'),
    giveUp(listener: number) {
      isOver = true
      for (const port of ports) if (port !== listener) socket.send(giveUp, port, '127.0.0.1')
    },
    goOn() {
      isOver = false
      ports.length = 0
    },
    close: () => socket.close(),
  }
}

test('after any datagrams a good client is served, nothing is left open, and nobody has what is not his', async () => {
  const site = hostileSite()
  const before = held(site.folder)
  const { server, lines, reports } = await start({
    open: (path, peer) => site.bootFiles.open({ path, peer: parseIpv4(peer) as Ipv4, via: 'tftp' }),
  })
  const attackers = [await attacker('127.0.0.2'), await attacker('127.0.0.3')]
  const good = await client()
  const idle = held(site.folder)
  await fc.assert(
    fc.asyncProperty(fc.array(shot, { minLength: 1, maxLength: 40 }), async (shots) => {
      for (const { bytes, by, at } of shots) attackers[by]?.fire(bytes, server.port, at)
      good.send(rrq('file'), server.port)
      expect((await takeAll(good)).equals(site.file)).toBe(true)
      for (const one of attackers) one.giveUp(server.port)
      await site.allClosed()
      for (const one of attackers) one.goOn()
      expect(attackers.flatMap(({ leaked }) => leaked)).toEqual([])
      expect(held(site.folder)).toEqual(idle)
    }),
    { numRuns: 500, seed: SEED, endOnFailure: true },
  )
  expect(timers()).toBeLessThan(FEW_TIMERS)
  await server.close()
  good.close()
  for (const one of attackers) one.close()
  expect(held(site.folder)).toEqual(before)
  // It was an attack: something was sent, and something was broken off.
  expect(attackers.every((one) => one.received() > 50)).toBe(true)
  expect(new Set(reports.map(({ outcome }) => outcome))).toContain('aborted')
  expect(Object.fromEntries(complaintsIn(lines))).toEqual({ '127.0.0.2': 1, '127.0.0.3': 1 })
  expect(lines.filter((line) => JSON.parse(line).level > 30)).toEqual([])
  site.remove()
})
