/** POST /cobbler_api and /RPC2: the door of Cobbler's clients. What a call means is xmlrpc/. */
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { AnswerXmlRpc } from '../../xmlrpc/dispatch.ts'

export interface XmlRpcRoutesOptions {
  readonly answerXmlRpc: AnswerXmlRpc
}

/** Preseeds and logs travel in calls; nothing that is larger does. */
const BODY_LIMIT = 16 * 1024 * 1024

/** Cobbler's clients write the path with and without a slash at its end, and follow no redirect. */
const PATHS = ['/cobbler_api', '/cobbler_api/', '/RPC2']

export const xmlRpcRoutes: FastifyPluginAsync<XmlRpcRoutesOptions> = async (app, { answerXmlRpc }) => {
  // Clients say text/xml, application/xml, or nothing at all.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => body)

  for (const path of PATHS) {
    app.post(path, { bodyLimit: BODY_LIMIT }, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      return await send(reply, await answerXmlRpc(body, request.ip))
    })
    app.get(path, async (_request, reply) =>
      reply
        .code(405)
        .headers({ allow: 'POST', 'content-type': 'text/plain' })
        .send('This is the XML-RPC interface of Cobbler: use POST.\n'),
    )
  }
}

/** An answer that is larger is written twice, for its length and for its bytes, and never held whole. */
const HELD = 1024 * 1024
/** Bytes between two pauses. */
const BLOCK = 64 * 1024

/** With its length: the clients of 2011 do not understand a chunked answer. Others run between the pieces. */
async function send(reply: FastifyReply, pieces: Iterable<Buffer | string>): Promise<FastifyReply> {
  let parts: (Buffer | string)[] | undefined = []
  let length = 0
  let pause = BLOCK
  for (const piece of pieces) {
    length += Buffer.byteLength(piece)
    if (length > HELD) parts = undefined
    parts?.push(piece)
    if (length < pause) continue
    pause = length + BLOCK
    await setImmediate()
  }
  reply.header('content-type', 'text/xml')
  if (parts) return reply.send(Buffer.concat(parts.map(bytesOf)))
  return reply
    .header('content-length', length)
    .send(Readable.from(unhurried(pieces), { objectMode: false, highWaterMark: BLOCK }))
}

/** A reader that keeps up would have the sender all to itself. */
async function* unhurried(pieces: Iterable<Buffer | string>): AsyncGenerator<Buffer> {
  let sent = 0
  for (const piece of pieces) {
    yield bytesOf(piece)
    sent += piece.length
    if (sent < BLOCK) continue
    sent = 0
    await setImmediate()
  }
}

function bytesOf(piece: Buffer | string): Buffer {
  return typeof piece === 'string' ? Buffer.from(piece) : piece
}
