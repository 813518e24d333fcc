/** /webdav: WebDAV's methods, who may use them, and the bytes of their answers. What they do is webdav/. */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../lib/log.ts'
import type { Audit } from '../../services/audit.ts'
import type { Access, AccessRequest } from '../../webdav/access.ts'
import type { WebDav } from '../../webdav/handle.ts'
import type { DavAnswer } from '../../webdav/store.ts'
import { pathOf } from '../errors.ts'
import { askedOf, guardSilence, restOfBody, sendBody, takeStreams } from '../store-body.ts'

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

/** What is in the store is anybody's: a browser runs none of it, whatever it is. */
const POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

export const webDavRoutes: FastifyPluginAsync<WebDavRoutesOptions> = async (app, { webdav, access, log, audit }) => {
  for (const method of EXTENSIONS) app.addHttpMethod(method)
  takeStreams(app)

  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const { raw, method } = request
    const asked = askedOf(request)
    if (asked.hasBody) guardSilence(request)
    try {
      const answer = await answerTo(request, asked)
      await restOfBody(request, answer.status === 401)
      return send(reply, method, answer)
    } catch (error) {
      // Whoever hangs up in the middle of a body is no fault of ours, and hears nothing of it.
      if (!raw.readableAborted) throw error
      log.info({ peer: request.ip, method, path: pathOf(request) }, 'a client of the store hung up')
      return reply.hijack()
    }
  }

  async function answerTo(request: FastifyRequest, asked: ReturnType<typeof askedOf>): Promise<DavAnswer> {
    const { raw, method, ip } = request
    const target = raw.url ?? ''
    const allowed = await access({ method, target, authorization: raw.headers.authorization, peer: ip })
    if (!allowed.ok) return allowed.answer
    const principal = allowed.user
    const answer = await webdav.answer({ ...asked, method, target, principal })
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

async function send(reply: FastifyReply, method: string, answer: DavAnswer): Promise<FastifyReply> {
  reply.code(answer.status).headers({ 'content-security-policy': POLICY, ...answer.headers })
  return await sendBody(reply, method, answer)
}
