/** /api/tokens: the long-lived tokens that people give to programs: their own, and for admins those of all. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OrchestraError } from '../../model/errors.ts'
import type { Auth } from '../../services/auth.ts'
import { type ApiToken, SCOPES } from '../../services/auth-tokens.ts'
import { callerOf } from '../auth.ts'

export interface TokenRoutesOptions {
  readonly auth: Pick<Auth, 'tokens'>
}

const scopes = z.array(z.enum(SCOPES)).min(1)
const time = z.number().int().describe('Milliseconds since 1970.')
const shape = z.object({
  id: z.string(),
  user: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  made: time,
  expires: time.nullable(),
  used: time.nullable(),
})

export const tokenRoutes: FastifyPluginAsyncZod<TokenRoutesOptions> = async (app, { auth: { tokens } }) => {
  // A token that could make others would be worth more than its scopes.
  const forPeople = { access: 'viewer', loginOnly: true } as const
  const isTheirs = (caller: ReturnType<typeof callerOf>, { user }: Pick<ApiToken, 'user'>) =>
    caller !== undefined && (caller.owner === 'admin' || caller.user === user)

  app.get('/api/tokens', { schema: { response: { 200: z.array(shape) } }, config: forPeople }, async (request) =>
    tokens
      .list()
      .filter((token) => isTheirs(callerOf(request), token))
      .map(answerOf),
  )

  const add = {
    body: z.strictObject({
      name: z.string().regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable characters without blanks'),
      scopes,
      expires: time.optional(),
      user: z.string().optional().describe('Whose it is to be, where it is not your own; for admins.'),
    }),
    response: { 201: shape.extend({ token: z.string().describe('Told this once.') }) },
  }
  app.post('/api/tokens', { schema: add, config: forPeople }, async (request, reply) => {
    const caller = callerOf(request)
    const user = request.body.user ?? caller?.user ?? ''
    if (!isTheirs(caller, { user })) {
      throw new OrchestraError('auth.denied', `${caller?.user} is ${caller?.owner}; a token of another needs admin`)
    }
    const { token, made } = await tokens.add({ ...request.body, user })
    return reply
      .code(201)
      .header('location', '/api/tokens')
      .send({ ...answerOf(made), token })
  })

  const params = z.object({ id: z.string() })
  app.delete('/api/tokens/:id', { schema: { params }, config: forPeople }, async (request, reply) => {
    const found = tokens.get(request.params.id)
    // Whose it is not is not told that it is there.
    if (!found || !isTheirs(callerOf(request), found)) {
      throw new OrchestraError('item.missing', `there is no token ${request.params.id}`)
    }
    await tokens.remove(found.id)
    return reply.code(204).send()
  })
}

function answerOf(token: ApiToken) {
  return { ...token, scopes: [...token.scopes] }
}
