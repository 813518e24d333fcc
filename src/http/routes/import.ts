/** POST /api/import: a Debian netboot tree on this server becomes a distro and a profile. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ImportTree } from '../../services/import.ts'
import { json } from '../answer-shapes.ts'

export interface ImportRoutesOptions {
  readonly importTree: ImportTree
}

const word = z.string().min(1).max(255)

export const importRoutes: FastifyPluginAsyncZod<ImportRoutesOptions> = async (app, { importTree }) => {
  const body = z
    .strictObject({
      path: z.string().max(4096).startsWith('/', 'must be an absolute path on the server'),
      name: word,
      arch: word,
      breed: word,
      osVersion: word,
      autoinstall: word,
      kernelOptions: z.record(z.string(), json),
    })
    .exactPartial({ arch: true, breed: true, osVersion: true, autoinstall: true, kernelOptions: true })

  app.post('/api/import', { schema: { body }, config: { access: 'admin' } }, async (request, reply) => {
    const result = await importTree(request.body)
    return reply.code(result.changed ? 201 : 200).send(result)
  })
}
