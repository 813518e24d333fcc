/**
 * /api/store: the files and folders of the WebDAV store for people with a browser. The same tree by the same methods, with
 * their locks, quota and conditions; only who may, and how it is said, is the API's. What is in a file is never run.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OrchestraError } from '../../model/errors.ts'
import { Refusal } from '../../webdav/refusal.ts'
import type { DavAnswer } from '../../webdav/store.ts'
import { userOf } from '../auth.ts'
import { sendProblem } from '../errors.ts'
import { askedOf, guardSilence, restOfBody, sendBody, takeStreams } from '../store-body.ts'
import type { WebDavRoutesOptions } from './webdav.ts'

export interface StoreRoutesOptions {
  /** Undefined: it is off. */
  readonly store?: Pick<WebDavRoutesOptions, 'webdav'> | undefined
}

const [HERE, THERE] = ['/api/store', '/webdav']

export const storeRoutes: FastifyPluginAsyncZod<StoreRoutesOptions> = async (app, { store }) => {
  const params = z.object({ '*': z.string() })
  const url = `${HERE}/*`
  const webdav = () => {
    if (store) return store.webdav
    throw new OrchestraError('item.missing', 'the store is off: set webdav.enabled')
  }

  const look = (request: FastifyRequest, reply: FastifyReply) =>
    worded(reply, async () => {
      const target = targetOf(request)
      const { node, inside } = await webdav().list(target)
      if (node.kind === 'folder') return reply.send({ path: node.path, entries: inside.map(entryOf) })
      const answer = await perform(request, 'GET')
      const name = encodeURIComponent(nameOf(node.path)).replace(
        /['()*]/g,
        (char) => `%${char.charCodeAt(0).toString(16)}`,
      )
      reply.code(answer.status).headers({
        ...answer.headers,
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${name}`,
      })
      return await sendBody(reply, request.method, answer)
    })
  // Fastify's own HEAD would say that nothing is in a file.
  app.head(url, { schema: { params, hide: true }, config: { access: 'viewer' } }, look)
  app.get(url, { schema: { params }, config: { access: 'viewer' }, exposeHeadRoute: false }, look)

  // The bytes of a file are no JSON, whatever they say that they are.
  app.register(async (uploads) => {
    takeStreams(uploads)
    uploads.put(url, { schema: { params }, config: { access: 'operator' } }, async (request, reply) => {
      guardSilence(request)
      try {
        return await worded(reply, async () => {
          const answer = await perform(request, 'PUT').finally(() => restOfBody(request))
          return done(reply, answer)
        })
      } catch (error) {
        // Whoever hangs up in the middle of a body is no fault of ours, and hears nothing of it.
        if (!request.raw.readableAborted) throw error
        return reply.hijack()
      }
    })
  })

  const body = z.discriminatedUnion('action', [
    z.strictObject({ action: z.literal('folder') }),
    z.strictObject({ action: z.literal('move'), to: z.string().min(1).max(2048).describe('A path in the store.') }),
  ])
  app.post(url, { schema: { params, body }, config: { access: 'operator' } }, (request, reply) =>
    worded(reply, async () => {
      const wanted = request.body
      if (wanted.action === 'folder') return await done(reply, await perform(request, 'MKCOL', {}))
      // What is there is not lost by a name that was typed in haste.
      const destination = `${THERE}/${wanted.to.split('/').map(encodeURIComponent).join('/')}`
      return await done(reply, await perform(request, 'MOVE', { destination, overwrite: 'F' }))
    }),
  )

  app.delete(url, { schema: { params }, config: { access: 'operator' } }, (request, reply) =>
    worded(reply, async () => done(reply, await perform(request, 'DELETE'))),
  )

  /** @param headers in place of the conditions that came with the request, and its body is no part of it */
  function perform(request: FastifyRequest, method: string, headers?: Record<string, string>): Promise<DavAnswer> {
    const asked = askedOf(request)
    const { if: lock } = asked.headers
    const own = headers && { hasBody: false, headers: { ...headers, ...(lock !== undefined && { if: lock }) } }
    const actual = method === 'GET' ? request.method : method
    return webdav().perform({ ...asked, ...own, method: actual, target: targetOf(request), principal: userOf(request) })
  }
}

/** As it was asked for, where the store has it. */
function targetOf({ raw }: FastifyRequest): string {
  return THERE + (raw.url ?? '').slice(HERE.length)
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function entryOf({ path, kind, size, mtime }: { path: string; kind: string; size: number; mtime: number }) {
  return { name: nameOf(path), kind, bytes: kind === 'file' ? size : 0, mtime: Math.round(mtime) }
}

function done(reply: FastifyReply, { status, headers = {} }: DavAnswer): FastifyReply {
  return reply.code(status).headers(headers).send()
}

/** A refusal of the store as problem details. */
async function worded(reply: FastifyReply, act: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { status, message: detail, headers } = error
    reply.headers(headers)
    if (status === 304) return reply.code(304).send()
    const code = status === 404 ? 'item.missing' : 'store.refused'
    const title = status === 404 ? 'Not found' : 'Not done'
    return sendProblem(reply, { type: `urn:orchestra:error:${code}`, title, status, detail, code })
  }
}
