/** What the API changed goes to the audit before it is answered; so do refused logins, by whatever door. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isJsonObject } from '../lib/json.ts'
import type { Audit, Deed } from '../services/audit.ts'
import { callerOf } from './auth.ts'
import { pathOf } from './errors.ts'

/** For onSend. */
export function auditChanges(audit: Pick<Audit, 'record'>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { method, body } = request
    if (method === 'GET' || method === 'HEAD') return
    const outcome = outcomeOf(reply.statusCode)
    const isLogin = request.routeOptions.url === '/api/login'
    const user = isLogin && isJsonObject(body) ? String(body['user']) : callerOf(request)?.user
    // Refused logins are told by whoever refuses them; a token that nobody knows is nobody's deed.
    if (outcome === undefined || user === undefined || (isLogin && outcome !== 'ok')) return
    await audit.record({
      ...{ user, peer: request.ip, outcome },
      door: isLogin ? 'login' : 'api',
      action: isLogin ? 'login' : `${method} ${pathOf(request)}`,
      fields: isLogin ? [] : fieldsOf(body),
      systems: systemsOf(request),
    })
  }
}

/** Undefined: nothing was changed, and nobody tried what he may not. */
function outcomeOf(status: number): Deed['outcome'] | undefined {
  if (status < 300) return 'ok'
  if (status === 403) return 'denied'
  return status >= 500 ? 'failed' : undefined
}

/** Whom a call names, in its path or as a list. */
function systemsOf({ routeOptions, params, body }: FastifyRequest): string[] {
  const isOfOne = routeOptions.url?.startsWith('/api/systems/:name') === true
  const one = isOfOne && isJsonObject(params) ? [params['name']] : []
  const list = isJsonObject(body) && Array.isArray(body['systems']) ? body['systems'] : []
  return [...one, ...list].filter((name) => typeof name === 'string')
}

/** One level below too, where it is ours: `power.pass`, `changes.http.listen`. What is deeper are people's own words. */
const GROUPS = new Set(['power', 'changes'])

function fieldsOf(body: unknown): string[] {
  if (!isJsonObject(body)) return []
  return Object.entries(body).flatMap(([name, value]) =>
    GROUPS.has(name) && isJsonObject(value) ? Object.keys(value).map((key) => `${name}.${key}`) : [name],
  )
}
