/** /api/templates and what goes with them: read, saved with the text's hash as ETag, linted, previewed; and their history. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Templates } from '../../services/templates.ts'
import { maySeeSecrets, userOf } from '../auth.ts'
import { checkMatch, sendVersion } from '../preconditions.ts'

export interface TemplateRoutesOptions {
  readonly templates: Templates
}

export const templateRoutes: FastifyPluginAsyncZod<TemplateRoutesOptions> = async (app, { templates }) => {
  const params = z.object({ '*': z.string().describe('preseeds/default.seed') })
  const [viewer, admin] = [{ access: 'viewer' }, { access: 'admin' }] as const

  app.get('/api/templates', { config: viewer }, async () => await templates.list())

  app.get('/api/templates/*', { schema: { params }, config: viewer }, async (request, reply) => {
    const file = await templates.read(request.params['*'])
    return sendVersion(request, reply, file.revision, file)
  })

  const save = {
    params,
    querystring: z.strictObject({
      force: z.stringbool().default(false).describe('Also a text that does not lint.'),
    }),
    body: z.strictObject({ text: z.string(), comment: z.string().max(500).default('') }),
  }
  app.put('/api/templates/*', { schema: save, config: admin }, async (request, reply) => {
    const path = request.params['*']
    const { text, comment } = request.body
    const file = await templates.save(path, text, {
      ...{ by: userOf(request), comment, force: request.query.force },
      expect: (revision) => checkMatch(request, { name: path, revision }),
    })
    return sendVersion(request, reply, file.revision, file)
  })

  app.delete('/api/templates/*', { schema: { params }, config: admin }, async (request, reply) => {
    const path = request.params['*']
    await templates.reset(path, {
      ...{ by: userOf(request), comment: 'taken back' },
      expect: (revision) => checkMatch(request, { name: path, revision }),
    })
    return reply.code(204).send()
  })

  app.get('/api/template-versions/*', { schema: { params }, config: viewer }, async (request) =>
    templates.versions(request.params['*']),
  )

  const text = { path: z.string(), text: z.string() }
  const lint = { body: z.strictObject(text) }
  app.post('/api/template-lint', { schema: lint, config: viewer }, async (request) => {
    const problems = await templates.lint(request.body.path, request.body.text)
    return { problems: problems.map(problemOf) }
  })

  const preview = {
    body: z
      .strictObject({ ...text, system: z.string().optional(), profile: z.string().optional() })
      .refine(({ system, profile }) => system === undefined || profile === undefined, {
        message: 'a system or a profile, not both',
        path: ['profile'],
      }),
  }
  app.post('/api/template-preview', { schema: preview, config: viewer }, async (request) => {
    const { path, text: wanted, system, profile } = request.body
    const made = await templates.preview(path, wanted, { system, profile, seesSecrets: maySeeSecrets(request) })
    return { text: made.text, problems: made.problems.map(problemOf) }
  })
}

function problemOf({ line, severity, message }: Awaited<ReturnType<Templates['lint']>>[number]) {
  return { line: line ?? null, severity, message }
}
