/** The TFTP server on real sockets, against a client of single datagrams. */
import { describe, expect, test } from 'vitest'
import type { TftpServer } from '../../src/tftp/server.ts'
import { ack, bytesAsFile, client, rrq, start, takeAll } from './datagram-client.ts'

describe('the TFTP server', () => {
  test('says where it listens, and sends from a port of its own', async () => {
    const { server, reported } = await start()
    expect(server.address).toBe('127.0.0.1')
    const one = await client()
    one.send(rrq('/file'), server.port)
    const { packet, from } = await one.next()
    expect(packet).toMatchObject({ op: 'data', block: 1 })
    expect(from.port).not.toBe(server.port)
    one.send(ack(1), from.port)
    one.send(ack(2), (await one.next()).from.port)
    expect(await reported(1)).toMatchObject([{ peer: '127.0.0.1', path: 'file', bytes: 1000, outcome: 'done' }])
  })

  test('sends an empty file as one empty block', async () => {
    const { server } = await start()
    const one = await client()
    one.send(rrq('empty', { tsize: '0' }), server.port)
    const { packet, from } = await one.next()
    expect(packet).toEqual({ op: 'oack', options: new Map([['tsize', '0']]) })
    one.send(ack(0), from.port)
    expect((await takeAll(one)).length).toBe(0)
  })

  test('names the file that is not there', async () => {
    const { server, lines } = await start()
    const one = await client()
    one.send(rrq('pxelinux.cfg/01-52-54-00-00-00-01'), server.port)
    expect((await one.next()).packet).toEqual({
      op: 'error',
      code: 1,
      message: 'File not found: pxelinux.cfg/01-52-54-00-00-00-01',
    })
    expect(lines.filter((line) => JSON.parse(line).level > 30)).toEqual([])
  })

  test('lives on when a file cannot be opened', async () => {
    const { server } = await start()
    const one = await client()
    one.send(rrq('broken'), server.port)
    expect((await one.next()).packet).toMatchObject({ op: 'error', code: 0, message: 'internal error' })
    one.send(rrq('file'), server.port)
    expect((await takeAll(one)).length).toBe(1000)
  })

  test('refuses writes, and leaves nothing open', async () => {
    const { server, files } = await start()
    const one = await client()
    one.send({ op: 'write', path: 'file', mode: 'octet', options: new Map() }, server.port)
    expect((await one.next()).packet).toMatchObject({
      op: 'error',
      code: 2,
      message: expect.stringMatching(/read-only/),
    })
    expect(files).toEqual({ opened: 0, closed: 0 })
  })

  test('takes a client that asks for the size only for a normal thing', async () => {
    const { server, reported, lines, files } = await start()
    const one = await client()
    one.send(rrq('file', { tsize: '0' }), server.port)
    const { packet, from } = await one.next()
    expect(packet).toMatchObject({ op: 'oack', options: new Map([['tsize', '1000']]) })
    one.send({ op: 'error', code: 8, message: 'size is all I want' }, from.port)
    expect(await reported(1)).toMatchObject([{ outcome: 'aborted', bytes: 0 }])
    expect(lines.filter((line) => JSON.parse(line).level > 20)).toEqual([])
    // The same port asks for the file itself, as PXE ROMs do.
    one.send(rrq('file', { blksize: '1468' }), server.port)
    const again = await one.next()
    expect(again.packet.op).toBe('oack')
    one.send(ack(0), again.from.port)
    expect((await takeAll(one, 1468)).length).toBe(1000)
    await server.close()
    expect(files).toEqual({ opened: 2, closed: 2 })
  })

  test('answers a repeated request by one transfer', async () => {
    const { server, files } = await start()
    const one = await client()
    for (let i = 0; i < 3; i++) one.send(rrq('file'), server.port)
    expect((await takeAll(one)).length).toBe(1000)
    expect(files.opened).toBe(1)
    expect(one.waiting()).toBe(0)
  })

  test('gives up a transfer when its client asks for another file from the same port', async () => {
    const { server, reported } = await start()
    const one = await client()
    one.send(rrq('file'), server.port)
    const first = await one.next()
    one.send(ack(1), first.from.port)
    await one.next()
    one.send(rrq('empty'), server.port)
    const second = await one.next()
    expect(second.from.port).not.toBe(first.from.port)
    expect(second.packet).toMatchObject({ op: 'data', block: 1 })
    expect(await reported(1)).toMatchObject([{ path: 'file', outcome: 'done', because: /not acknowledged/ }])
  })
})

describe('a stranger', () => {
  test('who sends to a transfer gets error 5, and the transfer goes on', async () => {
    const { server, reported } = await start()
    const [one, stranger] = [await client(), await client()]
    one.send(rrq('file'), server.port)
    const { from } = await one.next()
    stranger.send(ack(1), from.port)
    const refusal = await stranger.next()
    expect(refusal.packet).toMatchObject({ op: 'error', code: 5 })
    expect(refusal.from.port).toBe(from.port)
    // Nor does an error of a stranger end it; and an error is not answered.
    stranger.send({ op: 'error', code: 0, message: 'stop' }, from.port)
    one.send(ack(1), from.port)
    expect((await takeAll(one)).length).toBe(488)
    expect(await reported(1)).toMatchObject([{ outcome: 'done' }])
    expect(stranger.waiting()).toBe(0)
  })

  test('who sends a late ACK to the listening port gets error 5', async () => {
    const { server } = await start()
    const stranger = await client()
    stranger.send(ack(7), server.port)
    expect((await stranger.next()).packet).toMatchObject({ op: 'error', code: 5 })
  })
})

describe('bad datagrams', () => {
  test('get error 4 when they were meant as requests, and silence otherwise', async () => {
    const { server } = await start()
    const one = await client()
    for (const bytes of ['', '\0', '\0\x04', '\0\x05', '\0\x05\0\x01', '\0\x09\0\0', 'hello'])
      one.send(Buffer.from(bytes, 'latin1'), server.port)
    one.send(Buffer.from('\0\x01file\0octet', 'latin1'), server.port)
    expect((await one.next()).packet).toMatchObject({ op: 'error', code: 4 })
    expect(one.waiting()).toBe(0)
  })
})

describe('limits', () => {
  const begin = async (server: TftpServer) => {
    const one = await client()
    one.send(rrq('file'), server.port)
    return { one, ...(await one.next()) }
  }

  test('by client address refuse what is too much, until one has ended', async () => {
    const { server, reported } = await start({ maxTransfersPerPeer: 2 })
    const first = await begin(server)
    const second = await begin(server)
    expect([first.packet.op, second.packet.op]).toEqual(['data', 'data'])
    expect((await begin(server)).packet).toMatchObject({ op: 'error', code: 0, message: /too many/ })
    first.one.send({ op: 'error', code: 0, message: 'enough' }, first.from.port)
    await reported(1)
    // The report comes before the sockets are closed: the place is free in a moment.
    await new Promise((resolve) => setImmediate(resolve))
    expect((await begin(server)).packet.op).toBe('data')
  })

  test('let nobody hear of it who is one too many, and serve him when he asks again', async () => {
    const { server, reported } = await start({ maxTransfers: 1 })
    const first = await begin(server)
    expect(first.packet.op).toBe('data')
    const second = await client()
    second.send(rrq('file'), server.port)
    first.one.send({ op: 'error', code: 0, message: 'enough' }, first.from.port)
    await reported(1)
    await new Promise((resolve) => setImmediate(resolve))
    // Nothing has come: it asks again, and now there is a place.
    second.send(rrq('file'), server.port)
    expect((await second.next()).packet.op).toBe('data')
  })
})

describe('the end', () => {
  test('of a client that closes its port is seen at once', async () => {
    const { server, reported } = await start()
    const one = await client()
    one.send(rrq('file', { windowsize: '2', blksize: '100' }), server.port)
    const { from } = await one.next()
    one.send(ack(0), from.port)
    await one.next()
    one.close()
    // What is sent next finds the port closed; the first window is sent again after a second at most.
    expect(await reported(1)).toMatchObject([{ outcome: 'aborted', because: /closed its port/ }])
  })

  test('of the server is told to its clients, and closes their files', async () => {
    const { server, files, reports } = await start()
    const one = await client()
    one.send(rrq('file'), server.port)
    await one.next()
    await server.close()
    expect((await one.next()).packet).toMatchObject({ op: 'error', code: 0, message: /stops/ })
    expect(files).toEqual({ opened: 1, closed: 1 })
    expect(reports).toMatchObject([{ outcome: 'failed' }])
  })
})

test('what is sent comes from the address that was asked', async () => {
  const { server } = await start({ listen: { address: '127.0.0.3', port: 0 } })
  const one = await client()
  one.send(rrq('file'), server.port, '127.0.0.3')
  const { packet, from } = await one.next()
  expect(packet.op).toBe('data')
  expect(from.address).toBe('127.0.0.3')
})

test('an IPv4 client of a server on [::] has its plain address', async () => {
  const peers: string[] = []
  const { server } = await start({
    listen: { address: '::', port: 0 },
    open: async (_path, peer) => {
      peers.push(peer)
      return bytesAsFile(Buffer.from('hello'), () => {})
    },
  })
  const one = await client()
  one.send(rrq('file'), server.port)
  expect((await takeAll(one)).toString()).toBe('hello')
  expect(peers).toEqual(['127.0.0.1'])
})

test.each([
  ['127.0.0.1', 1468],
  // 40 bytes of IPv6, 8 of UDP, 4 of DATA.
  ['::1', 1448],
])('on %s a block is no larger than a packet of the interface, without its headers', async (address, largest) => {
  const { server, reported } = await start({
    listen: { address, port: 0 },
    mtuAt: (of) => (of === address ? 1500 : 9000),
  })
  const one = await client(address)
  one.send(rrq('file', { blksize: '65464', windowsize: '4' }), server.port)
  const { packet, from } = await one.next()
  expect(packet).toMatchObject({
    op: 'oack',
    options: new Map([
      ['blksize', `${largest}`],
      ['windowsize', '4'],
    ]),
  })
  expect(from.address).toBe(address)
  one.send(ack(0), from.port)
  expect((await takeAll(one, largest)).length).toBe(1000)
  expect(await reported(1)).toMatchObject([{ peer: address, bytes: 1000, outcome: 'done' }])
})
