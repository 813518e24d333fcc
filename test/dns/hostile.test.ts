/** The DNS server on real sockets under attack, with another resolver behind it that answers whatever bytes come to it. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import packet from 'dns-packet'
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createForwarder } from '../../src/dns/forward.ts'
import { startDns } from '../../src/dns/server.ts'
import { askResolver } from '../../src/dns/socket.ts'
import { ofU16 } from '../../src/lib/bytes.ts'
import { steadyClock } from '../../src/lib/clock.ts'
import { parseIpv4 } from '../../src/model/address.ts'
import { DNS_NAMES } from '../support/dns-names.ts'
import { complaintsIn, FEW_TIMERS, held, hostileBytes, SEED, timers } from '../support/hostile.ts'
import { questionBytes, readAnswer } from './question.ts'

const SEEDS = [
  questionBytes(),
  questionBytes({ edns: { udpPayloadSize: 1232 } }),
  questionBytes({ name: 'many.lab.example', edns: { udpPayloadSize: 4096 } }),
  questionBytes({ name: '11.0.77.10.in-addr.arpa', type: 'PTR' }),
  questionBytes({ name: 'www.other.example' }),
  questionBytes({ name: 'lab.example', type: 'ANY' }),
  packet.encode({ type: 'response', id: 4711, answers: [{ type: 'A', name: 'node01.lab.example', data: '10.9.9.9' }] }),
]

const datagram = fc.record({ way: fc.constant('udp' as const), bytes: hostileBytes(SEEDS) })
/** Of several messages, of which the length may be a lie, written in two pieces and broken off or heard to its end. */
const conversation = fc.record({
  way: fc.constant('tcp' as const),
  messages: fc.array(fc.tuple(hostileBytes(SEEDS), fc.option(fc.nat(65_535), { nil: undefined, freq: 4 })), {
    maxLength: 4,
  }),
  cut: fc.nat(400),
  end: fc.constantFrom('reset' as const, 'end' as const, 'away' as const),
})
const shot = fc.oneof({ weight: 4, arbitrary: datagram }, { weight: 1, arbitrary: conversation })

/** Sends its question back with bytes of it changed, in turn as an answer: a resolver that cannot be trusted. */
async function badResolver() {
  const socket = createSocket('udp4')
  let turn = 0
  socket.on('message', (bytes, { port, address }) => {
    turn++
    const answer = Buffer.from(bytes)
    answer[2] = (answer[2] ?? 0) | 0x80
    if (turn % 2 === 0) answer[turn % answer.length] = turn & 255
    if (turn % 3 === 0) answer.writeUInt16BE(turn, 6)
    socket.send(turn % 5 === 0 ? answer.subarray(0, turn % answer.length) : answer, port, address)
    // The true one comes at last, or the question would wait for its end.
    const honest = Buffer.from(bytes)
    honest.writeUInt16BE(0x8183, 2)
    socket.send(honest, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { at: { address: '127.0.0.1', port: socket.address().port }, close: () => socket.close() }
}

async function talk(
  port: number,
  { messages, cut, end }: typeof conversation extends fc.Arbitrary<infer One> ? One : never,
) {
  const bytes = Buffer.concat(messages.flatMap(([message, length]) => [ofU16(length ?? message.length), message]))
  const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  socket.on('error', () => {}) // a reset is an end too
  socket.resume()
  await once(socket, 'connect')
  for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)])
    if (piece.length > 0 && !socket.destroyed) await new Promise((resolve) => socket.write(piece, resolve))
  if (end === 'reset') socket.resetAndDestroy()
  else if (end === 'away') socket.destroy()
  else await ended(socket.end())
}

async function ended(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close')
}

test('after any bytes a good client is answered, nothing is left open, and each peer is spoken of once', async () => {
  const before = held()
  const resolver = await badResolver()
  const lines: string[] = []
  const server = await startDns({
    listen: { address: '127.0.0.1', port: 0 },
    domain: 'lab.example',
    lookUp: DNS_NAMES,
    subnets: [{ network: parseIpv4('10.77.0.0'), prefix: 24 }],
    forward: {
      forwarder: createForwarder({ resolvers: [resolver.at], ask: askResolver, clock: steadyClock }),
      may: () => true,
    },
    log: pino({ level: 'debug' }, { write: (line) => void lines.push(line) }),
  })
  const [attacker, good] = [createSocket('udp4'), createSocket('udp4')]
  let received = 0
  attacker.on('message', () => received++)
  attacker.bind(0, '127.0.0.2')
  good.connect(server.port, '127.0.0.1')
  await Promise.all([once(attacker, 'listening'), once(good, 'connect')])
  const idle = held()
  let id = 0

  await fc.assert(
    fc.asyncProperty(fc.array(shot, { minLength: 1, maxLength: 20 }), async (shots) => {
      await Promise.all(
        shots.map((one) =>
          one.way === 'tcp' ? talk(server.port, one) : attacker.send(one.bytes, server.port, '127.0.0.1'),
        ),
      )
      const question = questionBytes()
      question.writeUInt16BE(++id & 0xffff, 0)
      good.send(question)
      const [bytes] = (await once(good, 'message')) as [Buffer]
      expect(readAnswer(bytes)).toMatchObject({ id: id & 0xffff, answers: [{ type: 'A', data: '10.77.0.11' }] })
      expect(await byTcp(server.port, question)).toEqual(bytes)
      // What was asked of the other resolver is answered, and its sockets are closed.
      await expect.poll(() => held(), { interval: 2 }).toEqual(idle)
    }),
    { numRuns: 200, seed: SEED, endOnFailure: true },
  )
  expect(timers()).toBeLessThan(FEW_TIMERS)
  await server.close()
  resolver.close()
  attacker.close()
  good.close()
  expect(held()).toEqual(before)
  expect(received).toBeGreaterThan(100)
  expect(Object.fromEntries(complaintsIn(lines))).toEqual({ '127.0.0.2': 1 })
  expect(lines.filter((line) => JSON.parse(line).level > 30)).toEqual([])
})

/** One question, one answer, and nothing behind it. */
async function byTcp(port: number, question: Buffer): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.end(Buffer.concat([ofU16(question.length), question]))
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  const all = Buffer.concat(parts)
  expect(all.readUInt16BE(0)).toBe(all.length - 2)
  return all.subarray(2)
}
