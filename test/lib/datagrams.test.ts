/** Messages many at a time, through sockets of the system's own: in order, whole, and through errors and a lack of room. */
import { afterEach, expect, test } from 'vitest'
import { type Datagrams, type DatagramsOptions, datagrams } from '../../src/lib/datagrams.ts'
import { ofInt } from '../../src/lib/device-socket.ts'
import { bind, closeFd, ownAddress, setsockopt, socket } from '../../src/lib/libc.ts'
import { familyOf, readSocketAddress, socketAddress } from '../../src/lib/socket-address.ts'
import { udpClient } from '../support/udp-client.ts'

const [AF_UNIX, SOCK_DGRAM, SOCK_NONBLOCK, IP_RECVERR] = [1, 2, 0o4000, 11]
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

test('answers hundreds that come at once, each to its sender and in order', async () => {
  const { wire, to } = open({ onMessage: (bytes, from) => wire.send(Buffer.from(bytes), Buffer.from(from)) })
  const clients = await Promise.all(Array.from({ length: 4 }, () => udpClient()))
  const all = Array.from({ length: 50 }, (_, at) => `message ${at}`)
  for (const text of all) for (const one of clients) one.socket.send(text, to.port)
  for (const one of clients) expect(await one.texts(all.length)).toEqual(all)
})

test('sends a message whole that is longer than most, in its place among the others', async () => {
  const { wire } = open({ onMessage: () => {} })
  const { socket: far, texts } = await udpClient()
  const there = socketAddress('127.0.0.1', far.address().port)
  const all = ['first', 'x'.repeat(9000), 'y'.repeat(2048), 'z'.repeat(2049), 'last']
  for (const text of all) wire.send(Buffer.from(text), there)
  expect(await texts(all.length)).toEqual(all)
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
  const { socket: far, texts } = await udpClient()
  const gone = await udpClient()
  const { port } = gone.peer
  await gone.close()
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise<void>((told) => (tell = told))
  }

  wire.send(Buffer.from('anybody?'), socketAddress('127.0.0.1', port))
  wire.send(Buffer.from('you'), socketAddress('127.0.0.1', far.address().port))
  expect(await texts(1)).toEqual(['you'])
  await until(() => refused.length > 0)
  expect(refused).toEqual([`ECONNREFUSED ${port}`])
  far.send('still there', to.port)
  await until(() => heard.length > 0)
  expect(heard).toEqual(['still there'])
})

test('tells of what cannot be sent, and sends the rest', async () => {
  const errors: string[] = []
  const { wire } = open({ onMessage: () => {}, onError: (code) => errors.push(code) })
  const { socket: far, texts } = await udpClient()
  const there = socketAddress('127.0.0.1', far.address().port)
  wire.send(Buffer.from('before'), there)
  wire.send(Buffer.from('nowhere'), socketAddress('127.0.0.1', 0))
  wire.send(Buffer.from('after'), there)
  expect(await texts(2)).toEqual(['before', 'after'])
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
  const { socket: far, texts } = await udpClient()
  const there = socketAddress('127.0.0.1', far.address().port)
  wire.send(Buffer.from('farewell'), there)
  wire.close()
  wire.send(Buffer.from('late'), there)
  expect(await texts(1)).toEqual(['farewell'])
})

test('one that is closed in the middle of what came leaves nothing behind for the next', async () => {
  const [one, other] = [await udpClient(), await udpClient('::1')]
  let closed = () => {}
  const first = open({
    onMessage() {
      first.wire.close()
      closed()
    },
  })
  const gone = new Promise<void>((done) => (closed = done))
  for (const text of ['1', '2', '3', '4']) one.socket.send(text, first.to.port, '127.0.0.1')
  await gone
  const senders: string[] = []
  let heard = () => {}
  const { to } = open(
    {
      onMessage(_, from) {
        senders.push(readSocketAddress(from).address)
        heard()
      },
    },
    '::1',
  )
  for (const text of ['1', '2', '3', '4']) other.socket.send(text, to.port, '::1')
  while (senders.length < 4) await new Promise<void>((told) => (heard = told))
  expect(senders).toEqual(Array(4).fill('::1'))
})

function open(options: DatagramsOptions, address = '127.0.0.1') {
  const fd = openFd(familyOf(address), socketAddress(address, 0))
  const own = Buffer.alloc(28)
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
