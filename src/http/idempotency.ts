/**
 * `Idempotency-Key` on calls that make something: the same request with the same key is done once, and answered twice. What
 * an object's answer is, is written with the object; of the rest, before it is sent.
 */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OrchestraError } from '../model/errors.ts'
import { ITEM_TYPES, PLURALS } from '../model/items.ts'
import type { Asker, KeptAnswers } from '../services/kept-answers.ts'
import { userOf } from './auth.ts'

export interface KeptRequests extends Pick<KeptAnswers, 'find' | 'put'> {
  /** In a transaction of its own. */
  keep(asker: Asker, asked: string, answer: object): Promise<void>
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Those that answer with a secret are not among them: it is told once, and kept nowhere. Acquire has its own. */
export const KEYED_CALLS: ReadonlySet<string> = new Set([
  ...ITEM_TYPES.flatMap((type) => [`POST /api/${PLURALS[type]}`, `POST /api/${PLURALS[type]}/:name/copy`]),
  'POST /api/systems/:name/power',
  'POST /api/power',
  'POST /api/bulk',
  'POST /api/import',
])

interface Keyed {
  readonly asker: Asker
  readonly asked: string
  readonly done: () => void
  isKept: boolean
}
const underWay = new WeakMap<FastifyRequest, Keyed>()
type Tx = Parameters<KeptAnswers['put']>[0]

export function addIdempotency(app: FastifyInstance, kept: KeptRequests): void {
  /** By user and key: the same request that comes while the first is not answered waits for it. */
  const running = new Map<string, Promise<void>>()

  app.addHook('preHandler', async (request, reply) => {
    if (!KEYED_CALLS.has(`${request.method} ${request.routeOptions.url}`)) return
    const key = keyOf(request)
    if (key === undefined) return
    const asker = { user: userOf(request), key }
    const asked = digestOf(request)
    const id = JSON.stringify([asker.user, key])
    while (running.has(id)) await running.get(id)
    let done = () => {}
    running.set(id, new Promise((resolve) => (done = resolve)))
    const end = () => {
      running.delete(id)
      done()
    }
    try {
      const answer = await kept.find<Answer>(asker, asked)
      if (!answer) {
        underWay.set(request, { asker, asked, done: end, isKept: false })
        reply.raw.once('close', end)
        return
      }
      end()
      const { status, headers, body } = answer
      return reply.code(status).headers(headers).type('application/json; charset=utf-8').send(body)
    } catch (error) {
      end()
      throw error
    }
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const keyed = underWay.get(request)
    if (!keyed) return
    underWay.delete(request)
    if (!keyed.isKept && reply.statusCode < 300 && typeof payload === 'string') {
      const { statusCode: status } = reply
      await kept.keep(keyed.asker, keyed.asked, { status, headers: headersOf(reply), body: payload } satisfies Answer)
    }
    keyed.done()
  })
}

/** With what the request makes, in its transaction. */
export async function keepWith(
  kept: Pick<KeptRequests, 'put'>,
  tx: Tx,
  request: FastifyRequest,
  answer: Answer,
): Promise<void> {
  const keyed = underWay.get(request)
  if (!keyed) return
  await kept.put(tx, keyed.asker, keyed.asked, answer)
  keyed.isKept = true
}

/** @throws OrchestraError item.invalid */
function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new OrchestraError('item.invalid', 'Idempotency-Key: 1 to 255 printable characters without blanks')
}

/** What was asked, as text that is the same for the same request; passwords in it are not to be read from it. */
function digestOf({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(body ?? null)}`)
    .digest('hex')
}

function headersOf(reply: FastifyReply): Record<string, string> {
  const { etag, location } = reply.getHeaders()
  return { ...(typeof etag === 'string' && { etag }), ...(typeof location === 'string' && { location }) }
}
