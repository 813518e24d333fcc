/** POST /cobbler_api and /RPC2: the door of Cobbler's clients. What a call means is xmlrpc/. */
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

/** Whole and with its length: the clients of 2011 do not understand a chunked answer. Others run between the pieces. */
async function send(reply: FastifyReply, pieces: Iterable<string>): Promise<FastifyReply> {
  const parts: Buffer[] = []
  for (const piece of pieces) {
    if (parts.length > 0) await setImmediate()
    parts.push(Buffer.from(piece, 'utf8'))
  }
  return reply.header('content-type', 'text/xml').send(Buffer.concat(parts))
}
