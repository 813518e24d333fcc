/** Messages many at a time, through sockets of the system's own: in order, whole, and through errors and a lack of room. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { type Datagrams, type DatagramsOptions, datagrams } from '../../src/lib/datagrams.ts'
import { ofInt } from '../../src/lib/device-socket.ts'
import { bind, closeFd, ownAddress, setsockopt, socket } from '../../src/lib/libc.ts'
import { readSocketAddress, socketAddress } from '../../src/lib/socket-address.ts'

const [AF_UNIX, AF_INET, SOCK_DGRAM, SOCK_NONBLOCK, IP_RECVERR] = [1, 2, 2, 0o4000, 11]
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

test('answers hundreds that come at once, each to its sender and in order', async () => {
  const { wire, to } = open({ onMessage: (bytes, from) => wire.send(Buffer.from(bytes), Buffer.from(from)) })
  const clients = await Promise.all(Array.from({ length: 4 }, client))
  const all = Array.from({ length: 50 }, (_, at) => `message ${at}`)
  for (const text of all) for (const one of clients) one.socket.send(text, to.port)
  for (const one of clients) expect((await one.next(all.length)).map(String)).toEqual(all)
})

test('sends a message whole that is longer than most, in its place among the others', async () => {
  const { wire } = open({ onMessage: () => {} })
  const { socket: far, next } = await client()
  const there = socketAddress('127.0.0.1', far.address().port)
  const all = ['first', 'x'.repeat(9000), 'y'.repeat(2048), 'z'.repeat(2049), 'last']
  for (const text of all) wire.send(Buffer.from(text), there)
  expect((await next(all.length)).map(String)).toEqual(all)
})

test('tells of a closed port, and hears on', async () => {
  const refused: string[] = []
  const heard: string[] = []
  let tell = () => {}
  const { fd, wire, to } = open({
    onMessage(bytes) {
      heard.push(String(bytes))
      tell()
    },
    onError(code, whom) {
      refused.push(`${code} ${readSocketAddress(whom).port}`)
      tell()
    },
  })
  setsockopt(fd, 0, IP_RECVERR, ofInt(1))
  const { socket: far, next } = await client()
  const gone = await client()
  const { port } = gone.socket.address()
  await new Promise<void>((closed) => gone.socket.close(() => closed()))
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise<void>((told) => (tell = told))
  }

  wire.send(Buffer.from('anybody?'), socketAddress('127.0.0.1', port))
  wire.send(Buffer.from('you'), socketAddress('127.0.0.1', far.address().port))
  expect(await next(1)).toEqual([Buffer.from('you')])
  await until(() => refused.length > 0)
  expect(refused).toEqual([`ECONNREFUSED ${port}`])
  far.send('still there', to.port)
  await until(() => heard.length > 0)
  expect(heard).toEqual(['still there'])
})

test('tells of what cannot be sent, and sends the rest', async () => {
  const errors: string[] = []
  const { wire } = open({ onMessage: () => {}, onError: (code) => errors.push(code) })
  const { socket: far, next } = await client()
  const there = socketAddress('127.0.0.1', far.address().port)
  wire.send(Buffer.from('before'), there)
  wire.send(Buffer.from('nowhere'), socketAddress('127.0.0.1', 0))
  wire.send(Buffer.from('after'), there)
  expect((await next(2)).map(String)).toEqual(['before', 'after'])
  expect(errors).toEqual(['EINVAL'])
})

test('waits where there is no room, and loses nothing', async () => {
  const here = openFd(AF_UNIX, unixAddress('here'))
  const there = openFd(AF_UNIX, unixAddress('there'))
  const sender = begin(here, { onMessage: () => {} })
  const all = Array.from({ length: 300 }, (_, at) => String(at))
  // The system keeps a few for a socket that is not read.
  for (const text of all) sender.send(Buffer.from(text), unixAddress('there'))
  await new Promise(process.nextTick)
  const got: string[] = []
  await new Promise<void>((done) => {
    begin(there, { onMessage: (bytes) => void (got.push(String(bytes)) === all.length && done()) })
  })
  expect(got).toEqual(all)
})

test('sends what was given to it before it is closed, and nothing after', async () => {
  const { wire } = open({ onMessage: () => {} })
  const { socket: far, next } = await client()
  const there = socketAddress('127.0.0.1', far.address().port)
  wire.send(Buffer.from('farewell'), there)
  wire.close()
  wire.send(Buffer.from('late'), there)
  expect((await next(1)).map(String)).toEqual(['farewell'])
})

function open(options: DatagramsOptions) {
  const fd = openFd(AF_INET, socketAddress('127.0.0.1', 0))
  const own = Buffer.alloc(16)
  ownAddress(fd, own)
  return { fd, wire: begin(fd, options), to: readSocketAddress(own) }
}

function openFd(family: number, address: Buffer): number {
  const fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0)
  stops.push(() => closeFd(fd))
  expect(bind(fd, address)).toBe(0)
  return fd
}

function begin(fd: number, options: DatagramsOptions): Datagrams {
  const wire = datagrams(fd, options)
  stops.push(() => wire.close())
  return wire
}

/** In the abstract namespace; of this test process alone. */
function unixAddress(name: string): Buffer {
  const bytes = Buffer.from(`..\0${name}${process.pid}`)
  bytes.writeUInt16LE(AF_UNIX)
  return bytes
}

async function client(): Promise<{ socket: Socket; next: (count: number) => Promise<Buffer[]> }> {
  const far = createSocket('udp4')
  far.bind(0, '127.0.0.1')
  await once(far, 'listening')
  const got: Buffer[] = []
  let tell = () => {}
  far.on('message', (bytes) => {
    got.push(bytes)
    tell()
  })
  stops.push(() => new Promise<void>((closed) => (far.listenerCount('message') > 0 ? shut(far, closed) : closed())))
  const next = async (count: number) => {
    while (got.length < count) await new Promise<void>((told) => (tell = told))
    return got.splice(0, count)
  }
  return { socket: far, next }
}

function shut(far: Socket, closed: () => void): void {
  try {
    far.close(closed)
  } catch {
    closed() // the test has closed it
  }
}
