/** Who may call a route of the API: each route declares it, one hook asks, and a route that declares nothing cannot be built. */
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Log } from '../lib/log.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Auth, Caller, Role } from '../services/auth.ts'
import { pathOf } from './errors.ts'
import { isOpenedBy } from './scopes.ts'
import { sessionToken } from './session.ts'
import { isWebSocketUpgrade } from './web-sockets.ts'

/** `open` needs no token; a role is the least that is needed. */
type Access = 'open' | Role

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** A token that was given to a program is refused: this is for the person himself. */
    loginOnly?: boolean
  }
}

const RANK: Record<Role, number> = { viewer: 1, operator: 2, admin: 3 }

function isAllowed(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed]
}

/** The token of `Authorization: Bearer …` (RFC 6750), or of a browser's session; undefined when there is none. */
export function tokenOf(request: FastifyRequest): string | undefined {
  return bearerToken(request) ?? sessionToken(request)
}

export function bearerToken(request: FastifyRequest): string | undefined {
  return /^Bearer +([^\s,]+) *$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** For onRoute: the start fails when somebody forgets. */
export function requireAccess({ url, method, config }: RouteOptions): void {
  if (config?.access === undefined) throw new Error(`route ${method} ${url} does not declare its access`)
}

const callers = new WeakMap<FastifyRequest, Caller>()

/** Who asks, in a route that is not open. */
export function userOf(request: FastifyRequest): string {
  return callers.get(request)?.user ?? 'somebody'
}

export function callerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request)
}

/** Whether the caller of a route may do what in that route only some may. */
export function mayAlso(request: FastifyRequest, needed: Role): boolean {
  const role = callers.get(request)?.role
  return role !== undefined && isAllowed(role, needed)
}

interface Upgraded {
  readonly needed: Role
  readonly end: () => void
}

const upgraded = new WeakMap<FastifyRequest, Upgraded>()

/**
 * For a request that became a WebSocket: how that ends with the login that opened it.
 * @param needed what its opener must be as long as it is open
 */
export function endWithLogin(request: FastifyRequest, needed: Role, end: () => void): void {
  upgraded.set(request, { needed, end })
}

/** Passwords in what installers are sent are for operators. A token for a program may no more than its scopes say. */
export function maySeeSecrets(request: FastifyRequest): boolean {
  const role = callerOf(request)?.role
  return role !== undefined && isAllowed(role, 'operator')
}

type Asked = Pick<Auth, 'identify' | 'isAlive' | 'roleOf' | 'onEnded'>

/** For onRequest: before any byte of a body is read. */
export function guard(auth: Asked, log: Log) {
  const streams = openAnswers(auth)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { access: needed = 'admin', loginOnly = false } = request.routeOptions.config
    if (needed === 'open') return
    const token = tokenOf(request)
    const caller = token === undefined ? undefined : auth.identify(token)
    if (token === undefined || !caller) {
      const because =
        token === undefined ? 'this needs a token: POST /api/login gives one' : 'the token is unknown or expired'
      throw new OrchestraError('auth.token', because)
    }
    // Known from here on: what he may not is noted too.
    callers.set(request, caller)
    checkCaller(caller, needed, loginOnly, request)
    streams.add(request, reply, token, caller, needed)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      log.info({ user: caller.user, peer: request.ip, method: request.method, path: pathOf(request) }, 'API call')
    }
  }
}

/** @throws OrchestraError auth.denied */
function checkCaller(caller: Caller, needed: Role, loginOnly: boolean, request: FastifyRequest): void {
  const { user, role, scopes, owner } = caller
  if (loginOnly && scopes) {
    throw new OrchestraError('auth.denied', 'this needs a login: a token that was given to a program may not do it')
  }
  if (role !== undefined && isAllowed(role, needed)) return
  if (!isAllowed(owner, needed)) throw new OrchestraError('auth.denied', `${user} is ${owner}; this needs ${needed}`)
  if (scopes && isOpenedBy(scopes, request.method, request.routeOptions.url ?? '')) return
  throw new OrchestraError('auth.denied', `this token has the scope ${scopes?.join(', ')}, which does not open this`)
}

/** Answers that go on for hours end with the login that they were given to; others are let finish. */
function openAnswers(auth: Asked) {
  const open = new Set<{ request: FastifyRequest; reply: FastifyReply; token: string; user: string; needed: Role }>()
  auth.onEnded(() => {
    for (const { request, reply, token, user, needed } of open) {
      const role = auth.roleOf(user)
      const socket = upgraded.get(request)
      const isGood = auth.isAlive(token) && (role === undefined || isAllowed(role, socket?.needed ?? needed))
      if (isGood) continue
      if (socket) socket.end()
      else if (reply.raw.headersSent) reply.raw.destroy()
    }
  })
  return {
    add(request: FastifyRequest, reply: FastifyReply, token: string, { user }: Caller, needed: Role): void {
      if (request.method !== 'GET') return
      const entry = { request, reply, token, user, needed }
      open.add(entry)
      // Of an upgraded request there is no answer that closes; the connection of others serves the next.
      const closing = isWebSocketUpgrade(request) ? request.raw.socket : reply.raw
      closing.once('close', () => open.delete(entry))
    },
  }
}
