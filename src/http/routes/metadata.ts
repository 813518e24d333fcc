/**
 * GET /metadata/TOKEN/…: the metadata service, as NoCloud-net and as EC2 below it; and EC2's own paths for those that are
 * known by their address. What there is, and for whom, is services/metadata.ts; a refusal is a plain 404 for anybody.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Metadata } from '../../services/metadata.ts'

export interface MetadataRoutesOptions {
  readonly metadata: Metadata
}

const EC2 = ['/latest', '/latest/*', '/2009-04-04', '/2009-04-04/*', '/1.0', '/1.0/*']

export const metadataRoutes: FastifyPluginAsync<MetadataRoutesOptions> = async (app, { metadata }) => {
  for (const url of ['/metadata', '/metadata/*']) {
    app.get(url, async (request, reply) => {
      const [, , token = '', ...rest] = partsOf(request)
      return answer(reply, await metadata.read(token, rest.join('/'), peerOf(request)))
    })
  }
  for (const url of EC2) {
    app.get(url, async (request, reply) => {
      return answer(reply, await metadata.readByAddress(partsOf(request).join('/').replace(/^\//, ''), peerOf(request)))
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
