/** GET /cblr/svc/op/…: the calls that installers make, in Cobbler's paths and words. */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { OrchestraError } from '../../model/errors.ts'
import type { Install } from '../../services/install.ts'

export interface InstallRoutesOptions {
  readonly install: Install
  /** Told of every preseed that a system asked for. */
  readonly note?: ((call: PreseedCall) => void) | undefined
}

export interface PreseedCall {
  readonly system: string
  readonly peer: string
  /** Undefined: it could not be made. */
  readonly bytes: number | undefined
  readonly milliseconds: number
}

interface Call {
  readonly install: Install
  readonly params: ReadonlyMap<string, string>
  readonly query: (name: string) => string
  readonly peer: string
}

/** A text, or Cobbler's True and False. */
type Operation = (call: Call) => Promise<string | boolean>

const preseed: Operation = async ({ install, params, peer }) => {
  const [system, profile] = [params.get('system'), params.get('profile')]
  if (system !== undefined) return install.systemPreseed(system, peer).catch(notFound('system'))
  if (profile !== undefined) return install.profilePreseed(profile, peer).catch(notFound('profile'))
  return NOT_FOUND.object
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ks: preseed,
  autoinstall: preseed,
  nopxe: ({ install, params, peer }) => install.disableNetboot(params.get('system') ?? '', peer),
  trig: ({ install, params, peer }) => {
    const type = params.has('system') ? 'system' : 'profile'
    return install.trigger(params.get('mode') ?? '', type, params.get(type) ?? '', peer)
  },
  progress: ({ install, params, query, peer }) =>
    install.progress(params.get('system') ?? '', query('step'), query('message'), peer),
}

const NOT_FOUND = {
  system: '# system not found',
  profile: '# profile not found',
  object: '# object not found',
} as const

/** cloud-init's phone_home posts a form; nothing in it is needed. */
const BODY_LIMIT = 256 * 1024

export const installRoutes: FastifyPluginAsync<InstallRoutesOptions> = async (app, options) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, _body, done) => done(null))
  app.route({
    method: ['GET', 'HEAD', 'POST'],
    url: '/cblr/svc/*',
    handler: (request, reply) => answer(options, request, reply),
  })
}

async function answer(
  { install, note }: InstallRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.type('text/plain;charset=utf-8').header('cache-control', 'no-store')
  const params = pairs(request.url)
  const name = params?.get('op') ?? ''
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined
  if (!params || !operation) return reply.code(404).send(NOT_FOUND.object)
  // A look ahead must change nothing and report nothing.
  if (request.method === 'HEAD') return reply.send()
  const query = (key: string) => {
    const value = (request.query as Record<string, unknown>)[key]
    return typeof value === 'string' ? value : ''
  }
  const tell = (bytes: number | undefined) => {
    const system = operation === preseed ? params.get('system') : undefined
    if (system === undefined) return
    note?.({ system, peer: request.ip, bytes, milliseconds: Math.round(reply.elapsedTime) })
  }
  try {
    const answered = await operation({ install, params, query, peer: request.ip.replace(/^::ffff:/i, '') })
    if (typeof answered === 'boolean') return reply.send(answered ? 'True' : 'False')
    const isMissing = Object.values(NOT_FOUND).some((text) => text === answered)
    if (!isMissing) tell(Buffer.byteLength(answered))
    return reply.code(isMissing ? 404 : 200).send(answered)
  } catch (error) {
    tell(undefined)
    if (!(error instanceof OrchestraError)) throw error
    return reply.code(500).send(`# *** ERROR ***\n# ${error.message.replaceAll('\n', '\n# ')}\n`)
  }
}

/** `op/ks/system/NAME` behind /cblr/svc/: names and values in turn. Undefined for what cannot be decoded. */
function pairs(url: string): Map<string, string> | undefined {
  const words = (url.split('?', 1)[0] ?? '').replace(/^\/cblr\/svc\/+/, '').split('/')
  const found = new Map<string, string>()
  try {
    for (let at = 0; at + 1 < words.length; at += 2) {
      found.set(decodeURIComponent(words[at] ?? ''), decodeURIComponent(words[at + 1] ?? ''))
    }
    return found
  } catch {
    return undefined
  }
}

function notFound(type: keyof typeof NOT_FOUND): (error: unknown) => string {
  return (error) => {
    if (error instanceof OrchestraError && error.code === 'item.missing') return NOT_FOUND[type]
    throw error
  }
}
