/** Who may call a route of the API: each route declares it, one hook asks, and a route that declares nothing cannot be built. */
import type { FastifyRequest, RouteOptions } from 'fastify'
import type { Log } from '../lib/log.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Auth, Role } from '../services/auth.ts'
import { pathOf } from './errors.ts'

/** `open` needs no token; a role is the least that is needed. */
type Access = 'open' | Role

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
}

const RANK: Record<Role, number> = { viewer: 1, operator: 2, admin: 3 }

function isAllowed(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed]
}

/** The token of `Authorization: Bearer …` (RFC 6750); undefined when there is none. */
export function bearerToken(request: FastifyRequest): string | undefined {
  return /^Bearer +([^\s,]+) *$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** For onRoute: the start fails when somebody forgets. */
export function requireAccess({ url, method, config }: RouteOptions): void {
  if (config?.access === undefined) throw new Error(`route ${method} ${url} does not declare its access`)
}

const users = new WeakMap<FastifyRequest, string>()

/** Who asks, in a route that is not open. */
export function userOf(request: FastifyRequest): string {
  return users.get(request) ?? 'somebody'
}

/** For onRequest: before any byte of a body is read. */
export function guard(auth: Pick<Auth, 'check'>, log: Log) {
  return async (request: FastifyRequest): Promise<void> => {
    const needed = request.routeOptions.config.access ?? 'admin'
    if (needed === 'open') return
    const token = bearerToken(request)
    const identity = token === undefined ? undefined : auth.check(token)
    if (!identity) {
      const because =
        token === undefined ? 'this needs a token: POST /api/login gives one' : 'the token is unknown or expired'
      throw new OrchestraError('auth.token', because)
    }
    const { user, role } = identity
    if (!isAllowed(role, needed)) {
      throw new OrchestraError('auth.denied', `${user} is ${role}; this needs ${needed}`)
    }
    users.set(request, user)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      log.info({ user, peer: request.ip, method: request.method, path: pathOf(request) }, 'API call')
    }
  }
}
