/** /api/users for admins, and /api/account for everybody: who I am, and my password. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OrchestraError } from '../../model/errors.ts'
import type { Auth } from '../../services/auth.ts'
import { SCOPES } from '../../services/auth-tokens.ts'
import { callerOf, userOf } from '../auth.ts'
import { checkMatch, sendVersion, wantedRevision } from '../preconditions.ts'

export interface UserRoutesOptions {
  readonly auth: Pick<Auth, 'users' | 'verify'>
}

const role = z.enum(['viewer', 'operator', 'admin'])
const password = z.string().max(1024)
const user = z.object({ name: z.string(), role, revision: z.number().int() })

export const userRoutes: FastifyPluginAsyncZod<UserRoutesOptions> = async (app, { auth: { users, verify } }) => {
  const params = z.object({ name: z.string() })
  const admin = { access: 'admin' } as const

  const find = (name: string) => {
    const found = users.get(name)
    if (!found) throw new OrchestraError('item.missing', `there is no user ${name}`)
    return found
  }

  app.get('/api/users', { schema: { response: { 200: z.array(user) } }, config: admin }, async () => [...users.list()])

  app.get(
    '/api/users/:name',
    { schema: { params, response: { 200: user } }, config: admin },
    async (request, reply) => {
      const found = find(request.params.name)
      return sendVersion(request, reply, found.revision, found)
    },
  )

  const add = {
    body: z.strictObject({ name: z.string(), role, password: password.optional() }),
    response: {
      201: user.extend({ password: z.string().optional().describe('The one that was made up; it is told this once.') }),
    },
  }
  app.post('/api/users', { schema: add, config: admin }, async (request, reply) => {
    const { user: made, password: secret } = await users.add(request.body)
    return reply
      .code(201)
      .headers({ etag: `"${made.revision}"`, location: `/api/users/${encodeURIComponent(made.name)}` })
      .send({ ...made, ...(request.body.password === undefined && { password: secret }) })
  })

  const change = {
    params,
    body: z.strictObject({ role, password }).exactPartial(),
    response: { 200: user },
  }
  app.patch('/api/users/:name', { schema: change, config: admin }, async (request, reply) => {
    checkMatch(request, find(request.params.name))
    const changed = await users.change(request.params.name, request.body, wantedRevision(request))
    return sendVersion(request, reply, changed.revision, changed)
  })

  app.delete('/api/users/:name', { schema: { params }, config: admin }, async (request, reply) => {
    checkMatch(request, find(request.params.name))
    await users.remove(request.params.name, wantedRevision(request))
    return reply.code(204).send()
  })

  const account = {
    response: { 200: z.object({ user: z.string(), role, scopes: z.array(z.enum(SCOPES)).nullable() }) },
  }
  app.get('/api/account', { schema: account, config: { access: 'viewer' } }, async (request) => {
    const { user: name = '', owner = 'viewer', role: own = owner, scopes = null } = callerOf(request) ?? {}
    return { user: name, role: own, scopes: scopes && [...scopes] }
  })

  const own = { body: z.strictObject({ current: password, password }) }
  const forPeople = { access: 'viewer', loginOnly: true } as const
  app.post('/api/account/password', { schema: own, config: forPeople }, async (request, reply) => {
    const name = userOf(request)
    await verify(name, request.body.current, request.ip)
    await users.change(name, { password: request.body.password })
    return reply.code(204).send()
  })
}
