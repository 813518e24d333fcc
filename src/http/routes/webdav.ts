/** /webdav: WebDAV's methods, who may use them, and the bytes of their answers. What they do is webdav/. */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../lib/log.ts'
import type { Audit } from '../../services/audit.ts'
import type { Access, AccessRequest } from '../../webdav/access.ts'
import { drain } from '../../webdav/body.ts'
import type { WebDav } from '../../webdav/handle.ts'
import type { DavAnswer } from '../../webdav/store.ts'
import { pathOf } from '../errors.ts'

export interface WebDavRoutesOptions {
  readonly webdav: WebDav
  readonly access: (request: AccessRequest) => Promise<Access>
  readonly log: Log
  /** Unset: nobody keeps who changed what. */
  readonly audit?: Pick<Audit, 'note'> | undefined
}

/** Those that Fastify does not know; their bodies are ours to read. */
const EXTENSIONS = ['MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'PROPPATCH', 'LOCK', 'UNLOCK']
/** The rest are answered with 405 and the list of those that are there. */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST', 'PATCH', ...EXTENSIONS]
const READS = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND'])

/** A sender that is silent for so long in the middle of a body has gone. */
const SILENCE = 120_000

/** What is in the store is anybody's: a browser runs none of it, whatever it is. */
const POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

export const webDavRoutes: FastifyPluginAsync<WebDavRoutesOptions> = async (app, { webdav, access, log, audit }) => {
  for (const method of EXTENSIONS) app.addHttpMethod(method)
  // Bodies are streams, of any type or none: the clients of 2011 name none when they PUT.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.addHook('onRequest', async ({ raw }) => void delete raw.headers['content-type'])

  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const { raw, method } = request
    const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0
    if (hasBody) guardSilence(request)
    try {
      const answer = await answerTo(request, hasBody)
      if (answer.status === 401 || !canAnswerEarly(request)) await drain(raw)
      return send(reply, method, answer)
    } catch (error) {
      // Whoever hangs up in the middle of a body is no fault of ours, and hears nothing of it.
      if (!raw.readableAborted) throw error
      log.info({ peer: request.ip, method, path: pathOf(request) }, 'a client of the store hung up')
      return reply.hijack()
    }
  }

  async function answerTo(request: FastifyRequest, hasBody: boolean): Promise<DavAnswer> {
    const { raw, method, ip } = request
    const target = raw.url ?? ''
    const allowed = await access({ method, target, authorization: raw.headers.authorization, peer: ip })
    if (!allowed.ok) return allowed.answer
    const isHttp10 = raw.httpVersion === '1.0'
    const principal = allowed.user
    const headers = plainHeaders(request)
    const answer = await webdav.answer({ method, target, headers, body: raw, hasBody, isHttp10, principal })
    if (!READS.has(method)) {
      const user = principal || 'anybody'
      log.info({ user, peer: ip, method, path: pathOf(request), status: answer.status }, 'store')
      const action = `${method} ${pathOf(request)}`
      if (answer.status < 300) audit?.note({ user, peer: ip, door: 'webdav', action, outcome: 'ok' })
    }
    return answer
  }

  for (const url of ['/webdav', '/webdav/*']) app.route({ method: METHODS, url, handler })
}

function guardSilence({ raw }: FastifyRequest): void {
  raw.setTimeout(SILENCE)
  raw.once('end', () => raw.setTimeout(0))
}

/**
 * Where the connection stays open, what is left of a body is read and forgotten after the answer. Where it closes, bytes
 * that come too late would take the answer with them: they are waited for.
 */
function canAnswerEarly({ raw }: FastifyRequest): boolean {
  return raw.httpVersion !== '1.0' && !/\bclose\b/i.test(raw.headers.connection ?? '')
}

/** As text each; of one that was sent several times, Node has joined or chosen already. */
function plainHeaders({ raw }: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(raw.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}

async function send(reply: FastifyReply, method: string, { status, headers, body }: DavAnswer): Promise<FastifyReply> {
  reply.code(status).headers({ 'content-security-policy': POLICY, ...headers })
  if (status === 204 || status === 304) return reply.send()
  const bytes = typeof body === 'string' || body === undefined ? Buffer.from(body ?? '') : undefined
  const length = bytes?.length ?? (typeof body === 'object' ? body.length : 0)
  // With its length said, nothing is chunked: the clients of 2011 know no chunks.
  reply.raw.setHeader('Content-Length', length)
  if (bytes || typeof body !== 'object') return reply.send(method === 'HEAD' ? undefined : bytes)
  if (method === 'HEAD' || length === 0) {
    await body.file.close()
    return reply.send()
  }
  return reply.send(body.file.stream({ start: body.start, end: body.start + length - 1 }))
}
