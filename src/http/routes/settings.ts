/** /api/settings: what orchestra.yaml and the environment say, checked and changed; POST /api/restart makes it so. For admins. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Json } from '../../lib/json.ts'
import { OrchestraError } from '../../model/errors.ts'
import { json as anyJson } from '../answer-shapes.ts'
import { checkMatch, sendVersion } from '../preconditions.ts'

export interface SettingsRoutesOptions {
  readonly settings: {
    view(): SettingsView
    /** Of all settings as they would be then, and of the changes themselves; none: they are good. */
    check(changes: Changes): readonly Fault[]
    /** Answers the file that it wrote. @throws OrchestraError item.invalid with every fault */
    change(changes: Changes): Promise<string>
  }
  readonly restart: {
    /** Reads the settings that are to be served next. Nothing happens yet. @throws OrchestraError item.invalid */
    prepare(): NextStart
    last(): Restarted | undefined
  }
}

type Changes = Readonly<Record<string, Json>>
type Fault = z.infer<typeof fault>
export type Restarted = z.infer<typeof restarted>
/** `revision`: another when the file is another. */
export type SettingsView = Omit<z.infer<typeof view>, 'restarted'> & { readonly revision: string }

export interface NextStart {
  /** Milliseconds since 1970: it is over when `last().at` is not before. */
  readonly at: number
  /** True: HTTP listens elsewhere then. */
  readonly moves: boolean
  /** Where, if that is known; `*` is whatever name this host is called by. */
  readonly listen: { readonly host: string; readonly port: number } | undefined
  /** Closes all and serves anew. */
  begin(): void
}

const json = anyJson as unknown as z.ZodType<Json>
const fault = z.object({ path: z.string(), message: z.string() })
const time = z.number().int().describe('Milliseconds since 1970.')
export const restarted = z.object({
  at: time,
  because: z
    .string()
    .nullable()
    .describe('Why the new settings could not be served; the old ones are. Null: they are served.'),
})
const kind = z.enum(['text', 'number', 'boolean', 'choice', 'list', 'table'])
const row = { default: json, meaning: z.string(), kind, choices: z.array(z.string()), secret: z.boolean() }
const view = z.object({
  file: z.string().nullable(),
  place: z.string().describe('The file that is or would be written.'),
  writable: z.boolean(),
  pending: z.boolean().describe('It says something else than what runs: a restart is due.'),
  faults: z.array(fault),
  values: z.array(
    z.object({
      path: z.string(),
      value: json.describe('As it is written in YAML; null: unset.'),
      origin: z.enum(['default', 'file', 'environment']),
      ...row,
      locked: z.string().nullable().describe('Why it cannot be changed here.'),
      items: z.array(z.object({ name: z.string(), ...row })).describe('The columns of a table.'),
    }),
  ),
  restarted: restarted.nullable(),
})

const changes = z.strictObject({
  changes: z.record(z.string(), json).describe('By path, `dhcp.subnets`; null: back to the default.'),
})

export const settingsRoutes: FastifyPluginAsyncZod<SettingsRoutesOptions> = async (app, { settings, restart }) => {
  app.get(
    '/api/settings',
    { schema: { response: { 200: view } }, config: { access: 'admin' } },
    async (request, reply) => {
      const { revision, ...shown } = settings.view()
      return sendVersion(request, reply, revision, { ...shown, restarted: restart.last() ?? null })
    },
  )

  const check = { body: changes, response: { 200: z.object({ faults: z.array(fault) }) } }
  app.post('/api/settings/check', { schema: check, config: { access: 'admin' } }, async (request) => ({
    faults: [...settings.check(request.body.changes)],
  }))

  // A token that was left in a script must not be worth the whole server.
  const forPeople = { access: 'admin', loginOnly: true } as const
  const change = { body: changes, response: { 200: z.object({ restart: z.literal(true), file: z.string() }) } }
  app.patch('/api/settings', { schema: change, config: forPeople }, async (request) => {
    if (Object.keys(request.body.changes).length === 0) {
      throw new OrchestraError('item.invalid', 'nothing to change: name a setting', { field: 'changes' })
    }
    checkMatch(request, { name: 'the file of the settings', revision: settings.view().revision })
    return { restart: true as const, file: await settings.change(request.body.changes) }
  })

  const begin = {
    response: { 202: z.object({ at: time, moves: z.boolean(), url: z.string().nullable() }) },
  }
  app.post('/api/restart', { schema: begin, config: forPeople }, async (request, reply) => {
    const { at, moves, listen, begin } = restart.prepare()
    // The answer leaves first.
    reply.raw.once('close', begin)
    const host = listen?.host === '*' ? request.hostname : listen?.host
    return reply.code(202).send({ at, moves, url: moves && listen ? `http://${host}:${listen.port}` : null })
  })
}
