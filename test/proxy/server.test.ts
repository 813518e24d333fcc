/** What the proxy gives out: packages, parts of them and indexes, from a mirror and without it. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { fileOf, open, startMirror } from './mirror.ts'
import { DEB, INDEX, MB, proxyStage } from './stage.ts'

const stage = proxyStage()

describe('a package', () => {
  test('is fetched once, and given out from then on, also when the mirror is gone and after a restart', async () => {
    const body = randomBytes(3 * MB)
    stage.mirror.files.set(DEB, fileOf(body))
    const first = await stage.get(DEB)
    expect([first.status, first.headers['x-cache'], first.body.equals(body)]).toEqual([200, 'MISS', true])
    const second = await stage.get(DEB)
    expect([second.status, second.headers['x-cache'], second.body.equals(body)]).toEqual([200, 'HIT', true])
    expect(second.headers).toMatchObject({
      'content-length': String(body.length),
      'content-type': 'application/octet-stream',
      'last-modified': 'Mon, 23 Nov 2026 08:00:00 GMT',
      'accept-ranges': 'bytes',
    })
    await stage.mirror.close()
    await stage.restart()
    expect((await stage.get(DEB)).body.equals(body)).toBe(true)
    expect(stage.lines()).toEqual([`GET ${DEB}`])
    expect(stage.mirror.asked[0]?.headers).toMatchObject({ via: expect.stringMatching(/^1\.1 orchestra-/) })
  })

  test('is fetched once for many who ask at once, and each gets all of it', async () => {
    const body = randomBytes(4 * MB)
    const coming = stage.slowFile(DEB, body.length)
    const clients = Array.from({ length: 40 }, () => stage.get(DEB))
    const reply = await coming
    reply.write(body.subarray(0, MB))
    clients.push(...Array.from({ length: 20 }, () => stage.get(DEB)))
    await (await open(stage.proxy, stage.mirror.url(DEB)))
      .once('readable', () => {})
      .resume()
      .destroy()
    reply.end(body.subarray(MB))
    for (const { body: got } of await Promise.all(clients)) expect(got.equals(body)).toBe(true)
    expect(stage.lines()).toEqual([`GET ${DEB}`])
  })

  test('comes to others while the first who asked goes away', async () => {
    const body = randomBytes(2 * MB)
    const coming = stage.slowFile(DEB, body.length)
    const first = open(stage.proxy, stage.mirror.url(DEB))
    const reply = await coming
    reply.write(body.subarray(0, MB))
    const going = await first
    await once(going, 'readable')
    const second = stage.get(DEB)
    going.destroy()
    reply.end(body.subarray(MB))
    expect((await second).body.equals(body)).toBe(true)
    expect((await stage.get(DEB)).headers['x-cache']).toBe('HIT')
    expect(stage.lines()).toHaveLength(1)
  })

  test('that everybody has given up is fetched to its end: whoever tries again finds it', async () => {
    const body = randomBytes(MB)
    const coming = stage.slowFile(DEB, body.length)
    const only = open(stage.proxy, stage.mirror.url(DEB))
    const reply = await coming
    reply.write(body.subarray(0, 1000))
    ;(await only).destroy()
    reply.end(body.subarray(1000))
    let again = await stage.get(DEB)
    while (again.headers['x-cache'] !== 'HIT') again = await stage.get(DEB)
    expect(again.body.equals(body)).toBe(true)
    expect(stage.lines()).toHaveLength(1)
  })

  test('that breaks off is broken for its client, and never kept', async () => {
    const coming = stage.slowFile(DEB, MB)
    const broken = stage.get(DEB)
    const reply = await coming
    reply.write(Buffer.alloc(1000))
    reply.once('drain', () => {}).destroy()
    await expect(broken).rejects.toThrow()
    await stage.allKept()
    stage.mirror.files.set(DEB, fileOf('whole'))
    expect((await stage.get(DEB)).body.toString()).toBe('whole')
  })

  test('comes as fast as its client reads, and is held in no memory', async () => {
    const length = 200 * MB
    stage.mirror.files.set(DEB, (_request, reply) => {
      reply.writeHead(200, { 'content-length': length })
      let left = length / MB
      const more = () => {
        while (left-- > 0) if (!reply.write(Buffer.alloc(MB, 7))) return void reply.once('drain', more)
        reply.end()
      }
      more()
    })
    await stage.restart({ cacheBytes: 300 * MB })
    global.gc?.()
    const before = process.memoryUsage().rss
    // Four who do not read, and one who does.
    const idle = await Promise.all(Array.from({ length: 4 }, () => open(stage.proxy, stage.mirror.url(DEB))))
    let bytes = 0
    for await (const part of await open(stage.proxy, stage.mirror.url(DEB))) bytes += (part as Buffer).length
    expect(bytes).toBe(length)
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MB)
    for (const one of idle) one.destroy()
    expect(stage.lines()).toHaveLength(1)
  })
})

describe('a part of a file', () => {
  const body = Buffer.from('0123456789')

  test('comes from the cache, from what is being fetched, and from the mirror for what is not kept', async () => {
    stage.mirror.files.set(DEB, fileOf(body))
    for (const how of ['MISS', 'HIT']) {
      const part = await stage.get(DEB, { range: 'bytes=4-' })
      expect([part.status, part.headers['x-cache'], part.body.toString()]).toEqual([206, how, '456789'])
      expect(part.headers).toMatchObject({ 'content-range': 'bytes 4-9/10', 'content-length': '6' })
    }
    expect((await stage.get(DEB, { range: 'bytes=-3' })).body.toString()).toBe('789')
    expect((await stage.get(DEB, { range: 'bytes=1-2,4-5' })).body.toString()).toBe('0123456789')
    const beyond = await stage.get(DEB, { range: 'bytes=10-' })
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */10'])
    expect((await stage.get(DEB, { range: 'bytes=4-', 'if-range': '"other"' })).status).toBe(200)
    await stage.restart({ cacheBytes: 0 })
    await stage.get(DEB, { range: 'bytes=4-' })
    expect(stage.mirror.asked.at(-1)?.headers.range).toBe('bytes=4-')
  })

  test('is sent before the whole has come', async () => {
    const coming = stage.slowFile(DEB, 10)
    const part = stage.get(DEB, { range: 'bytes=2-5' })
    const reply = await coming
    reply.write(body.subarray(0, 6))
    expect((await part).body.toString()).toBe('2345')
    reply.end(body.subarray(6))
  })
})

describe('an index', () => {
  test('is asked about each time, and fetched again when it has changed', async () => {
    stage.mirror.files.set(INDEX, fileOf('old'))
    expect((await stage.get(INDEX)).body.toString()).toBe('old')
    const same = await stage.get(INDEX)
    expect([same.body.toString(), same.headers['x-cache']]).toEqual(['old', 'HIT'])
    expect(stage.mirror.asked[1]?.headers['if-modified-since']).toBe('Mon, 23 Nov 2026 08:00:00 GMT')
    stage.mirror.files.set(INDEX, fileOf('new', 'Tue, 24 Nov 2026 08:00:00 GMT'))
    expect((await stage.get(INDEX)).body.toString()).toBe('new')
    expect(stage.lines()).toHaveLength(3)
  })

  test('is not sent to a client that has it', async () => {
    stage.mirror.files.set(INDEX, fileOf('old'))
    const since = { 'if-modified-since': 'Mon, 23 Nov 2026 08:00:00 GMT' }
    expect(await stage.get(INDEX, since)).toMatchObject({ status: 304, body: Buffer.alloc(0) })
    expect(await stage.get(INDEX, since)).toMatchObject({ status: 304 })
    expect(stage.mirror.asked[0]?.headers['if-modified-since']).toBeUndefined()
  })

  test('is given out as it was when the mirror is in trouble or gone, and the mirror is left in peace for a while', async () => {
    stage.mirror.files.set(INDEX, fileOf('old'))
    await stage.get(INDEX)
    stage.mirror.files.set(INDEX, (_request, reply) => void reply.writeHead(503).end())
    expect(await stage.get(INDEX)).toMatchObject({ status: 200, headers: { 'x-cache': 'STALE' } })
    const { port } = stage.mirror
    await stage.mirror.close()
    expect((await stage.get(INDEX)).body.toString()).toBe('old')
    expect((await stage.get('/debian/dists/x/other')).status).toBe(502)
    stage.mirror = await startMirror(port)
    stage.mirror.files.set(INDEX, fileOf('new', 'Tue, 24 Nov 2026 08:00:00 GMT'))
    expect((await stage.get(INDEX)).headers['x-cache']).toBe('STALE')
    stage.clock.advance(31_000)
    expect((await stage.get(INDEX)).body.toString()).toBe('new')
  })

  test('that is no more is forgotten', async () => {
    stage.mirror.files.set(INDEX, fileOf('old'))
    await stage.get(INDEX)
    stage.mirror.files.delete(INDEX)
    expect((await stage.get(INDEX)).status).toBe(404)
    await stage.mirror.close()
    expect((await stage.get('/other')).status).toBe(502)
    // apt goes on to the next form of an index for this answer only.
    expect((await stage.get(INDEX)).status).toBe(404)
  })

  test('that was not there is looked for each time', async () => {
    expect((await stage.get(INDEX)).status).toBe(404)
    stage.mirror.files.set(INDEX, fileOf('new'))
    expect((await stage.get(INDEX)).body.toString()).toBe('new')
    await stage.mirror.close()
    expect((await stage.get(INDEX)).body.toString()).toBe('new')
  })
})
