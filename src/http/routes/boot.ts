/** GET and HEAD /boot/…: the boot files over HTTP, with ranges; what they are is services/boot-files.ts. */
import type { Readable } from 'node:stream'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { bytesReadBy, type OpenFile } from '../../lib/files.ts'
import { asIpv4 } from '../../model/address.ts'
import { asIpv6 } from '../../model/address6.ts'
import type { BootFiles } from '../../services/boot-files.ts'

export interface BootRoutesOptions {
  readonly bootFiles: BootFiles
  /** Told of every answer with a file, when it is over. */
  readonly note?: ((fetch: BootFetch) => void) | undefined
}

export interface BootFetch {
  readonly peer: string
  readonly path: string
  readonly status: number
  /** Of the file; of an answer that was broken off, what had left by then. */
  readonly bytes: number
  readonly milliseconds: number
  /** False: the client hung up before its end. */
  readonly isWhole: boolean
}

/**
 * Where machines look. A GRUB that came by UEFI HTTP Boot keeps the server and forgets the folder: it looks for the prefix
 * that was built into it, from the root.
 */
const PATHS = ['/boot/*', '/grub/*', '/debian-installer/*', '/EFI/*']

export const bootRoutes: FastifyPluginAsync<BootRoutesOptions> = async (app, { bootFiles, note }) => {
  for (const url of PATHS) {
    // One handler for HEAD too: the one that Fastify would make reads the whole file to throw it away.
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: (request, reply) => answer({ bootFiles, note }, request, reply),
    })
  }
}

async function answer(
  { bootFiles, note }: BootRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const plain = request.ip.replace(/^::ffff:|%.*$/gi, '')
  const peer = asIpv4(plain) ?? asIpv6(plain)
  const path = pathOf(request.url)
  const file = peer && path !== undefined ? await bootFiles.open({ path, peer, via: 'http' }) : undefined
  if (!file) return reply.code(404).type('text/plain;charset=utf-8').send('there is no such boot file\n')
  let body: Readable | undefined
  if (note && request.method === 'GET') {
    const { raw } = reply
    raw.once('close', () => {
      const size = Number(raw.getHeader('content-length') ?? 0)
      const sent = body ? bytesReadBy(body) : 0
      // A client that has its last byte may hang up before we come to the end.
      const isWhole = raw.writableFinished || sent >= size
      const bytes = isWhole ? size : sent
      const milliseconds = Math.round(reply.elapsedTime)
      note({ peer: `${peer}`, path: path ?? '', status: reply.statusCode, bytes, milliseconds, isWhole })
    })
  }
  body = await prepare(file, request, reply)
  return reply.send(body)
}

function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split('?', 1)[0] ?? '').replace(/^\/boot\//, '/')
  } catch {
    return undefined // a % with no two digits behind it
  }
}

/** Status and headers, and the body that goes with them; undefined: there is none. */
async function prepare(file: OpenFile, request: FastifyRequest, reply: FastifyReply): Promise<Readable | undefined> {
  const { size, mtime } = file
  // A config is made anew for each request, whatever its size says: nobody may keep it.
  const isMade = mtime === 0
  const etag = isMade ? undefined : `"${size.toString(16)}-${Math.trunc(mtime).toString(16)}"`
  reply.header('accept-ranges', 'bytes')
  // UEFI HTTP Boot starts what is called an EFI program, by its type or by its name.
  const isProgram = /\.efi(\?|$)/.test(request.url)
  reply.type(isMade ? 'text/plain;charset=utf-8' : isProgram ? 'application/efi' : 'application/octet-stream')
  if (etag === undefined) reply.header('cache-control', 'no-store')
  else reply.header('etag', etag).header('last-modified', new Date(mtime).toUTCString())

  if (etag !== undefined && request.headers['if-none-match'] === etag) {
    await file.close()
    reply.code(304)
    return undefined
  }
  const fresh = request.headers['if-range'] === undefined || request.headers['if-range'] === etag
  // RFC 9110, 14.2: a range is a matter of GET alone.
  const range = fresh && request.method === 'GET' ? parseRange(request.headers.range, size) : undefined
  if (range === 'none of it') {
    await file.close()
    reply.code(416).header('content-range', `bytes */${size}`)
    return undefined
  }
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`)
  // With its length said, nothing is chunked: old PXE firmware knows no chunks. Said past Fastify, which writes it in lower
  // case: GRUB looks for these very letters, and refuses a kernel of unknown size.
  reply.raw.setHeader('Content-Length', range ? range.end - range.start + 1 : size)
  if (request.method === 'HEAD' || size === 0) {
    await file.close()
    return undefined
  }
  return file.stream(range)
}

/**
 * RFC 9110 section 14.2. Undefined: the whole file, also for several ranges at once, which a server need not know, and for the
 * last bytes of an empty file, which are all that there are.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'none of it' | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/i.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined
  if (from === '') {
    if (Number(to) === 0) return 'none of it'
    return size === 0 ? undefined : { start: Math.max(0, size - Number(to)), end: size - 1 }
  }
  const start = Number(from)
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (to !== '' && Number(to) < start) return undefined
  return start >= size ? 'none of it' : { start, end }
}
