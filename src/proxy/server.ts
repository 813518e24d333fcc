/** The proxy's socket: what a client asks for is read, found and sent. Where it comes from is fetch.ts. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { type Cache, openCache } from './cache.ts'
import { type ByteRange, type Facts, readRange, readTarget, type Target } from './codec.ts'
import { isImmutable, isNotModified, mayHaveRange, passedHeaders, type Trust, trustOf } from './decide.ts'
import { type Reader, readChunk } from './download.ts'
import { createFetch, type Fetch } from './fetch.ts'
import { createMirrors, type Mirrors, RefusedAddress } from './mirrors.ts'

export interface ProxyServerOptions {
  /** Port 0: one of the system's choice. */
  readonly listen: { readonly address: string; readonly port: number }
  /** A folder of its own for what is kept. */
  readonly root: string
  readonly cacheBytes: number
  /** `host`, `host:port` or `*.domain`. */
  readonly mirrors: readonly string[]
  /** Of this host. */
  readonly ownAddresses: readonly string[]
  readonly clock: Clock
  readonly log: Log
}

export interface ProxyServer {
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

const MAX_CONNECTIONS = 2000
const NO_TUNNEL = 'this proxy makes no tunnels: name http:// mirrors, or set Acquire::https::Proxy "DIRECT"\n'
/** A client may wait as long for a mirror. */
const IDLE_MS = 120_000

/** One request on its way. */
interface Exchange {
  readonly request: IncomingMessage
  readonly reply: ServerResponse
  readonly target: Target
  readonly trust: Trust
}

export async function startProxy(options: ProxyServerOptions): Promise<ProxyServer> {
  const { listen, log, clock } = options
  const cache = await openCache({ root: options.root, mostBytes: options.cacheBytes, clock })
  const own = randomBytes(6).toString('hex')
  let port = listen.port
  const mirrors = createMirrors({
    ownAddresses: options.ownAddresses,
    ownPort: () => port,
    via: `1.1 orchestra-${own}`,
  })
  const fetch = createFetch({ cache, mirrors, clock, log })

  const server = createServer({ keepAliveTimeout: 15_000 }, (request, reply) => {
    answer(request, reply).catch((error: unknown) => {
      log.error({ url: request.url, err: error }, 'a request to the proxy failed')
      refuse(reply, 500, 'something is broken in this proxy; its log says what')
    })
  })

  async function answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    request.resume()
    reply.on('error', () => {}) // a client that goes away is no fault of ours
    const read = readTarget(request.method ?? '', request.url ?? '')
    if (!read.ok) return refuse(reply, read.status, read.because)
    const { target } = read
    const trust = trustOf(target, options.mirrors)
    if (!trust) {
      // Told to whoever asked; a log that anybody can fill would tell nobody.
      log.debug({ url: target.url, peer: request.socket.remoteAddress }, 'the proxy refused what is not listed')
      return refuse(reply, 403, `${target.host}:${target.port} is not listed in proxy.mirrors`)
    }
    if (request.headers.via?.includes(own)) return refuse(reply, 508, 'this request has been here before')
    const exchange = { request, reply, target, trust }
    // What belongs to one client must not be given to another.
    if (request.headers.authorization !== undefined) return await passOn(exchange, mirrors)
    if (request.method === 'HEAD') return await answerHead(exchange, cache, mirrors)
    await answerGet(exchange, cache, fetch, mirrors)
  }

  // A tunnel cannot be looked into: there would be nothing to keep, and no telling what it is for.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {})
    socket.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: ${NO_TUNNEL.length}\r\n\r\n${NO_TUNNEL}`)
  })
  server.maxConnections = MAX_CONNECTIONS
  server.setTimeout(IDLE_MS)
  server.listen(listen.port, listen.address)
  await once(server, 'listening')
  server.on('error', (error) => log.error({ err: error }, 'proxy socket'))
  const at = server.address()
  if (typeof at === 'object' && at) port = at.port

  let closed: Promise<void> | undefined
  return { address: listen.address, port, close: () => (closed ??= close()) }

  async function close(): Promise<void> {
    const ended = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await mirrors.close()
    await fetch.settled()
    await ended
  }
}

async function answerGet(exchange: Exchange, cache: Cache, fetch: Fetch, mirrors: Mirrors): Promise<void> {
  const { reply, target, trust } = exchange
  // What was there a moment ago may have had to make room.
  for (let tries = 1; tries <= 3; tries++) {
    const found = await fetch.find(target, trust)
    switch (found.from) {
      case 'cache': {
        const file = await cache.open(target.url)
        if (!file) continue
        const open = (range: ByteRange | undefined) => readerOf(file, range)
        const facts = { ...file.facts, length: file.length }
        return await sendFile(exchange, facts, open, found.isStale ? 'STALE' : 'HIT').finally(() => file.close())
      }
      case 'download':
        return await sendFile(exchange, found.download.facts, found.download.open, 'MISS')
      case 'mirror':
        return refuse(reply, found.status, `the mirror says ${found.status} to ${target.url}`, found.headers)
      case 'nowhere':
        if (found.why === 'no answer') return refuse(reply, found.status, found.because)
        return await passOn(exchange, mirrors)
    }
  }
  await passOn(exchange, mirrors)
}

/** What never changes is told from the cache; of the rest the mirror knows, or what we had of it when it is silent. */
async function answerHead(exchange: Exchange, cache: Cache, mirrors: Mirrors): Promise<void> {
  const { reply, target } = exchange
  const tell = async (how: string) => {
    const file = await cache.open(target.url)
    if (!file) return false
    await file.close()
    reply.writeHead(200, { ...headersOf(file.facts, how), 'content-length': file.length }).end()
    return true
  }
  if (isImmutable(target) && (await tell('HIT'))) return
  await passOn(exchange, mirrors, () => tell('STALE'))
}

/** From the mirror to this one client, as it comes. @param otherwise says whether it has answered, when the mirror does not */
async function passOn(
  { request, reply, target, trust }: Exchange,
  mirrors: Mirrors,
  otherwise: () => Promise<boolean> = async () => false,
): Promise<void> {
  const wanted = ['range', 'if-range', 'if-none-match', 'if-modified-since', 'authorization'] as const
  const headers = Object.fromEntries(
    wanted.flatMap((name) => {
      const value = request.headers[name]
      return value === undefined ? [] : [[name, String(value)]]
    }),
  )
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET'
  try {
    const answer = await mirrors.ask({ target, trust, method, headers })
    reply.writeHead(answer.status, { ...passedHeaders(answer.headers), 'x-cache': 'PASS' })
    await pipeline(answer.body, reply)
  } catch (error) {
    if (reply.headersSent) return void reply.destroy()
    if (error instanceof RefusedAddress) return refuse(reply, 403, error.message)
    if (!(await otherwise())) refuse(reply, 502, `${target.host}:${target.port} does not answer`)
  }
}

type OpenReader = (range: ByteRange | undefined) => Reader

async function sendFile({ request, reply }: Exchange, facts: Facts, open: OpenReader, how: string): Promise<void> {
  const headers = headersOf(facts, how)
  if (isNotModified(request.headers as Record<string, string>, facts)) return void reply.writeHead(304, headers).end()
  const { length } = facts
  const isPart = length !== undefined && mayHaveRange(request.headers as Record<string, string>, facts)
  const range = isPart ? readRange(request.headers.range, length) : undefined
  if (range === 'unsatisfiable') {
    return refuse(reply, 416, 'the file is not as long as that', { 'content-range': `bytes */${length}` })
  }
  const reader = open(range)
  try {
    if (range) {
      const { start, end } = range
      reply.writeHead(206, {
        ...headers,
        'content-range': `bytes ${start}-${end}/${length}`,
        'content-length': end - start + 1,
      })
    } else reply.writeHead(200, { ...headers, ...(length !== undefined && { 'content-length': length }) })
    await pump(reader, reply)
  } catch {
    // Half a file with a good end would be worse than none.
    reply.destroy()
  } finally {
    await reader.close()
  }
}

function headersOf({ headers }: Facts, how: string): Record<string, string> {
  return { ...headers, 'accept-ranges': 'bytes', 'x-cache': how }
}

/** No faster than the client reads. */
async function pump(reader: Reader, reply: ServerResponse): Promise<void> {
  reply.flushHeaders()
  while (!reply.destroyed) {
    const chunk = await reader.next()
    if (!chunk) return void reply.end()
    if (!reply.write(chunk)) await drained(reply)
  }
}

function drained(reply: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      reply.off('drain', done).off('close', done)
      resolve()
    }
    reply.on('drain', done).on('close', done)
    if (reply.destroyed) done()
  })
}

function readerOf(
  file: { readonly length: number; read: Parameters<typeof readChunk>[0]['read'] },
  range: ByteRange | undefined,
): Reader {
  let at = range?.start ?? 0
  const end = range === undefined ? file.length : range.end + 1
  return {
    async next() {
      if (at >= end) return undefined
      const chunk = await readChunk(file, at, end)
      at += chunk.length
      return chunk
    },
    close: async () => {},
  }
}

function refuse(reply: ServerResponse, status: number, because: string, headers: Record<string, string> = {}): void {
  if (reply.headersSent) return void reply.destroy()
  const text = `${because}\n`
  const length = { 'content-length': Buffer.byteLength(text) }
  reply.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8', ...length }).end(text)
}
