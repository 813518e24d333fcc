/** The syslog sockets on the loopback, whose many addresses are many machines. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { SyslogMessage } from '../../src/syslog/codec.ts'
import { BURST } from '../../src/syslog/decide.ts'
import { startSyslog } from '../../src/syslog/server.ts'
import { fixedClock } from '../support/store.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  while (stops.length > 0) await stops.pop()?.()
})

/** Machine `a` is 127.0.0.11, `b` is 127.0.0.12; all others are strangers. */
async function start() {
  const kept: { machine: string; message: SyslogMessage }[] = []
  const logged: unknown[][] = []
  const ticks = new Map<number, () => void>()
  const clock = fixedClock()
  const note = (...line: unknown[]) => void logged.push(line)
  let heard = () => {}
  const server = await startSyslog({
    listen: { address: '127.0.0.1', port: 0 },
    whose: (ip) => ({ '127.0.0.11': 'a', '127.0.0.12': 'b' })[ip as string],
    keep: (machine, message) => {
      kept.push({ machine, message })
      heard()
    },
    clock,
    every: (milliseconds, tick) => {
      ticks.set(milliseconds, tick)
      return () => void ticks.delete(milliseconds)
    },
    log: { debug: note, info: note, warn: note, error: note },
  })
  stops.push(() => server.close())

  const until = (is: () => boolean) =>
    new Promise<void>((done) => {
      heard = () => {
        if (is()) done()
      }
      heard()
    })
  const texts = (machine: string) => kept.filter((one) => one.machine === machine).map(({ message }) => message.message)
  return { server, kept, logged, ticks, clock, until, texts }
}

async function udpFrom(address: string, port: number) {
  const socket = createSocket('udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  const answers: unknown[] = []
  socket.on('message', (bytes) => answers.push(bytes))
  stops.push(() => socket.close())
  const send = (text: string) => new Promise<void>((done) => socket.send(text, port, '127.0.0.1', () => done()))
  return { send, answers }
}

async function tcpFrom(localAddress: string, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  stops.push(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

test('lines of our machines are kept, those of strangers are counted and told once a minute', async () => {
  const { server, until, texts, kept, logged, ticks } = await start()
  const [a, b, stranger] = [
    await udpFrom('127.0.0.11', server.port),
    await udpFrom('127.0.0.12', server.port),
    await udpFrom('127.0.0.99', server.port),
  ]
  await stranger.send('<13>x: not ours')
  await stranger.send('<13>x: nor this')
  await a.send('')
  await a.send('<13>x: first')
  await b.send('<13>x: second')
  await until(() => kept.length === 2)
  expect([texts('a'), texts('b')]).toEqual([['first'], ['second']])
  expect(logged).toEqual([])
  ticks.get(60_000)?.()
  expect(logged).toEqual([[{ strangers: 2, unreadable: 1 }, expect.stringContaining('were dropped')]])
  ticks.get(60_000)?.()
  expect(logged).toHaveLength(1)
  expect([a.answers, b.answers, stranger.answers].flat()).toEqual([])
})

test('a machine that floods loses lines of its own, and no other does', async () => {
  const { server, kept, until, texts, clock, ticks } = await start()
  // By TCP: of datagrams the system itself drops what is too fast. What was sent is read when the connection has ended.
  const flood = async (count: number) => {
    const socket = await tcpFrom('127.0.0.11', server.port)
    socket.resume().end(Array.from({ length: count }, (_, i) => `<13>x: ${i}\n`).join(''))
    await once(socket, 'close')
  }
  const [a, b] = [await udpFrom('127.0.0.11', server.port), await udpFrom('127.0.0.12', server.port)]
  await flood(BURST + 50)
  await b.send('<13>x: still heard')
  await until(() => texts('b').length === 1)
  expect(texts('a')).toHaveLength(BURST)
  clock.advance(1000)
  await a.send('<13>x: calm again')
  await until(() => kept.at(-1)?.message.message === 'calm again')
  expect(texts('a').slice(BURST)).toEqual([
    '50 lines were dropped: the machine said more than is kept of it',
    'calm again',
  ])
  // Too much again; then it falls silent.
  await flood(300)
  clock.advance(2000)
  ticks.get(2000)?.()
  expect(texts('a').at(-1)).toBe('101 lines were dropped: the machine said more than is kept of it')
})

test('both framings are read from a stream, and its last line without an end', async () => {
  const { server, kept, until, texts } = await start()
  const socket = await tcpFrom('127.0.0.11', server.port)
  socket.write('<13>x: one\n8 <13>x: 2')
  socket.write('<13>x: thr')
  socket.end('ee')
  await until(() => kept.length === 3)
  expect(texts('a')).toEqual(['one', '2', 'three'])
})

test('a connection of a stranger, the ninth of a machine and one that sends nonsense are ended', async () => {
  const { server, kept, until } = await start()
  await once(await tcpFrom('127.0.0.99', server.port), 'close')
  const nonsense = await tcpFrom('127.0.0.12', server.port)
  nonsense.write('9999999 <13>')
  await once(nonsense, 'close')
  const first = await tcpFrom('127.0.0.11', server.port)
  for (let i = 0; i < 7; i++) await tcpFrom('127.0.0.11', server.port)
  await once(await tcpFrom('127.0.0.11', server.port), 'close')
  first.write('<13>x: I am still here\n')
  await until(() => kept.length === 1)
})

test('a machine behind an IPv6 socket is known by its IPv4 address', async () => {
  const heard = Promise.withResolvers<string>()
  const server = await startSyslog({
    listen: { address: '::', port: 0 },
    whose: (ip) => ip,
    keep: (machine) => heard.resolve(machine),
    clock: fixedClock(),
    every: () => () => {},
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  })
  stops.push(() => server.close())
  const a = await udpFrom('127.0.0.11', server.port)
  await a.send('<13>x: hello')
  expect(await heard.promise).toBe('127.0.0.11')
})

test('a port that is in use is an error, of UDP and of TCP', async () => {
  const { server } = await start()
  const again = startSyslog({
    listen: { address: '127.0.0.1', port: server.port },
    whose: () => undefined,
    keep: () => {},
    clock: fixedClock(),
    every: () => () => {},
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  })
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
