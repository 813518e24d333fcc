/** POST /api/login and /api/logout: a password becomes a token or a browser's session, and either ends. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OrchestraError } from '../../model/errors.ts'
import type { Auth } from '../../services/auth.ts'
import { tokenOf } from '../auth.ts'
import { endSession, isFromOurPage, startSession } from '../session.ts'

export interface LoginRoutesOptions {
  readonly auth: Auth
}

const roles = z.enum(['viewer', 'operator', 'admin'])

export const loginRoutes: FastifyPluginAsyncZod<LoginRoutesOptions> = async (app, { auth }) => {
  const login = {
    body: z.strictObject({
      user: z.string().min(1).max(255),
      password: z.string().max(1024),
      session: z
        .boolean()
        .default(false)
        .describe('For a browser: the token comes as a cookie that no script can read.'),
    }),
    response: { 200: z.object({ token: z.string(), user: z.string(), role: roles }) },
  }
  app.post('/api/login', { schema: login, config: { access: 'open' }, bodyLimit: 4096 }, async (request, reply) => {
    const { user, password, session } = request.body
    // Another site's page could log a browser in as somebody else, and read along.
    if (session && !isFromOurPage(request))
      throw new OrchestraError('auth.denied', 'a session begins on the page of this server')
    // The socket's own address: whoever can choose X-Forwarded-For could fail as often as they like.
    const token = await auth.login(user, password, request.ip)
    const identity = auth.check(token)
    if (!identity) throw new OrchestraError('auth.token', 'the token ended before it could be used')
    if (session) startSession(request, reply, token)
    return { token: session ? '' : token, ...identity }
  })

  app.post('/api/logout', { config: { access: 'viewer' } }, async (request, reply) => {
    await auth.logout(tokenOf(request) ?? '')
    endSession(reply)
    return reply.code(204).send()
  })
}
