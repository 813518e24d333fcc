/**
 * A browser's session: its token is a cookie that no script can read and no other site can send. What changes something
 * must come from a page of this server (Origin, RFC 6454): a cookie alone proves only that the browser has one.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'

const NAME = 'orchestra_session'

/** Without `expires` it ends with the browser; the token behind it ends an hour after its last use. */
export function startSession(request: FastifyRequest, reply: FastifyReply, token: string): void {
  // A proxy in front may speak TLS where we do not: what the browser calls its page is what counts.
  const secure = request.headers.origin?.startsWith('https:') ?? false
  reply.setCookie(NAME, token, { ...PLACE, secure })
}

export function endSession(reply: FastifyReply): void {
  reply.clearCookie(NAME, PLACE)
}

const PLACE = { path: '/', httpOnly: true, sameSite: 'strict' } as const

/** Undefined also for a change that comes from another page. */
export function sessionToken(request: FastifyRequest): string | undefined {
  const token = request.cookies[NAME]
  if (token === undefined || token === '') return undefined
  const isReading = (request.method === 'GET' || request.method === 'HEAD') && !isUpgrade(request)
  return isReading || isFromOurPage(request) ? token : undefined
}

/** A WebSocket is opened by GET, and by any page that likes to. */
function isUpgrade({ headers }: FastifyRequest): boolean {
  return headers.upgrade !== undefined
}

/** Browsers name the origin of every request that is no plain GET. */
export function isFromOurPage({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers
  if (origin === undefined || host === undefined) return false
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
}
