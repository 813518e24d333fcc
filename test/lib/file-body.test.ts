/** Files on their way to an HTTP client: by the kernel alone, from the disk, into what is no socket, and broken off. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { bytesReadBy, openRegular } from '../../src/lib/files.ts'

const SIZE = 9_000_001
const bytes = randomBytes(SIZE)
let folder: string
let path: string
let server: Server
let url: string
/** Of the last answer. */
let sent: () => number

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orchestra-body-'))
  path = join(folder, 'initrd.gz')
  writeFileSync(path, bytes)
  server = createServer(async (request, answer) => {
    const [start = 0, end = SIZE - 1] = (request.headers['x-part'] as string | undefined)?.split('-').map(Number) ?? []
    const file = await openRegular(request.url === '/other' ? join(folder, 'other') : path)
    const body = file?.stream({ start, end })
    if (request.headers['x-unsized'] === undefined) answer.setHeader('content-length', end - start + 1)
    sent = () => (body ? bytesReadBy(body) : 0)
    body?.on('error', () => answer.destroy())
    answer.once('close', () => void body?.destroy())
    body?.pipe(answer)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  rmSync(folder, { recursive: true })
})

const fetched = async (headers: Record<string, string> = {}) =>
  Buffer.from(await (await fetch(url, { headers })).arrayBuffer())
const openHere = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
    } catch {
      return false
    }
  }).length

describe('a file comes whole', () => {
  test('when the system has it in memory', async () => {
    expect((await fetched()).equals(bytes)).toBe(true)
    expect(sent()).toBe(SIZE)
  })

  test('when it is on the disk alone', async () => {
    const drop = [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none', 'if=/dev/null']
    await exec('dd', drop)
    expect((await fetched()).equals(bytes)).toBe(true)
  })

  test('when its length is not said', async () => {
    expect((await fetched({ 'x-unsized': 'yes' })).equals(bytes)).toBe(true)
  })

  test.each(['0-0', '5-1048580', `${SIZE - 3}-${SIZE - 1}`])('in part: %s', async (part) => {
    const [start = 0, end = 0] = part.split('-').map(Number)
    expect((await fetched({ 'x-part': part })).equals(bytes.subarray(start, end + 1))).toBe(true)
  })

  test('where it is piped to something else than a connection', async () => {
    const file = await openRegular(path)
    const through = new PassThrough()
    file?.stream().pipe(through)
    expect((await buffer(through)).equals(bytes)).toBe(true)
  })

  test('many times at once, to clients that are slow', async () => {
    const slow = async () => {
      const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
      const parts: Buffer[] = []
      for await (const part of answer) {
        parts.push(part)
        if (parts.length % 40 === 0) await wait(1)
      }
      return Buffer.concat(parts).equals(bytes)
    }
    expect(await Promise.all(Array.from({ length: 20 }, slow))).toEqual(Array(20).fill(true))
  })

  test('once for each of two requests that were sent together', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(
      'GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nx-part: 0-9\r\nconnection: close\r\n\r\n',
    )
    const all = await buffer(socket)
    const first = all.indexOf('\r\n\r\n') + 4
    expect(all.subarray(first, first + SIZE).equals(bytes)).toBe(true)
    expect(all.subarray(-10).equals(bytes.subarray(0, 10))).toBe(true)
    expect(all.subarray(first + SIZE, first + SIZE + 15).toString()).toBe('HTTP/1.1 200 OK')
  })
})

test('who hangs up has cost no more than what was sent, and leaves nothing open', async () => {
  const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
  await once(answer, 'readable')
  answer.destroy()
  await expect.poll(openHere).toBe(0)
  expect(sent()).toBeLessThanOrEqual(SIZE)
})

test('a file that has become shorter breaks the answer off, and nothing else', async () => {
  const other = join(folder, 'other')
  writeFileSync(other, bytes.subarray(0, 4_000_000))
  const fd = openSync(other, 'r')
  truncateSync(other, 3_000_000)
  closeSync(fd)
  await expect(fetch(`${url}other`).then((answer) => answer.arrayBuffer())).rejects.toThrow()
  await expect.poll(openHere).toBe(0)
  expect((await fetched()).length).toBe(SIZE)
})
