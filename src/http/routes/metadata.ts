/**
 * GET /metadata/TOKEN/…: the metadata service, as NoCloud-net and as EC2 below it; and EC2's own paths for those that are
 * known by their address. What there is, and for whom, is services/metadata.ts; a refusal is a plain 404 for anybody.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Metadata } from '../../services/metadata.ts'

export interface MetadataRoutesOptions {
  readonly metadata: Metadata
  /** Told of every reading; `document` is never a path that a token may be in. */
  readonly note?: ((reading: MetadataReading) => void) | undefined
}

export interface MetadataReading {
  readonly peer: string
  readonly document: string
  /** Undefined: it was refused, or there is none. */
  readonly bytes: number | undefined
}

/** What is told by its name; any other is "a document". */
const NAMED = /^(user-data|meta-data|vendor-data|network-config)$/

const EC2 = ['/latest', '/latest/*', '/2009-04-04', '/2009-04-04/*', '/1.0', '/1.0/*']

export const metadataRoutes: FastifyPluginAsync<MetadataRoutesOptions> = async (app, { metadata, note }) => {
  const noted = (request: FastifyRequest, path: string, found: Uint8Array | undefined) => {
    const last = path.split('/').at(-1) ?? ''
    note?.({ peer: peerOf(request), document: NAMED.test(last) ? last : 'a document', bytes: found?.length })
    return found
  }
  for (const url of ['/metadata', '/metadata/*']) {
    app.get(url, async (request, reply) => {
      const [, , token = '', ...rest] = partsOf(request)
      const path = rest.join('/')
      return answer(reply, noted(request, path, await metadata.read(token, path, peerOf(request))))
    })
  }
  for (const url of EC2) {
    app.get(url, async (request, reply) => {
      const path = partsOf(request).join('/').replace(/^\//, '')
      return answer(reply, noted(request, path, await metadata.readByAddress(path, peerOf(request))))
    })
  }
}

function answer(reply: FastifyReply, found: Uint8Array | undefined): FastifyReply {
  reply.header('cache-control', 'no-store')
  if (!found) return reply.code(404).type('text/plain;charset=utf-8').send('there is nothing here\n')
  // Whatever it is: nobody is to guess.
  return reply.type('application/octet-stream').send(found)
}

/** Nothing in these paths needs to be decoded: what was encoded is no path of ours. */
function partsOf(request: FastifyRequest): string[] {
  return (request.url.split('?', 1)[0] ?? '').split('/')
}

function peerOf(request: FastifyRequest): string {
  return request.ip.replace(/^::ffff:/i, '')
}
