/** /api/unknown-machines: MAC addresses that asked for something and are no system, and POST …/enroll, which makes one a system. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { parseMac } from '../../model/address.ts'
import type { UnknownMachines } from '../../services/unknown-machines.ts'
import { userOf } from '../auth.ts'
import { answerOf } from '../item-shapes.ts'
import { sendVersion } from '../preconditions.ts'

export interface UnknownMachineRoutesOptions {
  readonly unknownMachines: UnknownMachines
}

export const unknownMachineRoutes: FastifyPluginAsyncZod<UnknownMachineRoutesOptions> = async (
  app,
  { unknownMachines },
) => {
  app.get('/api/unknown-machines', { config: { access: 'viewer' } }, async () => unknownMachines.list())

  const text = z.string().min(1).max(255)
  const schema = {
    params: z.object({ mac: z.string() }),
    body: z
      .strictObject({ name: text, profile: text, mgmtClasses: z.array(text).max(100), netboot: z.boolean() })
      .partial()
      .nullish(),
  }
  app.post('/api/unknown-machines/:mac/enroll', { schema, config: { access: 'operator' } }, async (request, reply) => {
    const mac = parseMac(request.params.mac, 'mac')
    const system = await unknownMachines.enrol(mac, request.body ?? {}, userOf(request))
    reply.code(201).header('location', `/api/systems/${encodeURIComponent(system.name)}`)
    return sendVersion(request, reply, system.revision, answerOf('system', system))
  })
}
