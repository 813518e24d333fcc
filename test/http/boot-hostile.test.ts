/** The boot files under attack over raw connections: paths of every kind, and bytes that are no HTTP. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  complaintsIn,
  FEW_TIMERS,
  held,
  holdsSecret,
  hostileBytes,
  hostilePath,
  SEED,
  timers,
} from '../support/hostile.ts'
import { bootDoor, cut, readAnswers } from './boot-door.ts'

const door = bootDoor()

test('no path leads out of the boot root', async () => {
  const prefix = fc.constantFrom(
    '/boot/',
    '/grub/',
    '/EFI/',
    '/debian-installer/',
    '/boot',
    '',
    'http://x/boot/',
    '//boot/',
  )
  let found = 0
  await fc.assert(
    fc.asyncProperty(prefix, hostilePath, fc.boolean(), async (before, path, isEncoded) => {
      const target = before + (isEncoded ? path.split('/').map(encodeURIComponent).join('/') : path)
      const request = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
      const bytes = await door.exchange([Buffer.from(request, 'latin1')])
      expect(holdsSecret(bytes)).toBe(false)
      const [answer] = readAnswers(bytes, ['GET'])
      expect([200, 302, 400, 404, 414]).toContain(answer?.status)
      if (answer?.status === 200) found++
    }),
    {
      numRuns: 500,
      seed: SEED,
      examples: [
        ['/boot/', 'in', false],
        ['/boot/', 'file', false],
        ['//boot/', '/file', true],
        ['/boot/', 'out', false],
        ['/boot/', 'back/hidden', false],
      ],
    },
  )
  expect(found).toBeGreaterThan(4)
})

const SEEDS = [
  'GET /boot/file HTTP/1.1\r\nHost: x\r\nRange: bytes=1-5\r\n\r\n',
  'GET /boot/large HTTP/1.1\r\nHost: x\r\n\r\nGET /boot/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'GET /boot/large HTTP/1.0\r\n\r\n',
  'HEAD /boot/large HTTP/1.1\r\nHost: x\r\n\r\nGET /boot/out HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /boot/large HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n',
  'GET /grub/grub.cfg HTTP/1.1\r\nHost: x\r\nIf-None-Match: "a"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST /boot/file HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello',
  'GET /boot/../../hidden HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'GET /boot/large HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'GET /boot/% HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
].map((text) => Buffer.from(text, 'latin1'))

/** What becomes of a connection when all is written. */
const shot = fc.record({
  bytes: hostileBytes(SEEDS),
  cuts: fc.array(fc.nat(300), { maxLength: 3 }),
  end: fc.constantFrom('reset' as const, 'end' as const, 'hear' as const),
})

test('after any bytes a good client is served, nothing is left open, and each peer is spoken of once', async () => {
  const idle = held(door.site.folder)
  await fc.assert(
    fc.asyncProperty(fc.array(shot, { minLength: 1, maxLength: 6 }), async (shots) => {
      await Promise.all(
        shots.map(async ({ bytes, cuts, end }) => {
          const socket = connect({ port: door.port, host: '127.0.0.1', localAddress: '127.0.0.2' })
          socket.on('error', () => {})
          await once(socket, 'connect')
          const heard: Buffer[] = []
          socket.on('data', (part: Buffer) => heard.push(part))
          for (const piece of cut(bytes, cuts)) await new Promise((resolve) => socket.write(piece, resolve))
          if (end === 'reset') socket.resetAndDestroy()
          else if (end === 'end') await closing(socket.end())
          else socket.destroy()
          expect(holdsSecret(Buffer.concat(heard))).toBe(false)
        }),
      )
      const good = await fetch(`http://127.0.0.1:${door.port}/boot/file`, { headers: { connection: 'close' } })
      expect(Buffer.from(await good.arrayBuffer()).equals(door.site.file)).toBe(true)
      await door.site.allClosed()
      await expect.poll(() => held(door.site.folder), { interval: 2 }).toEqual(idle)
    }),
    { numRuns: 150, seed: SEED, endOnFailure: true },
  )
  expect(timers()).toBeLessThan(FEW_TIMERS)
  const told = complaintsIn(door.lines)
  expect([told.get('127.0.0.2'), new Set(told.values())]).toEqual([1, new Set([1])])
  expect(door.lines.filter((line) => JSON.parse(line).level > 30)).toEqual([])
})

async function closing(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close')
}

test('what is no HTTP is not written into the answer before it', async () => {
  const request = 'GET /boot/large HTTP/1.1\r\nHost: x\r\n\r\n'
  const bytes = await door.exchange([Buffer.from(`${request}GARBAGE\r\n\r\n`)])
  const [answer, ...more] = readAnswers(bytes, ['GET'])
  expect(answer?.body.equals(door.site.large)).toBe(true)
  expect(more).toEqual([])
})

test('what is no HTTP is told so, as all other errors are', async () => {
  const [answer] = readAnswers(await door.exchange([Buffer.from('GARBAGE\r\n\r\n')]), ['GET'])
  expect(answer?.status).toBe(400)
  expect(answer?.headers.get('content-type')).toBe('application/problem+json')
  expect(JSON.parse(`${answer?.body}`)).toMatchObject({ status: 400, code: 'request.invalid' })
  const long = `GET /boot/file HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`
  expect(readAnswers(await door.exchange([Buffer.from(long)]), ['GET'])[0]?.status).toBe(431)
})

test.each(['/boot/file', '/boot/none', '/boot/..%../x'])(
  'who asks for a WebSocket at %s is told that there is none, and the connection ends',
  async (path) => {
    const idle = held()
    const upgrade = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
    const [answer] = readAnswers(await door.exchange([Buffer.from(upgrade)]), ['GET'])
    expect([400, 404]).toContain(answer?.status)
    await expect.poll(() => held()).toEqual(idle)
  },
)
